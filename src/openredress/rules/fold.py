"""Entries added up: what is known of a case after each of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from openredress.rules.effects import EFFECTS, Draft
from openredress.rules.facts import CaseFacts, Entry, Track, evolve
from openredress.rules.pack import Pack, Packs, State


def fold(entries: Iterable[Entry], packs: Packs, known_at: datetime | None = None) -> CaseFacts:
    """Everything the entries of one case add up to, as it was known at `known_at` (None: all of it).

    Entries come in the order of their seq. Raises ValueError for an entry that its pack does not know.
    """
    facts: CaseFacts | None = None
    for entry in entries:
        if known_at is not None and entry.recorded_at > known_at:
            break
        facts = step(facts, entry, packs)
    return facts if facts is not None else CaseFacts(stream="")


def step(facts: CaseFacts | None, entry: Entry, packs: Packs) -> CaseFacts:
    """The facts after one more entry. `facts` is None before the first."""
    case = facts if facts is not None and facts.stream else CaseFacts(stream=entry.stream)
    pack = packs.pack(entry.pack)
    move = pack.moves.get(entry.code)
    if move is None:
        raise ValueError(f"{entry.stream}#{entry.seq}: pack {pack.id} knows no move {entry.code!r}")
    track: Track | None = None
    if move.level == "track":
        track = case.track(str(entry.facts.get("track", "")))
        if track is None:
            raise ValueError(f"{entry.stream}#{entry.seq} {entry.code}: no such track")
    draft = Draft(case, track, entry, move, pack)
    for call in move.effects:
        EFFECTS[call.name](draft, *call.args)
    return _close(draft, case, track, pack, packs)


def _close(draft: Draft, before: CaseFacts, old: Track | None, pack: Pack, packs: Packs) -> CaseFacts:
    case, entry, track = draft.case, draft.entry, draft.track
    tracks = case.tracks
    changes: dict[str, object] = {"version": entry.seq}
    if track is not None:
        if draft.to and draft.to != track.state:
            track = evolve(track, state=draft.to, since=entry.day)
        if track is not old:
            tracks = (track,) if len(tracks) == 1 else tuple(track if t.id == track.id else t for t in tracks)
            changes["tracks"] = tracks
    if tracks is not before.tracks:
        shown = _shown(tracks, pack, packs)
        changes["state"] = min(shown, key=_rank).id if len(shown) > 1 else shown[0].id
        changes["answered"] = all(s.answered for s in shown)
    if not case.pack:
        changes["pack"] = entry.pack
    by = entry.facts.get("by")
    if by:
        day, last = entry.day, case.last_at.get(by)
        if last is None or last < day:
            changes["last_at"] = {**case.last_at, by: day}
    return evolve(case, **changes)


def _rank(state: State) -> int:
    return state.rank


def _shown(tracks: tuple[Track, ...], pack: Pack, packs: Packs) -> list[State]:
    """The states of the tracks that carry claims; a state this law does not know is looked up in another."""
    states = pack.states
    carrying = tracks if len(tracks) == 1 else [t for t in tracks if t.claims] or tracks
    return [states.get(t.state) or packs.state(pack.family, t.state) for t in carrying]
