"""What units left undone: found from missing unit entries only, each shown by its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from openredress.rules.facts import Entry
from openredress.rules.faults import Fault, faults
from openredress.rules.faulttests import FAULT_TESTS, Found, Looking
from openredress.rules.fold import fold
from openredress.rules.indicators import INDICATORS, UnitIndicator, row, standing
from openredress.rules.ladder import Measure, ladder
from openredress.rules.routing import Query, routes

from .office import (
    CITY,
    CLERK,
    HOUSING,
    PACKS,
    PETITIONER,
    STREAM,
    THREE,
    TRANSPORT,
    Walk,
    at,
    handling,
    registered,
    served,
    staff,
    words,
)


def ids(walk: Walk, day: str) -> list[tuple[str, str, str]]:
    """(fault, unit, first day) in the order given."""
    return [(f.id, f.unit, f.on.isoformat()) for f in walk.faults(day)]


def test_nothing_left_undone_no_fault() -> None:
    assert ids(served(), "2026-11-30") == []


def test_notice_and_opinion_late() -> None:
    walk = registered("2026-03-02").do("2026-03-25", "forward", CLERK, to="lj-zj")
    assert ids(walk, "2026-03-20") == [("dispose_late", "lj-xf", "2026-03-18")]
    assert ids(walk, "2026-04-20") == [
        ("dispose_late", "lj-xf", "2026-03-18"),
        ("notice_late", "lj-zj", "2026-04-10"),
    ]
    late = walk.faults("2026-08-01")
    assert [f.id for f in late] == ["dispose_late", "notice_late", "opinion_late"]
    assert late[0].entries == (1, 2)
    assert late[1].entries == (2,)
    assert (late[1].article, late[1].basis) == ("信访工作条例第二十三条、第四十四条", "law")


def test_withdrawal_keeps_faults() -> None:
    walk = registered("2026-03-02").do("2026-03-03", "forward", CLERK, to="lj-zj")
    walk.do("2026-04-01", "withdraw", PETITIONER, via="portal")
    assert ids(walk, "2026-05-01") == [("notice_late", "lj-zj", "2026-03-19")]


def test_promise_not_executed_and_what_dispute_does_not_do() -> None:
    walk = served()
    assert ids(walk, "2026-11-30") == []
    assert ids(walk, "2026-12-01") == [("promise_not_executed", "lj-zj", "2026-12-01")]
    walk.do("2026-11-20", "execute", HOUSING, claim="c1", done_on="2026-11-20", evidence=True)
    walk.do("2026-11-25", "dispute_obligation", PETITIONER, obligation=walk.facts.owed[0].id)
    assert ids(walk, "2027-03-01") == []


def test_an_annulment_does_not_wash_a_broken_promise_away() -> None:
    walk = handling().do("2026-09-15", "investigate", HOUSING)
    soon = [{**THREE[0], "execute_by": "2026-10-14"}, *THREE[1:]]
    walk.do("2026-10-10", "opinion", HOUSING, outcomes=soon, remedy=True, **words("c1", "c2", "c3"))
    serve = {"means": "hand", "proof": True}
    walk.do("2026-10-12", "serve", HOUSING, paper="opinion", served_on="2026-10-12", **serve)
    walk.do("2026-10-20", "request_review", PETITIONER, reviewer="lj", requested_on="2026-10-20")
    walk.do("2026-10-25", "decide_review", CITY, result="annul", reason="x")
    walk.do("2026-10-26", "serve", CITY, paper="review", served_on="2026-10-26", **serve)
    assert ids(walk, "2026-11-10") == [("promise_not_executed", "lj-zj", "2026-10-15")]


def test_paper_closing_and_remedy_and_service() -> None:
    walk = handling().do(
        "2026-10-10", "opinion", HOUSING, outcomes=THREE, remedy=False, **words("c1", "c2", "c3")
    )
    assert ids(walk, "2026-10-20") == [("paper_closing", "lj-zj", "2026-10-10")]
    assert ids(walk, "2026-10-21")[1] == ("opinion_unserved", "lj-zj", "2026-10-21")
    walk.do("2026-10-22", "serve", HOUSING, paper="opinion", served_on="2026-10-22", means="hand", proof=True)
    assert [f.id for f in walk.faults("2026-10-23")] == [
        "paper_closing",
        "opinion_unserved",
        "no_remedy_told",
    ]


def test_opinion_repeated_after_annulment() -> None:
    walk = served().do("2026-10-20", "request_review", PETITIONER, reviewer="lj", requested_on="2026-10-20")
    walk.do("2026-10-25", "decide_review", CITY, result="annul", reason="x")
    walk.do("2026-10-26", "serve", CITY, paper="review", served_on="2026-10-26", means="hand", proof=True)
    same = {"outcomes": THREE, "remedy": True, **words("c1", "c2", "c3")}
    other = Walk()
    other.entries, other.facts = list(walk.entries), walk.facts
    walk.do("2026-11-01", "opinion", HOUSING, changed=["procedure"], **same)
    assert ids(walk, "2026-11-02") == [("opinion_repeated", "lj-zj", "2026-11-01")]
    other.do("2026-11-01", "opinion", HOUSING, changed=["facts"], **same)
    assert ids(other, "2026-11-02") == []


def test_refusal_overturned_and_no_feedback_and_ping_pong() -> None:
    city = staff("city-clerk", "lj", "clerk", below=("lj-zj",))
    walk = registered(office="lj", actor=city)
    same = {"same_as": "2026-AAAAAA-A", "same_as_holder": "lj-zj", "same_as_state": "handling", "reason": "x"}
    walk.do("2026-09-04", "refuse", city, ground="same_matter_in_hand", **same)
    walk.do("2026-09-05", "contest_refusal", PETITIONER)
    province = staff("p", "prov", "head", below=("lj",))
    walk.do("2026-09-10", "decide_contest", province, upheld=True, reason="x")
    assert ids(walk, "2026-09-11") == [("registration_refused", "lj", "2026-09-10")]
    noted = handling().do("2026-09-15", "supervise", CITY, ground="shirking", due_on="2026-09-20", text="x")
    assert ids(noted, "2026-09-21") == [("no_feedback", "lj-zj", "2026-09-21")]
    ball = registered()
    for day, unit, actor in (("04", "lj-zj", HOUSING), ("08", "lj-jt", TRANSPORT)):
        ball.do(f"2026-09-{day}", "forward", CLERK, to=unit)
        ball.do(f"2026-09-{day}", "object", actor, reason="x")
        ball.do(f"2026-09-{day}", "decide_objection", CLERK, upheld=True, how="review", reason="x")
    ball.do("2026-09-10", "forward", CLERK, to="lj-zj")
    assert ids(ball, "2026-09-11") == [("ping_pong", "lj-xf", "2026-09-10")]


def test_diverted_into_nothing_and_unjustified_read() -> None:
    walk = handling().do("2026-09-11", "divert", HOUSING, avenue="A2", body="仲裁委", reason="x")
    walk.do(
        "2026-09-12", "identity_read", HOUSING, role="handler", unit="lj-zj", purpose="contact", party="p1"
    )
    audit = staff("audit", "lj", "audit_admin")
    walk.do("2026-09-20", "rule_read", audit, read_seq=5, justified=False, reason="x")
    assert ids(walk, "2026-10-11") == [("unmask_unjustified", "lj-zj", "2026-09-20")]
    assert ids(walk, "2026-10-12")[1] == ("diverted_into_nothing", "lj-zj", "2026-10-12")


def test_a_stock_case_has_no_fault_before_its_go_live_day() -> None:
    walk = registered("2026-03-02", stock=True).do("2026-03-25", "forward", CLERK, to="lj-zj")
    imported = [
        replace(e, recorded_at=at("2026-11-01").astimezone(e.recorded_at.tzinfo)) for e in walk.entries
    ]
    shown = Walk()
    shown.entries, shown.facts = imported, fold(imported, PACKS)
    assert [f.on for f in shown.faults("2026-11-01") if f.on < date(2026, 11, 1)] == []
    assert shown.faults("2026-11-01") == ()


PETITIONERS_OWN = (
    (
        "attach",
        {"petition": "2026-QQQQQQ-Q", "channel": "visit", "received_on": "2026-10-20", "same_facts": True},
    ),
    ("rate", {"object": "unit", "value": "3"}),
    ("confirm_solved", {"solved": False, "via": "portal"}),
    ("message", {"text": "还没有解决"}),
    ("material", {"text": "照片"}),
)


def _same_but_for(walk: Walk, code: str) -> tuple[Fault, ...]:
    """The faults without the entries of that code, the others renumbered."""
    kept: list[Entry] = []
    for entry in walk.entries:
        if entry.code != code:
            kept.append(replace(entry, seq=len(kept) + 1))
    shorter = Walk()
    shorter.entries, shorter.facts = kept, fold(kept, PACKS)
    return shorter.faults("2027-02-01")


@pytest.mark.parametrize(("move", "given"), PETITIONERS_OWN)
def test_a_petitioners_silence_improves_nothing(move: str, given: dict[str, object]) -> None:
    walk = served().do("2026-10-20", move, PETITIONER, **given)
    before = {(f.id, f.unit, f.on) for f in walk.faults("2027-02-01")}
    assert before == {("promise_not_executed", "lj-zj", date(2026, 12, 1))}
    assert {(f.id, f.unit, f.on) for f in _same_but_for(walk, move)} == before


def test_silence_test_goes_red_when_a_rating_makes_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with a fault that a low rating makes, silence would improve the unit, and it shows."""

    def low_rating(look: Looking) -> Iterator[Found]:
        for rated in look.of("rate"):
            yield Found("lj-zj", "", rated.day, (rated.seq,))

    walk = served().do("2026-10-20", "rate", PETITIONER, object="unit", value="3")
    honest = [f.id for f in walk.faults("2027-02-01")]
    monkeypatch.setitem(FAULT_TESTS, "settlement_for_silence", low_rating)
    assert [f.id for f in walk.faults("2027-02-01")] == ["settlement_for_silence", *honest]
    assert [f.id for f in _same_but_for(walk, "rate")] == honest


def test_ladder_takes_one_rung_after_the_other() -> None:
    def fault(n: int, day: str) -> Fault:
        on = date.fromisoformat(day)
        return Fault("notice_late", f"k{n}", "", "", "lj-zj", "t1", on, (1,), "", "law", 1)

    two = [fault(1, "2026-09-01"), fault(2, "2026-10-01")]
    first = ladder(two, [], PACKS, at("2026-10-02"))
    assert [(p.rung, p.unit, p.faults) for p in first] == [("reminder", "lj-zj", ("k1", "k2"))]
    reminded = [Measure("reminder", "lj-zj", date(2026, 10, 3))]
    assert [p.rung for p in ladder(two, reminded, PACKS, at("2026-10-05"))] == ["supervision_letter"]
    assert ladder(two[:1], reminded, PACKS, at("2026-10-05")) == ()
    assert [p.rung for p in ladder(two, reminded, PACKS, at("2026-11-30"))] == []
    assert {(p.basis, p.by_role) for p in first} == {("house", "supervisor")}


@pytest.mark.parametrize(
    ("query", "route", "avenue"),
    [
        (Query("030301", "decision", 4), "expropriation_decision", "A4"),
        (Query("030300", "service", 3), "construction", "A6"),
        (Query("010200", "service", 5), "village", "A6"),
        (Query("010100", "dispute", 3), "land_contract", "A2"),
        (Query("", "", 0), "otherwise", "A6"),
        (Query("030300", "decision", 3, accused=True), "accusation", "R"),
    ],
)
def test_routing_proposes_the_nearest_row(query: Query, route: str, avenue: str) -> None:
    found = routes(query, PACKS.for_day("cn_national", date(2026, 9, 1)))
    assert (found[0].route, found[0].avenue) == (route, avenue)
    assert all(r.article and r.basis for r in found)


def test_standings_refuse_what_petitioners_move() -> None:
    walk = served()
    rows = [row(walk.facts, walk.clocks("2026-12-10"), at("2026-12-10"))]
    mine = [i for i in INDICATORS if isinstance(i, UnitIndicator)]
    figures = {name: (above, below) for name, above, below in standing("lj-zj", rows, mine).figures}
    assert figures["opinion_in_time"] == (1, 1)
    assert figures["notice_in_time"] == (1, 1)
    assert figures["promises_kept"] == (0, 1)
    assert figures["claims_covered"] == (3, 3)
    for indicator in INDICATORS:
        if not isinstance(indicator, UnitIndicator):
            with pytest.raises(TypeError, match="enters no standing"):
                standing("lj-zj", rows, [indicator])  # type: ignore[list-item]


def test_no_entries_no_faults() -> None:
    assert faults(fold([], PACKS), [], [], PACKS, at("2026-01-01")) == ()
    assert STREAM.startswith("case/")
