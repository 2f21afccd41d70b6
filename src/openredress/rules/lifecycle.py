"""One table for the buttons and the press: what may be done now, and what happens when it is.

`open_moves` draws the buttons, `decide` checks the press; both ask the same guards, so a button that is
drawn disabled carries the sentence that pressing it would have given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openredress.rules.asking import Ask, refusal
from openredress.rules.facts import Actor, CaseFacts, Deadline, Entry, Refusal, Track
from openredress.rules.fields import sort_given
from openredress.rules.pack import Move, Pack, Packs
from openredress.rules.permits import allows, permitted, relations, who_may
from openredress.rules.predicates import CHECKS, GUARDS

DEFAULT_FAMILY = "cn_national"


@dataclass(frozen=True, slots=True)
class OpenMove:
    """A button: enabled when `refusal` is None."""

    move: str
    track: str  # "" for a move of the whole case
    zh: str
    en: str
    article: str
    refusal: Refusal | None = None
    by_hand: bool = False  # offered, but never proposed as the next step
    leads: bool = False  # to another state


def pack_for(facts: CaseFacts, track: Track | None, packs: Packs, at: datetime, family: str = "") -> Pack:
    """The law a new step follows: the one in force when the present step began.

    Raises LookupError when none was in force.
    """
    if not facts.version:
        return packs.for_day(family or DEFAULT_FAMILY, at.date())
    began = track.since if track is not None and track.since is not None else at.date()
    return packs.for_day(facts.family or family or DEFAULT_FAMILY, began, facts.pack)


def open_moves(
    facts: CaseFacts,
    actor: Actor,
    packs: Packs,
    at: datetime,
    deadlines: tuple[Deadline, ...] = (),
) -> tuple[OpenMove, ...]:
    """The buttons of a case for this actor, in the pack's order; refused ones carry their sentence.

    Moves that the actor's role or unit may never make here, or that do not start from the track's state,
    are left out; what remains is either open or shown disabled.
    """
    return tuple(_buttons(facts, actor, packs, at, deadlines))


def _buttons(
    facts: CaseFacts, actor: Actor, packs: Packs, at: datetime, deadlines: tuple[Deadline, ...]
) -> Iterator[OpenMove]:
    """Moves of each track first, then those of the whole case."""
    roles, on = actor.roles | {actor.kind}, at.date()
    for track in (*facts.tracks, None):
        pack = pack_for(facts, track, packs, at)
        stands = relations(actor, facts, track)
        for move in pack.moves.values():
            if move.opens or (move.level == "case") != (track is None):
                continue
            if track is not None and move.start and track.state not in move.start:
                continue
            if allows(pack, move.id, roles, stands):
                ask = Ask(facts, track, move, actor, pack, on, {}, {}, deadlines)
                yield _button(move, track.id if track is not None else "", _first_no(move, ask))


def _button(move: Move, track: str, no: Refusal | None) -> OpenMove:
    return OpenMove(move.id, track, move.zh, move.en, move.article, no, move.by_hand, bool(move.to))


def _first_no(move: Move, ask: Ask) -> Refusal | None:
    for call in move.guards:
        no = GUARDS[call.name](ask, *call.args)
        if no is not None:
            return no
    return None


def next_move(
    facts: CaseFacts, actor: Actor, packs: Packs, at: datetime, deadlines: tuple[Deadline, ...] = ()
) -> OpenMove | None:
    """The first open button that moves a track on; never one that only a person may think of."""
    for button in _buttons(facts, actor, packs, at, deadlines):
        if not button.track:
            return None
        if button.refusal is None and not button.by_hand and button.leads:
            return button
    return None


def decide(
    facts: CaseFacts,
    move: str,
    given: Mapping[str, Any],
    actor: Actor,
    packs: Packs,
    at: datetime,
    *,
    occurred_at: datetime | None = None,
    deadlines: tuple[Deadline, ...] = (),
    stream: str = "",
    family: str = "",
) -> tuple[Entry, ...] | Refusal:
    """The entries that this press would write, or why it may not be made.

    `at` is when it is recorded (aware), `occurred_at` when it happened (default: `at`). `given` holds facts
    and words by field name; `scanned=True` says that a scan of paper stands behind a unit's act of the past.
    `stream` names the case for a move that opens one. `deadlines` are those of the case, as known now: moves
    that need a lapsed or running clock are refused or let through by them.
    """
    happened = occurred_at or at
    try:
        track, pack = _where(facts, move, given, packs, happened, family)
    except LookupError:
        return refusal("no_law_then")
    definition = pack.moves.get(move)
    if definition is None:
        return refusal("unknown_move", move=move)
    no = _standing(facts, track, definition, actor, pack, given)
    if no is not None:
        return no
    sorted_given = sort_given(definition, given, pack, track)
    if isinstance(sorted_given, Refusal):
        return sorted_given
    made, words = sorted_given
    no = _dates(facts, definition, actor, made, at, happened)
    if no is not None:
        return no
    ask = Ask(facts, track, definition, actor, pack, happened.date(), made, words, deadlines)
    no = _first_no(definition, ask) or _first_wrong(definition, ask)
    if no is not None:
        return no
    if actor.unit is not None and actor.kind != "petitioner":
        made["by"] = actor.unit
    return (
        Entry(
            stream=facts.stream or stream,
            seq=facts.version + 1,
            code=move,
            actor=actor.pseudonym,
            occurred_at=happened,
            recorded_at=at.astimezone(UTC),
            pack=pack.hash,
            facts=made,
            words=words,
        ),
    )


def _first_wrong(move: Move, ask: Ask) -> Refusal | None:
    for call in move.checks:
        no = CHECKS[call.name](ask, *call.args)
        if no is not None:
            return no
    return None


def _where(
    facts: CaseFacts, move: str, given: Mapping[str, Any], packs: Packs, happened: datetime, family: str
) -> tuple[Track | None, Pack]:
    """The track meant and the law that holds for it: the one named, or the only one from which it starts."""
    today = pack_for(facts, None, packs, happened, family)
    known = today.moves.get(move)
    if not facts.version or (known is not None and known.level == "case"):
        return None, today
    named = given.get("track")
    if named:
        track = facts.track(str(named))
        return track, pack_for(facts, track, packs, happened, family)
    fitting = []
    for track in facts.tracks:
        pack = pack_for(facts, track, packs, happened)
        definition = pack.moves.get(move)
        if definition is not None and (not definition.start or track.state in definition.start):
            fitting.append((track, pack))
    if len(fitting) == 1:
        return fitting[0]
    if len(facts.tracks) == 1:
        return facts.tracks[0], pack_for(facts, facts.tracks[0], packs, happened, family)
    return None, today


def _standing(
    facts: CaseFacts, track: Track | None, move: Move, actor: Actor, pack: Pack, given: Mapping[str, Any]
) -> Refusal | None:
    """Opened or not, the track's state, the permit."""
    if move.opens and facts.version:
        return refusal("opened_before", move.article)
    if not move.opens and not facts.version:
        return refusal("not_opened", move.article)
    if move.level == "track":
        if track is None:
            code = "no_such_track" if given.get("track") else "which_track"
            return refusal(code, move.article, "track", track=given.get("track"))
        if move.start and track.state not in move.start:
            state = pack.states[track.state]
            return refusal(
                "wrong_state",
                move.article,
                track=track.id,
                state=state.zh,
                state_en=state.en,
                move=move.zh,
                move_en=move.en,
            )
    if not permitted(actor, move.id, facts, track, pack):
        roles = [pack.roles[r] for r in who_may(move.id, pack) if r in pack.roles]
        return refusal(
            "not_permitted",
            move.article,
            move=move.zh,
            move_en=move.en,
            who="、".join(r.zh for r in roles),
            who_en=", ".join(r.en for r in roles),
        )
    return None


def _dates(
    facts: CaseFacts, move: Move, actor: Actor, made: dict[str, Any], at: datetime, happened: datetime
) -> Refusal | None:
    """Never in the future; a unit's own act in the past only for scanned paper or an imported ledger."""
    if happened > at:
        return refusal("in_future", move.article, "occurred_at")
    if move.arrival or actor.kind not in ("staff", "system") or happened.date() >= at.date():
        return None
    if not made.get("scanned") and not facts.stock and actor.kind != "system":
        return refusal("backdated", move.article, "occurred_at")
    last = facts.last_at.get(actor.unit or "")
    if last is not None and happened.date() < last:
        return refusal("before_last", move.article, "occurred_at", day=last.isoformat())
    return None
