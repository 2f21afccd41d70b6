"""Each pack's hand-dated examples: the walker agrees with the hand, the engine with both."""

from __future__ import annotations

import tomllib
from datetime import date, datetime

import pytest
from tests.oracles import day_walker
from tests.rules.clock_ledgers import Law, LawBook, clocks_of, entry

from openredress.packs import calendars, load
from openredress.rules.clockdefs import DAY_UNITS, read_length
from openredress.rules.clocks import deadlines, explain
from openredress.rules.facts import Refusal

PACKS = {
    "cn_national_2022": "cn",
    "cn_national_2005": "cn",
    "uk_housing_2024": "uk",
    "in_cpgrams_2024": "in",
    "example": "example",
}
FILES = {pack: tomllib.loads(load.builtin_files(pack)["examples.toml"].decode()) for pack in PACKS}
CLOCKS = {pack: clocks_of(pack) for pack in PACKS}


def rows(kind):
    return [
        pytest.param(pack, row, id=f"{pack}-{row.get('clock', kind)}-{n}")
        for pack, file in FILES.items()
        for n, row in enumerate(file.get(kind, ()))
    ]


def asked(pack, row):
    pauses = [tuple(pause) for pause in row.get("pause", ())]
    calendar = calendars.builtin(PACKS[pack])
    clock = CLOCKS[pack][row["clock"]]
    return explain(clock, calendar, row["start"], row.get("length"), row.get("extend", 0), pauses)


@pytest.mark.parametrize(("pack", "row"), rows("example"))
def test_engine_agrees_with_the_hand(pack, row):
    found = asked(pack, row)
    assert not isinstance(found, Refusal), found
    assert (found.nominal, found.due) == (row["nominal"], row["due"])
    assert found.provisional == row.get("provisional", False)
    assert found.due_at == row.get("due_at")


def in_days():
    return [p for p in rows("example") if CLOCKS[p.values[0]][p.values[1]["clock"]].unit in DAY_UNITS]


@pytest.mark.parametrize(("pack", "row"), in_days())
def test_walker_agrees_with_the_hand(pack, row):
    clock, calendar = CLOCKS[pack][row["clock"]], calendars.builtin(PACKS[pack])
    length, unit = read_length(row["length"]) if "length" in row else (clock.length, clock.unit)
    years = calendar.known_years
    task = {"start": row["start"], "length": length, "unit": unit, "first": clock.first, "roll": clock.roll}
    task |= {"pauses": [tuple(p) for p in row.get("pause", ())], "extension": row.get("extend", 0)}
    task |= {"off": set(calendar.off), "makeup": set(calendar.made_up), "known": (min(years), max(years))}
    walked = day_walker.walk(task)
    assert (walked["nominal"], walked["due"]) == (row["nominal"], row["due"])


@pytest.mark.parametrize(("pack", "row"), rows("refused"))
def test_what_has_no_date_is_refused(pack, row):
    refusal = asked(pack, row)
    assert isinstance(refusal, Refusal)
    assert refusal.article


@pytest.mark.parametrize(("pack", "row"), rows("case"))
def test_whole_cases(pack, row):
    book = LawBook({pack: Law(pack, CLOCKS[pack], PACKS[pack])})
    made = [
        entry({"seq": n, "recorded": e["day"], "law": pack, **e})
        for n, e in enumerate(row["entries"], start=1)
    ]
    found = {(d.clock, d.anchor): d for d in deadlines(made, book)}
    wanted = {(e["clock"], e["anchor"]): e for e in row["expect"]}
    assert found.keys() == wanted.keys()
    for key, expected in wanted.items():
        d = found[key]
        assert (d.due, d.state) == (expected["due"], expected["state"]), key
        assert d.start == expected.get("start", d.start)


def test_every_clock_with_a_length_has_an_example():
    for pack, file in FILES.items():
        shown = {row["clock"] for row in file["example"]}
        local = {c.id for c in CLOCKS[pack].values() if c.dated}
        missing = local - shown
        assert missing <= {"C11"} if pack == "cn_national_2005" else missing == set(), (pack, missing)


def test_there_are_enough_of_them():
    assert len(FILES["cn_national_2022"]["example"]) >= 25
    assert min(len(file["example"]) for file in FILES.values()) >= 3


def test_examples_name_days_not_texts():
    starts = [row["start"] for file in FILES.values() for row in file["example"]]
    assert {type(start) for start in starts} == {date, datetime}


def test_control_a_wrong_hand_date_is_found():
    row = dict(FILES["cn_national_2022"]["example"][0], due=date(2026, 2, 23))
    with pytest.raises(AssertionError):
        test_engine_agrees_with_the_hand("cn_national_2022", row)
