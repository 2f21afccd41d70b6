"""Queries that are asked on every page: made into SQL once, then sent as they are.

Making Django's conditions into SQL costs more than the database needs to answer them. The key names
everything that the SQL depends on; what differs from call to call goes in as a stand-in.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

_MOST = 4_000  # kept in a process
_kept: dict[Hashable, tuple[str, tuple[Any, ...]] | None] = {}

TEXT = "\x01stand-in\x01"
NUMBER = -987_654_321


def rows(
    key: Hashable, make: Callable[[], Any], stand_ins: Mapping[Any, Any] | None = None
) -> list[tuple[Any, ...]]:
    """The rows of the `values_list` query that `make` gives, with each stand-in replaced by its value.

    Values come as the driver gives them. `make` is only called when the key is new.
    """
    place = (connection.vendor, key)
    if place not in _kept:
        if len(_kept) >= _MOST:
            _kept.clear()
        _kept[place] = _sql(make())
    held = _kept[place]
    if held is None:
        return []
    sql, params = held
    if stand_ins:
        params = tuple(stand_ins.get(value, value) for value in params)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _sql(found: Any) -> tuple[str, tuple[Any, ...]] | None:
    try:
        sql, params = found.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, tuple(params)


def forget() -> None:
    """Make every query anew: a test has put other conditions in the place of the gate's."""
    _kept.clear()
