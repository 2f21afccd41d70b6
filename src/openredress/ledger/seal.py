"""The sealer: gives new entries their position and signs a root over all of them (decision 0002).

One sealer at a time. What it signs goes outside (file, mail, webhook); the copy in the database is a
convenience, and proof of nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from openredress.ledger import canonical, keys, signature
from openredress.ledger.canonical import Tree

_LOCK = 726901  # the sealer's advisory lock
_CHUNK = 5000
# Ids are drawn before commit, so a slow transaction shows its entries late. No transaction is slow
# enough for a million others to overtake it; `ledger verify` counts all that is unsealed.
_SLACK = 1_000_000
_UNSEALED = """
SELECT e.id, e.kind, e.stream, e.seq, e.hash FROM ledger_entry e
LEFT JOIN ledger_position p ON p.entry_id = e.id
WHERE p.entry_id IS NULL AND e.id > %s ORDER BY e.id LIMIT %s
"""
_POSITION = """
INSERT INTO ledger_position (position, entry_id, kind, stream, seq, hash) VALUES (%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed root. `body` is the object of FORMATS, to be put outside."""

    position: int
    count: int
    root: str
    body: dict[str, Any]

    def text(self) -> str:
        """As it is written to a file."""
        return json.dumps(self.body, ensure_ascii=False, indent=1) + "\n"


def seal(at: datetime) -> Checkpoint | None:
    """Seal all entries that have no position yet; None when there is nothing new.

    Runs in a transaction of its own, or the caller's. Raises KeysMissing before anything is written.
    """
    key = keys.current("signing")
    with transaction.atomic():
        _alone()
        previous, tree = _last()
        count = _give_positions(tree)
        if not count:
            return None
        body = signature.sign(
            {
                "v": 1,
                "position": tree.count,
                "count": count,
                "root": tree.root(),
                "previous": previous,
                "sealed_at": canonical.recorded_text(at),
                "erasures": _erasures(),
            },
            key.id,
            key.private(),
        )
        _keep(body, tree)
    return Checkpoint(tree.count, count, tree.root(), body)


def latest() -> dict[str, Any] | None:
    """The newest checkpoint's body as kept here, or None; for sending it outside again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_checkpoint ORDER BY position DESC LIMIT 1")
        row = cursor.fetchone()
    return dict(json.loads(row[0])) if row else None


def _alone() -> None:
    """One sealer at a time. SQLite's write transaction is that lock already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _last() -> tuple[str, Tree]:
    """The last root and the tree as it stood then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT position, root, peaks FROM ledger_checkpoint ORDER BY position DESC LIMIT 1")
        row = cursor.fetchone()
    if row is None:
        return "", Tree()
    return row[1], Tree.resume(row[0], json.loads(row[2]))


def _give_positions(tree: Tree) -> int:
    """Append a position for each entry without one, in order of id, and its leaf to the tree."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(entry_id), 0) FROM ledger_position")
        after = cursor.fetchone()[0] - _SLACK
        while True:
            cursor.execute(_UNSEALED, [after, _CHUNK])
            found = cursor.fetchall()
            if not found:
                return count
            rows = []
            for row in found:
                tree.add(row[4])
                rows.append((tree.count, *row))
            cursor.executemany(_POSITION, rows)
            count, after = count + len(rows), found[-1][0]


def _erasures() -> list[str]:
    """Hashes of all entries whose words were erased since the start, in the order of erasing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_hash FROM ledger_erasure ORDER BY recorded_at, entry_id")
        return [row[0] for row in cursor.fetchall()]


def _keep(body: dict[str, Any], tree: Tree) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_checkpoint (position, root, sealed_at, key_id, body, peaks) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [
                tree.count,
                tree.root(),
                body["sealed_at"],
                body["key_id"],
                canonical.canonical_text(body, "checkpoint"),
                json.dumps(tree.state()),
            ],
        )
