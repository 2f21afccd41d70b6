"""The made-up cases in memory, decided by the real rules, without a database."""

from __future__ import annotations

import hashlib
import random
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from openredress.cases import prepare
from openredress.cases.batch import CaseDraft
from openredress.cases.prepare import Office, Prepared, Step
from openredress.importers.demo import draft
from openredress.importers.demo.city import plan_city
from openredress.ledger.canonical import canonical
from openredress.packs.load import builtin, builtin_packs
from openredress.rules.facts import Refusal

TODAY = date(2026, 11, 23)
ZONE = ZoneInfo("Asia/Shanghai")
PACKS = builtin_packs()


@cache
def world(cases: int, seed: int = 1) -> draft.World:
    codes = {term.zh: code for code, term in builtin("cn_national_2022").vocab["categories"].items()}
    return draft.World(plan_city(seed), PACKS.calendar("cn"), TODAY, ZONE, seed, cases, codes)


@cache
def drafts(cases: int, seed: int = 1) -> tuple[CaseDraft, ...]:
    made = world(cases, seed)
    return tuple(draft.make(made, n) for n in range(cases + draft.HARD))


def decided(made: draft.World, index: int, one: CaseDraft) -> Prepared | Refusal:
    """As `append_batch` decides it."""
    steps = [Step(m.move, m.given, m.actor, m.occurred_at, m.occurred_at) for m in one.moves]
    return prepare.prepare(
        one.petition,
        office=Office(one.office, made.city.units[one.office].kind != "office"),
        actor=one.actor,
        packs=PACKS,
        at=one.registered_at,
        zone=made.zone,
        steps=steps,
        occurred_at=one.registered_at,
        known_at=datetime.combine(TODAY, time(9), made.zone),
        source=random.Random(f"{made.seed}/{index}").randbytes,
    )


def digest(cases: list[Prepared]) -> str:
    """Of all facts and texts: what must be the same each time."""
    whole = hashlib.sha256()
    for case in cases:
        whole.update(case.number.encode() + case.petition.text.encode())
        for entry in case.drafts:
            whole.update(
                canonical([entry.code, entry.actor, entry.occurred_at.isoformat(), dict(entry.facts)])
            )
            whole.update(canonical(dict(entry.words)))
    return whole.hexdigest()
