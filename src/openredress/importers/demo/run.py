"""Makes the whole city: founds it, then sends every case through the one writer of batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from openredress.cases.actions import BatchResult, CaseDraft, append_batch
from openredress.importers.demo import draft, founding
from openredress.importers.demo.city import City, plan_city
from openredress.lawbook import book
from openredress.rules.facts import Actor
from openredress.rules.lifecycle import DEFAULT_FAMILY

PATIENT = 2.0  # seconds a transaction: nobody else works in a home that is being made
SYSTEM = Actor("system", "system", roles=frozenset({"system"}))

Progress = Callable[[int, int, int], None]  # cases done, cases in all, entries sent so far


@dataclass(frozen=True, slots=True)
class Made:
    """The city and what became of its cases."""

    city: City
    result: BatchResult
    cases: int


def world(*, cases: int, seed: int, today: date, zone: tzinfo) -> draft.World:
    """The city of that seed and the two years before `today`. The law must be in the lawbook."""
    packs = book.packs()
    pack = packs.for_day(DEFAULT_FAMILY, today)
    codes = {term.zh: code for code, term in pack.vocab["categories"].items()}
    return draft.World(plan_city(seed), packs.calendar(pack.calendar), today, zone, seed, cases, codes)


def drafts(made: draft.World, sent: list[int] | None = None) -> Iterator[CaseDraft]:
    """All cases in the order of their indexes, the hard ones last. `sent[0]` counts entries."""
    for index in range(made.cases + draft.HARD):
        one = draft.make(made, index)
        if sent is not None:
            sent[0] += 1 + len(one.moves)
        yield one


def make(
    *, cases: int, seed: int, today: date, zone: tzinfo, at: datetime, progress: Progress | None = None
) -> Made:
    """Found the city in an empty, migrated home and give it its cases.

    `at` (aware) is now; `today` the day after the last simulated one. The same `cases`, `seed` and `today`
    give the same numbers, facts and texts; salts and keys are the home's own.
    """
    first = today - timedelta(days=draft.DAYS)
    begins = datetime.combine(first, time(8), zone)
    city = plan_city(seed)
    founding.found(city, at=begins, go_live=first, seed=seed, law_at=begins)
    made = world(cases=cases, seed=seed, today=today, zone=zone)
    total, sent = cases + draft.HARD, [0]

    def told(done: int) -> None:
        if progress is not None:
            progress(done, total, sent[0])

    result = append_batch(
        drafts(made, sent),
        actor=SYSTEM,
        recorded_at=at,
        made_up=True,
        progress=told,
        seed=seed,
        longest=PATIENT,
    )
    return Made(city, result, total)
