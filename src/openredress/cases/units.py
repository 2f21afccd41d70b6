"""Unit codes and the ids behind them."""

from __future__ import annotations

from collections.abc import Iterable

from openredress.people.models import Unit


def ids(codes: Iterable[str]) -> dict[str, int]:
    """Code → id of those units that exist."""
    wanted = {code for code in codes if code}
    return dict(Unit.objects.filter(code__in=wanted).values_list("code", "pk")) if wanted else {}


def all_ids() -> dict[str, int]:
    """Code → id of every unit, for work on many cases."""
    return dict(Unit.objects.values_list("code", "pk"))
