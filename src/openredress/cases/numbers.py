"""Numbers of petitions and cases, and the gapless series of issued documents.

A petition's number is year, six random Crockford base-32 characters and an ISO 7064 mod 37,2 check
character, as 2026-7QK4M2-X. It is random because gaps in a row of numbers would betray sealed cases,
and because one counter row halves the create rate.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.db import connection

from openredress.cases.models import Issued

Draw = Callable[[int], bytes]  # n → n random bytes

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ISO7064 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_FORM = re.compile(r"(\d{4})-?([0-9A-HJKMNP-TV-Z]{6})-?([0-9A-HJKMNP-TV-Z])")
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "—": "-", "–": "-", "－": "-", " ": None})


def check_character(body: str) -> str:
    """ISO/IEC 7064 MOD 37-2 over digits and capitals; finds every single slip and neighbour swap."""
    p = 0
    for char in body:
        p = (p + _ISO7064.index(char)) * 2 % 37
    return _ISO7064[(38 - p) % 37]


def draw(year: int, source: Draw = secrets.token_bytes) -> str:
    """A fresh number. One whose check character is not a Crockford one is thrown away."""
    while True:
        value = int.from_bytes(source(4), "big")
        body = "".join(CROCKFORD[value >> shift & 31] for shift in range(25, -1, -5))
        check = check_character(f"{year:04d}{body}")
        if check in CROCKFORD:
            return f"{year:04d}-{body}-{check}"


def taken(number: str) -> bool:
    """Whether a petition already bears it: among 100,000 a year one in ten thousand draws does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM cases_petition WHERE number = %s", [number])
        return cursor.fetchone() is not None


def tidy(text: str) -> str | None:
    """The number a person meant, in its printed form: case, spaces, I/L/O forgiven; None when not one."""
    match = _FORM.fullmatch(text.strip().upper().translate(_MISREAD))
    if match is None:
        return None
    year, body, check = match.groups()
    return f"{year}-{body}-{check}" if check_character(year + body) == check else None


def valid(number: str) -> bool:
    """Whether it is a number in its printed form, with the right check character."""
    return tidy(number) == number


def crockford(raw: bytes, length: int) -> str:
    """The first `length` base-32 characters of the bytes, five bits each."""
    value = int.from_bytes(raw, "big") >> (len(raw) * 8 - length * 5)
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(5 * (length - 1), -1, -5))


def issue(case_id: int, seq: int, *, scope: str, year: int, sealed: bool, authority: int = 1) -> int:
    """The next 文号 of the series, without a gap. Call it last in the transaction: it locks the series.

    The sealed class draws from a series of its own, so that an open series shows no gap for it.
    """
    name = f"{scope}:sealed" if sealed else scope
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_series (authority, scope, year, last) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (authority, scope, year) DO UPDATE SET last = cases_series.last + 1 RETURNING last",
            [authority, name, year],
        )
        n = int(cursor.fetchone()[0])
    Issued.objects.create(authority=authority, scope=name, year=year, n=n, case_id=case_id, seq=seq)
    return n
