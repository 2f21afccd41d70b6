"""What a clocks.toml may not say; each refusal names its place."""

from __future__ import annotations

import pytest

from openredress.packs import clockfile, load
from openredress.packs.reading import PackError

GOOD = """
[[clock]]
id = "A1"
zh = "甲"
en = "a"
holder = "unit"
length = 5
article = "x"
basis = "house"
mark = "D"
starts = [{ on = "register" }]
ends = [{ on = "forward" }]
"""


def refused(text):
    with pytest.raises(PackError) as error:
        clockfile.parse(text.encode(), "clocks.toml")
    return error.value


def test_a_good_file_is_read():
    (clock,) = clockfile.parse(GOOD.encode(), "clocks.toml")
    assert (clock.id, clock.length, clock.unit, clock.first, clock.roll) == (
        "A1",
        5,
        "cal_day",
        "next",
        "forward",
    )


@pytest.mark.parametrize(
    ("old", "new", "place", "why"),
    [
        ('mark = "D"', 'mark = "D"\nmarks = 1', "A1.marks", "unknown key"),
        ('{ on = "forward" }', '{ on = "forward", unless = 1 }', "ends[1].unless", "unknown key"),
        ('ends = [{ on = "forward" }]', "ends = []", "A1.ends", "never stops"),
        ('starts = [{ on = "register" }]', "", "A1.starts", "never starts"),
        ("length = 5", "", "A1.length", "does not say why"),
        ("length = 5", 'length = 5\nlength_from = "length"', "A1.length", "not both"),
        ("length = 5", 'length = 5\nunit = "fortnight"', "A1.unit", "is not one of"),
        ("length = 5", 'length = 5\nroll = "up"', "A1.roll", "is not one of"),
        ('basis = "house"', 'basis = "custom"', "A1.basis", "is not one of"),
        ('holder = "unit"', 'holder = "anybody"', "A1.holder", "is not one of"),
        (
            '{ on = "forward" }',
            '{ on = "forward", when = ["on_a_whim"] }',
            "ends[1].when",
            "unknown predicate",
        ),
        (
            'mark = "D"',
            'mark = "D"\nresumes = [{ on = "b", of = ["object"] }]',
            "A1.resumes",
            "never ends this clock",
        ),
        ('mark = "D"', 'mark = "D"\ninside = "A9"', "A1.inside", "unknown clock"),
        ('mark = "D"', 'mark = "D"\nper = "hop"\n', "A1.starts", "need per"),
        (
            "length = 5",
            'length = 5\nunit = "hour"\nresumes = [{ on = "b", of = ["forward"] }]',
            "A1.unit",
            "hours know",
        ),
    ],
)
def test_a_bad_file_is_refused_by_place_and_reason(old, new, place, why):
    text = GOOD.replace(old, new)
    if why == "need per":
        text = text.replace('{ on = "register" }', '{ on = "register", after = 3 }')
    error = refused(text)
    assert error.place.endswith(place)
    assert why in error.why


def test_two_clocks_of_one_name_are_refused():
    assert "two clocks" in refused(GOOD + GOOD).why


def test_an_extension_that_lengthens_nothing_is_refused():
    text = GOOD + '[clock.extension]\nid="A2"\nmost=0\ncount=1\non="extend"\napprover="head"\narticle="x"\n'
    assert "lengthens nothing" in refused(text).why


def test_an_event_nobody_can_make_is_refused():
    clocks = clockfile.parse(GOOD.encode(), "clocks.toml")
    clockfile.check_events(clocks, {"register", "forward"}, "clocks.toml")
    with pytest.raises(PackError, match=r"clocks.toml.A1: unknown event 'forward'"):
        clockfile.check_events(clocks, {"register"}, "clocks.toml")


@pytest.mark.parametrize("pack", load.BUILTIN)
def test_each_clock_waits_for_moves_of_its_own_pack(pack):
    built = load.builtin(pack)
    clockfile.check_events(tuple(built.clocks.values()), built.moves, pack)


def test_the_clocks_of_2022_are_all_there():
    wanted = (
        {f"C{n:02}" for n in range(1, 19)}
        | {"C01a", "C01b", "C01c", "C01d", "C04r"}
        | {"H01", "H02", "H03", "H04"}
    )
    clocks = load.builtin("cn_national_2022").clocks
    assert clocks.keys() == wanted
    assert {c.id for c in clocks.values() if c.basis == "house"} == {"C04r", "H01", "H02", "H03", "H04"}
    assert [c.id for c in clocks.values() if c.local] == ["C16"]
