"""A superuser's hands on the record: triggers off, raw SQL, no key. Nothing here uses the ledger's own code
to compute a hash: an attacker writes his own (that of `golden_check`).

Two hands: the `plain` one changes rows; the `careful` one afterwards renumbers, recomputes every hash,
head and position, and removes the checkpoints kept in the database, which he cannot sign.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from itertools import groupby

from django.db import connection, transaction

from openredress.ledger import triggers

from .golden_check import canonical

TABLES = ("stream", "entry", "words", "erasure", "position", "checkpoint")


def unprotect():
    """Drop the triggers, with nothing left pending that PostgreSQL would refuse it for."""
    connection.check_constraints()
    triggers.remove(connection)


def protect():
    """Put them back, so that nobody sees they were gone."""
    connection.check_constraints()
    triggers.install(connection)


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def dump():
    """A backup: every row of every table."""
    return {table: sql(f"SELECT * FROM ledger_{table}") for table in TABLES}


def restore(saved):
    """An old backup over the live base."""
    for table in reversed(TABLES):
        sql(f"DELETE FROM ledger_{table}")
    for table in TABLES:
        for row in saved[table]:
            sql(f"INSERT INTO ledger_{table} VALUES ({', '.join(['%s'] * len(row))})", *row)


def drop_entry(stream, seq):
    (entry_id,) = sql("SELECT id FROM ledger_entry WHERE stream = %s AND seq = %s", stream, seq)[0]
    sql("DELETE FROM ledger_erasure WHERE entry_id = %s", entry_id)
    sql("DELETE FROM ledger_words WHERE entry_id = %s", entry_id)
    sql("DELETE FROM ledger_entry WHERE id = %s", entry_id)


def edit(stream, seq, facts):
    sql("UPDATE ledger_entry SET facts = %s WHERE stream = %s AND seq = %s", canonical(facts), stream, seq)


def rechain():
    """Make every chain, head and position agree with the rows as they stand now."""
    columns = "id, kind, stream, code, actor, occurred_at, recorded_at, pack, facts, words_digest"
    found = sql(f"SELECT {columns} FROM ledger_entry ORDER BY kind, stream, seq")
    heads, hashes, renamed = {}, {}, {}
    old = dict(sql("SELECT id, hash FROM ledger_entry"))
    for (kind, stream), rows in groupby(found, key=lambda row: (row[1], row[2])):
        prev = ""
        for seq, row in enumerate(rows, 1):
            head = ["openredress-entry-1", "sha256", kind, stream, seq, *row[3:8]]
            array = [*head, json.loads(row[8]), row[9], prev]
            digest = hashlib.sha256(canonical(array).encode()).hexdigest()
            sql("UPDATE ledger_entry SET seq = %s WHERE id = %s", seq, row[0])
            sql("UPDATE ledger_entry SET prev = %s, hash = %s WHERE id = %s", prev, digest, row[0])
            hashes[row[0]], renamed[old[row[0]]], prev = (kind, stream, seq, digest), digest, digest
        heads[kind, stream] = (seq, prev)
    _heads(heads)
    _positions(hashes)
    for entry_id, digest, by in sql("SELECT entry_id, entry_hash, by_hash FROM ledger_erasure"):
        now = (renamed.get(digest, digest), renamed.get(by, by))
        sql("UPDATE ledger_erasure SET entry_hash = %s, by_hash = %s WHERE entry_id = %s", *now, entry_id)


def _heads(heads):
    for kind, stream in sql("SELECT kind, stream FROM ledger_stream"):
        if (kind, stream) not in heads:
            sql("DELETE FROM ledger_stream WHERE kind = %s AND stream = %s", kind, stream)
    for (kind, stream), (version, head) in heads.items():
        sql("UPDATE ledger_stream SET version = %s, head = %s WHERE kind = %s AND stream = %s",
            version, head, kind, stream)  # fmt: skip


def _positions(hashes):
    sealed = [row[0] for row in sql("SELECT entry_id FROM ledger_position ORDER BY position")]
    sql("DELETE FROM ledger_position")
    for position, entry_id in enumerate([one for one in sealed if one in hashes], 1):
        kind, stream, seq, digest = hashes[entry_id]
        columns = "position, entry_id, kind, stream, seq, hash"
        sql(f"INSERT INTO ledger_position ({columns}) VALUES (%s, %s, %s, %s, %s, %s)",
            position, entry_id, kind, stream, seq, digest)  # fmt: skip
    sql("DELETE FROM ledger_checkpoint")


def _delete_case(scene):
    last = sql("SELECT MAX(seq) FROM ledger_entry WHERE stream = %s", scene.target)[0][0]
    for seq in range(last, 0, -1):
        drop_entry(scene.target, seq)
    sql("DELETE FROM ledger_stream WHERE stream = %s", scene.target)


def _move(scene):
    last = sql("SELECT MAX(seq) FROM ledger_entry WHERE stream = %s", scene.other)[0][0]
    sql("UPDATE ledger_entry SET stream = %s, seq = %s WHERE stream = %s AND seq = 2",
        scene.other, last + 1, scene.target)  # fmt: skip


def _rewrite(scene):
    edit(scene.target, 1, {"number": scene.target, "received_on": "2026-12-31", "files": [scene.file]})
    if not scene.careful:  # half a rewriting: the entry's own hash and nothing after it
        columns = "kind, stream, seq, code, actor, occurred_at, recorded_at, pack, facts, words_digest, prev"
        row = sql(f"SELECT {columns} FROM ledger_entry WHERE stream = %s AND seq = 1", scene.target)[0]
        array = ["openredress-entry-1", "sha256", *row[:8], json.loads(row[8]), *row[9:]]
        digest = hashlib.sha256(canonical(array).encode()).hexdigest()
        sql("UPDATE ledger_entry SET hash = %s WHERE stream = %s AND seq = 1", digest, scene.target)


def _swap_file(scene):
    del scene.files[scene.file]
    forged = "f" * 64
    if scene.careful:
        scene.files[forged] = forged
        edit(scene.target, 1, {"number": scene.target, "received_on": "2026-09-03", "files": [forged]})
    else:
        scene.files[scene.file] = forged


ATTACKS: dict[str, Callable] = {
    "entry edited": lambda scene: edit(scene.target, 2, {"track": "t1", "to": "elsewhere"}),
    "deleted in the middle": lambda scene: drop_entry(scene.target, 2),
    "tail cut": lambda scene: drop_entry(scene.target, 4),
    "whole case deleted": _delete_case,
    "chain rewritten without the key": _rewrite,
    "entry moved to another case": _move,
    "attachment altered": _swap_file,
    "old backup restored": lambda scene: restore(scene.backup),
}


def attack(name, scene):
    """Carry one attack out, and hide the hand as far as it can."""
    unprotect()
    with transaction.atomic():
        ATTACKS[name](scene)
        if scene.careful and name != "old backup restored":
            rechain()
    protect()
