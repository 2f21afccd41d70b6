"""The shipped packs as law data: what they hold, for whom, and on what basis."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from openredress.packs.load import BUILTIN, builtin, builtin_packs
from openredress.rules.outcomes import allowed, cells, proposed
from openredress.rules.pack import CalendarRevision, Pack, PackRevision, Packs

ALL = [builtin(p) for p in BUILTIN]
CN = builtin("cn_national_2022")
MOVES = [
    "register",
    "attach",
    "forward",
    "assign",
    "object",
    "decide_objection",
    "name_handler",
    "notify_receipt",
    "refuse",
    "refuse_again",
    "contest_refusal",
    "decide_contest",
    "divert",
    "divert_accepted",
    "divert_returned",
    "simple_start",
    "convert",
    "investigate",
    "hearing_open",
    "hearing_close",
    "mediate",
    "settle",
    "extend",
    "opinion",
    "serve",
    "issue",
    "deliver",
    "execute",
    "press",
    "answer_press",
    "request_review",
    "decide_review",
    "request_final",
    "decide_final",
    "finality",
    "reopen",
    "supervise",
    "report",
    "leader_note",
    "leader_action",
    "leader_feedback",
    "withdraw",
    "restore",
    "correct",
    "confirm_solved",
    "rate",
    "note",
    "material",
    "message",
    "link",
    "unlink",
    "mark",
    "unmark",
    "identity_read",
    "rule_read",
    "erase",
    "territorial",
    "oblige",
    "perform_obligation",
    "waive_obligation",
    "dispute_obligation",
    "urgent_report",
]


def test_2022_has_every_move() -> None:
    assert sorted(CN.moves) == sorted(MOVES)


def test_2005_decides_on_acceptance_and_knows_no_objection() -> None:
    old = builtin("cn_national_2005")
    assert "accept_decision" in old.moves
    assert {"object", "notify_receipt", "divert", "simple_start"} & set(old.moves) == set()
    assert set(old.states) < set(CN.states)
    assert (old.valid_until, CN.valid_from) == (date(2022, 4, 30), date(2022, 5, 1))


def test_first_level_of_categories_and_their_children() -> None:
    terms = CN.vocab["categories"]
    first = [t.zh for t in terms.values() if not t.parent]
    assert len(first) == 17
    assert (first[0], first[-1]) == ("农村农业", "其他")
    assert all(t.parent in terms for t in terms.values() if t.parent)
    assert sum(1 for t in terms.values() if t.parent) == 111


@pytest.mark.parametrize("pack", ALL, ids=lambda p: p.id)
def test_each_rule_names_its_basis(pack: Pack) -> None:
    ruled = [*pack.moves.values(), *pack.clocks.values(), *pack.faults, *pack.ladder, *pack.routes]
    ruled += [
        *pack.retention.values(),
        *pack.obligations.values(),
        *(o for s in pack.outcomes.values() for o in s),
    ]
    assert {r.basis for r in ruled} <= {"law", "rule", "house"}
    assert all(r.article for r in ruled)
    assert {r.basis for r in pack.ladder} == {"house"}


@pytest.mark.parametrize("pack", ALL, ids=lambda p: p.id)
def test_names_in_both_languages_and_no_petitioner_debtor(pack: Pack) -> None:
    named = [*pack.moves.values(), *pack.states.values(), *pack.faults, *pack.ladder, *pack.roles.values()]
    assert all(n.zh and n.en for n in named)
    for kind in pack.obligations.values():
        assert set(kind.debtors) <= {"unit", "staff", "payer"}


@pytest.mark.parametrize("pack", ALL, ids=lambda p: p.id)
def test_decision_table_answers_each_cell_once(pack: Pack) -> None:
    checked = 0
    for stage, outcomes in pack.outcomes.items():
        for avenue in {a for o in outcomes for a in o.avenues}:
            found = cells(pack.rows, pack.axes, stage, avenue)
            assert set(found.values()) == {1}
            checked += len(found)
    assert checked >= 2


def test_outcomes_of_article_32_and_29() -> None:
    assert list(allowed(CN, "opinion", "A6")) == ["support", "explain", "reject"]
    assert list(allowed(CN, "opinion", "B")) == ["adopt", "adopt_part", "decline"]
    assert list(allowed(CN, "review", "A6")) == ["maintain", "change", "annul"]
    assert dict(allowed(CN, "opinion", "A1")) == {}
    given = {"facts": "established", "law": "silent"}
    found = proposed(CN, "opinion", "A6", given)
    assert found is not None
    assert (found.code, found.zh) == ("explain", "作出解释说明")
    assert proposed(CN, "opinion", "A6", {"facts": "established"}) is None


def test_only_the_petitioner_and_those_who_registered_may_withdraw() -> None:
    rows = CN.permits["confirm_solved"]
    assert {frozenset(r.relations) for r in rows} == {
        frozenset({"petitioner"}),
        frozenset({"outside", "office"}),
    }
    assert all("holder" not in r.relations for r in rows)
    assert {r.role for r in CN.reads} <= set(CN.roles)


def test_law_of_a_day_and_revisions() -> None:
    packs = builtin_packs()
    assert packs.for_day("cn_national", date(2022, 4, 30)).id == "cn_national_2005"
    assert packs.for_day("cn_national", date(2022, 5, 1)).id == "cn_national_2022"
    with pytest.raises(LookupError, match="no pack of family 'cn_national' is in force on 2004-01-01"):
        packs.for_day("cn_national", date(2004, 1, 1))
    assert packs.families() == ("cn_national", "example", "in_cpgrams", "uk_housing")
    assert packs.state("cn_national", "objected").zh == "异议审核中"


def _revised(applies: str) -> tuple[Packs, Pack]:
    newer = replace(CN, hash="f" * 64)
    made = PackRevision(newer, applies, datetime(2026, 6, 1, tzinfo=UTC))
    return Packs([PackRevision(CN), made], []), newer


def test_new_cases_leaves_running_cases_alone() -> None:
    packs, newer = _revised("new_cases")
    assert packs.for_day("cn_national", date(2026, 7, 1)) is newer
    assert packs.for_day("cn_national", date(2026, 7, 1), CN.hash) is CN
    assert packs.pack(CN.hash) is CN


def test_new_clocks_takes_running_cases_along_and_refold_the_past_too() -> None:
    packs, newer = _revised("new_clocks")
    assert packs.for_day("cn_national", date(2026, 7, 1), CN.hash) is newer
    assert packs.pack(CN.hash) is CN
    packs, newer = _revised("refold")
    assert packs.pack(CN.hash) is newer


def test_calendar_as_it_was_known() -> None:
    old, new = object(), object()
    packs = Packs([], [
        CalendarRevision("cn", old),  # type: ignore[arg-type]
        CalendarRevision("cn", new, datetime(2026, 11, 1, tzinfo=UTC)),  # type: ignore[arg-type]
    ])  # fmt: skip
    assert packs.calendar("cn", datetime(2026, 10, 31, tzinfo=UTC)) is old
    assert packs.calendar("cn", datetime(2026, 11, 1, tzinfo=UTC)) is new
    assert packs.calendar("cn") is new
    assert packs.calendar_ids() == ("cn",)
