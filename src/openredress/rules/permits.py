"""Who may press which button: role × move × relation."""

from __future__ import annotations

from openredress.rules.facts import Actor, CaseFacts, Track
from openredress.rules.pack import Pack

EVERYBODY = "anyone"


def relations(actor: Actor, facts: CaseFacts, track: Track | None) -> frozenset[str]:
    """How the actor stands to the case and the track: holder, office, sender, superior, reviewer, …"""
    found = {EVERYBODY}
    if actor.kind == "petitioner":
        if is_own(actor, facts):
            found.add("petitioner")
        return frozenset(found)
    unit = actor.unit
    if unit is None:
        return frozenset(found)
    tracks = (track,) if track is not None else facts.tracks
    if unit == facts.office:
        found.add("office")
    for one in tracks:
        _relation_to(found, actor, unit, one)
    if not any(unit in (h.unit for h in t.hops[1:]) or unit == t.holder for t in facts.tracks if t.hops):
        found.add("outside")
    return frozenset(found)


def _relation_to(found: set[str], actor: Actor, unit: str, track: Track) -> None:
    if unit == track.holder:
        found.add("holder")
    if unit == track.opinion_unit:
        found.add("opined")
    if unit == track.sender:
        found.add("sender")
    if unit == track.reviewer:
        found.add("reviewer")
    if unit == track.territorial:
        found.add("territorial")
    if track.holder in actor.below or track.holder in actor.over:
        found.add("superior")
    if actor.pseudonym == track.handler:
        found.add("handler")


def is_own(actor: Actor, facts: CaseFacts) -> bool:
    """Whether a petitioner's pseudonym `party/<prefix of the stream id>.p1` belongs to this case."""
    prefix = actor.pseudonym.partition("/")[2].partition(".")[0]
    return not facts.version or (bool(prefix) and facts.stream.partition("/")[2].startswith(prefix))


def permitted(actor: Actor, move: str, facts: CaseFacts, track: Track | None, pack: Pack) -> bool:
    """Whether the pack's table lets this actor make the move here. Importers act as `system`."""
    return allows(pack, move, actor.roles | {actor.kind}, relations(actor, facts, track))


def allows(pack: Pack, move: str, roles: frozenset[str], stands: frozenset[str]) -> bool:
    """Whether a row of the table has one of these roles in one of these relations."""
    for row in pack.permits.get(move, ()):
        if not row.roles.isdisjoint(roles) and not row.relations.isdisjoint(stands):
            return True
    return False


def who_may(move: str, pack: Pack) -> tuple[str, ...]:
    """The roles that the table names for a move, sorted."""
    return tuple(sorted({role for row in pack.permits.get(move, ()) for role in row.roles}))
