"""The closed list of fault tests: what a unit left undone, found in its entries and its deadlines.

Each test yields what it finds; none looks at a petitioner's act alone, and none yields anything for a unit
that did every act in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from openredress.rules.facts import CaseFacts, Deadline, Entry, Hop


@dataclass(frozen=True, slots=True)
class Found:
    """One thing left undone: by whom, since which day, shown by which entries."""

    unit: str
    track: str
    on: date  # first day on which it was a fault
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Looking:
    """What a test looks at."""

    facts: CaseFacts
    entries: Sequence[Entry]
    deadlines: Sequence[Deadline]
    on: date

    def of(self, *codes: str) -> Iterator[Entry]:
        """The entries with one of these codes, oldest first."""
        return (e for e in self.entries if e.code in codes)

    def later(self, entry: Entry, *codes: str) -> Entry | None:
        """The first entry after it on the same track with one of these codes."""
        track = entry.facts.get("track")
        for other in self.entries:
            if other.seq > entry.seq and other.code in codes and other.facts.get("track") == track:
                return other
        return None


Test = Callable[..., Iterator[Found]]


def _by(entry: Entry) -> str:
    return str(entry.facts.get("by") or "")


def _track(entry: Entry) -> str:
    return str(entry.facts.get("track") or "")


def late(look: Looking, *clocks: str) -> Iterator[Found]:
    """A clock of a unit ended late, or has passed and is still open; stopping it late does not heal it."""
    for d in look.deadlines:
        if d.clock not in clocks or d.holder_kind != "unit" or d.state == "exempt":
            continue
        ended = d.ended_on or look.on
        if ended > d.due:
            shown = (d.anchor, d.ended_by) if d.ended_by else (d.anchor,)
            yield Found(d.holder, d.track, d.due + timedelta(days=1), shown)


def overdue(look: Looking, *kinds: str) -> Iterator[Found]:
    """An obligation of a unit was not performed by its day."""
    for o in look.facts.owed:
        if o.kind not in kinds or o.debtor_kind != "unit" or o.due_on is None or not o.late(look.on):
            continue
        yield Found(o.debtor, o.track, o.due_on + timedelta(days=1), (o.seq,))


def refusal_overturned(look: Looking, code: str) -> Iterator[Found]:
    """A refusal that a superior set right."""
    for refused in look.of(code):
        if code == "accept_decision" and refused.facts.get("accepted"):
            continue
        decided = look.later(refused, "decide_contest")
        if decided is not None and decided.facts.get("upheld"):
            yield Found(_by(refused), _track(refused), decided.day, (refused.seq, decided.seq))


def hops(look: Looking, most: str) -> Iterator[Found]:
    """Sent on to so many bodies: the fault of the office that sent it the last time."""
    for track in look.facts.tracks:
        sent: list[Hop] = [h for h in track.hops if h.mode in ("forward", "assign")]
        if len(sent) >= int(most):
            last = sent[int(most) - 1]
            yield Found(last.sender, track.id, last.received_on, tuple(h.seq for h in sent))


def diverted_unaccepted(look: Looking, days: str) -> Iterator[Found]:
    """Led to another avenue, and nobody there has taken it up."""
    for led in look.of("divert"):
        limit = led.day + timedelta(days=int(days))
        track = next((t for t in look.facts.tracks if led.seq == t.opened_seq), None)
        name = track.id if track is not None else _track(led)
        end = next(
            (
                e
                for e in look.entries
                if e.seq > led.seq
                and e.code in ("divert_accepted", "divert_returned", "withdraw")
                and e.facts.get("track", name) == name
            ),
            None,
        )
        if (end.day if end is not None else look.on) > limit:
            shown = (led.seq,) if end is None else (led.seq, end.seq)
            yield Found(_by(led), name, limit + timedelta(days=1), shown)


def _avenue_before(look: Looking, entry: Entry) -> str:
    avenue = "A6"
    for other in look.entries:
        if other.seq >= entry.seq:
            break
        if other.facts.get("avenue") and other.facts.get("track") == entry.facts.get("track"):
            avenue = str(other.facts["avenue"])
    return avenue


def opinion_without_investigation(look: Looking) -> Iterator[Found]:
    """Art. 31(6): listen and investigate before an opinion. The simple procedure is exempt."""
    looked_into = [e.seq for e in look.of("investigate", "hearing_open", "mediate")]
    simple = {_track(e) for e in look.of("simple_start")} - {_track(e) for e in look.of("convert")}
    for given in look.of("opinion"):
        if _track(given) in simple or _avenue_before(look, given) != "A6":
            continue
        if not any(seq < given.seq for seq in looked_into):
            yield Found(_by(given), _track(given), given.day, (given.seq,))


def unserved(look: Looking, days: str) -> Iterator[Found]:
    """A paper was made, and not served within so many days."""
    papers = {"opinion": "opinion", "decide_review": "review", "decide_final": "final"}
    for made in look.of(*papers):
        limit = made.day + timedelta(days=int(days))
        served = next(
            (
                e.day
                for e in look.of("serve", "withdraw")
                if e.seq > made.seq
                and (
                    e.code == "withdraw"
                    or (e.facts.get("paper"), _track(e)) == (papers[made.code], _track(made))
                )
            ),
            None,
        )
        if (served or look.on) > limit:
            yield Found(_by(made), _track(made), limit + timedelta(days=1), (made.seq,))


def opinion_without_remedy(look: Looking) -> Iterator[Found]:
    """The opinion did not tell the way to review."""
    for given in look.of("opinion"):
        if not given.facts.get("remedy") and _avenue_before(look, given) == "A6":
            served = look.later(given, "serve")
            if served is not None:
                yield Found(_by(given), _track(given), served.day, (given.seq, served.seq))


def opinion_repeated(look: Looking) -> Iterator[Found]:
    """After an annulment the same outcomes, with neither facts nor basis changed."""
    for annulled in look.of("decide_review", "decide_final"):
        if annulled.facts.get("result") != "annul":
            continue
        again = look.later(annulled, "opinion")
        before = [e for e in look.of("opinion") if e.seq < annulled.seq and _track(e) == _track(annulled)]
        if again is None or not before or set(again.facts.get("changed") or ()) & {"facts", "basis"}:
            continue
        if _outcomes(again) == _outcomes(before[-1]):
            yield Found(_by(again), _track(again), again.day, (before[-1].seq, annulled.seq, again.seq))


def _outcomes(opinion: Entry) -> dict[str, str]:
    return {str(o["claim"]): str(o["outcome"]) for o in opinion.facts.get("outcomes") or ()}


def read_unjustified(look: Looking) -> Iterator[Found]:
    """An identity read that the audit administrator ruled unjustified."""
    for ruling in look.of("rule_read"):
        if ruling.facts.get("justified"):
            continue
        read = next((e for e in look.of("identity_read") if e.seq == ruling.facts.get("read_seq")), None)
        if read is not None:
            unit = str(read.facts.get("unit") or _by(read))
            yield Found(unit, "", ruling.day, (read.seq, ruling.seq))


def settlement_for_silence(look: Looking) -> Iterator[Found]:
    """An agreement conditioned on giving up petitioning."""
    for agreed in look.of("settle"):
        if agreed.facts.get("conditional"):
            yield Found(_by(agreed), _track(agreed), agreed.day, (agreed.seq,))


FAULT_TESTS: dict[str, Test] = {
    f.__name__: f
    for f in (
        late, overdue, refusal_overturned, hops, diverted_unaccepted, opinion_without_investigation, unserved,
        opinion_without_remedy, opinion_repeated, read_unjustified, settlement_for_silence,
    )
}  # fmt: skip
