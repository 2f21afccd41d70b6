"""The hard cases: old, sent round, pressed for, reviewed twice, settled in instalments that were half kept.

Each is led to one station of the procedure and rests there, so that all stations are filled.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from random import Random

from openredress.importers.demo import early, late, life, middle
from openredress.importers.demo.catalogue import Matter, catalogue
from openredress.importers.demo.history import Ended, History, Line, Plan

# Where a hard case rests, and how many days ago it came at least.
STATIONS: dict[str, int] = {
    "registered": 70, "forwarded": 70, "assigned": 70, "objected": 70, "simple": 80, "handling": 260,
    "hearing": 140, "mediating": 140, "diverted": 100, "diverted_accepted": 130, "opined": 190, "served": 270,
    "reviewing": 260, "reviewed": 280, "review_served": 300, "final_reviewing": 470, "final_decided": 500,
    "final": 520, "refused_again": 560, "refused": 60, "refusal_contested": 70, "settled": 240,
    "withdrawn": 120,
}  # fmt: skip
_NAMES = tuple(STATIONS)
_BEFORE_ANSWER = {"registered", "forwarded", "assigned", "objected"}
_REVIEWS = {
    "reviewing", "reviewed", "review_served", "final_reviewing", "final_decided", "final", "refused_again"
}  # fmt: skip
_OWN = _REVIEWS | {"hearing", "mediating", "settled"}


def station(n: int) -> str:
    """Where the n-th hard case rests."""
    return _NAMES[n % len(_NAMES)]


def day_of(n: int, today: date, rng: Random) -> date:
    """When the n-th hard case came: long enough ago for all that happened to it."""
    least = STATIONS[station(n)]
    return today - timedelta(days=least + int(rng.random() * (715 - least) * 0.8))


def matter_for(n: int, rng: Random) -> Matter:
    """A matter that can reach that station: review is for claims of the petition procedure."""
    while True:
        matter = catalogue().matters.draw(rng)
        others = ("R", "B") if station(n) not in _OWN else ("R", "B", "A5")
        if matter.avenue not in others and matter.first not in ("党务政务", "其他"):
            return matter


def live(plan: Plan, n: int) -> History:
    """The story of the n-th hard case."""
    story = History(plan)
    claims = {f"c{i}": text for i, text in enumerate(plan.letter.claims, 1)}
    line = Line(story, "t1", claims, plan.registered_at)
    target, turn = station(n), n // len(_NAMES)
    with suppress(Ended):
        line.wait(0, 1)
        line.case("mark", line.who("clerk", line.office), mark="hard")
        _lead(line, target, turn)
    line.stop = ""
    with suppress(Ended):
        _aftermath(line, target, turn)
    return story


def _lead(line: Line, target: str, turn: int) -> None:
    if target in ("refused", "refusal_contested"):
        line.stop = target
        life.refuse(line)
        late.contest(line)
    if target in _BEFORE_ANSWER:
        _sent_round(line, target, 2 + turn % 4)
    early.route(line, objections=(turn % 3), assign=turn % 2 == 0)
    if turn % 3 == 1:
        life.leader_note(line, _leader(line), fed_back=turn % 2 == 0)
    if target in ("simple", "diverted", "diverted_accepted"):
        line.stop = target
        if target == "simple":
            early.take_up(line, simple=True)
        middle.divert(line, outcome="accepted")
    if target == "handling" and turn % 2:
        _pressed_before_told(line)
    early.take_up(line, simple=False, late=False)
    _plan(line, turn)
    _in_hand(line, target, turn)


def _sent_round(line: Line, target: str, hops: int) -> None:
    """From body to body, and at rest where nobody has taken it up."""
    plan = line.plan
    line.wait(0, 4)
    early.send(line, plan.wrong, assign=target == "assigned")
    for _ in range(hops):
        early.object_to(line, upheld=True)
    line.stop = target
    if target == "objected":
        line.wait(0, 0)
        early.hand_back(line)
    while target == "registered":
        early.object_to(line, upheld=True)
    raise Ended


def _leader(line: Line) -> str:
    unit = line.city.units[line.holder]
    return unit.parent if unit.kind in ("department", "street", "office") else unit.code


def _pressed_before_told(line: Line) -> None:
    line.wait_until(line.received + timedelta(days=34))
    late.press(line, "C03")
    late.supervise(line, "late_notice")


def _plan(line: Line, turn: int) -> None:
    """化解方案: steps with a day, some performed, some not."""
    for n in range(1, 2 + turn % 3):
        due = line.at.date() + timedelta(days=30 * n)
        line.case(
            "oblige",
            line.who("head"),
            id=f"p{n}",
            kind="plan_step" if n != 2 else "meeting_decision",
            debtor_kind="unit",
            debtor=line.holder,
            due_on=due.isoformat(),
            track=line.track,
            text=line.say("plan"),
        )
    line.wait(10, 20)
    if line.chance(0.7):
        line.case(
            "perform_obligation",
            line.staff(),
            obligation="p1",
            done_on=line.today,
            evidence=True,
            note=line.say("execute"),
        )


def _in_hand(line: Line, target: str, turn: int) -> None:
    if target == "withdrawn":
        line.stop = target
        line.case("withdraw", line.plan.party, "withdrawn", via="portal", reason=line.say("withdraw"))
    if target in ("hearing", "mediating"):
        middle.enquire(line, 1 + turn % 2)
        line.stop = target
        middle.hear(line) if target == "hearing" else middle.mediate(line)
    if target == "settled":
        _instalments(line, turn)
    middle.enquire(line, 2 + turn % 3)
    if turn % 3 == 2 and line.at.date() < (line.clock_start or line.received) + timedelta(days=50):
        middle.extend(line)
    line.wait(1, 12)
    if target == "opined":
        line.stop = target
    middle.answer(line, prefer="support" if target in ("served", "handling") else "reject")
    middle.serve(line)
    if target in _REVIEWS:
        _reviews(line, target, turn)
    _promise_broken(line, target)


def _instalments(line: Line, turn: int) -> None:
    """An agreement in instalments, performed in part."""
    middle.mediate(line)
    steps = middle.settle(line, 3 + turn % 3)
    late.perform_steps(line, steps, 1 + turn % 2)
    late.press_for_promise(line)
    late.supervise(line, "promise_broken")
    raise Ended


def _promise_broken(line: Line, target: str) -> None:
    """Supported, not carried out, pressed for, reopened; answered again or still in hand."""
    late.press_for_promise(line)
    late.supervise(line, "not_executed")
    line.wait_until(min(line.promised.values()) + timedelta(days=10))
    line.stop = "handling" if target == "handling" else ""
    late.reopen(line, "broken_promise")
    line.stop = target
    late.redo(line)


def _reviews(line: Line, target: str, turn: int) -> None:
    """Review and final review; every other one after a first answer was annulled."""
    if turn % 2 and target in ("final_reviewing", "final_decided", "final", "refused_again"):
        late.review(line, result="annul")
        late.redo(line)
    line.stop = target if target in ("reviewing", "reviewed", "review_served") else ""
    late.review(line, result="change" if turn % 4 == 2 else "maintain")
    line.stop = target if target != "final" else ""
    late.final_review(line)
    late.keep(line)
    if target == "refused_again":
        late.refuse_again(line)
    raise Ended


def _aftermath(line: Line, target: str, turn: int) -> None:
    """What still comes in while the case rests."""
    line.wait_days(6, 25)
    if target != "withdrawn":
        life.material(line)
    if turn % 2 == 0 and target not in ("refused", "refused_again", "withdrawn", "refusal_contested"):
        life.leader_note(line, _leader(line), fed_back=turn % 4 == 0)
    if target == "handling":
        line.wait_days(60, 90)
        late.supervise(line, "late_opinion")
    if target in ("hearing", "mediating") and turn % 2:
        line.wait_until((line.clock_start or line.received) + timedelta(days=95))
        late.press(line, "C05")
    if turn % 5 == 3 and target in ("handling", "mediating", "hearing", "served"):
        line.case(
            "urgent_report",
            line.who("head"),
            reported_on=line.today,
            to=[line.city.above(line.holder)[0]],
            text=line.say("urgent", place=line.plan.scene.county.name),
        )
