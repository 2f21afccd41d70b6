"""From the office to the body that answers: routing, objections, the notice, the simple procedure."""

from __future__ import annotations

from datetime import timedelta

from openredress.importers.demo.history import Line

MEANS = ("hand", "post", "electronic", "phone")
SIMPLE_GROUNDS = ("clear", "answerable", "daily_life", "promised")


def send(line: Line, to: str, *, assign: bool = False, claims: tuple[str, ...] = ()) -> None:
    """Forward 转送 or assign 交办 the track to a body."""
    given: dict[str, object] = {"to": to, "received_on": line.today}
    if claims:
        given["claims"] = list(claims)
    who = line.who("clerk")
    line.holder, line.handler, line.received = to, None, line.at.date()
    line.assigned = assign
    if assign:
        length = line.rng.choice(("30", "45", "60", "20wd"))
        line.do("assign", who, "assigned", length=length, note=line.say("assign"), **given)
    else:
        line.do("forward", who, "forwarded", note=line.say("forward"), **given)


def route(line: Line, *, objections: int = -1, assign: bool | None = None) -> None:
    """The office finds the body; the body may hand it back, with reasons, and the office decides."""
    plan, office = line.plan, line.office
    if line.direct:
        return
    late = line.chance(0.03)
    line.wait(11, 25) if late else line.wait(0, 5)
    astray = objections != 0 and plan.wrong != plan.unit and (objections > 0 or line.chance(0.07))
    send(line, plan.wrong if astray else plan.unit, assign=line.chance(0.14) if assign is None else assign)
    if plan.town and line.chance(0.2):
        line.do("territorial", line.who("clerk", office), unit=plan.town)
    if plan.other and line.chance(0.6):
        line.case("link", line.who("clerk", office), other=plan.other, kind="group")
    left = objections if objections >= 0 else 1 + int(line.chance(0.15))
    while left > 0 and (astray or objections > 0 or line.chance(line.character.pass_on)):
        astray = object_to(line, upheld=astray or (objections > 1 and line.chance(0.5)))
        left -= 1


def object_to(line: Line, *, upheld: bool) -> bool:
    """提出异议 within five working days, and its decision. Whether the next body is a wrong one too."""
    plan = line.plan
    line.wait(1, 3)
    other = hand_back(line)
    line.wait(1, 4)
    decider = line.who("supervisor", line.office)
    if not upheld or other == line.holder:
        back = "assigned" if line.assigned else "forwarded"
        line.do("decide_objection", decider, back, upheld=False, how="review", reason=line.say("reject"))
        return False
    if line.chance(0.7):
        state = "assigned" if line.assigned else "forwarded"
        line.holder, line.handler, line.received = other, None, line.at.date()
        line.do(
            "decide_objection",
            decider,
            state,
            upheld=True,
            how="designate",
            to=other,
            reason=line.say("uphold"),
        )
    else:
        line.holder, line.story.went_back = line.office, True
        line.do(
            "decide_objection", decider, "registered", upheld=True, how="review", reason=line.say("uphold")
        )
        line.wait(0, 3)
        send(line, other, assign=line.assigned)
    return line.holder != plan.unit


def hand_back(line: Line) -> str:
    """提出异议: detailed reasons, and the body that is proposed instead."""
    plan = line.plan
    other = plan.unit if line.holder != plan.unit else plan.wrong
    reason = line.say("object", other=line.city.units[other].short)
    line.do("object", line.who("head"), "objected", proposed=other, reason=reason)
    return other


def name_handler(line: Line) -> None:
    """The body names who handles it."""
    line.wait(0, 2)
    chief = line.who("head")
    line.do("name_handler", chief, handler=line.staff().pseudonym)


def take_up(line: Line, *, simple: bool | None = None, late: bool | None = None) -> None:
    """Tell the petitioner of receipt, avenue and procedure, or take the simple procedure."""
    if line.chance(0.33):
        name_handler(line)
    avenue = handled_as(line)
    quick = simple if simple is not None else (avenue == "A6" and not line.assigned and line.chance(0.13))
    if quick:
        line.wait(0, 2)
        ground = line.rng.choice(SIMPLE_GROUNDS)
        line.avenue = "A6"
        line.clock_start = line.at.date()
        line.do("simple_start", line.staff(), "simple", ground=ground, told_on=line.today, means="phone")
        return
    tardy = line.chance(line.character.late * 0.4) if late is None else late
    if tardy:
        line.wait_days(18, 45)
    else:
        line.wait(0, 7)
    line.avenue = avenue
    line.clock_start = min(line.at.date(), line.received + timedelta(days=15))
    line.do(
        "notify_receipt",
        line.staff(),
        "handling",
        avenue=avenue,
        served_on=line.today,
        means=line.rng.choice(MEANS),
        proof=True,
        text=line.say("notice"),
    )


def handled_as(line: Line) -> str:
    """The avenue under which this body answers itself; other roads are a matter of `divert`."""
    avenue = line.plan.matter.avenue
    return avenue if avenue in ("A5", "A6", "B", "R") else "A6"
