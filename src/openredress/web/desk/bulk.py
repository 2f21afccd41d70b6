"""Forwarding many: chosen on a list, shown row by row with what the rules say, then sent one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.cases import actions, facts
from openredress.cases.models import TrackRow
from openredress.cases.performing import decide_move
from openredress.lawbook import book
from openredress.people.models import Unit
from openredress.rules.facts import Refusal
from openredress.web.desk.access import Desk, DeskRequest, frame
from openredress.web.desk.forms import Option, unit_options
from openredress.web.desk.only import only
from openredress.web.frame import url
from openredress.web.language import sentence, t

MOST = 50  # rows at a time
FEWEST = 3  # of a category alone, before it says anything
LEARNT = 2_000  # newest tracks from which a unit is proposed


@dataclass
class Row:
    """One petition waiting to be forwarded."""

    stream: str
    number: str
    title: str
    place: str
    category: str
    region: str
    received_on: date
    track: str
    to: str = ""  # unit code, chosen or proposed
    chosen: bool = False
    why: str = ""  # the rules' refusal
    version: int = 0

    @property
    def key(self) -> str:
        """How the form names this row."""
        return f"{self.number}.{self.track}"


def waiting(desk: Desk, numbers: Iterable[str] | None = None) -> list[Row]:
    """Readable tracks that this unit has registered and not forwarded yet, oldest first."""
    rows = TrackRow.objects.filter(open=True, state="registered", holder__code=desk.actor.unit)
    rows = rows.filter(case__in=desk.gate.searchable())
    if numbers is not None:
        rows = rows.filter(case__number__in=list(numbers))
    found = rows.order_by("received_on", "case_id").values_list(
        "case__stream", "case__number", "case__title", "case__place", "case__category",
        "case__region", "received_on", "track", "case__version",
    )[:MOST]  # fmt: skip
    return [Row(*values[:8], version=values[8]) for values in found]


def proposals(desk: Desk, rows: Iterable[Row]) -> dict[str, str]:
    """Row's key → code of the unit that most often got such matters of that place from here.

    Where none of that place has gone anywhere yet, matters of the category count, if there are several.
    """
    rows = list(rows)
    wanted = {row.category for row in rows if row.category}
    if not wanted:
        return {}
    readable = desk.gate.searchable().filter(sealed=False)
    gone = TrackRow.objects.filter(case__category__in=wanted, case__in=readable, holder__active=True)
    gone = gone.exclude(holder__code=desk.actor.unit).order_by("-pk")
    here: dict[tuple[str, str], Counter[str]] = {}
    anywhere: dict[str, Counter[str]] = {}
    columns = ("case__category", "case__region", "holder__code")
    for category, region, code in gone.values_list(*columns)[:LEARNT]:
        here.setdefault((category, region), Counter())[code] += 1
        anywhere.setdefault(category, Counter())[code] += 1
    found: dict[str, str] = {}
    for row in rows:
        near, far = here.get((row.category, row.region)), anywhere.get(row.category)
        if near:
            found[row.key] = near.most_common(1)[0][0]
        elif far and far.most_common(1)[0][1] >= FEWEST:
            found[row.key] = far.most_common(1)[0][0]
    return found


@only("clerk", "supervisor", "head")
def bulk(request: DeskRequest) -> HttpResponse:
    """The list; `preview` asks the rules for each chosen row, `send` forwards what they allow."""
    desk = request.desk
    if request.method != "POST":
        return _page(request, _proposed(desk, waiting(desk)))
    do = request.POST.get("do", "")
    if not do:  # rows that were chosen on another list
        rows = _proposed(desk, waiting(desk, request.POST.getlist("number")))
        return _page(request, [_chosen(row) for row in rows])
    rows = _typed(request, waiting(desk))
    for row in rows:
        if row.chosen:
            row.why = _why(desk, row)
    if do != "send" or not any(row.chosen for row in rows):
        return _page(request, rows, asked=True)
    return _send(request, rows)


def _proposed(desk: Desk, rows: list[Row]) -> list[Row]:
    likely = proposals(desk, rows)
    for row in rows:
        row.to = likely.get(row.key, "")
    return rows


def _chosen(row: Row) -> Row:
    row.chosen = True
    return row


def _typed(request: DeskRequest, rows: list[Row]) -> list[Row]:
    chosen = set(request.POST.getlist("row"))
    for row in rows:
        row.chosen = row.key in chosen
        row.to = _code(request.POST.get(f"to.{row.key}", ""))
    return rows


def _code(typed: str) -> str:
    """The unit's code, also where there are so many units that its name is typed."""
    wanted = typed.strip()
    if not wanted or Unit.objects.filter(code=wanted).exists():
        return wanted
    return Unit.objects.filter(name=wanted, active=True).values_list("code", flat=True).first() or wanted


def _given(row: Row) -> Mapping[str, str]:
    return {"track": row.track, "to": row.to}


def _why(desk: Desk, row: Row) -> str:
    """What the rules say to this row; nothing is written."""
    if not row.to:
        return t("还没有选单位。", "No unit is chosen.")
    known = facts.load(row.stream, desk.at, book.packs())
    made = decide_move(known, "forward", _given(row), desk.actor, desk.at) if known else None
    return sentence(made) if isinstance(made, Refusal) else ""


def _send(request: DeskRequest, rows: list[Row]) -> HttpResponse:
    """Each row in a transaction of its own: one that fails keeps no other back."""
    desk, sent = request.desk, 0
    left: list[Row] = []
    for row in rows:
        if row.chosen and not row.why:
            done = actions.perform(
                row.stream, "forward", _given(row), actor=desk.actor, at=desk.at, expected=row.version
            )
            row.why = sentence(done) if isinstance(done, Refusal) else ""
            sent += not row.why
            if not row.why:
                continue
        left.append(row)
    refused = sum(bool(row.why) for row in left)
    if sent:
        messages.success(request, t(f"已转送 {sent} 件。", f"{sent} forwarded."))
    if not refused:
        return HttpResponseRedirect(url("desk:bulk"))
    messages.error(
        request, t(f"{refused} 件没有转送，理由在各行。", f"{refused} were not; the reason is in each row.")
    )
    return _page(request, left, asked=True)


def _page(request: DeskRequest, rows: list[Row], *, asked: bool = False) -> HttpResponse:
    known: tuple[Option, ...] = unit_options()
    names = {one.value: one.label for one in known}
    chosen = [row for row in rows if row.chosen]
    context = frame(
        request,
        "bulk",
        rows=rows,
        units=known,
        names=names,
        asked=asked,
        ready=sum(not row.why for row in chosen),
        refused=sum(bool(row.why) for row in chosen),
        most=MOST,
    )
    return render(request, "desk/bulk.html", context)


urls: list[URLPattern] = [path("bulk", bulk, name="bulk")]
