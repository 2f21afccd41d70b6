"""What a check of the record found, and a still picture of the database to check it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

KINDS = (
    "entry_altered", "entry_missing", "tail_missing", "stream_missing", "chain_broken", "moved",
    "attachment_altered", "rolled_back", "checkpoint_mismatch",
)  # fmt: skip
LEDGER = "ledger"  # stands where a finding belongs to the whole record and no stream can be named


@dataclass(frozen=True, slots=True)
class Failure:
    """One place that is not as it was written. For LEDGER, `seq` is a position of the seal."""

    stream: str  # printed kind/id
    seq: int
    kind: str
    zh: str = ""
    en: str = ""

    def as_json(self) -> dict[str, Any]:
        """The object of FORMATS, with the sentence in both languages."""
        return {"stream": self.stream, "seq": self.seq, "kind": self.kind, "zh": self.zh, "en": self.en}


@dataclass(slots=True)
class Report:
    """The outcome of a check; `ok` only when nothing was found."""

    cases: int = 0
    entries: int = 0
    unsealed: int = 0  # entries that no checkpoint covers yet
    checkpoint: bool = False  # compared with a checkpoint from outside
    outside_key: bool = False  # signatures checked with a key from outside
    failures: list[Failure] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.failures

    def add(self, stream: str, seq: int, kind: str, zh: str = "", en: str = "") -> None:
        """Note a finding; the same place and kind only once."""
        if not any(f.stream == stream and f.seq == seq and f.kind == kind for f in self.failures[-50:]):
            self.failures.append(Failure(stream, seq, kind, zh, en))

    def as_json(self) -> dict[str, Any]:
        """The object of FORMATS."""
        return {
            "ok": self.ok,
            "cases": self.cases,
            "entries": self.entries,
            "unsealed": self.unsealed,
            "checkpoint": self.checkpoint,
            "outside_key": self.outside_key,
            "failures": [failure.as_json() for failure in self.failures],
        }


@contextmanager
def still() -> Iterator[None]:
    """One unchanging view of the database, without stopping any writer; inside a transaction, that one's."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # Not atomic(): BEGIN IMMEDIATE would hold the only write lock for the whole check.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def rows(sql: str, size: int = 2000) -> Iterator[tuple[Any, ...]]:
    """The rows of a query in bounded memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while part := cursor.fetchmany(size):
            yield from part
