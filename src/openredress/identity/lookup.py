"""Looking somebody up by ID number, phone, mail or name: while registering, logged, and not too often."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from openredress.identity import vault
from openredress.identity.models import LookUp, Registration
from openredress.identity.person import identifier
from openredress.people.errors import refuse

A_DAY = 20  # look-ups a reader may make in 24 hours
_OPEN_FOR = timedelta(hours=2)


def open_registration(reader: vault.Reader, at: datetime) -> str:
    """The token of a registration that this clerk now begins; it serves for two hours."""
    token = secrets.token_urlsafe(16)
    Registration.objects.create(
        digest=hashlib.sha256(token.encode()).hexdigest(),
        reader=reader.pseudonym,
        opened_at=at,
        expires_at=at + _OPEN_FOR,
    )
    return token


def close_registration(token: str, at: datetime) -> None:
    """The petition is saved or given up: no more look-ups under this token."""
    held = Registration.objects.filter(digest=hashlib.sha256(token.encode()).hexdigest())
    held.filter(expires_at__gt=at).update(expires_at=at)


def _in_progress(token: str, reader: vault.Reader, at: datetime) -> Registration:
    # Locked, so that two look-ups at once cannot both be the last one allowed.
    held = (
        Registration.objects.select_for_update()
        .filter(digest=hashlib.sha256(token.encode()).hexdigest(), reader=reader.pseudonym, expires_at__gt=at)
        .first()
    )
    if held is None:
        raise refuse(
            "registration_needed",
            "只能在登记过程中按证件或电话查找",
            "People are looked up only while a petition is being registered",
            what_to_do="先开始登记 / begin a registration first",
        )
    return held


@transaction.atomic
def find(
    kind: str,
    value: str,
    *,
    reader: vault.Reader,
    registration: str,
    at: datetime,
    visible: Callable[[list[str]], list[str]],
    county: str = "",
    address: str = "",
    a_day: int = A_DAY,
) -> list[str]:
    """References filed under what the clerk typed, after `visible` has taken out sealed and barred ones.

    Raises `Refused` outside a registration or above `a_day` look-ups in 24 hours. Each is logged,
    without what was typed.
    """
    held = _in_progress(registration, reader, at)
    made = LookUp.objects.filter(reader=reader.pseudonym, at__gt=at - timedelta(hours=24)).count()
    if made >= a_day:
        raise refuse(
            "too_many_look_ups",
            f"24 小时内已查找 {made} 次，达到上限",
            f"{made} look-ups in 24 hours: the limit is reached",
            what_to_do="明日再查，或请审计管理员核对 / tomorrow, or ask the audit administrator",
        )
    wanted = identifier(kind, value, county, address)
    answer = visible(vault.matching(kind, [wanted])[wanted])
    LookUp.objects.create(
        at=at,
        reader=reader.pseudonym,
        role=reader.role,
        unit=reader.unit,
        kind=kind,
        answers=min(len(answer), 32767),
        registration=held,
    )
    return answer
