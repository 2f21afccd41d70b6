"""Triggers that refuse to rewrite the record, on both databases.

SQLite rebuilds a table on many migrations and drops its triggers without a word, so they are put
back after every migrate; `missing` lets the deployment check assert them. An app above registers
its own append-only tables with `protect` in its AppConfig.ready().
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate


@dataclass(frozen=True, slots=True)
class Guard:
    """What may still happen to rows of one table; None means never."""

    table: str
    allow_delete_when: str | None = None
    allow_update_when: str | None = None


_guards: dict[str, Guard] = {}


def protect(table: str, allow_delete_when: str | None = None, allow_update_when: str | None = None) -> None:
    """Make a table append-only from the next migrate on.

    The conditions are SQL over OLD and NEW that both databases understand, e.g.
    `EXISTS (SELECT 1 FROM erased e WHERE e.id = OLD.id)`.
    """
    _guards[table] = Guard(table, allow_delete_when, allow_update_when)


def guards() -> tuple[Guard, ...]:
    """Every registered table, by name."""
    return tuple(_guards[name] for name in sorted(_guards))


def _message(guard: Guard) -> str:
    return f"openredress: {guard.table} 只许追加 append-only"


def _sqlite(guard: Guard) -> dict[str, str]:
    """Trigger name → statement that makes it."""
    made = {}
    for verb, condition in (("update", guard.allow_update_when), ("delete", guard.allow_delete_when)):
        name = f"{guard.table}_no_{verb}"
        when = f" WHEN NOT ({condition})" if condition else ""
        made[name] = (
            f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {guard.table}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{_message(guard)}'); END"
        )
    return made


def _body(guard: Guard) -> str:
    """The source of the PostgreSQL trigger function."""
    allowed = ""
    for verb, condition, row in (
        ("UPDATE", guard.allow_update_when, "NEW"),
        ("DELETE", guard.allow_delete_when, "OLD"),
    ):
        if condition:
            allowed += f" IF TG_OP = '{verb}' THEN IF {condition} THEN RETURN {row}; END IF; END IF;"
    return f"BEGIN{allowed} RAISE EXCEPTION '{_message(guard)}'; END"


def _postgres(guard: Guard) -> list[str]:
    # ENABLE ALWAYS: session_replication_role = replica must not switch them off in passing.
    table, body = guard.table, _body(guard)
    return [
        f"CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql "
        f"AS $guard${body}$guard$",
        f"CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_guard()",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
    ]


def _there(connection: BaseDatabaseWrapper, label: str | None) -> list[Guard]:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    return [g for g in guards() if g.table in tables and (label is None or g.table.startswith(f"{label}_"))]


def install(connection: BaseDatabaseWrapper, label: str | None = None) -> None:
    """Put the triggers on every registered table that exists (of one app when `label` is given)."""
    for guard in _there(connection, label):
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for name, statement in _sqlite(guard).items():
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                    cursor.execute(statement)
            else:
                for statement in _postgres(guard):
                    cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, label: str | None = None) -> None:
    """Take the triggers off; for migrating backwards and for tests that play the superuser."""
    for guard in _there(connection, label):
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for name in _sqlite(guard):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            else:
                cursor.execute(f"DROP FUNCTION IF EXISTS {guard.table}_guard() CASCADE")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Triggers and settings that should protect the record here and do not, by name; empty is good."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return _missing_sqlite(cursor)
        return _missing_postgres(cursor)


def _missing_sqlite(cursor: Any) -> list[str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = dict(cursor.fetchall())
    wanted = {name: sql for guard in guards() for name, sql in _sqlite(guard).items()}
    lost = [name for name, sql in wanted.items() if found.get(name) != sql]
    cursor.execute("PRAGMA recursive_triggers")
    return lost if cursor.fetchone()[0] else [*lost, "PRAGMA recursive_triggers"]


def _missing_postgres(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgenabled = 'A' AND pg_table_is_visible(c.oid)"
    )
    found = dict(cursor.fetchall())
    wanted = {f"{g.table}_{what}": _body(g) for g in guards() for what in ("no_change", "no_truncate")}
    return [name for name, body in wanted.items() if found.get(name) != body]


def _reinstall(sender: Any, using: str, **_: Any) -> None:
    install(connections[using], sender.label)


def connect() -> None:
    """The one signal receiver of the house: table rebuilds drop triggers silently, so put them back."""
    post_migrate.connect(_reinstall, dispatch_uid="ledger-triggers")
