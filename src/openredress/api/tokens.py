"""Keys to the API: made and revoked by the security administrator, each change an entry of the system.

A token of staff acts as that person at that unit, with the roles held on the day; a partner's token only
hands petitions in and reads reference data.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import get_default_timezone

from openredress.api.models import Token
from openredress.api.problems import refuse as problem
from openredress.people import staff as people
from openredress.people.errors import refuse
from openredress.people.models import AdminRole, Staff, Unit
from openredress.people.record import record, system_stream
from openredress.rules.facts import Actor

SCOPES = ("cases:read", "cases:write", "petitions:create", "reference:read")
PARTNER_SCOPES = frozenset({"petitions:create", "reference:read"})
LIFETIME = timedelta(days=365)
_FORM = re.compile(r"(?i:bearer) +(ort_[0-9A-Za-z_-]{43})")
_PARTNER = re.compile(r"[0-9a-z-]{1,30}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _security_only(by: Staff) -> None:
    if not AdminRole.objects.filter(staff=by, role="security").exists():
        raise refuse(
            "security_administrator_only",
            "接口令牌只能由安全管理员发放和撤销",
            "Only the security administrator makes and revokes tokens",
            field="by",
        )


def _checked(scopes: Collection[str], staff: Staff | None, partner: str) -> str:
    wrong = set(scopes) - (set(SCOPES) if staff is not None else PARTNER_SCOPES)
    if wrong or not scopes:
        raise refuse(
            "scope_not_allowed",
            f"不能授予权限：{'、'.join(sorted(wrong)) or '（空）'}",
            f"These scopes cannot be given: {', '.join(sorted(wrong)) or '(none)'}",
            field="scopes",
        )
    if (staff is None) != bool(partner) or (partner and not _PARTNER.fullmatch(partner)):
        raise refuse(
            "token_holder",
            "令牌属于一名工作人员或一个对接系统",
            "A token is a member of staff's or a partner's",
        )
    return " ".join(sorted(scopes))


@transaction.atomic
def issue(
    scopes: Collection[str],
    *,
    by: Staff,
    at: datetime,
    staff: Staff | None = None,
    unit: Unit | None = None,
    partner: str = "",
    lifetime: timedelta = LIFETIME,
) -> tuple[Token, str]:
    """A fresh token of 256 random bits for a member of staff (at `unit`) or a partner; shown once.

    Writes `api_token_made` on the system stream. Raises `Refused` for whoever is no security administrator,
    and for scopes that such a holder cannot have.
    """
    _security_only(by)
    text = "ort_" + secrets.token_urlsafe(32)
    made = Token.objects.create(
        name=secrets.token_hex(8),
        digest=_digest(text),
        scopes=_checked(scopes, staff, partner),
        staff=staff,
        unit=unit,
        partner=partner,
        made_at=at,
        expires_at=at + lifetime,
    )
    facts = {
        "token": made.name,
        "scopes": made.scopes.split(),
        "holder": staff.pseudonym if staff is not None else f"partner/{partner}",
        "unit": unit.code if unit is not None else None,
        "expires_on": made.expires_at.date().isoformat(),
    }
    record(system_stream(), "api_token_made", facts, actor=by.pseudonym, at=at)
    return made, text


@transaction.atomic
def revoke(token: Token, *, by: Staff, at: datetime) -> None:
    """Stop a token at once; writes `api_token_revoked`. Revoking again changes nothing."""
    _security_only(by)
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        record(system_stream(), "api_token_revoked", {"token": token.name}, actor=by.pseudonym, at=at)


def holder(authorization: str, scope: str, at: datetime) -> tuple[Token, Actor]:
    """The token in an Authorization header and whom it acts for. Raises Problem (401, 403)."""
    match = _FORM.fullmatch(authorization.strip())
    token = None
    if match is not None:
        found = Token.objects.select_related("staff", "unit").filter(digest=_digest(match[1]))
        token = found.filter(revoked_at=None, expires_at__gt=at).first()
    if token is None or (token.staff is not None and not token.staff.active):
        raise problem(
            401, "token_needed", "没有有效的接口令牌", "There is no valid token", field="Authorization",
            todo=("向安全管理员申请令牌", "ask the security administrator for a token"),
            headers={"WWW-Authenticate": 'Bearer realm="openredress"'},
        )  # fmt: skip
    if scope not in token.scopes.split():
        raise problem(
            403, "scope_missing", f"令牌没有权限 {scope}", f"The token lacks the scope {scope}",
            field="Authorization", todo=("申请带此权限的令牌", "ask for a token with this scope"),
        )  # fmt: skip
    return token, _actor(token, at)


def _actor(token: Token, at: datetime) -> Actor:
    if token.staff is None:
        return Actor(f"partner/{token.partner}", "partner", roles=frozenset({"partner"}))
    on = at.astimezone(get_default_timezone()).date()
    return people.actor_for(token.staff, on, token.unit.code if token.unit is not None else None)
