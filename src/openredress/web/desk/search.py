"""Searching the redacted text; a number goes straight to its case. And the list of all cases."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.cases.models import Case
from openredress.lawbook import book
from openredress.rules.lifecycle import DEFAULT_FAMILY
from openredress.web.desk import said
from openredress.web.desk.access import Desk, DeskRequest, frame, signed_in
from openredress.web.desk.case import by_number
from openredress.web.desk.worklist import tags
from openredress.web.frame import day, url

HITS = 50
AROUND = 34  # characters of text before a hit
LONG = 110
NUMBER = re.compile(r"\d{4}-[0-9A-Za-z]{6}-[0-9A-Za-z*]")


@signed_in
def search(request: DeskRequest) -> HttpResponse:
    """What the words find, newest first."""
    query = request.GET.get("q", "").strip()[:200]
    gate = request.desk.gate
    if NUMBER.fullmatch(query) and (found := by_number(request, query)):
        return HttpResponseRedirect(found)
    hits = gate.search(query, HITS) if query else []
    # A second walk over the index is only needed when the first one was cut short.
    count = gate.search_count(query) if len(hits) == HITS else len(hits)
    context = frame(
        request, "cases", query=query, rows=_rows(hits, request.desk, query), count=str(count), hits=len(hits)
    )
    return render(request, "desk/search.html", context)


@signed_in
def cases(request: DeskRequest) -> HttpResponse:
    """All cases that the actor may know, newest first, a page at a time."""
    desk, before = request.desk, request.GET.get("before", "")
    rows = desk.gate.cases().filter(authority=1)
    # A page begins after a number: row ids have gaps, and those would tell of sealed cases.
    last = rows.filter(number=before).values_list("received_on", "pk").first() if before else None
    if last:
        rows = rows.filter(received_on__lte=last[0]).exclude(received_on=last[0], pk__gte=last[1])
    if request.GET.get("open"):
        rows = rows.filter(open=True)
    found = list(rows.order_by("-received_on", "-pk")[: HITS + 1])
    more = found[HITS - 1] if len(found) > HITS else None
    kept = {"open": "1"} if request.GET.get("open") else {}
    context = frame(
        request,
        "cases",
        rows=_rows(found[:HITS], desk, ""),
        only_open=bool(kept),
        next_href=url("desk:cases", **kept, before=more.number) if more else "",
    )
    return render(request, "desk/cases.html", context)


def _rows(found: Sequence[Case], desk: Desk, query: str) -> list[dict[str, object]]:
    packs = book.packs()
    calendar = packs.calendar(packs.for_day(DEFAULT_FAMILY, desk.on).calendar)
    names = said.unit_names(case.lead_id for case in found)
    return [
        {
            "case": case,
            "href": url("desk:case", case.number),
            "station": said.state(packs, case.pack, case.state),
            "lead": names.get(case.lead_id or 0, ""),
            "due": said.due(case.next_due, desk.on, calendar) if case.next_due and case.open else None,
            "tags": tags(case.marks, case.people_count, 1, 0, packs.pack(case.pack)),
            "received": f"{said.channel(case.channel)} {day(case.received_on, year=True)}",
            "text": snippet(case.summary, query),
        }
        for case in found
    ]


def snippet(text: str, query: str) -> str:
    """The part of a text around the first word that was looked for."""
    words = query.split()
    at = next((place for word in words if (place := text.find(word)) >= 0), 0)
    start = max(at - AROUND, 0)
    cut = " ".join(text[start : start + LONG].split())
    return ("…" if start else "") + cut + ("…" if len(text) > start + LONG else "")


urls: list[URLPattern] = [path("search", search, name="search"), path("cases", cases, name="cases")]
