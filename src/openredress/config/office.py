"""Founding an office in an empty home: keys, database, law, first units, three administrators."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.timezone import get_default_timezone

from openredress.lawbook import book
from openredress.ledger import keys
from openredress.people import admins, signin, staff, tree
from openredress.people.models import Unit
from openredress.people.record import record, system_stream
from openredress.people.roles import ADMINISTRATORS

FOUNDED = "office_founded"  # the first entry of every system stream


@dataclass(frozen=True, slots=True)
class Office:
    """A founded office: the authority, its petition office, and a sign-in token for each administrator."""

    authority: Unit
    petition_office: Unit
    tokens: dict[str, str]  # role → token, shown once


def what_is_here() -> str:
    """The first thing that makes this home or database not empty; an empty string when it is."""
    home = Path(settings.HOME)
    if home.is_dir():
        for path in sorted(home.iterdir()):
            return str(path)
    elif home.exists():
        return str(home)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
        if tables:
            return f"{connection.settings_dict['NAME']}: {sorted(tables)[0]}"
    return ""


def prepare(at: datetime) -> None:
    """Make home, keys and tables. The home must be empty: over a lost keyring this would hide the loss."""
    home = Path(settings.HOME)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    keys.ensure(at)
    secret = keys.folder() / "secret"
    handle = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_hex(32) + "\n")
    call_command("migrate", verbosity=0)


def _enter(code: str, facts: Mapping[str, Any], words: Mapping[str, Any], at: datetime) -> None:
    record(system_stream(), code, facts, words=words, actor="system", at=at)


@transaction.atomic
def found(authority: str, *, at: datetime, go_live: date | None = None, made_up: bool = False) -> Office:
    """Write the first entry of the record, the law as it ships, two units and three administrators.

    `go_live`: before this day no fault counts (default: the day of `at` in the office's zone). `made_up`
    can only be said here: such a home accepts past times of recording, and no other ever does.
    """
    day = at.astimezone(get_default_timezone()).date()
    facts = {"authority": 1, "made_up": made_up, "go_live": (go_live or day).isoformat()}
    record(system_stream(), FOUNDED, facts, words={"name": authority}, actor="system", at=at)
    book.seed(
        at, lambda code, law, words: record(system_stream(), code, law, words=words, actor="system", at=at)
    )
    root = tree.add("gov", authority, kind="authority", by="system", at=at)
    named = authority if authority.endswith(("信访局", "信访办", "信访室")) else f"{authority}信访局"
    office = tree.add("xfj", named, kind="office", parent=root, by="system", at=at)
    tokens = {}
    for role in ADMINISTRATORS:
        person = staff.hire(f"{role}-admin", f"{role}-admin", by="system", at=at)
        admins.make_administrator(person, role, by="system", at=at, on=day)
        tokens[role] = signin.make_link(person, at=at)
    return Office(root, office, tokens)
