"""The ladder of measures against a unit: house data. It proposes; a person decides with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from openredress.rules.pack import Pack, Packs, Rung


class Counted(Protocol):
    """A fault that counts: of a unit, since a day."""

    @property
    def unit(self) -> str: ...
    @property
    def on(self) -> date: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Measure:
    """督办措施 that was taken against a unit."""

    rung: str
    unit: str
    on: date


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next measure the ladder would take, and the faults it rests on."""

    rung: str
    zh: str
    en: str
    unit: str
    by_role: str
    answer_days: int
    faults: tuple[str, ...]  # keys
    needed: int
    window_days: int
    article: str
    basis: str


def ladder(
    faults: Sequence[Counted],
    measures: Sequence[Measure],
    packs: Packs,
    at: datetime,
    *,
    family: str = "cn_national",
) -> tuple[Proposal, ...]:
    """For each unit the next rung whose number of counted faults is reached in its window, if any.

    `faults` are those that count: told, heard, not set aside. A rung is taken once in its window, and only
    after the rung below it was taken. Units in order of their code.
    """
    pack = packs.for_day(family, at.date())
    units = sorted({f.unit for f in faults})
    proposals = (_next(pack, unit, faults, measures, at.date()) for unit in units)
    return tuple(p for p in proposals if p is not None)


def _next(
    pack: Pack, unit: str, faults: Sequence[Counted], measures: Sequence[Measure], on: date
) -> Proposal | None:
    for rung in reversed(pack.ladder):
        since = on - timedelta(days=rung.window_days)
        mine = [f for f in faults if f.unit == unit and since < f.on <= on]
        if len(mine) < rung.faults or _taken(rung.id, unit, measures, since, on):
            continue
        if rung.after and not _taken(rung.after, unit, measures, since, on):
            continue
        return _proposal(rung, unit, mine)
    return None


def _taken(rung: str, unit: str, measures: Sequence[Measure], since: date, on: date) -> bool:
    return any(m.rung == rung and m.unit == unit and since < m.on <= on for m in measures)


def _proposal(rung: Rung, unit: str, mine: Sequence[Counted]) -> Proposal:
    return Proposal(
        rung=rung.id,
        zh=rung.zh,
        en=rung.en,
        unit=unit,
        by_role=rung.by_role,
        answer_days=rung.answer_days,
        faults=tuple(sorted(f.key for f in mine)),
        needed=rung.faults,
        window_days=rung.window_days,
        article=rung.article,
        basis=rung.basis,
    )
