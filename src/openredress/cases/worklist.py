"""The desk's worklist: what a unit owes, nearest day first, a page at a time; flat in the number of cases.

One unit's list walks the index of its open deadlines; a list over many units walks open cases by their
nearest day. Counts come from the tallies. Every row passes the gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from openredress.cases import compiled
from openredress.cases.models import Case, DeadlineRow, Tally, TrackRow
from openredress.cases.policy import Gate

BUCKETS = ("late", "today", "three", "ten", "all", "waiting")
WAITING = ("objected", "diverted", "refusal_contested")  # the next step is another body's
MINE = 1_000  # tracks of one handler that are looked at

_CASE = (
    "number", "title", "marks", "people_count", "place", "channel", "received_on", "pack", "stream",
    "territorial_id", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is narrowed to. Empty means: not narrowed."""

    units: frozenset[int]  # ids of the units whose list it is
    bucket: str = "all"
    state: str = ""
    clock: str = ""
    handler: str = ""  # pseudonym
    region: str = ""  # beginning of a region's code
    category: str = ""  # beginning of a category's code
    after: tuple[date, int] | None = None  # the last row of the page before


class Line(NamedTuple):
    """One thing owed, or one case with the nearest thing owed on it."""

    due: date
    key: int
    case: int
    track: str
    clock: str
    what: str
    article: str
    provisional: bool
    holder: int | None
    next_move: str
    paused: bool
    number: str
    title: str
    marks: str
    people: int
    place: str
    channel: str
    received_on: date
    pack: str
    stream: str
    territorial: int | None
    version: int
    state: str = ""
    handler: str = ""
    claims: int = 0
    petitions: int = 1
    hops: int = 0  # different units that held it, the first one too


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, and where the next page begins; None on the last."""

    lines: tuple[Line, ...]
    after: tuple[date, int] | None


def page(gate: Gate, asked: Asked, on: date, limit: int = 50) -> Page:
    """One page of the list, nearest day first."""
    one_unit = len(asked.units) == 1 and asked.bucket != "waiting"
    found = _by_deadline(gate, asked, on, limit) if one_unit else _by_case(gate, asked, on, limit)
    more = len(found) > limit
    found = found[:limit]
    return Page(tuple(_with_details(found)), (found[-1].due, found[-1].key) if more else None)


def _days(bucket: str, on: date) -> tuple[date | None, date | None]:
    """First and last day of a bucket."""
    return {
        "late": (None, on - timedelta(days=1)),
        "today": (on, on),
        "three": (on + timedelta(days=1), on + timedelta(days=3)),
        "ten": (on + timedelta(days=4), on + timedelta(days=10)),
    }.get(bucket, (None, None))


def _narrowed(column: str, asked: Asked, on: date) -> Q:
    """Bucket and place in the list as a condition on the column of the day."""
    first, last = _days(asked.bucket, on)
    found = Q()
    if first:
        found &= Q(**{f"{column}__gte": first})
    if last:
        found &= Q(**{f"{column}__lte": last})
    if asked.after:
        day, key = asked.after
        found &= Q(**{f"{column}__gte": day}) & (Q(**{f"{column}__gt": day}) | Q(pk__gt=key))
    return found


def _about(prefix: str, asked: Asked) -> Q:
    found = Q()
    if asked.region:
        found &= Q(**{f"{prefix}region__startswith": asked.region})
    if asked.category:
        found &= Q(**{f"{prefix}category__startswith": asked.category})
    return found


def _handled(asked: Asked) -> list[int]:
    mine = TrackRow.objects.filter(handler=asked.handler, open=True)
    return list(mine.values_list("case_id", flat=True)[:MINE])


def _by_deadline(gate: Gate, asked: Asked, on: date, limit: int) -> list[Line]:
    """Walks the index of one unit's open deadlines."""
    handled = tuple(_handled(asked)) if asked.handler else ()
    found = compiled.rows(
        ("deadlines", gate.key, replace(asked, after=None), handled, asked.after is None, on, limit),
        lambda: _deadlines(
            gate, replace(asked, after=_STAND_IN if asked.after else None), handled, on, limit
        ),
        _place(asked.after),
    )
    return [
        Line._make(
            (
                _day(row[0]),
                *row[1:7],
                bool(row[7]),
                *row[8:10],
                row[10] == "paused",
                *_typed(row[11:]),
                *_NO_DETAILS,
            )
        )
        for row in found
    ]


def _place(after: tuple[date, int] | None) -> dict[Any, Any] | None:
    """Stand-ins for where a page begins: one database sends days as text, the other as days."""
    if after is None:
        return None
    return {str(_STAND_IN[0]): str(after[0]), _STAND_IN[0]: after[0], _STAND_IN[1]: after[1]}


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _typed(case: tuple[Any, ...]) -> tuple[Any, ...]:
    """Columns of the case; its day as a day whatever the driver gives."""
    at = _CASE.index("received_on")
    return (*case[:at], _day(case[at]), *case[at + 1 :])


_STAND_IN = (date(1900, 1, 2), compiled.NUMBER)


def _deadlines(gate: Gate, asked: Asked, handled: tuple[int, ...], on: date, limit: int) -> Any:
    (unit,) = asked.units
    rows = gate.deadlines().filter(
        _narrowed("due", asked, on), _about("case__", asked), open=True, holder=unit
    )
    if asked.clock:
        rows = rows.filter(clock=asked.clock)
    if asked.handler:
        rows = rows.filter(case__in=handled)
    if asked.state:
        here = TrackRow.objects.filter(case=OuterRef("case_id"), state=asked.state)
        rows = rows.filter(Exists(here.filter(Q(track=OuterRef("track")) | Q(open=True))))
    columns = (
        "due", "pk", "case_id", "track", "clock", "what", "article", "provisional", "holder_id", "next_move",
        "state", *(f"case__{name}" for name in _CASE),
    )  # fmt: skip
    return rows.order_by("due", "pk").values_list(*columns)[: limit + 1]


def _by_case(gate: Gate, asked: Asked, on: date, limit: int) -> list[Line]:
    """Open cases that these units hold, by the nearest day that any unit owes on them."""
    held = TrackRow.objects.filter(case=OuterRef("pk"), open=True, holder__in=asked.units)
    if asked.bucket == "waiting":
        held = held.filter(state__in=WAITING)
    if asked.state:
        held = held.filter(state=asked.state)
    if asked.handler:
        held = held.filter(handler=asked.handler)
    rows = gate.cases().filter(_narrowed("next_due", asked, on), _about("", asked), Exists(held), open=True)
    rows = rows.filter(next_due__isnull=False, authority=1)
    if asked.clock:
        rows = rows.filter(next_clock=asked.clock)
    found = list(
        rows.order_by("next_due", "pk").values_list("next_due", "pk", "next_clock", *_CASE)[: limit + 1]
    )
    owed = _nearest([row[1] for row in found])
    lines = []
    for due, case, clock, *rest in found:
        track, what, article, provisional, holder, move, state = owed.get((case, clock), _NOTHING)
        lines.append(
            Line(
                due,
                case,
                case,
                track,
                clock,
                what,
                article,
                provisional,
                holder,
                move,
                state == "paused",
                *rest,
            )
        )
    return lines


_NO_DETAILS = ("", "", 0, 1, 0)
_NOTHING: tuple[Any, ...] = ("", "", "", False, None, "", "")


def _nearest(cases: Sequence[int]) -> dict[tuple[int, str], tuple[Any, ...]]:
    rows = DeadlineRow.objects.filter(case__in=cases, open=True, holder__isnull=False).order_by("-due")
    columns = ("track", "what", "article", "provisional", "holder_id", "next_move", "state")
    return {(case, clock): rest for case, clock, *rest in rows.values_list("case_id", "clock", *columns)}


_DETAILS = """
SELECT 'claims', case_id, COUNT(*) FROM cases_claimrow WHERE case_id IN ({marks}) GROUP BY case_id
UNION ALL
SELECT 'petitions', case_id, COUNT(*) FROM cases_petition WHERE case_id IN ({marks}) GROUP BY case_id
UNION ALL
SELECT 'hops', case_id, COUNT(*) FROM cases_involved
WHERE case_id IN ({marks}) AND why = 'held' GROUP BY case_id
"""


_STATIONS = """
SELECT case_id, track, state, handler FROM cases_trackrow WHERE case_id IN ({marks}) ORDER BY open DESC, track
"""


def _with_details(lines: Iterable[Line]) -> list[Line]:
    held = list(lines)
    ids = sorted({line.case for line in held})
    if not ids:
        return []
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(_DETAILS.format(marks=marks), ids * 3)
        counts = {(kind, case): n for kind, case, n in cursor.fetchall()}
    stations: dict[int, dict[str, tuple[str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STATIONS.format(marks=marks), ids)
        rows = cursor.fetchall()
    for case, track, state, handler in rows:
        stations.setdefault(case, {})[track] = state, handler
    return [_detailed(line, counts, stations.get(line.case, {})) for line in held]


def _detailed(line: Line, counts: dict[tuple[str, int], int], stations: dict[str, tuple[str, str]]) -> Line:
    first = next(iter(stations.values()), ("", ""))
    state, handler = stations.get(line.track, first)
    return line._replace(
        state=state,
        handler=handler,
        claims=counts.get(("claims", line.case), 0),
        petitions=counts.get(("petitions", line.case), 1),
        hops=counts.get(("hops", line.case), 0),
    )


# ------------------------------------------------------------------ counts


def counted(gate: Gate, units: frozenset[int]) -> frozenset[int]:
    """Those of the units whose counts the actor may see."""
    return units & gate.scope.counted()


_BY_DAY = """
SELECT SUM(CASE WHEN key < %s THEN n ELSE 0 END), SUM(CASE WHEN key = %s THEN n ELSE 0 END),
  SUM(CASE WHEN key > %s AND key <= %s THEN n ELSE 0 END),
  SUM(CASE WHEN key > %s AND key <= %s THEN n ELSE 0 END), SUM(n)
FROM cases_tally WHERE kind = 'due' AND unit_id IN ({marks})
"""


def buckets(gate: Gate, units: frozenset[int], on: date) -> dict[str, int]:
    """How many open deadlines of these units lie in each bucket, as this actor may know them."""
    seen = counted(gate, units)
    if not seen:
        return dict.fromkeys(BUCKETS, 0)
    three, ten = str(on + timedelta(days=3)), str(on + timedelta(days=10))
    marks = ", ".join(["%s"] * len(seen))
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_DAY.format(marks=marks), [str(on), str(on), str(on), three, three, ten, *sorted(seen)]
        )
        found = dict(zip(BUCKETS, (int(n or 0) for n in cursor.fetchone()), strict=False))
    live, tied = beside_tallies(gate)
    for sign, cases in ((1, live), (-1, tied)):
        for due in _days_of(cases, seen):
            found["all"] += sign
            found[_bucket(due, on)] = found.get(_bucket(due, on), 0) + sign
    found["waiting"] = _waiting(gate, seen, live, tied)
    return found


def _bucket(due: date, on: date) -> str:
    days = (due - on).days
    return (
        "late" if days < 0 else "today" if not days else "three" if days <= 3 else "ten" if days <= 10 else ""
    )


def beside_tallies(gate: Gate) -> tuple[QuerySet[Case] | None, QuerySet[Case] | None]:
    """Cases that no tally counts but the actor may know, and those counted that a tie of theirs bars."""
    tied = gate.standing.cases if gate.standing else frozenset()
    few = gate.restricted_ids()
    return (
        Case.objects.filter(pk__in=few) if few else None,
        Case.objects.filter(stream__in=tied, restricted=False) if tied else None,
    )


def _days_of(cases: QuerySet[Case] | None, units: frozenset[int]) -> list[date]:
    if cases is None:
        return []
    rows = DeadlineRow.objects.filter(case__in=cases.values("pk"), open=True, holder__in=units)
    return list(rows.values_list("due", flat=True))


def _waiting(
    gate: Gate, units: frozenset[int], live: QuerySet[Case] | None, tied: QuerySet[Case] | None
) -> int:
    kept = compiled.rows(
        ("waiting", units),
        lambda: Tally.objects.filter(kind="state", unit__in=units, key__in=WAITING).values_list("n"),
    )
    found = sum(int(n) for (n,) in kept)
    for sign, cases in ((1, live), (-1, tied)):
        if cases is not None:
            tracks = TrackRow.objects.filter(case__in=cases.values("pk"), holder__in=units, state__in=WAITING)
            found += sign * tracks.count()
    return found


# ------------------------------------------------------------------ obligations


class OwedLine(NamedTuple):
    """One obligation on a unit's list."""

    due: date
    key: int
    stream: str
    obligation: str
    kind: str
    debtor_kind: str
    debtor: str
    unit: int | None
    state: str
    basis: str


def obligations(
    gate: Gate, asked: Asked, on: date, limit: int = 50
) -> tuple[list[OwedLine], tuple[date, int] | None]:
    """A page of what these units have promised or were told to do, nearest day first."""
    rows = gate.obligations().filter(
        _narrowed("due_on", asked, on),
        state__in=("due", "disputed"),
        unit__in=asked.units,
        due_on__isnull=False,
    )
    columns = (
        "due_on", "pk", "stream_id", "obligation", "kind", "debtor_kind", "debtor", "unit_id", "state",
        "basis",
    )  # fmt: skip
    found = [OwedLine(*row) for row in rows.order_by("due_on", "pk").values_list(*columns)[: limit + 1]]
    more = len(found) > limit
    found = found[:limit]
    return found, (found[-1].due, found[-1].key) if more else None


def everything(asked: Asked) -> Asked:
    """The same list without its place in it: for the address of a first page."""
    return replace(asked, after=None)
