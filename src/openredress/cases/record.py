"""The record of one case as the desk may read it: every word redacted, whoever wrote it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from openredress.cases.models import Party
from openredress.identity import vault
from openredress.identity.redaction import KnownStrings, redact
from openredress.ledger import store

_KEPT = 128  # cases whose redacted words a process remembers

Shown = Mapping[int, Mapping[str, Any]]


class _Remembered:
    """Redacted words by the hash of the stream's head: an erasure is an entry and so makes another head."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, int], Shown] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[str, int]) -> Shown | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: tuple[str, int], words: Shown) -> None:
        with self._lock:
            self._held[key] = words
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)


_remembered = _Remembered()


def words(case_id: int, stream: str) -> Shown:
    """The words of each entry by seq, names, phones and doors taken out.

    What petitioners wrote and what staff wrote is treated alike: text is identity too. Raises
    `VaultLocked` while the vault has no keys, for nobody can tell then what is a name.
    """
    head = store.head("case", stream)
    if head is None:
        return {}
    key = (head.hash, case_id)
    found = _remembered.get(key)
    if found is None:
        known = known_strings(case_id)
        held = store.words_of("case", stream)
        found = {
            seq: {name: _clean(value, known) for name, value in one.items()} for seq, one in held.items()
        }
        _remembered.put(key, found)
    return found


def known_strings(case_id: int) -> KnownStrings:
    """What a text about this case may repeat of its parties' identities."""
    refs = Party.objects.filter(case=case_id).exclude(person="").values_list("person", flat=True)
    return KnownStrings.of(vault.for_machine(list(refs)))


def _clean(value: Any, known: KnownStrings) -> Any:
    if isinstance(value, str):
        return redact(value, known).text
    if isinstance(value, Mapping):
        return {key: _clean(one, known) for key, one in value.items()}
    if isinstance(value, list):
        return [_clean(one, known) for one in value]
    return value
