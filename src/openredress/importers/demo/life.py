"""An ordinary case from its registration to wherever it has come by the last simulated day."""

from __future__ import annotations

from datetime import timedelta

from openredress.importers.demo import early, late, middle
from openredress.importers.demo.history import Ended, History, Later, Line, Plan


def live(plan: Plan) -> History:
    """The story of an ordinary case."""
    story = History(plan)
    claims = {f"c{n}": text for n, text in enumerate(plan.letter.claims, 1)}
    line = Line(story, "t1", claims, plan.registered_at)
    apart = _second_line(line) if len(claims) > 1 and not line.direct and line.chance(0.1) else None
    for one in (line, apart):
        if one is None:
            continue
        try:
            _live(one, apart is not None)
        except Ended:
            continue
    return story


def _second_line(line: Line) -> Line | None:
    """A demand that belongs to another body goes there on a track of its own."""
    plan = line.plan
    if plan.wrong == plan.unit or plan.matter.avenue == "R":
        return None
    last = list(line.claims)[-1]
    apart = Line(line.story, "t1", {last: line.claims[last]}, line.at)
    try:
        apart.wait(0, 4)
        early.send(apart, plan.wrong, claims=(last,))
    except Ended:
        return None
    apart.track = "t2"
    line.claims = {claim: text for claim, text in line.claims.items() if claim != last}
    line.at = apart.at
    return apart


def _live(line: Line, apart: bool) -> None:
    plan = line.plan
    if line.state == "registered":
        if _stopped_short(line):
            return
        early.route(line)
    if plan.matter.avenue in ("A1", "A2", "A3", "A4") and line.chance(
        0.6 if plan.matter.avenue != "A4" else 0.3
    ):
        middle.divert(line)
    elif not plan.anonymous and line.chance(0.035):
        _forgotten(line)
        return
    else:
        early.take_up(line)
    if line.chance(0.06):
        material(line)
    if line.avenue == "A6" and line.state == "handling" and line.chance(0.06):
        _settled(line)
        return
    if not apart and line.chance(0.045) and _withdrawn(line):
        return
    if line.avenue == "A6" and line.state == "handling" and line.chance(0.04):
        _overdue(line)
    middle.handle(line)
    late.after_answer(line)


def _stopped_short(line: Line) -> bool:
    """Declined because the same matter is in hand below; some contest that."""
    plan = line.plan
    if line.direct or not plan.other or not line.chance(0.25):
        return False
    refuse(line)
    return not (line.chance(0.4) and late.contest(line, back="refused"))


def refuse(line: Line) -> None:
    """不予受理: the only ground the law knows."""
    plan = line.plan
    line.wait(1, 6)
    line.do(
        "refuse",
        line.who("clerk", line.office),
        "refused",
        ground="same_matter_in_hand",
        same_as=plan.other,
        same_as_holder=plan.unit,
        same_as_state="handling",
        reason=line.say("refuse"),
    )


def _forgotten(line: Line) -> None:
    """Nobody tells the petitioner anything until pressed, or not even then."""
    line.wait_until(line.received + timedelta(days=30 + int(line.rng.random() * 20)))
    late.press(line, "C02" if line.direct else "C03")
    if line.chance(0.5):
        late.supervise(line, "late_notice")
    if line.chance(0.7):
        early.take_up(line, simple=False, late=False)
        middle.handle(line)
        late.after_answer(line)


def material(line: Line) -> None:
    """The petitioner sends something more, perhaps with a question."""
    line.wait(1, 8)
    line.case("material", line.plan.party, received_on=line.today, text=line.say("material"))
    if line.chance(0.4):
        line.case("message", line.plan.party, to="unit", text=line.say("press"))


def _settled(line: Line) -> None:
    if line.chance(0.6):
        middle.mediate(line)
    steps = middle.settle(line, line.rng.choice((1, 1, 2, 3)))
    short = line.chance(line.character.breaks)
    late.perform_steps(line, steps, len(steps) - int(short))
    if not short:
        if line.chance(0.5):
            late.confirm(line, solved=True)
        late.finish(line)
    elif line.chance(0.6):
        late.press_for_promise(line)
        if line.chance(0.4):
            late.reopen(line, "broken_promise")
            middle.handle(line)
            late.after_answer(line)


def _withdrawn(line: Line) -> bool:
    """The petitioner withdraws; some think better of it within thirty days. Whether it stays withdrawn."""
    before = line.state
    line.wait(2, 20)
    line.case("withdraw", line.plan.party, "withdrawn", via="portal", reason=line.say("withdraw"))
    if not line.chance(0.2):
        return True
    line.wait_days(3, 22)
    line.case("restore", line.plan.party, before, via="portal", reason=line.say("restore"))
    return False


def _overdue(line: Line) -> None:
    """The sixty days pass in silence; the petitioner presses, the office supervises."""
    start = line.clock_start or line.received
    line.wait_until(start + timedelta(days=76 + int(line.rng.random() * 20)))
    late.press(line, "C05")
    if line.chance(0.6):
        late.supervise(line, "late_opinion")


def leader_note(line: Line, leader_unit: str, *, fed_back: bool) -> None:
    """批示 → 办理 → 反馈."""
    unit = line.opined_by or line.holder
    leader = line.who("leader", leader_unit)
    due = line.at.date() + timedelta(days=21)
    words = line.say("leader", unitshort=line.city.units[unit].short)
    token = line.case("leader_note", leader, to=unit, due_on=due.isoformat(), text=words)
    line.wait(2, 9)
    head = line.who("head", unit)
    line.case(
        "leader_action", head, note_seq=Later(token), done_on=line.today, text=line.say("leader_action")
    )
    if fed_back:
        line.wait(3, 12)
        line.case(
            "leader_feedback",
            head,
            note_seq=Later(token),
            done_on=line.today,
            text=line.say("leader_feedback"),
        )
