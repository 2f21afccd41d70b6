"""One walk through each of the small packs and through the procedure of 2005, by pressing buttons."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from openredress.packs.load import builtin, builtin_packs
from openredress.rules.clocks import deadlines
from openredress.rules.facts import Actor, CaseFacts, Entry, Refusal
from openredress.rules.fold import fold, step
from openredress.rules.lifecycle import decide
from rules.office import at, words

PACKS = builtin_packs()
STAFF = Actor("staff/a", "staff", "office", frozenset({"clerk", "handler", "head"}))
OTHER = Actor("staff/b", "staff", "office", frozenset({"handler", "head"}))
ABOVE = Actor("staff/c", "staff", "above", frozenset({"reviewer"}), below=frozenset({"office"}))
PERSON = Actor("party/case1.p1", "petitioner")


class Case:
    """A case under one family of law."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.facts = CaseFacts(stream="")
        self.entries: list[Entry] = []
        self.seen: set[str] = set()

    def press(self, day: str, move: str, actor: Actor, given: dict[str, Any]) -> tuple[Entry, ...] | Refusal:
        due = deadlines(self.entries, PACKS) if self.entries else ()
        return decide(
            self.facts,
            move,
            given,
            actor,
            PACKS,
            at(day),
            deadlines=due,
            stream="case/case1",
            family=self.family,
        )

    def do(self, day: str, move: str, actor: Actor = STAFF, **given: Any) -> Case:
        made = self.press(day, move, actor, given)
        assert not isinstance(made, Refusal), (move, made.code, made.en)
        for entry in made:
            self.entries.append(entry)
            self.facts = step(self.facts, entry, PACKS)
        self.seen |= {t.state for t in self.facts.tracks}
        return self

    def no(self, day: str, move: str, actor: Actor = STAFF, **given: Any) -> str:
        made = self.press(day, move, actor, given)
        assert isinstance(made, Refusal)
        return made.code

    def register(self, day: str, **more: Any) -> Case:
        claims = {"claims": [{"id": "c1"}], "number": "n1", "office": "office", "channel": "letter"}
        return self.do(day, "register", received_on=day, **claims | more)


def answer(outcome: str, execute_by: str = "") -> dict[str, Any]:
    one = {"claim": "c1", "outcome": outcome} | ({"execute_by": execute_by} if execute_by else {})
    return {"outcomes": [one], "remedy": True, **words("c1")}


def test_fairmeadow_rejects_nothing_and_gives_interim_replies() -> None:
    case = Case("example").register("2026-03-02")
    assert case.no("2026-03-03", "answer", **answer("decline")) == "wrong_state"
    case.do("2026-03-03", "acknowledge").do("2026-03-20", "interim", expected_on="2026-04-10", reason="x")
    case.do("2026-04-01", "answer", **answer("grant", "2026-05-01"))
    assert (case.facts.answered, case.facts.solved) == (True, False)
    case.do("2026-04-20", "execute", claim="c1", done_on="2026-04-20", evidence=True)
    case.do("2026-04-21", "close").do("2026-04-25", "ask_again", PERSON, text="x")
    assert case.seen == set(builtin("example").states)
    assert not any("refus" in m or "reject" in m for m in builtin("example").moves)
    assert fold(case.entries, PACKS) == case.facts


def test_uk_stage_two_is_answered_by_somebody_else_and_asks_no_reason() -> None:
    case = Case("uk_housing").register("2026-03-02").do("2026-03-04", "acknowledge")
    told = {"told_on": "2026-03-10", "reason": "x", "approver": "staff/boss"}
    assert case.no("2026-03-10", "extend", clock="UK2", days=11, **told) == "extension_too_long"
    assert case.no("2026-03-10", "extend", clock="UK1", days=5, **told) == "clock_not_extendable"
    case.do("2026-03-10", "extend", clock="UK2", days=10, **told)
    case.do("2026-03-20", "answer", **answer("part", "2026-05-01"))
    case.do("2026-04-01", "escalate", PERSON).do("2026-04-07", "acknowledge_again")
    case.do("2026-04-28", "answer_final", OTHER, **answer("not_upheld"))
    case.do("2026-06-01", "refer", PERSON)
    out = Case("uk_housing").register("2026-03-02")
    out.do("2026-03-04", "exclude", ground="over_12_months", remedy=True, reason="x")
    assert case.seen | out.seen == set(builtin("uk_housing_2024").states)


def test_india_stays_open_until_its_appeal_is_decided() -> None:
    case = Case("in_cpgrams").register("2026-03-02").do("2026-03-03", "forward", to="office2")
    officer = Actor("staff/o", "staff", "office2", frozenset({"handler"}))
    above = Actor("staff/d", "staff", "above", frozenset({"reviewer"}), below=frozenset({"office2"}))
    case.do("2026-03-20", "interim", officer, expected_on="2026-04-10", reason="x")
    case.do("2026-04-01", "answer", officer, **answer("not_redressed"))
    assert case.no("2026-04-10", "close", officer) == "review_still_open"
    case.do("2026-04-10", "appeal", PERSON, reviewer="above", requested_on="2026-04-10")
    assert case.no("2026-04-11", "close", officer) == "wrong_state"
    case.do("2026-04-20", "decide_appeal", above, upheld=True, reason="x")
    assert case.facts.tracks[0].holder == "office2"
    case.do("2026-05-01", "answer", officer, **answer("redressed", "2026-05-10"))
    case.do("2026-06-02", "close", officer)
    assert case.seen == set(builtin("in_cpgrams_2024").states)
    assert fold(case.entries, PACKS) == case.facts


def test_2005_accepts_or_refuses_and_reviews_twice() -> None:
    case = Case("cn_national").register("2010-03-01", direct=True)
    told = {"served_on": "2010-03-10", "means": "post"}
    assert case.no("2010-03-10", "accept_decision", accepted=False, **told) == "ground_missing"
    case.do("2010-03-10", "accept_decision", accepted=True, **told).do("2010-03-20", "investigate")
    case.do("2010-04-10", "opinion", **answer("reject"))
    case.do("2010-04-12", "serve", paper="opinion", served_on="2010-04-12", means="hand", proof=True)
    case.do("2010-05-04", "request_review", PERSON, reviewer="above", requested_on="2010-05-04")
    case.do("2010-05-20", "decide_review", ABOVE, result="maintain", reason="x")
    assert {PACKS.pack(e.pack).id for e in case.entries} == {"cn_national_2005"}
    refused = Case("cn_national").register("2010-03-01", direct=True)
    refused.do("2010-03-10", "accept_decision", accepted=False, ground="legal_procedure", **told)
    assert refused.facts.state == "refused"


@pytest.mark.parametrize("family", ["example", "uk_housing", "in_cpgrams"])
def test_sealed_accusations_and_unknown_days(family: str) -> None:
    case = Case(family)
    early = {"received_on": "1999-01-01", "claims": [{"id": "c1"}], "number": "n", "office": "office"}
    assert case.no("1999-01-02", "register", channel="letter", **early) == "no_law_then"
    assert date(1999, 1, 1) < date(2005, 5, 1)
