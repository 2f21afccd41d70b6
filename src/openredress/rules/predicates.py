"""The closed list of predicates: why a move may not be made now.

Guards look at the case and the actor, checks at what is given. Each answers None or a Refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from openredress.rules.asking import Ask
from openredress.rules.facts import Refusal
from openredress.rules.given import GIVEN_CHECKS

Predicate = Callable[..., Refusal | None]


def not_withdrawn(a: Ask) -> Refusal | None:
    """The petitioner has not withdrawn."""
    return a.no("withdrawn") if a.facts.withdrawn else None


def is_withdrawn(a: Ask) -> Refusal | None:
    """The petitioner has withdrawn."""
    return None if a.facts.withdrawn else a.no("not_withdrawn")


def within_days_of_withdrawal(a: Ask, days: str) -> Refusal | None:
    """A withdrawal can be taken back for so many days."""
    since = a.facts.withdrawn_on
    if since is not None and a.on > since + timedelta(days=int(days)):
        return a.no("restore_too_late", days=days)
    return None


def something_open(a: Ask) -> Refusal | None:
    """At least one track is still open."""
    states = a.pack.states
    if all(states[t.state].terminal for t in a.facts.tracks):
        return a.no("nothing_open")
    return None


def not_sealed(a: Ask) -> Refusal | None:
    """Accusations do not take this road."""
    return a.no("sealed_not_here") if a.facts.sealed else None


def direct_or_sent(a: Ask) -> Refusal | None:
    """A petition office forwards; only a body that was asked itself, or was sent the matter, handles it."""
    track = a.here()
    if track.state == a.pack.start and not a.facts.direct:
        return a.no("forward_first")
    return None


def clock_not_lapsed(a: Ask, clock: str) -> Refusal | None:
    """The time to do this has not run out."""
    return a.no("objection_too_late") if a.lapsed(clock) and not a.facts.stock else None


def clock_has_lapsed(a: Ask, clock: str) -> Refusal | None:
    """The other side's time to go on has run out."""
    return None if a.lapsed(clock) else a.no("review_still_open")


def not_the_first_answerer(a: Ask) -> Refusal | None:
    """A second stage is answered by another person."""
    track = a.here()
    return a.no("same_person_again") if track.handler and track.handler == a.actor.pseudonym else None


def by_office_or_superior(a: Ask) -> Refusal | None:
    """Only a petition office or a superior of the handling unit may decline on art. 19(3)."""
    if a.facts.direct and not a.actor.below and not a.actor.over:
        return a.no("refuse_only_superior")
    return None


def ended_by_final_review(a: Ask) -> Refusal | None:
    """不再受理 only after 复核."""
    return None if a.here().ended == "final_review" else a.no("no_final_review_yet")


def not_who_refused(a: Ask) -> Refusal | None:
    """A contest is decided by another body, or a superior, than the one that refused."""
    return a.no("refuser_decides") if a.actor.unit == a.here().holder else None


def not_extended_yet(a: Ask) -> Refusal | None:
    """Once only."""
    return a.no("extended_before") if a.here().extended else None


def something_to_serve(a: Ask) -> Refusal | None:
    """A paper is waiting, or a notice can be."""
    track = a.here()
    if not track.unserved and track.state in ("opined", "reviewed", "final_decided"):
        return a.no("nothing_to_serve")
    return None


def something_to_execute(a: Ask) -> Refusal | None:
    """A supported claim is not carried out yet."""
    track = a.here().id
    if any(o.kind == "execution" and o.track == track and o.open for o in a.facts.owed):
        return None
    return a.no("nothing_to_execute")


def was_assigned(a: Ask) -> Refusal | None:
    """A report is owed only on what was assigned 交办."""
    return None if a.here().sent_as == "assign" else a.no("not_assigned")


def not_reported_yet(a: Ask) -> Refusal | None:
    """One report is enough."""
    return a.no("reported_before") if a.here().reported_on else None


def lapsed_items(a: Ask) -> set[tuple[str, str]]:
    """What has lapsed on the authority's side: (clock or obligation id, track)."""
    found = {
        (d.clock, d.track)
        for d in a.deadlines
        if d.clock in a.pack.lapses and d.holder_kind == "unit" and d.open and a.on > d.due
    }
    found |= {(o.id, o.track) for o in a.facts.owed if o.open and o.done_on is None and o.late(a.on)}
    return found


def something_lapsed(a: Ask) -> Refusal | None:
    """Pressing needs a lapsed clock or obligation."""
    return None if lapsed_items(a) else a.no("nothing_lapsed")


def a_press_is_open(a: Ask) -> Refusal | None:
    """There is a pressing to answer."""
    return None if a.facts.open_presses else a.no("no_open_press")


def reviewable_avenue(a: Ask) -> Refusal | None:
    """复查 is for opinions on claims of art. 31(6)."""
    return None if a.here().avenue in ("", "A6") else a.no("avenue_not_reviewable")


def above_the_opined(a: Ask) -> Refusal | None:
    """The reviewer stands above the body that answered, never in or under it."""
    unit = a.here().opinion_unit
    if unit and (a.actor.unit == unit or unit in a.actor.above):
        return a.no("reviewer_not_above")
    return None


def may_end(a: Ask) -> Refusal | None:
    """Nothing is waiting to be served, and nobody may still ask for review."""
    track = a.here()
    if track.unserved:
        return a.no("paper_unserved")
    if track.state == "settled":
        open_steps = [o for o in a.facts.owed if o.track == track.id and o.open]
        return a.no("settlement_open") if open_steps else None
    if track.state == "served" and track.avenue not in ("", "A6"):
        return None
    if not track.remedy and track.state == "served":
        return a.no("remedy_was_not_told")
    clock = "C07" if track.state == "served" else "C09"
    return None if a.lapsed(clock) else a.no("review_still_open")


def an_answer_was_given(a: Ask) -> Refusal | None:
    """Solved can be said once something was answered, settled or performed."""
    states = a.pack.states
    if any(states[t.state].answered or t.opinion_seq for t in a.facts.tracks) or any(
        o.state in ("done", "late") for o in a.facts.owed
    ):
        return None
    return a.no("no_answer_yet")


def a_note_is_open(a: Ask) -> Refusal | None:
    """A leader's note waits for feedback."""
    return None if a.facts.leader_notes else a.no("no_open_note")


def something_is_owed(a: Ask) -> Refusal | None:
    """An obligation is open."""
    return None if any(o.open for o in a.facts.owed) else a.no("nothing_owed")


def is_linked(a: Ask) -> Refusal | None:
    """There is a link."""
    return None if a.facts.links else a.no("no_link")


def not_answered_yet(a: Ask) -> Refusal | None:
    """No answer has been given on this track."""
    return a.no("answered_before") if a.here().opinion_seq else None


def acknowledged(a: Ask) -> Refusal | None:
    """The matter was acknowledged first (packs whose clocks start there)."""
    return None if a.here().told_on else a.no("acknowledge_first")


GUARDS: dict[str, Predicate] = {
    f.__name__: f
    for f in (
        not_withdrawn, is_withdrawn, within_days_of_withdrawal, something_open, not_sealed, direct_or_sent,
        clock_not_lapsed, clock_has_lapsed, not_the_first_answerer,
        by_office_or_superior, ended_by_final_review, not_who_refused, not_extended_yet,
        something_to_serve, something_to_execute, was_assigned, not_reported_yet, something_lapsed,
        a_press_is_open, reviewable_avenue, above_the_opined, may_end, an_answer_was_given, a_note_is_open,
        something_is_owed, is_linked, not_answered_yet, acknowledged,
    )
}  # fmt: skip


def this_lapsed(a: Ask) -> Refusal | None:
    """The clock or obligation named has lapsed."""
    wanted, track = a.given.get("lapsed"), a.given.get("track")
    for item, at in lapsed_items(a):
        if item == wanted and (not track or not at or at == track):
            return None
    return a.no("this_not_lapsed", "lapsed", lapsed=wanted)


def not_pressed_yet(a: Ask) -> Refusal | None:
    """One open pressing for one lapse."""
    wanted, track = a.given.get("lapsed"), str(a.given.get("track") or "")
    if any(lapsed == wanted and at == track for _, lapsed, at in a.facts.open_presses):
        return a.no("pressed_already", "lapsed")
    return None


def before_expiry(a: Ask) -> Refusal | None:
    """An extension is approved before the day passes."""
    clock = str(a.given.get("clock", ""))
    found = [d for d in a.deadlines if d.clock == clock and d.track == a.here().id]
    newest = max(found, key=lambda d: d.anchor, default=None)
    if newest is not None and a.on > newest.due:
        return a.no("extension_too_late", "clock", due=newest.due.isoformat())
    return None


def told_not_late(a: Ask) -> Refusal | None:
    """The petitioner is told of an extension before the old day passes."""
    told = a.day("told_on")
    found = [d for d in a.deadlines if d.clock == a.given.get("clock") and d.track == a.here().id]
    newest = max(found, key=lambda d: d.anchor, default=None)
    if told is not None and newest is not None and told > newest.due:
        return a.no("extension_told_late", "told_on", due=newest.due.isoformat())
    return None


def asked_in_time(a: Ask, clock: str) -> Refusal | None:
    """The petitioner's 30 days; they do not run when the way to review was not told."""
    asked: date | None = a.day("requested_on")
    if asked is not None and (asked > a.on or (a.actor.kind == "petitioner" and asked != a.on)):
        return a.no("asked_another_day", "requested_on")
    if a.given.get("good_cause") or a.facts.stock:
        return None
    return a.no("asked_too_late", "requested_on") if a.lapsed(clock, asked) else None


def ground_holds(a: Ask) -> Refusal | None:
    """The ground of finality is the one that holds."""
    track, ground = a.here(), a.given.get("ground")
    if track.state == "settled":
        good = ground == "agreement_performed"
    elif track.state == "served" and track.avenue not in ("", "A6"):
        good = ground == "no_review_route"
    else:
        good = ground == "no_request_in_time"
    return None if good else a.no("ground_does_not_hold", "ground")


# These look at what is due; for a move that names none of them the deadlines need not be counted.
ASK_DEADLINES = frozenset(
    {
        "clock_not_lapsed",
        "clock_has_lapsed",
        "something_lapsed",
        "may_end",
        "this_lapsed",
        "before_expiry",
        "told_not_late",
        "asked_in_time",
    }
)


CHECKS: dict[str, Predicate] = {
    **GIVEN_CHECKS,
    **{
        f.__name__: f
        for f in (
            this_lapsed,
            not_pressed_yet,
            before_expiry,
            told_not_late,
            asked_in_time,
            ground_holds,
        )
    },
}
