"""Spam held off without outside services: proof of work where a script runs, counters where none does.

Nothing is thrown away in silence: who comes too often is told to wait, and the draft is kept.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from altcha import v1 as altcha

from openredress.cases.throttle import Bucket
from openredress.ledger.keys import keyring
from openredress.rules.facts import Refusal
from openredress.web.public.page import throttle

HARD = 60_000  # numbers to try at most: about a second on a cheap phone
LASTS = timedelta(hours=2)
DRAFTS_A_SESSION, DRAFTS_AN_HOUR = 20, 3_000
FILED_A_SESSION, FILED_AN_HOUR = 5, 300  # without a proof of work, within an hour
PROVED_A_SESSION = 30
ACTS_A_SESSION = 60
FILES_A_SESSION, FILES_AN_HOUR = 100, 3_000

LATER = Refusal(
    "later",
    "现在提交的人较多，没有交上去",
    "Too many are filing right now; this was not handed in",
    what_to_do="稍后再试，草稿已保存",
    what_to_do_en="try again later; your draft is kept",
)


def _count(buckets: Sequence[Bucket], at: datetime) -> Refusal | None:
    store = throttle()
    if store.locked(buckets, at):
        return LATER
    store.failed(buckets, at)
    return None


def drafting(source: str, at: datetime) -> Refusal | None:
    """Whether another draft may be begun now."""
    return _count(((f"drafts/{source}", DRAFTS_A_SESSION), ("drafts", DRAFTS_AN_HOUR)), at)


def acting(source: str, at: datetime) -> Refusal | None:
    """Whether another message, file or request may be added to a matter now."""
    return _count(((f"acts/{source}", ACTS_A_SESSION),), at)


def uploading(source: str, at: datetime) -> Refusal | None:
    """Whether another file may be kept now."""
    return _count(((f"files/{source}", FILES_A_SESSION), ("files", FILES_AN_HOUR)), at)


def filing(source: str, proof: str, at: datetime) -> Refusal | None:
    """Whether a petition may be handed in now. A proof of work counts once and spares the common limit."""
    mark = proved(proof, at)
    if mark and not throttle().locked(((f"proof/{mark}", 1),), at):
        return _count(((f"proof/{mark}", 1), (f"proved/{source}", PROVED_A_SESSION)), at)
    return _count(((f"filed/{source}", FILED_A_SESSION), ("filed", FILED_AN_HOUR)), at)


def _secret() -> str:
    return hmac.digest(keyring().newest("code").secret, b"proof of work", "sha256").hex()


def challenge(at: datetime) -> dict[str, Any]:
    """Work for the browser, signed, so that nothing about it is stored. Raises KeysMissing."""
    options = altcha.ChallengeOptions(
        algorithm="SHA-256", max_number=HARD, hmac_key=_secret(), expires=at + LASTS
    )
    return dict(altcha.create_challenge(options).to_dict())


def proved(proof: str, at: datetime) -> str:
    """The mark of a solved challenge of ours that is still in time; "" for anything else."""
    if not proof or len(proof) > 4_000:
        return ""
    try:
        payload = json.loads(base64.b64decode(proof, validate=True))
        good, _ = altcha.verify_solution(payload, _secret(), check_expires=False)
        ends = int(altcha.extract_params(payload)["expires"][0])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, binascii.Error):
        return ""
    return str(payload["signature"])[:40] if good and ends > at.timestamp() else ""
