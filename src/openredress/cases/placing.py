"""Keeping cases in hands that may hold them: appointments, ties and the tree change without touching a case.

At the registration of an accusation `opening` places it; this mends, each night, what has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from openredress.cases import conflict, performing
from openredress.cases.conflict import OUT_OF_HOUSE
from openredress.cases.models import TrackRow
from openredress.rules.facts import Actor, Refusal


@dataclass(frozen=True, slots=True)
class Mended:
    """How many cases were marked or unmarked as restricted, moved, and handed to the superior."""

    flags: int = 0
    moved: int = 0
    left: int = 0


def mend(at: datetime) -> Mended:
    """Bring `restricted` up to date, then move or hand over what lies with a unit that may not hold it.

    Flags first, tallies with them: only restricted cases are asked for their holder. Harmless twice.
    """
    flags = sum(performing.refresh(case.stream, at) for case in conflict.stale())
    moved = left = 0
    on = at.astimezone(performing.office_zone()).date()
    for track, holding in conflict.misplaced(on):
        if holding.unit is not None and _forward(track, holding.unit.code, at):
            moved += 1
        else:
            left += _leave(track, at)
    return Mended(flags, moved, left)


def _forward(track: TrackRow, to: str, at: datetime) -> bool:
    """Send the track on, where the law lets it be forwarded as it stands."""
    given = {"track": track.track, "to": to}
    return _do(track, "forward", given, at)


def _leave(track: TrackRow, at: datetime) -> bool:
    """Out of the house: the superior takes the case, and nobody here reads it any more."""
    track.case.refresh_from_db()
    if f" {OUT_OF_HOUSE} " in track.case.marks:
        return False  # another track of the same case has taken it along
    return _do(track, "mark", {"mark": OUT_OF_HOUSE}, at)


def _do(track: TrackRow, move: str, given: dict[str, str], at: datetime) -> bool:
    unit = track.case.office.code if move == "mark" else track.holder.code
    actor = Actor("system", "system", unit=unit, roles=frozenset({"system"}))
    return not isinstance(performing.perform(track.case.stream, move, given, actor=actor, at=at), Refusal)
