"""Figures from the kept tallies: stations by unit, what falls due on which day, what is late."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.cases.policy import Gate
from openredress.lawbook import book
from openredress.rules.lifecycle import DEFAULT_FAMILY
from openredress.web.desk import said
from openredress.web.desk.access import DeskRequest, frame, signed_in
from openredress.web.frame import day, url, weekday
from openredress.web.language import t

DAYS = 14
UNITS = 60  # rows of the table; the rest is added up in one


@signed_in
def statistics(request: DeskRequest) -> HttpResponse:
    """Unit × station, due per day for a fortnight, late counts; as this actor may know them."""
    gate, on = request.desk.gate, request.desk.on
    packs = book.packs()
    pack = packs.for_day(DEFAULT_FAMILY, on)
    stations = gate.tally("state")
    late, coming = _by_day(gate, on)
    order = sorted(pack.states.values(), key=lambda one: one.rank)
    used = {state for _, state in stations}
    columns = [one for one in order if one.id in used]
    table = _table(stations, late, [one.id for one in columns])
    calendar = packs.calendar(pack.calendar)
    most = max(coming.values(), default=0) or 1
    days = [
        {
            "on": f"{day(that)} {weekday(that)}",
            "n": coming[that],
            "worked": calendar.is_working(that),
            "most": most,
            "today": that == on,
        }
        for that in (on + timedelta(days=n) for n in range(DAYS))
    ]
    context = frame(
        request,
        "statistics",
        columns=[t(one.zh, one.en) for one in columns],
        table=table,
        days=days,
        late=sum(late.values()),
        open_tracks=sum(
            n
            for (_, state), n in stations.items()
            if state in pack.states and not pack.states[state].terminal
        ),
        all_tracks=sum(stations.values()),
        worklist=url("desk:worklist"),
    )
    return render(request, "desk/statistics.html", context)


def _by_day(gate: Gate, on: date) -> tuple[Counter[int], Counter[date]]:
    """Late open deadlines by unit, and open ones by day from today on."""
    late: Counter[int] = Counter()
    coming: Counter[date] = Counter()
    today, last = on.isoformat(), (on + timedelta(days=DAYS)).isoformat()
    for (unit, key), n in gate.tally("due").items():
        if key < today:
            late[unit] += n
        elif key < last:
            coming[date.fromisoformat(key)] += n
    return late, coming


def _table(
    stations: Counter[tuple[int, str]], late: Counter[int], columns: list[str]
) -> list[dict[str, object]]:
    units: Counter[int] = Counter()
    for (unit, _), n in stations.items():
        units[unit] += n
    for unit in late:
        units[unit] += 0
    shown = [unit for unit, _ in units.most_common(UNITS)]
    names = said.unit_names(shown)
    rows: list[dict[str, object]] = [
        {
            "name": names.get(unit, ""),
            "cells": [stations[unit, state] for state in columns],
            "late": late[unit],
            "all": units[unit],
        }
        for unit in shown
    ]
    rest = set(units) - set(shown)
    if rest:
        cells = [sum(stations[unit, state] for unit in rest) for state in columns]
        name = t(f"其余 {len(rest)} 个单位", f"{len(rest)} further units")
        rows.append(
            {
                "name": name,
                "cells": cells,
                "late": sum(late[u] for u in rest),
                "all": sum(units[u] for u in rest),
            }
        )
    return rows


urls: list[URLPattern] = [path("statistics", statistics, name="statistics")]
