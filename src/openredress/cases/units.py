"""Unit codes and the ids behind them, in plain SQL: the ORM would cost more than the answer."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from openredress.people.models import Unit


def _look_up(column: str, codes: Iterable[str]) -> dict[str, object]:
    wanted = sorted({code for code in codes if code})
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT code, {column} FROM people_unit WHERE code IN ({marks})", wanted)  # noqa: S608
        return dict(cursor.fetchall())


def ids(codes: Iterable[str]) -> dict[str, int]:
    """Code → id of those units that exist."""
    return {code: int(str(found)) for code, found in _look_up("id", codes).items()}


def names(codes: Iterable[str]) -> dict[str, str]:
    """Code → name of those units that exist."""
    return {code: str(found) for code, found in _look_up("name", codes).items()}


def all_ids() -> dict[str, int]:
    """Code → id of every unit, for work on many cases."""
    return dict(Unit.objects.values_list("code", "pk"))


def receiving(code: str) -> tuple[str, str] | None:
    """(code, kind) of the active unit of that code; without a code, of the topmost petition office."""
    where = "code = %s" if code else "kind = 'office'"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT code, kind FROM people_unit WHERE active AND {where} ORDER BY level, id LIMIT 1",  # noqa: S608
            [code] if code else [],
        )
        row = cursor.fetchone()
    return (str(row[0]), str(row[1])) if row else None
