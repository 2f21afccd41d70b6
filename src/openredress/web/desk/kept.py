"""Work of the desk that is half done and must not be lost: sealed with the vault key, for its writer alone.

It never holds an identity: names, numbers and addresses wait in the page until they go into the vault.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from openredress.identity import keyring, vault
from openredress.ledger import gate
from openredress.web.models import Draft

FOR = timedelta(days=7)
Body = dict[str, Any]


def begin(kind: str, by: str, body: Mapping[str, Any], at: datetime) -> Draft:
    """Keep something new of `kind` for the person behind the pseudonym `by`. Raises `VaultLocked`."""
    ref = vault.new_ref()
    whole = {"key": secrets.token_hex(32), **body, "kind": kind, "by": by}
    row = Draft(ref=ref, code_digest=secrets.token_hex(32), sealed=_seal(ref, whole))
    row.saved_at, row.expires_at = at, at + FOR

    def work() -> None:
        Draft.objects.filter(expires_at__lt=at).delete()
        row.save(force_insert=True)

    gate.write(work)
    return row


def held(ref: str, kind: str, by: str, at: datetime) -> tuple[Draft, Body] | None:
    """What this person keeps under that reference, unless its time is over. Raises `VaultLocked`."""
    row = Draft.objects.filter(pk=ref[:26], expires_at__gte=at).first() if ref else None
    if row is None:
        return None
    body: Body = json.loads(vault.unseal(row.ref, bytes(row.sealed)))
    return (row, body) if body.get("kind") == kind and body.get("by") == by else None


def save(row: Draft, body: Mapping[str, Any], at: datetime) -> None:
    """Keep what it has become; what was finished stays as it was."""
    sealed = _seal(row.ref, body)
    rows = Draft.objects.filter(pk=row.pk, number="")
    gate.write(lambda: rows.update(sealed=sealed, saved_at=at, expires_at=at + FOR))


def finished(row: Draft, number: str, at: datetime) -> None:
    """Remember what became of it for a day, so that a second click meets the same answer."""
    rows = Draft.objects.filter(pk=row.pk, number="")
    gate.write(lambda: rows.update(number=number, expires_at=at + timedelta(days=1)))


def drop(row: Draft) -> None:
    """Throw it away."""
    gate.write(lambda: Draft.objects.filter(pk=row.pk).delete())


def _seal(ref: str, body: Mapping[str, Any]) -> bytes:
    plain = json.dumps(dict(body), ensure_ascii=False).encode("utf-8", "replace")
    return vault.seal(ref, plain, *keyring.sealing())
