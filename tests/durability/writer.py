"""A counter that opens petitions one after the other and notes each acknowledgement outside the database.

    python -m tests.durability.writer --name w1 --out FILE [--stop FILE] [--count N]
                                      [--synchronous MODE] [--acknowledge-early]

One line a petition: its key, number and receipt, written with one write(2) after `open_case` returned.
On any database error the same key is tried again until it is answered, as an honest client does.
`--acknowledge-early` is the mutant that says yes before the commit.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openredress.config.settings")
django.setup()

from django.db import Error, connection, transaction  # noqa: E402

from openredress.cases.actions import Opened, open_case  # noqa: E402
from openredress.cases.intake import PartyInput, PetitionInput  # noqa: E402
from openredress.config.clock import now  # noqa: E402
from openredress.rules.facts import Actor  # noqa: E402

SOMEBODY = Actor("", "petitioner")


def petition(canary: str) -> PetitionInput:
    """One that carries its own mark in the text."""
    return PetitionInput(
        text=f"夜间施工 {canary}", claims=("夜间停工",), parties=(PartyInput("lead", "张三", "新城路"),)
    )


def submit(key: str, acknowledge) -> None:
    """One submit, as far as its answer; the mutant answers inside the transaction."""
    outer = transaction.atomic() if acknowledge.early else nullcontext()
    with outer:
        made = open_case(petition(key), actor=SOMEBODY, at=now(), idempotency_key=key)
        assert isinstance(made, Opened), made
        if acknowledge.early:
            acknowledge(key, made)
    if not acknowledge.early:
        acknowledge(key, made)


class Acknowledge:
    """The notebook outside."""

    def __init__(self, path: str, early: bool) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.early = early

    def __call__(self, key: str, made: Opened) -> None:
        row = {"key": key, "number": made.number, "entry": made.receipt["entry_hash"], "again": made.again}
        os.write(self.file, (json.dumps(row) + "\n").encode())


def patiently(key: str, acknowledge: Acknowledge, stop: Path | None) -> None:
    """Until it is answered, or until told to stop."""
    while stop is None or not stop.exists():
        try:
            submit(key, acknowledge)
            return
        except Error:
            connection.close()
            time.sleep(0.05)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--stop", type=Path)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--synchronous", default="")
    parser.add_argument("--acknowledge-early", action="store_true")
    args = parser.parse_args()
    acknowledge = Acknowledge(args.out, args.acknowledge_early)
    if args.synchronous:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA synchronous={args.synchronous}")
    for number in range(args.count):
        if args.stop is not None and args.stop.exists():
            break
        patiently(f"canary-{args.name}-{number:06d}-{os.getpid()}", acknowledge, args.stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
