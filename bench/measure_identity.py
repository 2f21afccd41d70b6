"""Microseconds to redact a text of 200 characters and to keep a person in the vault (SQLite)."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
os.environ["OPENREDRESS_HOME"] = tempfile.mkdtemp(prefix="identity-")
os.environ["OPENREDRESS_DATABASE_URL"] = ""
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openredress.config.settings")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from tests.identity import marked  # noqa: E402

from openredress.identity import vault  # noqa: E402
from openredress.identity.redaction import KnownStrings, redact  # noqa: E402
from openredress.ledger import keys  # noqa: E402


def redaction(rounds: int) -> float:
    """Microseconds for a text: all marked texts joined and cut into pieces of 200 characters."""
    whole = "".join(one.text for one in marked.texts())
    pieces = [whole[at : at + 200] for at in range(0, len(whole) - 200, 200)]
    known = KnownStrings(("张三",), ("13812340001",), (), (), ("新城路88号3栋2单元501室",))
    began = time.perf_counter()
    for _ in range(rounds):
        for piece in pieces:
            redact(piece, known)
    return (time.perf_counter() - began) / rounds / len(pieces) * 1e6


def keeping(count: int) -> float:
    """Microseconds for a person with ID number, phone, name and address, in one transaction."""
    call_command("migrate", verbosity=0)
    keys.ensure(datetime(2026, 1, 1, tzinfo=UTC))
    people = [
        vault.Person(
            name=f"张{n}",
            id_number=f"34059919720314{n % 10000:04}",
            phone=f"138{n:08}",
            address=f"新城路{n}号{n % 900}室",
            county="340500",
        )
        for n in range(count)
    ]
    began = time.perf_counter()
    vault.put_many(people)
    return (time.perf_counter() - began) / count * 1e6


if __name__ == "__main__":
    print(f"redact 200 characters: {redaction(20):.0f} µs")
    print(f"keep a person with 4 identifiers: {keeping(20_000):.0f} µs")
