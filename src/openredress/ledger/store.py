"""Appending to streams and reading them back. The only writer of entries and words."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from openredress.ledger import canonical
from openredress.rules.facts import Entry

ENTRY_COLUMNS = (
    "id", "kind", "stream", "seq", "code", "actor", "occurred_at", "recorded_at",
    "pack", "facts", "words_digest", "prev", "hash", "authority",
)  # fmt: skip
_READ = "SELECT seq, code, actor, occurred_at, recorded_at, pack, facts, stream FROM ledger_entry"
_SALT = 16
_CHUNK = 500


class VersionConflict(Exception):
    """Somebody else wrote to the stream first: read again, decide again."""

    def __init__(self, kind: str, stream: str, expected: int) -> None:
        super().__init__(
            f"{kind}/{stream} is no longer at version {expected}; read it again and decide again"
        )
        self.kind, self.stream, self.expected = kind, stream, expected


class Appended(NamedTuple):
    """Where an entry came to stand."""

    seq: int
    hash: str
    entry_id: int
    recorded_at: str  # as hashed: UTC, six digits, Z


class Head(NamedTuple):
    """The last entry of a stream."""

    version: int
    hash: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Drafts for one stream that stands at version `expected` (0: the stream does not exist yet)."""

    kind: str
    stream: str
    drafts: Sequence[Entry]
    expected: int = 0


def append(
    stream_kind: str,
    stream_id: str,
    drafts: Sequence[Entry],
    *,
    expected: int,
    recorded_at: datetime,
    authority: int = 1,
) -> list[Appended]:
    """Append drafts to one stream inside the caller's transaction.

    `expected` is the version the decision was made on; `recorded_at` (aware) is set on every entry.
    Raises VersionConflict when the stream has moved on, CanonicalError when a value has no canonical form.
    """
    batch = Batch(stream_kind, stream_id, drafts, expected)
    return append_many([batch], recorded_at=recorded_at, authority=authority)[0]


def append_many(
    batches: Sequence[Batch], *, recorded_at: datetime | None = None, authority: int = 1
) -> list[list[Appended]]:
    """Append to many streams at once, in order; each stream at most once in a call.

    Without `recorded_at` each draft's own is kept (imports of a made-up home). Memory grows with the
    call: give some thousand entries at a time. Raises like `append`; then nothing may be committed.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("ledger.append needs the caller's transaction")
    heads = _heads(batches)
    free = _reserve(sum(len(batch.drafts) for batch in batches))
    rows: list[tuple[Any, ...]] = []
    words: list[tuple[Any, ...]] = []
    done: list[list[Appended]] = []
    stamp = canonical.recorded_text(recorded_at) if recorded_at is not None else None
    for batch in batches:
        canonical.check_stream(batch.kind, batch.stream)
        prev = heads[batch.kind, batch.stream].hash if batch.expected else ""
        made = []
        for seq, draft in enumerate(batch.drafts, batch.expected + 1):
            row, word = _row(batch, seq, draft, prev, stamp, free[len(rows)], authority)
            prev = row[12]
            rows.append(row)
            if word is not None:
                words.append(word)
            made.append(Appended(seq, prev, row[0], row[7]))
        done.append(made)
    _move_heads(batches, done, authority)
    _insert("ledger_entry", ENTRY_COLUMNS, rows)
    _insert("ledger_words", ("entry_id", "salt", "body"), words)
    return done


def _row(
    batch: Batch, seq: int, draft: Entry, prev: str, stamp: str | None, entry_id: int, authority: int
) -> tuple[tuple[Any, ...], tuple[Any, ...] | None]:
    """The entry's row and its words' row, if it has words."""
    place = f"{batch.kind}/{batch.stream}#{seq}"
    canonical.check_members(draft.code, draft.actor, draft.pack)
    digest = word = None
    if draft.words:
        salt = os.urandom(_SALT)
        body = canonical.canonical_text(draft.words, f"{place} words")
        digest = canonical.salted_digest(salt, body)
        word = (entry_id, salt, body)
    members = (
        batch.kind, batch.stream, seq, draft.code, draft.actor,
        canonical.occurred_text(draft.occurred_at),
        stamp or canonical.recorded_text(draft.recorded_at),
        draft.pack, canonical.canonical_text(draft.facts, f"{place} facts"), digest, prev,
    )  # fmt: skip
    return (entry_id, *members, canonical.entry_hash(*members), authority), word


def _heads(batches: Sequence[Batch]) -> dict[tuple[str, str], Head]:
    """The heads of streams that must exist already; checks each batch's expected version early."""
    if len({(batch.kind, batch.stream) for batch in batches}) != len(batches):
        raise ValueError("append_many: a stream appears twice in one call; put its drafts into one batch")
    found: dict[tuple[str, str], Head] = {}
    for batch in batches:
        if not batch.expected:
            continue
        standing = head(batch.kind, batch.stream)
        if standing is None or standing.version != batch.expected:
            raise VersionConflict(batch.kind, batch.stream, batch.expected)
        found[batch.kind, batch.stream] = standing
    return found


def _reserve(count: int) -> Sequence[int]:
    """Ids that nobody else will use, rising.

    SQLite: the transaction already holds the only write lock (transaction_mode IMMEDIATE), so the
    numbers after the last one are ours. PostgreSQL: drawn from the column's own sequence.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'ledger_entry'")
            row = cursor.fetchone()
            start = int(row[0]) + 1 if row else 1
            return range(start, start + count)
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('ledger_entry', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _move_heads(batches: Sequence[Batch], done: Sequence[list[Appended]], authority: int) -> None:
    """Make or move the stream heads; a lost race shows as a row that was not written."""
    new = [
        (batch.kind, batch.stream, made[-1].seq, made[-1].hash, authority)
        for batch, made in zip(batches, done, strict=True)
        if made and not batch.expected
    ]
    columns = ("kind", "stream", "version", "head", "authority")
    if new and _insert("ledger_stream", columns, new, " ON CONFLICT (kind, stream) DO NOTHING") != len(new):
        raise VersionConflict(new[0][0], new[0][1], 0)
    with connection.cursor() as cursor:
        for batch, made in zip(batches, done, strict=True):
            if not made or not batch.expected:
                continue
            cursor.execute(
                "UPDATE ledger_stream SET version = %s, head = %s "
                "WHERE kind = %s AND stream = %s AND version = %s",
                [made[-1].seq, made[-1].hash, batch.kind, batch.stream, batch.expected],
            )
            if cursor.rowcount != 1:
                raise VersionConflict(batch.kind, batch.stream, batch.expected)


def _insert(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], tail: str = "") -> int:
    """Insert rows past the ORM (a third of its time); returns how many were written."""
    if not rows:
        return 0
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > _CHUNK and not tail:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return len(rows)
        marks = ", ".join(["%s"] * len(columns))
        # Table and column names are this module's own constants.
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}){tail}", rows)  # noqa: S608
        return int(cursor.rowcount)


def head(kind: str, stream: str) -> Head | None:
    """The stream's version and last hash, or None when nothing was ever written to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, head FROM ledger_stream WHERE kind = %s AND stream = %s", [kind, stream]
        )
        row = cursor.fetchone()
    return Head(*row) if row else None


def _entry(kind: str, row: Sequence[Any]) -> Entry:
    seq, code, actor, occurred_at, recorded_at, pack, facts, stream = row
    return Entry(
        stream=f"{kind}/{stream}",
        seq=seq,
        code=code,
        actor=actor,
        occurred_at=datetime.fromisoformat(occurred_at),
        recorded_at=datetime.fromisoformat(recorded_at),
        pack=pack,
        facts=json.loads(facts),
    )


def read(kind: str, stream: str) -> list[Entry]:
    """All entries of a stream in order, without words; empty when there is no such stream."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_READ} WHERE kind = %s AND stream = %s ORDER BY seq", [kind, stream])
        return [_entry(kind, row) for row in cursor.fetchall()]


def read_many(kind: str, streams: Sequence[str]) -> dict[str, list[Entry]]:
    """The entries of many streams at once, by stream id; for lists of cases."""
    found: dict[str, list[Entry]] = {stream: [] for stream in streams}
    for start in range(0, len(streams), _CHUNK):
        part = list(streams[start : start + _CHUNK])
        marks = ", ".join(["%s"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_READ} WHERE kind = %s AND stream IN ({marks}) ORDER BY stream, seq", [kind, *part]
            )
            for row in cursor.fetchall():
                found[row[7]].append(_entry(kind, row))
    return found


def read_all(kind: str) -> Iterator[tuple[str, list[Entry]]]:
    """Every stream of a kind with its entries, by stream id, in bounded memory; for refold and extract."""
    after = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT stream FROM ledger_stream WHERE kind = %s AND stream > %s ORDER BY stream LIMIT %s",
                [kind, after, _CHUNK],
            )
            streams = [row[0] for row in cursor.fetchall()]
        if not streams:
            return
        yield from read_many(kind, streams).items()
        after = streams[-1]


def ids(kind: str, stream: str) -> dict[int, int]:
    """Entry ids of a stream by seq."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, id FROM ledger_entry WHERE kind = %s AND stream = %s", [kind, stream])
        return dict(cursor.fetchall())


def words(entry_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The words of these entries by entry id; entries without words, or erased ones, are left out."""
    found: dict[int, dict[str, Any]] = {}
    wanted = list(entry_ids)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ", ".join(["%s"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT entry_id, body FROM ledger_words WHERE entry_id IN ({marks})", part)  # noqa: S608
            found.update((entry_id, json.loads(body)) for entry_id, body in cursor.fetchall())
    return found


def words_of(kind: str, stream: str) -> dict[int, dict[str, Any]]:
    """The words of a whole stream by seq."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.seq, w.body FROM ledger_entry e JOIN ledger_words w ON w.entry_id = e.id "
            "WHERE e.kind = %s AND e.stream = %s ORDER BY e.seq",
            [kind, stream],
        )
        return {seq: json.loads(body) for seq, body in cursor.fetchall()}


def erase_words(entry_ids: Iterable[int], by: Appended) -> int:
    """Remove the words of these entries for good, on the strength of the `erase` entry `by`.

    Facts and hashes stay; asking twice changes nothing. Returns how many words rows went.
    """
    return _erase(sorted(set(entry_ids)), by.hash, by.recorded_at)


def erased(kind: str, stream: str) -> dict[int, str]:
    """Erased entries of a stream: seq → hash of the entry that erased their words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.seq, x.by_hash FROM ledger_erasure x JOIN ledger_entry e ON e.id = x.entry_id "
            "WHERE e.kind = %s AND e.stream = %s",
            [kind, stream],
        )
        return dict(cursor.fetchall())


def reapply_erasures(hashes: Iterable[str], by: str, recorded_at: datetime) -> int:
    """After a restore: erase again what an outside checkpoint says was erased (its `erasures` and root).

    Hashes of entries that the backup does not hold are passed over. Returns how many words rows went.
    """
    gone = 0
    wanted = sorted(set(hashes))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ", ".join(["%s"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM ledger_entry WHERE hash IN ({marks})", part)  # noqa: S608
            found = [int(row[0]) for row in cursor.fetchall()]
        gone += _erase(found, by, canonical.recorded_text(recorded_at))
    return gone


def _erase(entry_ids: Sequence[int], by: str, recorded_at: str) -> int:
    gone = 0
    for entry_id in entry_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_erasure (entry_id, entry_hash, by_hash, recorded_at) "
                "SELECT id, hash, %s, %s FROM ledger_entry WHERE id = %s "
                "AND (words_digest IS NOT NULL OR facts LIKE %s) "
                "ON CONFLICT (entry_id) DO NOTHING",
                [by, recorded_at, entry_id, '%"files"%'],
            )
            cursor.execute("DELETE FROM ledger_words WHERE entry_id = %s", [entry_id])
            gone += cursor.rowcount
    return gone
