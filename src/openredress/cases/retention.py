"""How long words, identities and files are kept: the pack says, this module finds what is due.

Counted from the day on which every line of a case had ended. What an office still owes keeps the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from openredress.cases import erasing, facts, performing
from openredress.cases.facts import Known
from openredress.cases.models import Case
from openredress.ledger import gate, store
from openredress.rules.facts import Actor, CaseFacts, Refusal
from openredress.rules.pack import Pack, Packs, Retention

SYSTEM = Actor("system", "system", roles=frozenset({"system"}))
SEALED = "sealed"  # the class of accusation material


@dataclass(frozen=True, slots=True)
class DueErasure:
    """One class of material of one case whose time is over."""

    stream: str
    number: str
    retention_class: str
    ended_on: date
    due_on: date


def ended_on(case: CaseFacts, pack: Pack) -> date | None:
    """The day on which every track rests and nothing is owed any more; None while something is open."""
    if any(owed.state in ("due", "disputed") for owed in case.owed) or case.open_presses:
        return None
    days = []
    for track in case.tracks:
        state = pack.states.get(track.state)
        if state is None or not state.terminal or track.since is None:
            return None
        days.append(track.since)
    return max(days, default=None)


def _after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1)


def _classes(pack: Pack, sealed: bool) -> Iterator[Retention]:
    """The classes that hold for a case; a sealed one has only its own."""
    for kept in pack.retention.values():
        if kept.start == "ended" and kept.holds and (kept.id == SEALED) == sealed:
            yield kept


def of_case(known: Known, on: date) -> list[DueErasure]:
    """What of this case is to be erased by that day."""
    pack = known.packs.pack(known.facts.pack)
    ended = ended_on(known.facts, pack)
    if ended is None:
        return []
    over = [(kept, _after(ended, kept.years)) for kept in _classes(pack, known.facts.sealed)]
    return [
        DueErasure(known.stream, known.facts.number, kept.id, ended, day)
        for kept, day in over
        if day <= on and erasing.reach(known, kept.holds, kept.id) != erasing.Reach()
    ]


def due(on: date, at: datetime, packs: Packs) -> Iterator[DueErasure]:
    """Everything whose time is over by that day, case by case."""
    shortest = min((kept.years for r in packs.revisions for kept in r.pack.retention.values()), default=0)
    oldest = _after(on, -shortest) if on.year > shortest else on
    rows = Case.objects.filter(open=False, received_on__lte=oldest).order_by("pk")
    for stream in rows.values_list("stream", flat=True).iterator():
        known = facts.load(stream, at, packs)
        if known is not None:
            yield from of_case(known, on)


def apply(found: Iterable[DueErasure], at: datetime) -> tuple[int, list[tuple[DueErasure, Refusal]]]:
    """Erase what is due; how many erasures were made, and those that the rules refused."""
    made, refused = 0, []
    for one in list(found):
        done = performing.erase(one.stream, one.retention_class, actor=SYSTEM, at=at, reason="retention")
        if isinstance(done, Refusal):
            refused.append((one, done))
        else:
            made += bool(done.entries)
    return made, refused


def reapply(hashes: Iterable[str], root: str, at: datetime) -> int:
    """After a restore: erase again what an outside checkpoint lists (its `erasures` and root).

    The list names entries; identities, files and index text of a case go with the words of its petition.
    Returns how many words rows went.
    """
    wanted = list(hashes)
    went = gate.write(lambda: store.reapply_erasures(wanted, root, at))
    for stream in Case.objects.values_list("stream", flat=True).iterator():
        gone = set(store.erased("case", stream))
        if gone:
            _again(stream, gone, at)
    for sha256 in erasing.left_over():
        erasing.remove_files([sha256], at)
    return went


def _again(stream: str, gone: set[int], at: datetime) -> None:
    known = facts.load(stream, at)
    if known is None:
        return
    told = [entry for entry in known.entries if entry.code == "erase"]
    parties = {party for entry in told for party in entry.facts.get("parties", ())}
    files = {sha256 for entry in told for sha256 in entry.facts.get("files", ())}
    if not told:  # the backup is older than the erasure: everything that came with the petition goes
        reach = erasing.reach(known, (erasing.IDENTITIES, erasing.FILES))
        parties, files = set(reach.parties), set(reach.files)
    what = erasing.Reach(tuple(sorted(gone)), tuple(sorted(parties)), tuple(sorted(files)))
    gate.write(lambda: erasing.remove(known.case_id, stream, what, None, index=True))
    gate.write(lambda: erasing.ask_for_purge(at))
    erasing.remove_files(what.files, at)
