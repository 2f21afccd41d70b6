"""Rows past the ORM: one statement for many rows, the same on both databases.

Table and column names come from this package's own constants, never from input.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

Row = tuple[Any, ...]
_FEW = 50  # above this PostgreSQL takes a COPY


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the writers see it: its name, and the columns of one row in order."""

    name: str
    key: tuple[str, ...]  # columns that tell rows of one case apart; they come first
    rest: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Key columns, then the others."""
        return self.key + self.rest


def adapt(value: Any) -> Any:
    """The value as the database gives it back, so that rows read and rows made can be compared."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return value.isoformat() if connection.vendor == "sqlite" else value
    return value


def adapted(rows: Iterable[Sequence[Any]]) -> list[Row]:
    """Whole rows through `adapt`."""
    return [tuple([adapt(v) if isinstance(v, date) else v for v in row]) for row in rows]


def reserve(table: str, count: int) -> list[int]:
    """Ids nobody else will use. On SQLite only inside a transaction, which holds the one write lock."""
    if not count:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            row = cursor.fetchone()
            first = int(row[0]) + 1 if row else 1
            return list(range(first, first + count))
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


def insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert adapted rows."""
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
        elif len(rows) <= _FEW:
            one = "(" + ", ".join(["%s"] * len(columns)) + ")"
            marks = ", ".join([one] * len(rows))
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {marks}",  # noqa: S608
                [value for row in rows for value in row],
            )
        else:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def select(table: Table, case_id: int) -> dict[Row, Row]:
    """The rows of one case by key, in the order of `columns`."""
    names = ", ".join(table.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {table.name} WHERE case_id = %s", [case_id])  # noqa: S608
        return {tuple(row[: len(table.key)]): tuple(row) for row in cursor.fetchall()}


def sync(table: Table, case_id: int, authority: int, have: dict[Row, Row], want: dict[Row, Row]) -> None:
    """Make the rows of one case be `want`: insert, update and delete only what differs."""
    fresh = [(authority, case_id, *row) for key, row in want.items() if key not in have]
    insert(table.name, ("authority", "case_id", *table.columns), fresh)
    width = len(table.key)
    where = " AND ".join(f"{name} = %s" for name in ("case_id", *table.key))
    changed = [(*row[width:], case_id, *key) for key, row in want.items() if key in have and have[key] != row]
    gone = [(case_id, *key) for key in have if key not in want]
    with connection.cursor() as cursor:
        if changed:
            sets = ", ".join(f"{name} = %s" for name in table.rest)
            cursor.executemany(f"UPDATE {table.name} SET {sets} WHERE {where}", changed)  # noqa: S608
        if gone:
            cursor.executemany(f"DELETE FROM {table.name} WHERE {where}", gone)  # noqa: S608
