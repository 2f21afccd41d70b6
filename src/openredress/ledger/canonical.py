"""Bytes that are hashed (decision 0001): canonical JSON, entry and words digests, the Merkle tree.

No Django and no clock: an outsider can lift this file out and check the record with it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

SCHEMA = "openredress-entry-1"
ALGORITHM = "sha256"
STREAM_KINDS = frozenset({"case", "unit", "campaign", "system"})
LARGEST = 2**53
DEEPEST = 32

_PLAIN = frozenset({str, bool, type(None)})


def _refuse(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)  # read-only views; the encoder knows only dict
    raise CanonicalError(f"{value.__class__.__name__} has no JSON form")


# Built once: JSONEncoder.encode builds its C encoder anew at every call, a third of the whole time.
_encoder = json.encoder.c_make_encoder  # type: ignore[attr-defined]
_dump = _encoder(None, _refuse, encode_basestring, None, ":", ",", True, False, False)
_quote = encode_basestring
_HEAD = f'["{SCHEMA}","{ALGORITHM}",'
_STREAM_ID = re.compile(r"[0-9a-z-]{1,40}")
_CODE = re.compile(r"[a-z0-9_]{1,40}")
_ACTOR = re.compile(r"[0-9A-Za-z/._-]{1,80}")
_PACK = re.compile(r"(?:[0-9a-f]{64})?")


class CanonicalError(ValueError):
    """A value has no canonical form; the message names its place and what is allowed instead."""


def _check(value: Any, place: str, depth: int) -> None:
    """Refuse what has no canonical form. Plain text, true, false and null are passed by their class."""
    if depth > DEEPEST:
        raise CanonicalError(f"{place}: nested deeper than {DEEPEST}")
    if value.__class__ is dict or isinstance(value, Mapping):
        for key, item in value.items():
            if key.__class__ is not str and not isinstance(key, str):
                raise CanonicalError(f"{place}: key {key!r} is not a string")
            if item.__class__ not in _PLAIN:
                _check(item, f"{place}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            if item.__class__ not in _PLAIN:
                _check(item, f"{place}.{index}", depth + 1)
    else:
        _check_scalar(value, place)


def _check_scalar(value: Any, place: str) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if not -LARGEST <= value <= LARGEST:
            raise CanonicalError(f"{place}: integer {value} is beyond ±2^53; keep it as text")
        return
    if isinstance(value, float):
        raise CanonicalError(f"{place}: float {value!r} is refused; count in whole units (fen, days)")
    raise CanonicalError(f"{place}: {value.__class__.__name__} has no JSON form")


def canonical_text(value: Any, place: str = "value") -> str:
    """Canonical JSON of decision 0001 as text.

    Raises CanonicalError naming the place for floats, lone surrogates, integers beyond ±2^53,
    keys that are not strings, nesting deeper than 32 and every other type.
    """
    _check(value, place, 0)
    text = "".join(_dump(value, 0))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CanonicalError(f"{place}: lone surrogate {error.object[error.start]!r} in a string") from error
    return text


def canonical(value: Any) -> bytes:
    """Canonical JSON as UTF-8 bytes: what signatures and digests are made over."""
    return canonical_text(value).encode()


def words_digest(salt: bytes, words: Mapping[str, Any]) -> str:
    """Hex SHA-256 of salt and canonical words: what stays in the chain after the words are erased."""
    return salted_digest(salt, canonical_text(words, "words"))


def salted_digest(salt: bytes, body: str) -> str:
    """Hex SHA-256 of salt and text that is canonical already, as stored."""
    return hashlib.sha256(salt + body.encode("utf-8", "surrogatepass")).hexdigest()


def occurred_text(moment: datetime) -> str:
    """`2026-09-03T10:12:00+08:00`: to the second, in the zone where it happened. Refuses naive times."""
    if moment.tzinfo is None:
        raise CanonicalError("occurred_at: a time without zone; give an aware one")
    return moment.isoformat(timespec="seconds")


def recorded_text(moment: datetime) -> str:
    """`2026-09-03T02:12:00.123456Z`: UTC with six digits. Refuses naive times."""
    if moment.tzinfo is None:
        raise CanonicalError("recorded_at: a time without zone; give an aware one")
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def entry_bytes(
    kind: str, stream: str, seq: int, code: str, actor: str, occurred_at: str, recorded_at: str,
    pack: str, facts: str, digest: str | None, prev: str,
) -> bytes:  # fmt: skip
    """The hashed bytes of one entry; `facts` is canonical text and is spliced in as stored."""
    quote = _quote
    words = "null" if digest is None else quote(digest)
    return (
        f"{_HEAD}{quote(kind)},{quote(stream)},{seq},{quote(code)},{quote(actor)},{quote(occurred_at)},"
        f"{quote(recorded_at)},{quote(pack)},{facts},{words},{quote(prev)}]"
    ).encode("utf-8", "surrogatepass")


def entry_hash(
    kind: str, stream: str, seq: int, code: str, actor: str, occurred_at: str, recorded_at: str,
    pack: str, facts: str, digest: str | None, prev: str,
) -> str:  # fmt: skip
    """Lower-case hex SHA-256 of the entry's bytes."""
    return hashlib.sha256(
        entry_bytes(kind, stream, seq, code, actor, occurred_at, recorded_at, pack, facts, digest, prev)
    ).hexdigest()


def check_stream(kind: str, stream: str) -> None:
    """Refuses a stream that decision 0001 does not know, with what is allowed."""
    if kind not in STREAM_KINDS:
        raise CanonicalError(f"stream kind {kind!r}: one of {', '.join(sorted(STREAM_KINDS))}")
    if not _STREAM_ID.fullmatch(stream):
        raise CanonicalError(f"stream id {stream!r}: 1-40 of 0-9 a-z -")


@lru_cache(maxsize=4096)
def check_members(code: str, actor: str, pack: str) -> None:
    """Refuses a code, actor or pack hash outside the form of decision 0001."""
    if not _CODE.fullmatch(code):
        raise CanonicalError(f"code {code!r}: 1-40 of a-z 0-9 _")
    if not _ACTOR.fullmatch(actor):
        raise CanonicalError(f"actor {actor!r}: a pseudonym of 1-80 of 0-9 A-Z a-z / . _ -")
    if not _PACK.fullmatch(pack):
        raise CanonicalError(f"pack {pack!r}: a 64-digit lower-case hex hash, or empty")


class Tree:
    """The RFC 6962 tree as a compact range: a root over any number of leaves in O(log n) memory.

    Give it `leaves` hex entry hashes in order of position; `root` may be asked at any time.
    """

    def __init__(self) -> None:
        self.count = 0
        self._peaks: list[bytes] = []  # roots of the full subtrees, largest first

    def add(self, leaf: str) -> None:
        """Append one leaf (hex)."""
        node = hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest()
        size = self.count
        while size & 1:
            node = hashlib.sha256(b"\x01" + self._peaks.pop() + node).digest()
            size >>= 1
        self._peaks.append(node)
        self.count += 1

    def extend(self, leaves: Iterable[str]) -> None:
        """Append leaves in order."""
        for leaf in leaves:
            self.add(leaf)

    def root(self) -> str:
        """Hex root of all leaves so far; the hash of nothing for an empty tree, as in RFC 6962."""
        if not self._peaks:
            return hashlib.sha256(b"").hexdigest()
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = hashlib.sha256(b"\x01" + peak + node).digest()
        return node.hex()

    def state(self) -> list[str]:
        """The peaks in hex, to be kept with a checkpoint so that the next seal need not start over."""
        return [peak.hex() for peak in self._peaks]

    @classmethod
    def resume(cls, count: int, peaks: Iterable[str]) -> Tree:
        """A tree as it stood at `count` leaves. Raises ValueError when the peaks do not fit the count."""
        tree = cls()
        tree.count, tree._peaks = count, [bytes.fromhex(peak) for peak in peaks]
        if len(tree._peaks) != count.bit_count():
            raise ValueError(f"{len(tree._peaks)} peaks cannot stand for {count} leaves")
        return tree
