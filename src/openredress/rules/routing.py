"""Where a matter might go: rows of category × act × level. It proposes with its basis and never decides."""

from __future__ import annotations

from dataclasses import dataclass

from openredress.rules.pack import Pack, Route

ANY = "*"


@dataclass(frozen=True, slots=True)
class Query:
    """What is known: category code, act complained of, level of the place (1 nation … 5 town)."""

    category: str = ""
    act: str = ""
    level: int = 0
    accused: bool = False  # an official is accused: nothing but the accusation rows fit


@dataclass(frozen=True, slots=True)
class RouteProposal:
    """One row that fits, the nearest fit first."""

    route: str
    unit_kind: str
    zh: str
    en: str
    avenue: str
    article: str
    basis: str
    fit: int  # higher is closer


def routes(query: Query, pack: Pack) -> tuple[RouteProposal, ...]:
    """The rows of the routing table that fit, nearest first; on a tie, the table's own order.

    Never empty for a pack whose last row takes everything.
    """
    act = "accusation" if query.accused else query.act
    scored = []
    for order, row in enumerate(pack.routes):
        fit = _fit(row, query, act)
        if fit is not None:
            scored.append((-fit, order, row))
    scored.sort(key=lambda item: item[:2])
    if query.accused:
        scored = [item for item in scored if item[2].avenue == "R"] or scored
    return tuple(_proposal(row, -minus) for minus, _, row in scored)


def _fit(row: Route, query: Query, act: str) -> int | None:
    fit = 0
    if row.category != ANY:
        depth = _covers(row.category, query.category)
        if not depth:
            return None
        fit += depth
    if row.act != ANY:
        if row.act != act:
            return None
        fit += 4
    if row.levels:
        if query.level not in row.levels:
            return None
        fit += 1
    return fit


def _covers(row: str, category: str) -> int:
    """How deep a category code (2+2+2 digits, 00 = all below) covers another; 0 = not at all."""
    if row == category:
        return 3
    if len(row) != 6 or len(category) != 6 or not row.isdigit():
        return 0
    if row.endswith("0000") and category.startswith(row[:2]):
        return 1
    return 2 if row.endswith("00") and category.startswith(row[:4]) else 0


def _proposal(row: Route, fit: int) -> RouteProposal:
    return RouteProposal(row.id, row.unit_kind, row.zh, row.en, row.avenue, row.article, row.basis, fit)
