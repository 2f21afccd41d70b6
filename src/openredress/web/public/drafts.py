"""Drafts: durable at every step, found again by a code, without identity, gone after thirty days."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from openredress.cases import codes
from openredress.cases.throttle import Throttle
from openredress.identity import keyring as vault_keys
from openredress.identity import vault
from openredress.ledger import gate
from openredress.ledger.keys import keyring
from openredress.rules.facts import Refusal
from openredress.web.models import Draft

KEPT = timedelta(days=30)
KEPT_SUBMITTED = timedelta(days=1)  # long enough that a second click meets the same body
Body = dict[str, Any]

UNKNOWN = Refusal(
    "draft_unknown",
    "没有这份草稿：短码不对，或者草稿已超过30天被删除",
    "There is no such draft: the code is wrong, or the draft was deleted after 30 days",
    field="code",
    what_to_do="核对短码；找不到就重新写一份",
    what_to_do_en="compare the code; if it is lost, write a new one",
)


def empty() -> Body:
    """What a new draft holds. `key` makes a second click the same petition."""
    return {
        "key": secrets.token_hex(32),
        "misconduct": False,
        "accused_unit": "",
        "accused_typed": "",
        "accused_name": "",
        "text": "",
        "place": "",
        "claims": [],
        "category": "",
        "files": [],
    }


def start(body: Mapping[str, Any], at: datetime) -> Draft:
    """Save a new draft and forget those whose time is over. Raises KeysMissing."""
    ref = vault.new_ref()
    code = codes.derive("draft", ref, "")
    draft = Draft(ref=ref, code_digest=codes.stored(code), sealed=_seal(ref, body))
    draft.saved_at, draft.expires_at = at, at + KEPT

    def work() -> None:
        Draft.objects.filter(expires_at__lt=at).delete()
        draft.save(force_insert=True)

    gate.write(work)
    return draft


def save(draft: Draft, body: Mapping[str, Any], at: datetime) -> None:
    """Keep what was written; the thirty days begin anew. A draft that was handed in stays as it was."""
    sealed = _seal(draft.ref, body)
    rows = Draft.objects.filter(pk=draft.pk, number="")
    gate.write(lambda: rows.update(sealed=sealed, saved_at=at, expires_at=at + KEPT))


def submitted(draft: Draft, number: str, at: datetime) -> None:
    """Remember which petition it became; its words go tomorrow, for now they are in the record."""
    rows = Draft.objects.filter(pk=draft.pk, number="")
    gate.write(lambda: rows.update(number=number, expires_at=at + KEPT_SUBMITTED))


def body_of(draft: Draft) -> Body:
    """What was written so far. Raises KeysMissing."""
    held: Body = json.loads(vault.unseal(draft.ref, bytes(draft.sealed)))
    return empty() | held


def by_ref(ref: str, at: datetime) -> Draft | None:
    """The draft that a session holds, unless its time is over."""
    return Draft.objects.filter(pk=ref, expires_at__gte=at).first() if ref else None


def code_of(draft: Draft) -> str:
    """The code under which it is found again, derived anew: the database does not hold it."""
    for key in keyring().all("code"):
        code = codes.derive("draft", draft.ref, "", key.secret)
        if hmac.compare_digest(codes.stored(code, key.secret), draft.code_digest):
            return code
    return ""


def find(code: str, *, source: str, at: datetime, throttle: Throttle) -> Draft | Refusal:
    """The open draft of that code. Twenty wrong codes an hour from one source lock further guesses out."""
    buckets = ((f"draft/{source}", 20),)
    if refusal := throttle.locked(buckets, at):
        return refusal
    printed = codes.spelled(code)
    digests = [codes.stored(printed, key.secret) for key in keyring().all("code")]
    draft = Draft.objects.filter(code_digest__in=digests, expires_at__gte=at, number="").first()
    if draft is None or not printed:
        throttle.failed(buckets, at)
        return UNKNOWN
    return draft


def _seal(ref: str, body: Mapping[str, Any]) -> bytes:
    plain = json.dumps(dict(body), ensure_ascii=False).encode("utf-8", "replace")
    return vault.seal(ref, plain, *vault_keys.sealing())
