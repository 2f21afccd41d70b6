"""One-time sign-in links: a random token whose digest is kept, which works once and not for long."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from openredress.people.models import SignInLink, Staff

LIFETIME = timedelta(hours=72)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(staff: Staff, *, at: datetime, lifetime: timedelta = LIFETIME) -> str:
    """A fresh token of 256 random bits for this person; shown once and never kept."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(digest=_digest(token), staff=staff, made_at=at, expires_at=at + lifetime)
    return token


@transaction.atomic
def use(token: str, *, at: datetime) -> Staff | None:
    """The person whose link this is, who is thereby signed in; None when unknown, used or expired.

    One statement uses it up, so that of two presses at once only one gets in.
    """
    fresh = SignInLink.objects.filter(digest=_digest(token), used_at__isnull=True, expires_at__gt=at)
    if not fresh.update(used_at=at):
        return None
    staff = SignInLink.objects.select_related("staff").get(digest=_digest(token)).staff
    return staff if staff.active else None


def path(token: str) -> str:
    """Where the link leads, below the office's address."""
    return f"/signin/{token}"
