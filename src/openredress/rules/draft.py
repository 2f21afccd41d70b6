"""A case and one of its tracks while an entry is being folded in."""

from __future__ import annotations

from datetime import date
from typing import Any

from openredress.rules.facts import CaseFacts, Claim, Entry, Hop, Track, evolve
from openredress.rules.pack import Move, Pack


class Draft:
    """A case and one of its tracks while an entry is being folded in."""

    __slots__ = ("case", "entry", "move", "pack", "to", "track")

    def __init__(self, case: CaseFacts, track: Track | None, entry: Entry, move: Move, pack: Pack) -> None:
        self.case = case
        self.track = track
        self.entry = entry
        self.move = move
        self.pack = pack
        self.to = move.to[0] if move.to and track is not None else ""

    def rests(self, track: Track) -> bool:
        """Whether the track is in a terminal state; one that this law does not know is open."""
        state = self.pack.states.get(track.state)
        return state is not None and state.terminal

    def here(self) -> Track:
        """The track of the entry; an entry of a track move always has one."""
        if self.track is None:
            raise ValueError(f"{self.entry.stream}#{self.entry.seq} {self.entry.code}: no such track")
        return self.track

    def set_track(self, **changes: Any) -> None:
        """Change the track of the entry."""
        self.track = evolve(self.here(), **changes)

    def set_case(self, **changes: Any) -> None:
        """Change the case."""
        self.case = evolve(self.case, **changes)


def day_of(value: Any, default: date) -> date:
    """An ISO day in facts as a date; the default when it is not given."""
    return date.fromisoformat(value) if value else default


def hop_to(d: Draft, unit: str, sender: str, mode: str, received: date) -> tuple[Hop, ...]:
    hops = d.here().hops
    if hops and hops[-1].left_on is None:
        last = hops[-1]
        hops = (*hops[:-1], Hop(last.unit, last.sender, last.seq, last.received_on, last.mode, received))
    return (*hops, Hop(unit, sender, d.entry.seq, received, mode))


def with_avenue(claims: tuple[Claim, ...], ids: tuple[str, ...], avenue: str) -> tuple[Claim, ...]:
    return tuple(evolve(c, avenue=avenue) if c.id in ids else c for c in claims)


def next_track(case: CaseFacts) -> str:
    return f"t{len(case.tracks) + 1}"
