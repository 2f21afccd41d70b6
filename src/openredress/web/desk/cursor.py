"""Where the next page of a list begins, in words that tell nothing.

A row's id in an address would betray sealed cases by the gaps between ids, so it is encrypted; the same
place always gives the same words (AES-SIV), and whatever was not made here is no place at all.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings


@cache
def _cipher(secret: str) -> AESSIV:
    return AESSIV(hashlib.sha512(f"openredress cursor {secret}".encode()).digest())


def written(place: tuple[date, int] | None) -> str:
    """The place for an address; an empty string when there is no further page."""
    if place is None:
        return ""
    plain = f"{place[0].isoformat()}.{place[1]}".encode()
    return base64.urlsafe_b64encode(_cipher(settings.SECRET_KEY).encrypt(plain, None)).decode().rstrip("=")


def read(text: str) -> tuple[date, int] | None:
    """The place in an address; None for the first page and for anything not made here."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        when, _, key = _cipher(settings.SECRET_KEY).decrypt(sealed, None).decode().partition(".")
        return date.fromisoformat(when), int(key)
    except (ValueError, InvalidTag):
        return None
