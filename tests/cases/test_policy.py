"""The gate: who reads what of an ordinary, a barred, a sealed case; each protection switched off once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from tests.cases.rows import ON, administrator, case, staff, tie, unit

from openredress.cases import conflict, policy
from openredress.cases.models import Case, Involved, Tally, TrackRow
from openredress.cases.policy import acting_as
from openredress.people.models import Appointment
from openredress.people.staff import actor_for
from openredress.rules.facts import Actor, Refusal

pytestmark = pytest.mark.django_db


class City:
    """市: 信访局, 住建局 with 物业科, 交通局, 街道; one member of staff for each role and unit asked for."""

    def __init__(self):
        self.lj = unit("lj", kind="office")
        self.xf = unit("xf", self.lj, kind="office")
        self.zj = unit("zj", self.lj)
        self.wy = unit("wy", self.zj)
        self.jt = unit("jt", self.lj)
        self.jd = unit("jd", self.lj, kind="street")
        self._people = {}

    def who(self, role, place):
        key = f"{role}-{place}"
        if key not in self._people:
            self._people[key] = staff(key, (getattr(self, place), role))
        return self._people[key]

    def gate(self, person, place=None):
        over = frozenset({"zj", "wy", "jt", "jd"}) if place == "xf" else frozenset()
        return acting_as(replace(actor_for(person, ON, place), over=over), ON)


@pytest.fixture
def city():
    return City()


def knows(gate, one):
    """Every way in which a gate can say something of a case."""
    return {
        "list": one in gate.cases(),
        "open": gate.case(one.number) == one,
        "tracks": list(gate.tracks().filter(case=one)) != [],
        "search": one in gate.search("海棠"),
        "search count": gate.search_count("海棠").n > 0,
        "similar": one in [like.case for like in gate.similar(one.title, "")],
        "count": gate.count(Case.objects.filter(pk=one.pk)).n > 0,
        "tally": gate.tally("state") != {},
        "export": exported(gate) != [],
        "read": gate.reads(one) != "nothing",
        "may": gate.may("note", one) is True,
        "identity": not isinstance(gate.identity_access(one), Refusal),
    }


def exported(gate):
    export = gate.export(Case.objects.all(), reason="核对")
    return [row["number"] for row in export.rows]


EVERY_WAY = {
    "list", "open", "tracks", "search", "search count", "similar", "count", "tally", "export", "read", "may",
    "identity",
}  # fmt: skip


def ways(gate, one):
    return {way for way, known in knows(gate, one).items() if known}


# The one ordinary case: registered by 信访局, sent to 交通局, sent on to 物业科; 街道 assists.
# Written by hand from DESIGN §1: role, unit → how much is read. Whoever is not here reads nothing.
WHOLE = {
    "registry_clerk": "xf wy jt jd",
    "handler": "xf wy jt jd",
    "territorial_officer": "xf wy jt jd",
    "reviewer": "xf wy jt jd",
    "unit_head": "lj xf zj wy jt jd",
    "petition_office_head": "lj xf zj wy jt jd",
    "supervisor": "lj xf zj wy jt jd",
    "case_leader": "lj xf zj wy jt jd",
    "leadership": "lj xf zj wy jt jd",
}
ORDINARY = {(role, place): "whole" for role, places in WHOLE.items() for place in places.split()}
ROLES = (
    "registry_clerk", "handler", "unit_head", "territorial_officer", "case_leader", "supervisor", "reviewer",
    "leadership", "retaliation_officer", "petition_office_head",
)  # fmt: skip


def ordinary(city):
    one = case(city.xf, city.wy, "海棠花园物业收费不公开")
    Involved.objects.create(case=one, unit=city.jt, why="held")
    Involved.objects.create(case=one, unit=city.jt, why="sender")
    Involved.objects.create(case=one, unit=city.jd, why="territorial")
    return one


def test_who_reads_an_ordinary_case(city):
    one = ordinary(city)
    found = {}
    for role in ROLES:
        for place in ("lj", "xf", "zj", "wy", "jt", "jd"):
            with city.gate(city.who(role, place), place) as gate:
                found[role, place] = gate.reads(one)
    assert {key: much for key, much in found.items() if much != "nothing"} == ORDINARY


def test_three_administrators_read_no_case(city):
    one = ordinary(city)
    for role in ("system", "security", "audit"):
        with city.gate(administrator(role, role)) as gate:
            assert ways(gate, one) == set()


def test_every_way_is_open_to_the_handler(city):
    one = case(city.xf, city.wy, "海棠花园物业收费不公开")
    Tally.objects.create(unit=city.wy, kind="state", key="handling", n=1)
    with city.gate(city.who("handler", "wy")) as gate:
        assert ways(gate, one) == EVERY_WAY
        assert gate.notify_targets(one) == []
    with city.gate(city.who("handler", "jd")) as gate:
        assert ways(gate, one) == set()


def test_a_unit_that_passed_it_on_keeps_its_part(city):
    one = ordinary(city)
    Involved.objects.filter(case=one, unit=city.jt, why="sender").delete()  # another has sent it on since
    with city.gate(city.who("handler", "jt")) as gate:
        assert ways(gate, one) == {"list", "open", "count", "export", "read"}
        assert gate.may("note", one) == policy.PART_ONLY
        assert gate.may("read", one) is True


ACCUSED = {
    "the person": lambda city, me: me,
    "own unit": lambda city, me: city.wy,
    "unit above": lambda city, me: city.zj,
    "top": lambda city, me: city.lj,
}


@pytest.mark.parametrize("whom", ACCUSED)
def test_barred_means_it_does_not_exist(city, whom):
    me = city.who("handler", "wy")
    one = case(
        city.xf, city.wy, "海棠花园物业收费不公开", handler=me.pseudonym, accused=(ACCUSED[whom](city, me),)
    )
    with city.gate(me) as gate:
        assert ways(gate, one) == set()
        assert gate.may("read", one) == policy.NOT_FOUND
        assert gate.case(one.number) is gate.case("2026-NOSUCH-0") is None
        assert gate.notify_targets(one) == []


def test_an_ancestor_of_the_accused_unit_is_not_barred(city):
    one = case(city.xf, city.jd, "海棠花园物业收费不公开", accused=(city.wy,))
    with city.gate(city.who("supervisor", "lj")) as gate:
        assert ways(gate, one) == EVERY_WAY
    with city.gate(city.who("handler", "jd")) as gate:
        assert "search" in ways(gate, one)


def test_an_acting_role_elsewhere_bars_too(city):
    me = staff("me", (city.jd, "handler"), acting=((city.wy, "unit_head"),))
    one = case(city.xf, city.jd, "海棠花园物业收费不公开", accused=(city.zj,))
    with city.gate(me, "jd") as gate:
        assert ways(gate, one) == set()
    Appointment.objects.filter(staff=me, acting=True).update(until="2026-09-02")
    with city.gate(me, "jd") as gate:
        assert "list" in ways(gate, one)


@pytest.mark.parametrize("to", ["unit", "unit below", "person", "declared by the other", "case"])
def test_ties_bar(city, to):
    me, boss = city.who("handler", "jd"), city.who("unit_head", "wy")
    one = case(city.xf, city.jd, "海棠花园物业收费不公开", accused=(city.zj, boss))
    declare = {
        "unit": lambda: tie(me, city.zj),
        "unit below": lambda: tie(me, city.wy),
        "person": lambda: tie(me, boss),
        "declared by the other": lambda: tie(boss, me),
        "case": lambda: tie(me, one),
    }[to]
    with city.gate(me) as gate:
        assert "list" in ways(gate, one)
    made = declare()
    with city.gate(me) as gate:
        assert ways(gate, one) == set()
    made.ended_on = ON.replace(day=2)
    made.save()
    with city.gate(me) as gate:
        assert "list" in ways(gate, one)
    with acting_as(actor_for(me, ON), None) as gate:
        assert ways(gate, one) == set()  # without a day, past ties bar as well


def test_a_tie_to_an_ordinary_case_bars_before_the_flag_is_set(city):
    one, other = case(city.xf, city.jd, "海棠花园"), case(city.xf, city.jd, "桂花小区")
    Tally.objects.create(unit=city.jd, kind="state", key="handling", n=2)
    me = city.who("handler", "jd")
    tie(me, one)
    with city.gate(me) as gate:
        assert ways(gate, one) == {"tally", "export"}  # of the other case
        assert gate.tally("state") == Counter({(city.jd.pk, "handling"): 1})
        assert exported(gate) == [other.number]
    assert conflict.stale() == [one]
    assert conflict.refresh(one) is True
    assert conflict.stale() == []


def test_red_control_bar_off(city, monkeypatch):
    me = city.who("handler", "wy")
    one = case(city.xf, city.wy, "海棠花园", handler=me.pseudonym, accused=(me,))
    monkeypatch.setattr(conflict.Standing, "barring", lambda self: Q(pk__in=[]))
    with city.gate(me) as gate:
        assert ways(gate, one) == EVERY_WAY


def test_red_control_flag_not_kept(city):
    """The ordinary road trusts `restricted`: a case that accuses and is not marked would be seen."""
    me = city.who("handler", "wy")
    one = case(city.xf, city.wy, "海棠花园", accused=(city.wy,))
    Case.objects.filter(pk=one.pk).update(restricted=False)
    with city.gate(me) as gate:
        assert "list" in ways(gate, one)
    assert conflict.stale() == [one]


def test_sealed_is_for_those_named(city):
    handler, head = city.who("handler", "wy"), city.who("unit_head", "wy")
    one = case(city.xf, city.wy, "海棠花园物业收费不公开", sealed=True)
    everyone = [city.who(role, place) for role, place in ORDINARY]
    assert [p.username for p in everyone if reads(city, p, one)] == [
        "unit_head-wy",
        "petition_office_head-wy",
    ]
    TrackRow.objects.filter(case=one).update(handler=handler.pseudonym)
    assert [p.username for p in everyone if reads(city, p, one)] == ["handler-wy"]
    with city.gate(head) as gate:
        assert ways(gate, one) == set()


def reads(city, person, one):
    with city.gate(person, actor_for(person, ON).unit) as gate:
        return gate.reads(one) == "whole"


def test_out_of_the_house_nobody_here_reads_it(city):
    one = case(city.xf, city.jd, "海棠花园", accused=(city.xf,), marks=f" {conflict.OUT_OF_HOUSE} ")
    for role, place in ORDINARY:
        with city.gate(city.who(role, place), place) as gate:
            assert ways(gate, one) == set()


def test_whoever_left_reads_nothing(city):
    one = case(city.xf, city.wy, "海棠花园")
    me = city.who("handler", "wy")
    actor = actor_for(me, ON)
    Appointment.objects.filter(staff=me).update(until="2026-09-02")
    with acting_as(actor, ON) as gate:
        assert ways(gate, one) == set()
    Appointment.objects.filter(staff=me).update(until=None)
    me.active = False
    me.save()
    with acting_as(actor, ON) as gate:
        assert ways(gate, one) == set()


def test_a_role_that_the_door_made_up_reads_nothing(city):
    one = case(city.xf, city.wy, "海棠花园")
    me = city.who("handler", "jd")
    forged = Actor(me.pseudonym, "staff", unit="wy", roles=frozenset({"handler", "unit_head"}))
    with acting_as(forged, ON) as gate:
        assert ways(gate, one) == set()
    for actor in (
        Actor("staff/nobody", "staff", unit="wy", roles=frozenset({"handler"})),
        Actor("x", "partner"),
    ):
        with acting_as(actor, ON) as gate:
            assert ways(gate, one) == set()


def test_a_petitioner_sees_the_own_case_only(city):
    one, other = case(city.xf, city.wy, "海棠花园"), case(city.xf, city.wy, "海棠花园")
    with acting_as(Actor(f"party/{one.stream}.p1", "petitioner"), ON) as gate:
        assert list(gate.cases()) == [one]
        assert gate.case(other.number) is None
        assert gate.tally("state") == {}
    with acting_as(Actor("party/0.p1", "petitioner"), ON) as gate:
        assert list(gate.cases()) == []


def test_the_office_s_own_machine_sees_all(city):
    made = [case(city.xf, city.wy, "海棠", sealed=True), case(city.xf, city.wy, "海棠", accused=(city.lj,))]
    with acting_as(Actor("system", "system"), ON) as gate:
        assert list(gate.cases().order_by("pk")) == made
        assert gate.identity_access(made[0]) == policy.NOT_FOUND


def test_an_attached_petition_s_number_opens_the_case(city):
    one = case(city.xf, city.wy, "海棠")
    other = case(city.xf, city.wy, "桂花")
    other.petitions.update(case=one)
    other.involved.all().delete()
    with city.gate(city.who("handler", "wy")) as gate:
        assert gate.case(other.number.lower() + " ") == one


def test_tallies_are_kept_plus_the_restricted_ones_one_may_read(city):
    case(city.xf, city.wy, "海棠")
    case(city.xf, city.wy, "海棠", accused=(city.jt,))
    case(city.xf, city.wy, "海棠", sealed=True)
    case(city.xf, city.jt, "海棠")
    for place in (city.wy, city.jt):
        Tally.objects.create(unit=place, kind="state", key="handling", n=1)
    tied = staff("tied", (city.wy, "handler"))
    tie(tied, city.jt)
    expected = {
        city.who("handler", "wy"): {city.wy: 2},
        city.who("unit_head", "wy"): {city.wy: 3},
        tied: {city.wy: 1},
        city.who("handler", "jt"): {city.jt: 1},
        city.who("handler", "jd"): {},
        city.who("supervisor", "lj"): {city.wy: 2, city.jt: 1},
        city.who("registry_clerk", "xf"): {},
    }
    for person, counts in expected.items():
        with city.gate(person) as gate:
            assert gate.tally("state") == Counter({(u.pk, "handling"): n for u, n in counts.items()})


def test_two_worlds_are_equal_for_the_accused(city):
    """With and without the complaint, all that the gate tells the accused is the same."""
    me = city.who("unit_head", "wy")
    for _ in range(3):
        case(city.xf, city.wy, "海棠花园物业收费不公开")
    Tally.objects.create(unit=city.wy, kind="state", key="handling", n=3)
    before = all_that_is_told(city, me)
    case(city.xf, city.wy, "海棠花园物业收费不公开", accused=(me,))
    case(city.xf, city.zj, "海棠花园物业收费不公开", accused=(city.zj,), sealed=True)
    assert all_that_is_told(city, me) == before


def all_that_is_told(city, person):
    with city.gate(person) as gate:
        return (
            list(gate.cases().order_by("pk").values_list("pk", flat=True)),
            gate.search("海棠"),
            gate.search_count("海棠"),
            [(like.case, like.shared) for like in gate.similar("海棠花园物业收费", "")],
            gate.tally("state"),
            gate.count(),
            gate.export(Case.objects.all(), reason="核对"),
            list(gate.deadlines()),
            list(gate.tracks().order_by("pk")),
        )


def test_exports(city):
    made = [case(city.xf, city.wy, "海棠") for _ in range(3)]
    case(city.xf, city.wy, "海棠", accused=(city.wy,))
    with city.gate(city.who("handler", "wy")) as gate:
        every = Case.objects.all()
        assert gate.export(every, reason=" ") == policy.NO_REASON
        assert gate.export(every, reason="核对", cap=2) == policy.TOO_MANY
        export = gate.export(every, reason="核对", cap=3)
        assert [row["number"] for row in export.rows] == [one.number for one in made[::-1]]
        assert set(export.rows[0]) == {"number", "title", "state", "unit", "received_on", "next_due"}
        assert export.watermark.startswith("staff/handler-wy 2026-09-03 3 ")


def test_who_is_told(city):
    handler, clerk, head = (city.who(r, "wy") for r in ("handler", "registry_clerk", "unit_head"))
    system = Actor("system", "system")
    one = case(city.xf, city.wy, "海棠", handler=handler.pseudonym)
    other = case(city.xf, city.wy, "海棠", accused=(clerk,))
    with acting_as(system, ON) as gate:
        assert gate.notify_targets(one) == [handler]
        assert gate.notify_targets(other) == [head]
        TrackRow.objects.filter(case=one).update(open=False)
        assert gate.notify_targets(one) == []


def test_who_sees_name_and_phone_with_one_press(city):
    handler, other = city.who("handler", "wy"), staff("other", (city.wy, "handler"))
    clerk, leader = city.who("registry_clerk", "xf"), city.who("leadership", "lj")
    one = case(city.xf, city.wy, "海棠", handler=handler.pseudonym)
    asked = {
        (handler, False): "press",
        (other, False): "request",
        (clerk, False): "request",
        (clerk, True): "press",
        (leader, False): "request",
        (leader, True): "press",
        (city.who("handler", "jd"), True): policy.NOT_FOUND,
        (city.who("handler", "jt"), False): policy.NOT_FOUND,
    }
    for (person, at_desk), answer in asked.items():
        with city.gate(person) as gate:
            assert gate.identity_access(one, serving=at_desk, reception=at_desk) == answer
    Case.objects.filter(pk=one.pk).update(confidentiality="confidential")
    one.refresh_from_db()
    with city.gate(handler) as gate:
        assert gate.identity_access(one) == "request"


def test_a_list_is_one_query_whatever_its_length(city):
    for _ in range(3):
        case(city.xf, city.wy, "海棠")
    with city.gate(city.who("handler", "wy")) as gate:
        gate.cases(), gate.searchable()  # who the actor is has been looked up by now
        with CaptureQueriesContext(connection) as one:
            list(gate.cases())
        with CaptureQueriesContext(connection) as two:
            list(gate.tracks())
    assert (len(one), len(two)) == (1, 1)
