"""What a predicate is asked with, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openredress.rules.facts import Actor, CaseFacts, Deadline, Refusal, Track
from openredress.rules.pack import Move, Pack
from openredress.rules.sentences import SENTENCES

_UNENDED = frozenset({"running", "paused", "lapsed", "expired"})


@dataclass(slots=True)
class Ask:
    """May this actor make this move on this track today? `given` is empty while a button is drawn."""

    facts: CaseFacts
    track: Track | None
    move: Move
    actor: Actor
    pack: Pack
    on: date  # the day on which it happened
    given: Mapping[str, Any]  # facts as they would be recorded
    words: Mapping[str, Any]
    deadlines: tuple[Deadline, ...] = ()

    def no(self, code: str, field: str = "", /, **values: object) -> Refusal:
        """The refusal of that code, its sentences filled in."""
        return refusal(code, self.move.article, field, **values)

    def here(self) -> Track:
        """The track asked about."""
        if self.track is None:
            raise ValueError(f"{self.move.id} needs a track")
        return self.track

    def day(self, field: str) -> date | None:
        """A day that was given, or None."""
        value = self.given.get(field)
        return date.fromisoformat(value) if value else None

    def lapsed(self, clock: str, on: date | None = None) -> bool | None:
        """Whether that clock's day has passed on this track; None when no such clock is known."""
        track = self.track.id if self.track else ""
        found = [d for d in self.deadlines if d.clock == clock and (not track or d.track in ("", track))]
        if not found:
            return None
        newest = max(found, key=lambda d: d.anchor)
        return newest.state in _UNENDED and (on or self.on) > newest.due


def refusal(code: str, article: str = "", field: str = "", /, **values: object) -> Refusal:
    """A refusal with its sentences in both languages; a missing sentence is a programming error."""
    zh, en, todo, todo_en = SENTENCES[code]
    if values:
        zh, en, todo, todo_en = (text.format(**values) for text in (zh, en, todo, todo_en))
    return Refusal(code, zh, en, article, field, todo, todo_en)
