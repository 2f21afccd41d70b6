"""Unit codes and the ids behind them. A code keeps its id for ever, so a process may remember both."""

from __future__ import annotations

from openredress.people.models import Unit

_IDS: dict[str, int] = {}


def id_of(code: str) -> int:
    """The id of a unit code. Raises KeyError for a code that no unit has."""
    found = _IDS.get(code)
    if found is None:
        _IDS.update(Unit.objects.values_list("code", "pk"))
        found = _IDS[code]
    return found


def known(code: str) -> bool:
    """Whether a unit of that code exists."""
    try:
        id_of(code)
    except KeyError:
        return False
    return True


def forget() -> None:
    """Drop what is remembered: another database is in place (restore, tests)."""
    _IDS.clear()
