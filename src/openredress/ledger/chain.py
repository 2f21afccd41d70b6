"""Recomputes every chain: entry hashes, words, erasures, stream heads, attachments."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openredress.ledger import canonical, signature
from openredress.ledger.report import Report, rows

Files = Callable[[str], str | None]

_ALL = """
SELECT e.id, e.kind, e.stream, e.seq, e.code, e.actor, e.occurred_at, e.recorded_at, e.pack, e.facts,
       e.words_digest, e.prev, e.hash, w.salt, w.body, x.entry_hash, x.by_hash,
       p.kind, p.stream, p.seq, p.hash
FROM ledger_entry e
LEFT JOIN ledger_words w ON w.entry_id = e.id
LEFT JOIN ledger_erasure x ON x.entry_id = e.id
LEFT JOIN ledger_position p ON p.entry_id = e.id
"""
_ORDER = " ORDER BY e.kind, e.stream, e.seq"


class Row(NamedTuple):
    """An entry with everything that lies beside it."""

    id: int
    kind: str
    stream: str
    seq: int
    code: str
    actor: str
    occurred_at: str
    recorded_at: str
    pack: str
    facts: str
    words_digest: str | None
    prev: str
    hash: str
    salt: bytes | None
    body: str | None
    erased_hash: str | None
    erased_by: str | None
    sealed_kind: str | None
    sealed_stream: str | None
    sealed_seq: int | None
    sealed_hash: str | None

    @property
    def place(self) -> str:
        """The printed stream it stands on now."""
        return f"{self.kind}/{self.stream}"

    def hash_at(self, kind: str, stream: str, seq: int) -> str:
        """The hash it would have at that place."""
        return canonical.entry_hash(
            kind, stream, seq, self.code, self.actor, self.occurred_at, self.recorded_at,
            self.pack, self.facts, self.words_digest, self.prev,
        )  # fmt: skip


class ChainCheck:
    """One pass over entries by stream; collects what the end of the pass must decide."""

    def __init__(self, report: Report, files: Files | None = None) -> None:
        self.report, self.files = report, files
        self.seen: dict[tuple[str, str], int] = {}  # stream → last seq that is there
        self.erased: dict[str, tuple[str, int]] = {}  # hash of an erased entry → place
        self.kept: dict[str, tuple[str, int]] = {}  # hash → place of entries that still have words
        self.wanted: frozenset[str] = frozenset()  # hashes that a checkpoint says are erased
        self.roots: frozenset[str] = frozenset()  # of checkpoints: erased again after a restore
        self._by: dict[str, list[tuple[str, int]]] = {}  # erased by this hash → places
        self._erasers: dict[str, tuple[str, frozenset[int] | None]] = {}  # hash of `erase` → stream, seqs
        self.public: Sequence[Ed25519PublicKey] = ()
        self._restores: dict[str, frozenset[str]] = {}  # root → erased
        self._stray: list[Row] = []  # wrong where they stand; maybe right elsewhere
        self._gaps: list[tuple[str, str, int]] = []

    def run(
        self, heads: Mapping[tuple[str, str], tuple[int, str]], only: tuple[str, str] | None = None
    ) -> None:
        """Check all streams against their heads (or one stream)."""
        found: Iterable[Row] = (Row._make(row) for row in rows(_ALL + _where(only) + _ORDER))
        for key, entries in groupby(found, key=lambda row: (row.kind, row.stream)):
            self._stream(key, entries, heads.get(key))
        for key, (version, _) in heads.items():
            if key not in self.seen and version:
                self._gaps += [(*key, seq) for seq in range(1, version + 1)]
        self._settle(heads)

    def _stream(self, key: tuple[str, str], entries: Iterator[Row], head: tuple[int, str] | None) -> None:
        place = "/".join(key)
        self.report.cases += key[0] == "case"
        last, prev, trusted = 0, "", True
        for row in entries:
            self.report.entries += 1
            if row.seq != last + 1:
                self._gaps += [(*key, seq) for seq in range(last + 1, row.seq)]
                trusted = False
            right = self._entry(row)
            if right and trusted and row.prev != prev:
                self._say(
                    place, row.seq, "chain_broken", "与上一条不相接", "does not follow the entry before it"
                )
            last, prev, trusted = row.seq, row.hash, right
        self.seen[key] = last
        if head is None:
            self._say(place, last, "chain_broken", "流的末端标记不在", "the stream's head is gone")
        elif head[0] > last:
            self._gaps += [(*key, seq) for seq in range(last + 1, head[0] + 1)]
        elif head != (last, prev):
            self._say(place, last, "chain_broken", "与流的末端标记不符", "the stream's head says otherwise")

    def _entry(self, row: Row) -> bool:
        """Whether an entry is what its hash says, at this place; notes what is wrong beside it."""
        self._words(row)
        if row.code == "erase":
            self._erasers[row.hash] = (row.place, _named(row.facts))
        if row.code == "restored" and row.kind == "system":
            self._restored(row)
        if row.sealed_hash is None:
            self.report.unsealed += 1
        if self.files is not None and row.erased_by is None:
            self._attachments(row)
        if row.hash != row.hash_at(row.kind, row.stream, row.seq):
            self._stray.append(row)
            return False
        if row.sealed_hash is not None and row.sealed_hash != row.hash:
            self._say(row.place, row.seq, "entry_altered", "与封存的值不符", "is not what was sealed")
        return True

    def _words(self, row: Row) -> None:
        if row.erased_by is not None:
            self.erased[row.hash] = (row.place, row.seq)
            self._by.setdefault(row.erased_by, []).append((row.place, row.seq))
            if row.erased_hash != row.hash:
                self._say(
                    row.place, row.seq, "entry_altered", "删除记录不符", "its erasure names another entry"
                )
            if row.body is not None:
                self._say(row.place, row.seq, "entry_altered", "已删除的文字又出现", "erased words are back")
        elif row.words_digest is not None and row.body is None:
            self._say(
                row.place, row.seq, "entry_altered", "文字不在，也无删除记录", "words gone without an erasure"
            )
        if row.body is None:
            return
        if row.hash in self.wanted:
            self.kept[row.hash] = (row.place, row.seq)
        if row.words_digest != canonical.salted_digest(bytes(row.salt or b""), row.body):
            self._say(row.place, row.seq, "entry_altered", "文字被改动", "its words were altered")

    def _attachments(self, row: Row) -> None:
        assert self.files is not None
        for digest in attached(row.facts):
            actual = self.files(digest)
            if actual != digest:
                zh, en = ("附件不在", "is gone") if actual is None else ("附件被改动", "was altered")
                self._say(row.place, row.seq, "attachment_altered", f"{zh}：{digest}", f"file {digest} {en}")

    def _restored(self, row: Row) -> None:
        """A restore keeps the checkpoint by which it erased again; it counts when the office signed it."""
        body = json.loads(row.facts).get("checkpoint")
        if isinstance(body, dict) and signature.holds(body, self.public):
            self._restores[str(body["root"])] = frozenset(body.get("erasures", ()))

    def _settle(self, heads: Mapping[tuple[str, str], tuple[int, str]]) -> None:
        """Decide what the gaps and strays are: moved, altered, or missing."""
        for row in self._stray:
            home = self._home_of(row)
            if home is None:
                self._say(
                    row.place, row.seq, "entry_altered", "内容与其散列不符", "is not what its hash says"
                )
                continue
            if home in self._gaps:
                self._gaps.remove(home)
            zh, en = f"被移到 {row.place} 第 {row.seq} 条", f"now stands at {row.place} #{row.seq}"
            self._say(f"{home[0]}/{home[1]}", home[2], "moved", zh, en)
        for kind, stream, seq in self._gaps:
            self.missing(kind, stream, seq)
        for by, places in self._by.items():
            self._eraser(by, places)

    def _home_of(self, row: Row) -> tuple[str, str, int] | None:
        """The place where this entry's hash is right, if the seal or a gap tells of one."""
        homes = list(self._gaps[:1000])
        if row.sealed_kind is not None and row.sealed_stream is not None and row.sealed_seq is not None:
            homes.insert(0, (row.sealed_kind, row.sealed_stream, row.sealed_seq))
        return next((home for home in homes if row.hash_at(*home) == row.hash), None)

    def missing(self, kind: str, stream: str, seq: int) -> None:
        """Note an entry that is not there, by what is left of its stream; a whole stream only once."""
        last = self.seen.get((kind, stream), 0)
        place = f"{kind}/{stream}"
        if last == 0:
            self._say(place, 1, "stream_missing", "整条流被删除", "the whole stream is gone")
        elif seq > last:
            self._say(place, seq, "tail_missing", "末尾被截去", "the tail was cut")
        else:
            self._say(place, seq, "entry_missing", "中间缺一条", "an entry is missing")

    def _eraser(self, by: str, places: list[tuple[str, int]]) -> None:
        """An erasure must rest on an `erase` entry that names it, or on an outside checkpoint's root."""
        if by in self.roots:
            return
        listed = {self.erased[entry] for entry in self._restores.get(by, ()) if entry in self.erased}
        places = [place for place in places if place not in listed]
        home, named = self._erasers.get(by, ("", frozenset()))
        for place, seq in places:
            if home != place or (named is not None and seq not in named):
                self._say(place, seq, "entry_altered", "删除没有依据", "erased without an entry that says so")

    def _say(self, stream: str, seq: int, kind: str, zh: str, en: str) -> None:
        self.report.add(stream, seq, kind, zh, en)


def _where(only: tuple[str, str] | None) -> str:
    """Kind and id are checked by canonical.check_stream, so they hold nothing to escape."""
    if only is None:
        return ""
    canonical.check_stream(*only)
    return f" WHERE e.kind = '{only[0]}' AND e.stream = '{only[1]}'"


def _named(facts: str) -> frozenset[int] | None:
    """The seqs that an `erase` entry names in its fact `entries`; None when it names none (all its case)."""
    try:
        entries = json.loads(facts).get("entries")
    except (ValueError, AttributeError):
        return frozenset()
    return None if entries is None else frozenset(entries)


def attached(facts: str) -> list[str]:
    """SHA-256 of the files that an entry's facts name: strings under `files`, or any `sha256`."""
    if '"files"' not in facts and '"sha256"' not in facts:
        return []
    found: list[str] = []
    _collect(json.loads(facts), found)
    return found


def _collect(value: Any, found: list[str]) -> None:
    if isinstance(value, list):
        for item in value:
            _collect(item, found)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "sha256" and isinstance(item, str):
                found.append(item)
            elif key == "files" and isinstance(item, list):
                found += [name for name in item if isinstance(name, str) and len(name) == 64]
            _collect(item, found)
