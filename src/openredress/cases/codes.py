"""Query codes: what lets a petitioner, and nobody else, see their matter.

A code is derived, not stored: base-32 of HMAC(key, scope ‖ idempotency key ‖ body digest), 80 bits
shown as 4-4-4-4. So a repeated submit shows the same code, and the database holds only its keyed digest.
"""

from __future__ import annotations

import hmac
from datetime import datetime

from openredress.cases.models import Petition
from openredress.cases.numbers import CROCKFORD, crockford, tidy
from openredress.cases.throttle import Throttle
from openredress.ledger.keys import keyring
from openredress.rules.facts import Refusal

BITS = 80
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})

# One sentence for a wrong number, a wrong code and an erased petition: none of them tells which it was.
UNKNOWN = Refusal(
    "number_or_code_unknown",
    "查询编号或查询码不对",
    "The number or the code is not right",
    field="query_code",
    what_to_do="核对回执上的编号和查询码；遗失可凭身份证明到窗口补发 / "
    "compare with the receipt; a lost code is reissued at a counter against identity",
)


def _hmac(secret: bytes, *parts: str) -> bytes:
    return hmac.digest(secret, "\0".join(parts).encode(), "sha256")


def derive(scope: str, idempotency_key: str, body_digest: str, secret: bytes | None = None) -> str:
    """The code of a submission under the newest code key, or under `secret`."""
    key = secret or keyring().newest("code").secret
    text = crockford(_hmac(key, "query-code", scope, idempotency_key, body_digest), BITS // 5)
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def stored(code: str, secret: bytes | None = None) -> str:
    """What the database keeps of a code."""
    return _hmac(secret or keyring().newest("code").secret, "stored", code).hex()


def again(petition: Petition, scope: str) -> str:
    """The code that this petition's sender was given, derived anew; "" after a reissue at a counter."""
    for key in keyring().all("code"):
        code = derive(scope, petition.idempotency_key or "", petition.body_digest, key.secret)
        if hmac.compare_digest(stored(code, key.secret), petition.code_digest):
            return code
    return ""


def spelled(text: str) -> str:
    """The code in its printed form, with I, L, O and missing hyphens forgiven; "" when it is no code."""
    bare = "".join(ch for ch in text.upper().translate(_MISREAD) if ch.isalnum())
    if len(bare) != BITS // 5 or any(ch not in CROCKFORD for ch in bare):
        return ""
    return "-".join(bare[start : start + 4] for start in range(0, len(bare), 4))


def opened(number: str, code: str, *, source: str, at: datetime, throttle: Throttle) -> Petition | Refusal:
    """The petition that number and code open, or why not.

    `source` is the caller's network address or session. Five wrong codes for one number, or twenty from
    one source, within an hour lock further guesses out, right ones too. Writes nothing to the record.
    """
    wanted = tidy(number) or ""
    buckets = ((f"number/{wanted or number[:20]}", 5), (f"source/{source}", 20))
    if refusal := throttle.locked(buckets, at):
        return refusal
    printed = spelled(code)
    petition = Petition.objects.filter(number=wanted).select_related("case").first()
    held = petition.code_digest if petition else "0" * 64
    # Every key is tried, also for a number that does not exist: the time must not tell.
    right = [hmac.compare_digest(stored(printed, key.secret), held) for key in keyring().all("code")]
    if petition is None or not printed or not any(right):
        throttle.failed(buckets, at)
        return UNKNOWN
    return petition
