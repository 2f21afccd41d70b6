"""From taking up to the served answer: enquiries, mediation, other avenues, the opinion claim by claim."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from openredress.importers.demo.catalogue import Urn
from openredress.importers.demo.history import Ended, Line

KINDS = ("site", "talk", "enquiry", "expert", "meeting")
ANSWERS = {
    "A6": Urn((("support", 5), ("explain", 2), ("reject", 3))),
    "A5": Urn((("support", 6), ("explain", 1), ("reject", 3))),
    "B": Urn((("adopt", 3), ("adopt_part", 4), ("decline", 3))),
    "R": Urn((("dealt_with", 5), ("not_shown", 5))),
}
CAUSES = (
    "policy_gap", "policy_change", "not_performed", "unlawful_act", "inaction", "poor_service", "project",
    "enterprise", "developer", "dispute", "hardship", "misunderstanding", "history",
)  # fmt: skip
BODIES = {
    "A1": "有管辖权的人民法院或公安机关",
    "A2": "劳动人事（农村土地承包）争议仲裁委员会",
    "A3": "有关党组织",
    "A4": "有权作出行政决定的机关",
    "A5": "负有查处职责的机关",
}


def enquire(line: Line, times: int) -> None:
    """Look into it so many times."""
    for _ in range(times):
        line.wait(1, 6 * line.character.pace)
        words = line.say(
            "template" if line.chance(line.character.template) else "visit",
            claim=next(iter(line.claims.values())),
            place=line.plan.scene.known.get("road") or line.plan.scene.county.name,
        )
        kind = line.rng.choice(KINDS)
        line.do(
            "investigate",
            line.staff(),
            kind=kind,
            done_on=line.today,
            with_petitioner=kind == "talk",
            note=words,
        )


def divert(line: Line, *, outcome: str = "") -> bool:
    """Lead to another statutory avenue. Whether it came back into the line's hands."""
    avenue = line.plan.matter.avenue if line.plan.matter.avenue in BODIES else "A4"
    line.wait(1, 8)
    line.do(
        "divert",
        line.staff(),
        "diverted",
        avenue=avenue,
        served_on=line.today,
        means="post",
        body=BODIES[avenue],
        reason=line.say("divert"),
    )
    fate = outcome or line.rng.choices(("accepted", "returned", "silent"), (70, 14, 16))[0]
    if fate == "silent":
        raise Ended
    line.wait(5, 25)
    if fate == "accepted":
        line.do("divert_accepted", line.staff(), "diverted_accepted", accepted_on=line.today, evidence=True)
        raise Ended
    line.avenue = "A6"
    line.do("divert_returned", line.staff(), "handling", avenue="A6", reason=line.say("returned"))
    line.clock_start = line.clock_start or line.received + timedelta(days=15)
    return True


def hear(line: Line) -> None:
    """听证."""
    line.wait(3, 10)
    line.do("hearing_open", line.staff(), "hearing", opened_on=line.today, note="按规定通知各方参加听证。")
    line.wait(1, 6)
    line.do(
        "hearing_close",
        line.staff(),
        "handling",
        closed_on=line.today,
        conclusion=line.say("found", **_about(line)),
    )


def mediate(line: Line) -> None:
    """调解 with consent of both."""
    line.wait(2, 8)
    line.do("mediate", line.staff(), "mediating", consent=True, held_on=line.today, note=line.say("settle"))


def settle(line: Line, steps: int) -> list[str]:
    """An agreement in instalments; their ids."""
    line.wait(1, 5)
    unit, first = line.holder, line.at.date()
    ids = [f"{line.track}g{n}" for n in range(1, steps + 1)]
    rows = []
    for n, step in enumerate(ids, 1):
        due = first + timedelta(days=30 * n)
        rows.append({"id": step, "debtor_kind": "unit", "debtor": unit, "due_on": due.isoformat()})
        line.promised[step] = due
    line.opined_by = unit
    line.do(
        "settle",
        line.staff(),
        "settled",
        agreement=f"AG-{first.year}-{int(line.rng.random() * 9000) + 1000}",
        kind="mediation" if line.state == "mediating" else "reconciliation",
        steps=rows,
        effective_on=line.today,
        conditional=False,
        text=line.say("settle"),
    )
    return ids


def extend(line: Line) -> None:
    """延长 before the day, approved by the head, the petitioner told."""
    days = line.rng.choice((15, 20, 30))
    line.extended = True
    handler = line.staff()
    line.do(
        "extend",
        handler,
        clock="C05",
        days=days,
        approver=line.who("head").pseudonym,
        told_on=line.today,
        reason=line.say("extend"),
    )


def _about(line: Line) -> dict[str, str]:
    known = line.plan.scene.known
    return {
        "claim": next(iter(line.claims.values())),
        "place": known.get("estate")
        or known.get("road")
        or known.get("village")
        or line.plan.scene.county.name,
    }


def answer(line: Line, *, redo: bool = False, prefer: str = "") -> None:
    """出具意见: outcome, facts, basis and opinion for every claim. `prefer`: one that must come up."""
    outcomes: list[dict[str, Any]] = []
    words: dict[str, dict[str, str]] = {"facts": {}, "basis": {}, "opinion": {}}
    line.promised.clear()
    line.outcomes.clear()
    for claim, text in line.claims.items():
        outcome = prefer if prefer and line.avenue in ("A5", "A6") else ANSWERS[line.avenue].draw(line.rng)
        row: dict[str, Any] = {"claim": claim, "outcome": outcome}
        if outcome == "support":
            due = line.at.date() + timedelta(days=line.rng.choice((10, 15, 30, 30, 60, 90)))
            row["execute_by"] = due.isoformat()
            line.promised[claim] = due
        line.outcomes[claim] = outcome
        outcomes.append(row)
        _words(line, words, claim, text, outcome)
    given: dict[str, Any] = {"outcomes": outcomes, "remedy": True, **words}
    if redo:
        given["changed"] = ["facts"]
    if line.chance(0.6):
        given["root_cause"] = line.rng.choice(CAUSES)
    line.opined_by = line.holder
    line.opinion = line.do("opinion", line.staff(), "opined", **given)


_WORDS = {
    "support": ("found", "support"),
    "explain": ("found", "explain"),
    "reject": ("notfound", "deny"),
    "adopt": ("found", "adopt"),
    "adopt_part": ("found", "adopt"),
    "decline": ("found", "adopt"),
    "dealt_with": ("found", "support"),
    "not_shown": ("notfound", "deny"),
}


def _words(line: Line, words: dict[str, dict[str, str]], claim: str, text: str, outcome: str) -> None:
    found, said = _WORDS[outcome]
    about = _about(line) | {"claim": text}
    empty = line.chance(line.character.template * 0.6)
    words["facts"][claim] = line.say("template" if empty else found, **about)
    words["basis"][claim] = line.plan.matter.basis
    words["opinion"][claim] = line.say("boiler" if empty else said, **about)


def serve(line: Line, paper: str = "opinion", state: str = "served", by: str = "") -> None:
    """送达 with proof."""
    line.wait(0, 5)
    actor = line.staff() if not by else line.who("reviewer", by)
    means = line.rng.choice(("hand", "post", "post", "electronic", "left"))
    line.served_on = line.at.date()
    line.do("serve", actor, state, paper=paper, served_on=line.today, means=means, proof=True)


def handle(line: Line, *, thorough: int = 0) -> None:
    """Everything between taking up and the served answer."""
    tries = thorough or line.rng.choices((0, 1, 2, 3), (36, 42, 16, 6))[0]
    enquire(line, tries)
    if line.state == "simple":
        _simple(line)
        return
    if line.avenue == "A6" and line.chance(0.04):
        hear(line)
    if line.chance(0.07):
        mediate(line)
    _until_answer(line)
    answer(line)
    serve(line)


def _simple(line: Line) -> None:
    if line.chance(0.15):
        line.do("convert", line.staff(), "handling", reason="经查事项较复杂，转为普通程序。")
        handle(line)
        return
    line.wait(0, 6)
    answer(line)
    serve(line)


def _until_answer(line: Line) -> None:
    """Let the time pass that this body takes: most within the days given, some after."""
    start = line.clock_start or line.at.date()
    late = line.chance(line.character.late)
    length = 60
    if (
        line.avenue == "A6"
        and line.chance(0.09 if not late else 0.3)
        and line.at.date() < start + timedelta(days=50)
    ):
        line.wait_until(start + timedelta(days=40 + int(line.rng.random() * 12)))
        if line.at.date() <= start + timedelta(days=58):
            extend(line)
            length = 75
    share = line.rng.betavariate(3, 2) * 0.9
    days = int(length * share) if not late else length + 6 + int(line.rng.expovariate(1 / 25))
    line.wait_until(start + timedelta(days=days))
    line.wait(0, 1)
