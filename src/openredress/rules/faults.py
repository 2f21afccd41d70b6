"""未依规办理: what a unit did not do. A fault counts only after the unit was heard (elsewhere)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openredress.rules.facts import CaseFacts, Deadline, Entry
from openredress.rules.faulttests import FAULT_TESTS, Found, Looking
from openredress.rules.pack import FaultDef, Packs


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one unit on one case, with the entries that show it."""

    id: str  # of its definition
    key: str  # the same fault has the same key however often it is computed
    zh: str
    en: str
    unit: str
    track: str
    on: date
    entries: tuple[int, ...]
    article: str
    basis: str
    weight: int


def faults(
    facts: CaseFacts,
    entries: Sequence[Entry],
    deadlines: Sequence[Deadline],
    packs: Packs,
    at: datetime,
) -> tuple[Fault, ...]:
    """What units left undone on this case up to that day, oldest first.

    Computed from missing unit entries and deadlines only. A stock case has none before its go-live day, the
    day on which it was recorded. `at` is aware; its own zone gives the day.
    """
    if not entries or not facts.family:
        return ()
    on = at.date()
    live = go_live(facts, entries)
    look = Looking(facts, entries, deadlines, on)
    found: list[Fault] = []
    for definition in packs.for_day(facts.family, on).faults:
        for one in FAULT_TESTS[definition.test.name](look, *definition.test.args):
            if one.unit and one.on <= on and (live is None or one.on >= live):
                found.append(_fault(definition, one, facts.family, packs))
    found.sort(key=lambda f: (f.on, f.key))
    return tuple(found)


def go_live(facts: CaseFacts, entries: Sequence[Entry]) -> date | None:
    """The day on which a stock case was recorded here; None for other cases."""
    if not facts.stock or not entries:
        return None
    first = entries[0]
    return first.recorded_at.astimezone(first.occurred_at.tzinfo).date()


def _fault(definition: FaultDef, one: Found, family: str, packs: Packs) -> Fault:
    then = _then_in_force(definition, one.on, family, packs)
    return Fault(
        id=definition.id,
        key=f"{definition.id}/{one.track}/{one.entries[0]}",
        zh=then.zh,
        en=then.en,
        unit=one.unit,
        track=one.track,
        on=one.on,
        entries=one.entries,
        article=then.article,
        basis=then.basis,
        weight=then.weight,
    )


def _then_in_force(definition: FaultDef, on: date, family: str, packs: Packs) -> FaultDef:
    try:
        pack = packs.for_day(family, on)
    except LookupError:
        return definition
    return next((d for d in pack.faults if d.id == definition.id), definition)
