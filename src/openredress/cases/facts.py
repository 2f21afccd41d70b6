"""From rows to rules: one case's entries, what they add up to, and what is due."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock

from openredress.cases.models import Case
from openredress.cases.rows import progress_day
from openredress.lawbook import book
from openredress.ledger import store
from openredress.rules.clocks import deadlines
from openredress.rules.facts import CaseFacts, Deadline, Entry
from openredress.rules.fold import fold, step
from openredress.rules.pack import Packs

_KEPT = 512  # cases a process remembers, newest used last


@dataclass(frozen=True, slots=True)
class Known:
    """A case as it stands: the decision is made on this and holds only while `facts.version` does."""

    case_id: int
    authority: int
    facts: CaseFacts
    entries: tuple[Entry, ...]
    deadlines: tuple[Deadline, ...]
    packs: Packs
    at: datetime

    @property
    def version(self) -> int:
        """Seq of the last entry."""
        return self.facts.version

    @property
    def stream(self) -> str:
        """Stream id without its kind."""
        return self.facts.stream.partition("/")[2]

    @property
    def progress(self) -> date | None:
        """The last day on which something moved the matter on."""
        return progress_day(self.entries)

    def after(self, drafts: Sequence[Entry], at: datetime) -> Known:
        """The case as it will stand once the drafts are recorded at `at`."""
        facts = self.facts
        stamped = tuple(replace(draft, recorded_at=at) for draft in drafts)
        for draft in stamped:
            facts = step(facts, draft, self.packs)
        entries = self.entries + stamped
        due = deadlines(entries, self.packs, at, facts=facts)
        return replace(self, facts=facts, entries=entries, deadlines=due, at=at)


class _Remembered:
    """Folds by the hash of the stream's head: a rolled back or restored stream has another head."""

    def __init__(self) -> None:
        self._folds: OrderedDict[str, tuple[Packs, CaseFacts, tuple[Entry, ...]]] = OrderedDict()
        self._lock = Lock()

    def get(self, head: str, packs: Packs) -> tuple[CaseFacts, tuple[Entry, ...]] | None:
        with self._lock:
            found = self._folds.get(head)
            if found is None or found[0] is not packs:
                return None
            self._folds.move_to_end(head)
            return found[1:]

    def put(self, head: str, packs: Packs, facts: CaseFacts, entries: tuple[Entry, ...]) -> None:
        with self._lock:
            self._folds[head] = (packs, facts, entries)
            while len(self._folds) > _KEPT:
                self._folds.popitem(last=False)


_remembered = _Remembered()


def fold_stream(stream: str, packs: Packs) -> tuple[CaseFacts, tuple[Entry, ...]] | None:
    """Facts and entries of a case stream as they stand now; None when there is no such stream."""
    head = store.head("case", stream)
    if head is None:
        return None
    found = _remembered.get(head.hash, packs)
    if found is None:
        entries = tuple(entry for entry in store.read("case", stream) if entry.seq <= head.version)
        found = fold(entries, packs), entries
        _remembered.put(head.hash, packs, *found)
    return found


def load(stream: str, at: datetime, packs: Packs | None = None) -> Known | None:
    """The case of that stream id as it stands at `at`; None when there is none."""
    row = Case.objects.filter(stream=stream).values_list("pk", "authority").first()
    known_packs = packs or book.packs()
    found = fold_stream(stream, known_packs)
    if row is None or found is None:
        return None
    facts, entries = found
    due = deadlines(entries, known_packs, at, facts=facts)
    return Known(row[0], row[1], facts, entries, due, known_packs, at)
