"""What the doors list: worklists, nearest day first. Every read goes through the gate of policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F, QuerySet

from openredress.cases.models import Case, DeadlineRow, ObligationRow, TrackRow
from openredress.cases.policy import Gate
from openredress.people.models import Staff, Unit
from openredress.rules.pack import Packs


@dataclass(frozen=True, slots=True)
class Due:
    """One line of a worklist: what is owed by when, by whom, and what would do it."""

    number: str
    title: str
    track: str
    clock: str  # a clock's id, or the kind of an obligation
    what: str
    article: str
    due: date
    days_left: int  # calendar days; negative when late
    holder: str  # unit's name
    handler: str  # name, empty while nobody is named
    next_move: str  # the move that ends it, in words
    late: bool
    stream: str
    provisional: bool = False


def due(
    gate: Gate, on: date, *, packs: Packs, unit: Unit | None = None, english: bool = False
) -> Iterator[Due]:
    """Everything open that units owe, nearest day first: deadlines of clocks and obligations of cases.

    `unit` narrows it to one unit's own list. Only what the gate's actor may read is given.
    """
    deadlines = _open_deadlines(gate, unit)
    obligations = _open_obligations(gate, unit)
    lines = [
        *_deadline_lines(deadlines, on, packs, english),
        *_obligation_lines(obligations, on, packs, english),
    ]
    lines.sort(key=lambda line: (line.due, line.number, line.track, line.clock))
    yield from lines


def _open_deadlines(gate: Gate, unit: Unit | None) -> QuerySet[DeadlineRow]:
    rows = gate.deadlines().filter(open=True, holder__isnull=False)
    return rows.filter(holder=unit) if unit is not None else rows


def _open_obligations(gate: Gate, unit: Unit | None) -> QuerySet[ObligationRow]:
    rows = gate.obligations().filter(state__in=("due", "disputed"), due_on__isnull=False)
    return rows.filter(unit=unit) if unit is not None else rows


def _handlers(case_ids: list[int]) -> dict[tuple[int, str], str]:
    """(case, track) → name of the handler."""
    found: dict[tuple[int, str], str] = {}
    for start in range(0, len(case_ids), 500):
        rows = TrackRow.objects.filter(case__in=case_ids[start : start + 500]).exclude(handler="")
        found.update(
            {(case, track): name for case, track, name in rows.values_list("case_id", "track", "handler")}
        )
    names = dict(Staff.objects.filter(pseudonym__in=set(found.values())).values_list("pseudonym", "name"))
    return {key: names.get(pseudonym, "") for key, pseudonym in found.items()}


def _label(packs: Packs, pack_hash: str, move: str, english: bool) -> str:
    try:
        found = packs.pack(pack_hash).moves.get(move)
    except KeyError:
        return move
    return (found.en if english else found.zh) if found else move


def _deadline_lines(rows: QuerySet[DeadlineRow], on: date, packs: Packs, english: bool) -> Iterator[Due]:
    columns = (
        "case_id", "case__number", "case__title", "case__stream", "case__pack", "track", "clock", "what",
        "article", "due", "holder__name", "next_move", "provisional",
    )  # fmt: skip
    found = list(rows.order_by().values_list(*columns))
    handlers = _handlers(sorted({row[0] for row in found}))
    for (
        case,
        number,
        title,
        stream,
        pack,
        track,
        clock,
        what,
        article,
        day,
        holder,
        move,
        provisional,
    ) in found:
        yield Due(
            number=number,
            title=title,
            track=track,
            clock=clock,
            what=what,
            article=article,
            due=day,
            days_left=(day - on).days,
            holder=holder,
            handler=handlers.get((case, track), ""),
            next_move=_label(packs, pack, move, english),
            late=on > day,
            stream=stream,
            provisional=provisional,
        )


def _obligation_lines(rows: QuerySet[ObligationRow], on: date, packs: Packs, english: bool) -> Iterator[Due]:
    found = list(rows.select_related("unit"))
    cases: dict[str, Case] = {}
    streams = sorted({row.stream_id for row in found})
    for start in range(0, len(streams), 500):
        part = Case.objects.filter(stream__in=streams[start : start + 500])
        cases.update({case.stream: case for case in part.only("stream", "number", "title", "pack")})
    handlers = _handlers(sorted(case.pk for case in cases.values()))
    for row in found:
        case, day = cases[row.stream_id], row.due_on
        if day is None:
            continue
        kind = packs.pack(case.pack).obligations.get(row.kind)
        yield Due(
            number=case.number,
            title=case.title,
            track=row.track,
            clock=row.kind,
            what=(kind.en if english else kind.zh) if kind else row.kind,
            article=kind.article if kind else row.basis,
            due=day,
            days_left=(day - on).days,
            holder=row.unit.name if row.unit else row.debtor,
            handler=handlers.get((case.pk, row.track), ""),
            next_move=_label(packs, case.pack, "perform_obligation", english),
            late=on > day,
            stream=case.stream,
        )


def cases_of(gate: Gate, unit: Unit) -> QuerySet[Case]:
    """Readable cases in which the unit has a part, the one with the nearest day first."""
    part = Case.objects.filter(involved__unit=unit).values("pk")
    return gate.cases().filter(pk__in=part).order_by(F("next_due").asc(nulls_last=True), "-pk")
