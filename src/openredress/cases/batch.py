"""Many new cases at once, for imports and the made-up city: the same decide, the same chain.

Each case is decided whole in memory, then written in short transactions so that other writers wait no
longer than they would behind a few single saves. A case that the rules refuse is left out and named.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.utils.timezone import get_default_timezone

from openredress.cases import codes, numbers, prepare, tallies, units, writing
from openredress.cases.intake import PetitionInput
from openredress.cases.models import LedgerRow
from openredress.cases.numbers import Draw
from openredress.cases.prepare import Office, Prepared, Step
from openredress.lawbook import book
from openredress.ledger import gate, store
from openredress.people.models import Unit
from openredress.rules.facts import Actor, Refusal
from openredress.rules.pack import Packs

LONGEST = 0.08  # seconds that one transaction is meant to take; a busy disk doubles it
_MOST, _FIRST = 500, 20  # cases in one transaction

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class MoveDraft:
    """A further move of a new case. `recorded_at` counts only in a made-up home."""

    move: str
    given: Mapping[str, Any]
    actor: Actor
    occurred_at: datetime
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """One new case with its moves: a workbook row, or a case of the made-up city."""

    petition: PetitionInput
    office: str
    stock: bool = False
    moves: tuple[MoveDraft, ...] = ()
    ledger_key: str = ""  # blind hash by which the row is known again; "" for none
    ledger: str = ""
    ledger_digest: str = ""
    ledger_cells: Mapping[str, Any] = field(default_factory=dict)
    registered_at: datetime | None = None  # when it was registered; None: at `recorded_at` of the batch
    actor: Actor | None = None  # who registered it; None: the batch's own


@dataclass(frozen=True, slots=True)
class Refused:
    """A draft that was left out: its place in the batch, and why."""

    index: int
    refusal: Refusal


@dataclass(slots=True)
class BatchResult:
    """What became of a batch. `numbers` by index of the draft."""

    cases: int = 0
    entries: int = 0
    already: int = 0  # drafts whose ledger row had its case before
    refused: list[Refused] = field(default_factory=list)
    numbers: dict[int, str] = field(default_factory=dict)
    longest: float = 0.0  # seconds of the longest transaction


@dataclass(frozen=True, slots=True)
class _Setting:
    """What preparing needs besides the draft."""

    packs: Packs
    zone: ZoneInfo
    offices: Mapping[str, Office]  # by unit code
    actor: Actor
    recorded_at: datetime
    made_up: bool
    seed: int | None
    family: str


def is_made_up(authority: int = 1) -> bool:
    """Whether this home's first system entry says that it is made up."""
    first = next(iter(store.read("system", str(authority))), None)
    return first is not None and first.facts.get("made_up") is True


def append_batch(
    drafts: Iterable[CaseDraft],
    *,
    actor: Actor,
    recorded_at: datetime,
    made_up: bool = False,
    progress: Progress | None = None,
    seed: int | None = None,
    family: str = "",
    longest: float = LONGEST,
) -> BatchResult:
    """Write new cases through the same rules as single ones, in short transactions.

    `recorded_at` (aware) is now; only in a made-up home do drafts keep their own past `recorded_at`, else
    ValueError. `progress` is called with the number of drafts done. `seed` makes numbers and streams
    repeatable. `longest`: seconds that one transaction may take; more only where nobody else writes yet.
    """
    if made_up and not is_made_up():
        raise ValueError("past recorded_at needs a home whose first system entry says made_up")
    setting = _Setting(
        packs=book.packs(),
        zone=ZoneInfo(str(get_default_timezone())),
        offices={
            code: Office(code, direct=kind != "office")
            for code, kind in Unit.objects.values_list("code", "kind")
        },
        actor=actor,
        recorded_at=recorded_at,
        made_up=made_up,
        seed=seed,
        family=family,
    )
    result, size, done = BatchResult(), _FIRST, 0
    ids = units.all_ids()
    ready = _prepared(drafts, setting, set())
    while portion := list(islice(ready, size)):
        took = _write(portion, setting, ids, result)
        result.longest = max(result.longest, took)
        size = max(1, min(_MOST, size * 2, int(size * longest * 0.8 / max(took, 0.001))))
        done += len(portion)
        if progress is not None:
            progress(done)
    return result


_Ready = tuple[int, CaseDraft, Prepared | Refusal]


def _prepared(drafts: Iterable[CaseDraft], setting: _Setting, drawn: set[str]) -> Iterator[_Ready]:
    # Helper processes were tried: handing a decided case over costs more than deciding it.
    for index, draft in enumerate(drafts):
        made = _prepare(setting, index, draft, drawn)
        if isinstance(made, Prepared):
            drawn.add(made.number)
        yield index, draft, made


def _prepare(setting: _Setting, index: int, draft: CaseDraft, drawn: set[str]) -> Prepared | Refusal:
    made_up, now = setting.made_up, setting.recorded_at
    registered = draft.registered_at or draft.petition.received_at or now
    source: Draw = secrets.token_bytes
    if setting.seed is not None:
        source = random.Random(f"{setting.seed}/{index}").randbytes
    steps = [
        Step(
            one.move, one.given, one.actor, one.occurred_at,
            (one.recorded_at or one.occurred_at) if made_up else now,
        )
        for one in draft.moves
    ]  # fmt: skip
    return prepare.prepare(
        draft.petition,
        office=setting.offices.get(draft.office, Office(draft.office)),
        actor=draft.actor or setting.actor,
        packs=setting.packs,
        at=registered if made_up else now,
        zone=setting.zone,
        stock=draft.stock,
        steps=steps,
        occurred_at=registered,
        known_at=now,
        family=setting.family,
        source=source,
        taken=lambda number: number in drawn or numbers.taken(number),
    )


def _write(
    portion: Sequence[_Ready], setting: _Setting, ids: Mapping[str, int], result: BatchResult
) -> float:
    """Write one portion in one transaction and say how many seconds the gate was held."""
    good: list[tuple[int, writing.New]] = []
    for index, draft, made in portion:
        if isinstance(made, Refusal):
            result.refused.append(Refused(index, made))
            continue
        code = codes.derive("batch", made.stream, made.digest)
        new = writing.New(
            case=made,
            arrival=writing.Arrival(codes.stored(code)),
            ledger_key=draft.ledger_key,
            ledger=draft.ledger,
            ledger_digest=draft.ledger_digest,
            ledger_cells=draft.ledger_cells,
        )
        good.append((index, new))
    took = 0.0
    for _ in range(2):  # a second time when another import of the same ledger was faster
        fresh = _not_there_yet(good, result)
        began = time.perf_counter()

        def work(fresh: Sequence[tuple[int, writing.New]] = fresh) -> None:
            nonlocal began
            began = time.perf_counter()  # waiting for our turn is not holding the gate
            recorded_at = None if setting.made_up else setting.recorded_at
            counted = writing.insert_cases(
                [new for _, new in fresh], setting.packs, ids, authority=1, recorded_at=recorded_at
            )
            tallies.apply(counted, 1)

        try:
            if fresh:
                gate.write(work)
        except IntegrityError:
            if not any(new.ledger_key for _, new in fresh):
                raise
            good = fresh
            continue
        took = time.perf_counter() - began
        for index, new in fresh:
            result.cases += 1
            result.entries += len(new.appended)
            result.numbers[index] = new.case.number
        return took
    raise IntegrityError("a ledger row stayed in the way of its own import")


def _not_there_yet(
    good: Sequence[tuple[int, writing.New]], result: BatchResult
) -> list[tuple[int, writing.New]]:
    keys = [new.ledger_key for _, new in good if new.ledger_key]
    if not keys:
        return list(good)
    there = set(LedgerRow.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = []
    for index, new in good:
        if new.ledger_key and new.ledger_key in there:
            result.already += 1
            continue
        there.add(new.ledger_key or f"#{index}")
        fresh.append((index, new))
    return fresh
