"""Receipts: a signed promise that this entry stood in the record at that time (FORMATS)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openredress.ledger import keys, signature

if TYPE_CHECKING:  # verifying works where there is no database
    from openredress.ledger.store import Appended

_TEXTS = ("number", "entry_hash", "recorded_at", "key_id", "alg", "signature")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of a receipt offline. `notes` says what was not looked at, zh and en."""

    ok: bool
    zh: str
    en: str
    notes: tuple[tuple[str, str], ...] = ()


def make(number: str, entry: Appended, *, stream: str = "") -> dict[str, Any]:
    """The receipt of an entry just appended; `stream` (`case/…`) lets the office find it even when deleted.

    Hand it out only after the commit. Raises KeysMissing.
    """
    key = keys.current("signing")
    body = {
        "v": 1,
        "number": number,
        "seq": entry.seq,
        "entry_hash": entry.hash,
        "recorded_at": entry.recorded_at,
    }
    if stream:
        body["stream"] = stream
    return signature.sign(body, key.id, key.private())


def verify(
    receipt: Mapping[str, Any],
    public: Sequence[Ed25519PublicKey],
    checkpoint: Mapping[str, Any] | None = None,
) -> Verdict:
    """Check a receipt offline against keys that came from outside, and a checkpoint's signature and time.

    A checkpoint holds one root for all entries, so offline it can only tell whether the receipt's
    entry must be under it; whether it is, `ledger verify --checkpoint` says at the database.
    """
    if (bad := _shape(receipt)) is not None:
        return bad
    if not signature.holds(receipt, public):
        return Verdict(False, "签名不符：这张回执不是此公钥的单位所签，或内容被改动。",
                       "The signature does not hold: not signed by this key, or altered.")  # fmt: skip
    if checkpoint is None:
        return Verdict(True, "回执真实，内容未被改动。", "The receipt is genuine and unaltered.")
    if not signature.holds(checkpoint, public):
        return Verdict(False, "封存点的签名不符。", "The checkpoint's signature does not hold.")
    note = _place_of(receipt, checkpoint)
    return Verdict(True, "回执真实，封存点真实。", "Receipt and checkpoint are genuine.", (note,))


def _place_of(receipt: Mapping[str, Any], checkpoint: Mapping[str, Any]) -> tuple[str, str]:
    """What the checkpoint tells about the receipt's entry, zh and en."""
    sealed_at = str(checkpoint.get("sealed_at", ""))
    if receipt["recorded_at"] > sealed_at:
        return (
            f"此件在封存点（{sealed_at}）之后记录，尚不在其内。",
            f"It was recorded after this checkpoint ({sealed_at}), so it is not under it yet.",
        )
    if receipt["entry_hash"] in checkpoint.get("erasures", []):
        return (
            "封存点载明：此条的文字已依法删除，要素仍在。",
            "The checkpoint says that this entry's words were lawfully erased; its facts remain.",
        )
    return (
        "此件应在封存点之内；是否在内，由 openredress ledger verify --checkpoint 在原单位核对。",
        "It must be under this checkpoint; `ledger verify --checkpoint` at the office tells whether it is.",
    )


def _shape(receipt: Mapping[str, Any]) -> Verdict | None:
    if receipt.get("v") != 1:
        return Verdict(False, "不是第 1 版回执。", "Not a receipt of version 1.")
    for name in ("seq", *_TEXTS):
        if receipt.get(name).__class__ is not (int if name == "seq" else str):
            return Verdict(False, f"回执缺少 {name}。", f"The receipt lacks {name}.")
    try:
        datetime.fromisoformat(receipt["recorded_at"])
    except ValueError:
        return Verdict(False, "回执的时间不成立。", "The receipt's time is not a time.")
    return None
