"""Checks the whole record, alone or against a checkpoint and a key from outside (decision 0002)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

from openredress.ledger import keys, receipts, signature, store
from openredress.ledger.canonical import Tree
from openredress.ledger.chain import ChainCheck, Files
from openredress.ledger.report import LEDGER, Report, rows, still

Checkpoint = Mapping[str, Any]


def verify(
    *,
    checkpoint: Checkpoint | None = None,
    public: Sequence[Ed25519PublicKey] = (),
    files: Files | None = None,
) -> Report:
    """Recompute every chain, words digest, erasure, position and root.

    `checkpoint` and `public` come from outside; without them a chain rewritten by somebody who holds
    the database cannot be told from an honest one, and the report says so. `files` gives the actual
    SHA-256 of a stored attachment, None when it is gone. Writers are not stopped.
    """
    report = Report(checkpoint=checkpoint is not None, outside_key=bool(public))
    with still():
        kept = _kept()
        check = ChainCheck(report, files)
        check.roots = frozenset([row["root"] for row in kept] + ([checkpoint["root"]] if checkpoint else []))
        check.wanted = frozenset(checkpoint.get("erasures", ())) if checkpoint else frozenset()
        check.public = public or _own_keys()
        check.run(_heads())
        _orphans(check)
        _Seal(report, kept, public or _own_keys(), checkpoint).run()
        if checkpoint is not None:
            _erasures(check, checkpoint)
    return report


def against_receipt(receipt: Mapping[str, Any], public: Sequence[Ed25519PublicKey]) -> Report:
    """Whether the entry that a receipt promises still stands in the record, unaltered, at its place."""
    report = Report(outside_key=True)
    verdict = receipts.verify(receipt, public)
    if not verdict.ok:
        report.add(str(receipt.get("number", "")), 0, "entry_altered", verdict.zh, verdict.en)
        return report
    stream, seq, digest = str(receipt.get("stream", "")), int(receipt["seq"]), str(receipt["entry_hash"])
    with still():
        key = _stream_of(stream, digest)
        if key is None:
            report.add(
                stream or str(receipt["number"]), seq, "stream_missing", "整条流不在", "nothing of it is here"
            )
            return report
        check = ChainCheck(report)
        head = store.head(*key)
        check.run({key: head} if head else {}, only=key)
        stands = _hash_at(key, seq)
        if stands is None:
            check.missing(*key, seq)
        elif stands != digest:
            report.add("/".join(key), seq, "entry_altered", "与回执不符", "is not what the receipt promises")
    return report


def _heads() -> dict[tuple[str, str], tuple[int, str]]:
    found = rows("SELECT kind, stream, version, head FROM ledger_stream")
    return {(kind, stream): (version, head) for kind, stream, version, head in found}


def _kept() -> list[dict[str, Any]]:
    """The checkpoints kept in the database, oldest first."""
    return [json.loads(row[0]) for row in rows("SELECT body FROM ledger_checkpoint ORDER BY position")]


def _own_keys() -> list[Ed25519PublicKey]:
    """The home's own public keys: better than nothing, but whoever holds the home holds them."""
    return [key.public() for key in keys.keyring().all("signing")]


def _orphans(check: ChainCheck) -> None:
    """Sealed entries that are no longer there."""
    found = rows(
        "SELECT p.kind, p.stream, p.seq FROM ledger_position p LEFT JOIN ledger_entry e ON e.id = p.entry_id "
        "WHERE e.id IS NULL ORDER BY p.position"
    )
    for kind, stream, seq in found:
        check.missing(kind, stream, seq)


def _stream_of(stream: str, digest: str) -> tuple[str, str] | None:
    """The stream a receipt belongs to: as it says, else where its entry is found; None when neither is."""
    with connection.cursor() as cursor:
        if "/" in stream:
            kind, name = stream.split("/", 1)
            cursor.execute(
                "SELECT kind, stream FROM ledger_entry WHERE kind = %s AND stream = %s LIMIT 1", [kind, name]
            )
        else:
            cursor.execute("SELECT kind, stream FROM ledger_entry WHERE hash = %s LIMIT 1", [digest])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def _hash_at(key: tuple[str, str], seq: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hash FROM ledger_entry WHERE kind = %s AND stream = %s AND seq = %s", [*key, seq]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _erasures(check: ChainCheck, checkpoint: Checkpoint) -> None:
    """What was erased at the checkpoint must be erased here: else an old base came back with its words."""
    for place, seq in check.kept.values():
        check.report.add(
            place, seq, "rolled_back", "已依法删除的文字又出现", "lawfully erased words are back"
        )


class _Seal:
    """Positions without gaps, and every root: those kept here and the one from outside."""

    def __init__(
        self,
        report: Report,
        kept: Sequence[Checkpoint],
        public: Sequence[Ed25519PublicKey],
        outside: Checkpoint | None,
    ) -> None:
        self.report, self.kept, self.public, self.outside = report, kept, public, outside
        self.good = 0  # the last position under a root that holds

    def run(self) -> None:
        """Build the tree once and compare at each checkpoint's position."""
        self._signatures()
        due = sorted(
            [*self.kept, *([self.outside] if self.outside else [])], key=lambda row: int(row["position"])
        )
        tree, waiting = Tree(), iter(due)
        coming = next(waiting, None)
        for position, digest in rows("SELECT position, hash FROM ledger_position ORDER BY position"):
            if position != tree.count + 1:
                self._gap(tree.count + 1, position - 1)
                return
            tree.add(digest)
            while coming is not None and coming["position"] == position:
                self._compare(coming, tree.root())
                coming = next(waiting, None)
        while coming is not None:
            self._short(coming, tree.count)
            coming = next(waiting, None)

    def _signatures(self) -> None:
        previous = ""
        for row in self.kept:
            if self.public and not signature.holds(row, self.public):
                self._say(
                    row["position"],
                    "checkpoint_mismatch",
                    "库内封存点签名不符",
                    "a kept checkpoint is not ours",
                )
            if row["previous"] != previous:
                self._say(row["position"], "checkpoint_mismatch", "封存点不相接", "checkpoints do not link")
            previous = row["root"]
        if self.outside is not None and self.public and not signature.holds(self.outside, self.public):
            self._say(self.outside["position"], "checkpoint_mismatch", "所给封存点签名不符",
                      "the given checkpoint is not signed by this key")  # fmt: skip

    def _compare(self, row: Checkpoint, root: str) -> None:
        if row["root"] == root:
            self.good = int(row["position"])
            return
        where = f"{self.good + 1}–{row['position']}"
        self._say(row["position"], "checkpoint_mismatch", f"封存位置 {where} 之间被改写",
                  f"rewritten between positions {where}")  # fmt: skip

    def _gap(self, first: int, last: int) -> None:
        self._say(
            first, "entry_missing", f"封存位置 {first}–{last} 不在", f"positions {first}–{last} are gone"
        )
        if self.outside is not None and self.outside["position"] >= first:
            self._say(
                self.outside["position"],
                "checkpoint_mismatch",
                "封存之后有删除",
                "sealed entries were removed",
            )

    def _short(self, row: Checkpoint, count: int) -> None:
        zh, en = (
            f"封存到 {row['position']}，这里只到 {count}",
            f"sealed up to {row['position']}, here up to {count}",
        )
        self._say(row["position"], "rolled_back" if row is self.outside else "checkpoint_mismatch", zh, en)

    def _say(self, position: int, kind: str, zh: str, en: str) -> None:
        self.report.add(LEDGER, int(position), kind, zh, en)
