"""After the answer: promises kept or broken, ratings, review and final review, the end, reopening."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from openredress.importers.demo.history import Later, Line
from openredress.importers.demo.middle import answer, enquire, serve

RATED = ("0", "1", "3")
WHY = ("attitude", "late", "result", "unclear", "unsolved")


def keep(line: Line, *, broken: bool | None = None) -> bool:
    """Carry out what was supported, in time, late or not at all. Whether all of it was done."""
    unit = line.opined_by
    breaks = line.chance(line.city.characters[unit].breaks) if broken is None else broken
    todo = sorted(line.promised.items(), key=lambda pair: pair[1])
    for claim, due in todo[1:] if breaks else todo:
        _near(line, due)
        line.do(
            "execute", line.staff(), claim=claim, done_on=line.today, evidence=True, note=line.say("execute")
        )
        del line.promised[claim]
    return not line.promised


def _near(line: Line, due: date) -> None:
    if line.chance(0.78):
        span = max((due - line.at.date()).days, 0)
        line.wait_until(line.at.date() + timedelta(days=int(span * line.rng.betavariate(3, 2))))
    else:
        line.wait_until(due + timedelta(days=int(line.rng.expovariate(1 / 18)) + 2))
    line.wait(0, 1)


def press_for_promise(line: Line) -> None:
    """The day of a promise has passed: the petitioner presses, the body answers in writing."""
    claim, due = min(line.promised.items(), key=lambda pair: pair[1])
    line.wait_until(due + timedelta(days=3 + int(line.rng.random() * 20)))
    owed = Later(line.opinion, "x{}." + claim) if line.state != "settled" else claim
    press(line, owed)


def press(line: Line, lapsed: object) -> None:
    """申请督促, and the written answer that is owed within five working days."""
    token = line.do("press", line.plan.party, lapsed=lapsed, text=line.say("press"))
    if line.chance(0.75):
        line.wait(2, 7)
        told: dict[str, Any] = {"press_seq": Later(token)}
        told["expected_on"] = (line.at.date() + timedelta(days=15)).isoformat()
        line.case("answer_press", line.staff(), text=line.say("answer_press"), **told)


def supervise(line: Line, ground: str) -> None:
    """督办 by the office; the body answers it or not."""
    due = line.at.date() + timedelta(days=15)
    actor = line.who("supervisor", line.office) if not line.direct else line.who("leader", _government(line))
    if line.direct:
        return
    token = line.do("supervise", actor, ground=ground, due_on=due.isoformat(), text=line.say("supervise"))
    if line.chance(0.7):
        line.wait(3, 14)
        line.case(
            "perform_obligation",
            line.staff(),
            obligation=Later(token, "s{}"),
            done_on=line.today,
            evidence=True,
            note=line.say("report"),
        )


def _government(line: Line) -> str:
    return line.city.above(line.holder)[0]


def rate(line: Line, unit: str = "") -> None:
    """评价 by the petitioner."""
    value = line.rng.choices(RATED, (30, 40, 30))[0]
    given: dict[str, Any] = {
        "object": "unit",
        "value": value,
        "unit": unit or line.opined_by,
        "track": line.track,
    }
    if value == "3":
        given["reason"] = line.rng.choice(WHY)
    if line.chance(0.35):
        given["text"] = line.say("rate")
    line.case("rate", line.plan.party, **given)


def confirm(line: Line, solved: bool) -> None:
    """化解 said by the petitioner through the portal, or on paper with a call-back by the office."""
    given: dict[str, Any] = {"solved": solved, "text": line.say("solved" if solved else "unsolved")}
    if line.direct or line.story.went_back or line.chance(0.7):
        line.case("confirm_solved", line.plan.party, via="portal", **given)
        return
    office = line.office
    line.case(
        "confirm_solved",
        line.who("clerk", office),
        via="callback",
        callback_unit=office,
        callback_on=line.today,
        **given,
    )


def review(line: Line, *, result: str = "") -> str:
    """复查: asked within 30 days, decided by the next higher government. The result."""
    opined = line.opined_by
    reviewer = line.city.reviewer_of(opined)
    line.wait_until((line.served_on or line.at.date()) + timedelta(days=2 + int(line.rng.random() * 24)))
    ask_review(line, "request_review", reviewer)
    line.state = "reviewing"
    if line.state == line.stop:
        line.case("material", line.plan.party, received_on=line.today, text=line.say("material"))
        line.do(
            "note",
            line.who("reviewer", reviewer),
            "reviewing",
            text=line.say("note", other=line.city.units[opined].short),
        )
    result = result or line.rng.choices(("maintain", "change", "annul"), (66, 14, 20))[0]
    line.wait_days(12, 27)
    if line.chance(0.1):
        line.wait_days(8, 25)
    decide(line, "decide_review", "reviewed", reviewer, result)
    if result == "annul":
        serve(line, "review", "handling", by=reviewer)
        return result
    serve(line, "review", "review_served", by=reviewer)
    line.holder = opined
    return result


def ask_review(line: Line, move: str, reviewer: str) -> None:
    """The petitioner asks, or the office takes it down for them."""
    line.do(
        move,
        line.plan.party,
        reviewer=reviewer,
        requested_on=line.today,
        text=line.say("review_ask", claim=_first(line)),
    )
    line.holder, line.handler = reviewer, None


def _first(line: Line) -> str:
    return next(iter(line.claims.values()))


def decide(line: Line, move: str, state: str, reviewer: str, result: str) -> None:
    """The reviewer's opinion; an annulled answer goes back to the body that gave it."""
    given: dict[str, Any] = {"result": result, "reason": line.say(result)}
    if result == "change":
        due = line.at.date() + timedelta(days=30)
        given["outcomes"] = [
            {"claim": claim, "outcome": "support", "execute_by": due.isoformat()} for claim in line.claims
        ]
        line.promised = dict.fromkeys(line.claims, due)
    actor = line.who("reviewer", reviewer)
    if result == "annul":
        given["grounds"] = line.rng.choice(("facts", "basis", "procedure", "improper"))
        given["redo_by"] = (line.at.date() + timedelta(days=60)).isoformat()
        line.holder = line.opined_by
        line.promised.clear()
        line.clock_start = line.at.date()
        line.do(move, actor, "handling", **given)
        return
    token = line.do(move, actor, state, **given)
    if result == "change":
        line.opinion = token


def redo(line: Line) -> None:
    """重新办理 after an annulment or reopening."""
    enquire(line, line.rng.choice((1, 1, 2)))
    line.wait(8, 30)
    answer(line, redo=True)
    serve(line)


def final_review(line: Line, *, result: str = "") -> str:
    """复核 by the government above the reviewer. The result."""
    opined, first = line.opined_by, line.city.reviewer_of(line.opined_by)
    above = line.city.units[first].parent
    if not above:
        return ""
    line.wait_until((line.served_on or line.at.date()) + timedelta(days=2 + int(line.rng.random() * 24)))
    ask_review(line, "request_final", above)
    line.state = "final_reviewing"
    if line.state == line.stop:
        line.do(
            "note",
            line.who("reviewer", above),
            "final_reviewing",
            text=line.say("note", other=line.city.units[opined].short),
        )
    result = result or line.rng.choices(("maintain", "change"), (82, 18))[0]
    line.wait_days(14, 28)
    decide(line, "decide_final", "final_decided", above, result)
    serve(line, "final", "final", by=above)
    line.holder = opined
    return result


def refuse_again(line: Line) -> None:
    """不再受理: the same facts and reasons after the final review."""
    line.wait(15, 60)
    line.do(
        "refuse_again",
        line.who("clerk", line.office) if not line.direct else line.staff_clerk(),
        "refused_again",
        ground="same_facts_and_reasons",
        reason=line.say("refuse_again"),
    )


def contest(line: Line, *, upheld: bool | None = None, back: str = "refused_again") -> bool:
    """The petitioner contests a refusal; a body above decides. Whether it was upheld."""
    line.wait(3, 15)
    line.do("contest_refusal", line.plan.party, "refusal_contested", reason=line.say("contest"))
    line.wait(3, 12)
    decider = line.who("head", line.city.units[line.holder].parent)
    good = line.chance(0.4) if upheld is None else upheld
    state = back if not good else "handling" if line.opinion else "registered"
    line.do("decide_contest", decider, state, upheld=good, reason=line.say("uphold" if good else "reject"))
    return good


def finish(line: Line) -> None:
    """程序终结, once nobody can ask for review any more."""
    if line.state in ("served", "review_served") and line.avenue == "A6":
        line.wait_until((line.served_on or line.at.date()) + timedelta(days=46))
        ground = "no_request_in_time"
    elif line.state == "settled":
        ground = "agreement_performed"
    else:
        ground = "no_review_route"
    line.wait(1, 25)
    line.do("finality", line.staff(), "final", ground=ground, note=line.say("finality"))


def reopen(line: Line, ground: str) -> None:
    """重新办理 on new facts, or because a promise was broken."""
    if ground == "broken_promise":
        line.do("reopen", line.plan.party, "handling", ground=ground)
    else:
        line.do("reopen", line.staff(), "handling", ground=ground, reason=line.say("newfacts"))
    line.clock_start = line.at.date()


def perform_steps(line: Line, steps: list[str], kept: int) -> None:
    """Perform so many instalments of a settlement, some of them late."""
    for step in steps[:kept]:
        _near(line, line.promised[step])
        line.case(
            "perform_obligation",
            line.staff(),
            obligation=step,
            done_on=line.today,
            evidence=True,
            note=line.say("execute"),
        )
        del line.promised[step]


def after_answer(line: Line) -> None:
    """What follows a served answer in an ordinary case."""
    if line.assigned and line.chance(0.85):
        line.wait(0, 4)
        line.do("report", line.staff(), filed_on=line.today, summary=line.say("report"))
    unhappy = any(outcome in ("reject", "explain") for outcome in line.outcomes.values())
    if line.avenue == "A6" and line.chance(0.2 if unhappy else 0.04):
        if _reviewed(line) and line.promised:
            keep(line)
        return
    _kept_or_not(line)


def _reviewed(line: Line) -> bool:
    """Review, perhaps final review. Whether an answer stands that may hold promises."""
    if review(line) == "annul":
        redo(line)
        return True
    if line.chance(0.35):
        final_review(line)
        if line.state == "final" and line.chance(0.25):
            refuse_again(line)
            if line.chance(0.3):
                contest(line, upheld=False)
    elif line.chance(0.6):
        finish(line)
    return True


def _kept_or_not(line: Line) -> None:
    had = bool(line.promised)
    kept = keep(line)
    if had and not kept:
        _broken(line)
        return
    if line.chance(0.3):
        line.wait(1, 12)
        rate(line)
    if line.chance(0.3):
        line.wait(1, 10)
        confirm(line, solved=line.chance(0.75 if had else 0.3))
    if line.chance(0.35):
        finish(line)


def _broken(line: Line) -> None:
    if line.chance(0.5):
        press_for_promise(line)
    if line.chance(0.3):
        line.wait(3, 12)
        supervise(line, "not_executed")
    due = min(line.promised.values())
    line.wait_until(due + timedelta(days=6))
    if line.chance(0.4):
        keep(line, broken=False)
    elif line.chance(0.35) and line.state in ("served", "final"):
        reopen(line, "broken_promise")
        redo(line)
        keep(line, broken=False)
