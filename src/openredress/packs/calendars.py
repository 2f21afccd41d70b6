"""Calendar files → checked calendars: days off, weekends that are worked, years that are known."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path

from openredress.packs.reading import PackError, Table, parse
from openredress.rules.calendar import Calendar, DayName

FOLDER = Path(__file__).parent / "calendars"
MADE_UP = DayName("调休上班", "worked in exchange")
_RANGE = re.compile(r"^(\d\d-\d\d)(?:\.\.(\d\d-\d\d))? (.+)$")


def load(data: bytes, place: str = "calendar.toml") -> Calendar:
    """The calendar in this file. Raises PackError(place, why)."""
    doc = Table(parse(data, place), place)
    names = _names(doc)
    weekend = frozenset(d - 1 for d in doc.get("weekend", list))
    if not weekend <= set(range(7)):
        raise doc.fail("weekend", "days of the week are 1 (Monday) to 7")
    off: dict[date, DayName] = {}
    made_up: dict[date, DayName] = {}
    years = doc.tables("years")
    for text, table in years.items():
        _read_year(text, table, names, off, made_up, weekend)
    calendar = Calendar(
        id=doc.text("id"),
        version=doc.text("version"),
        zh=doc.text("zh"),
        en=doc.text("en"),
        known_years=_known(years, doc),
        off=off,
        made_up=made_up,
        weekend=weekend,
        hours=_hours(doc),
        source=doc.text("source"),
    )
    doc.done()
    return calendar


def _known(years: dict[str, Table], doc: Table) -> frozenset[int]:
    known = sorted(int(year) for year in years)
    if not known:
        raise doc.fail("years", "no year is known")
    if known != list(range(known[0], known[-1] + 1)):
        raise doc.fail("years", "a year is missing in between")
    return frozenset(known)


def _names(doc: Table) -> dict[str, DayName]:
    table = doc.table("names")
    names = {zh: DayName(zh, table.text(zh)) for zh in table.data}
    table.done()
    return names


def _hours(doc: Table) -> tuple[tuple[time, time], ...]:
    spans = []
    for text in doc.texts("hours"):
        try:
            opens, closes = (time.fromisoformat(t) for t in text.split("-"))
        except ValueError as error:
            raise doc.fail("hours", f"{text!r} is not like 09:00-17:00") from error
        if opens >= closes:
            raise doc.fail("hours", f"{text!r} ends before it begins")
        spans.append((opens, closes))
    return tuple(spans)


def _read_year(
    text: str,
    table: Table,
    names: dict[str, DayName],
    off: dict[date, DayName],
    made_up: dict[date, DayName],
    weekend: frozenset[int],
) -> None:
    if not re.fullmatch(r"(19|20|21)\d\d", text):
        raise PackError(table.place, f"{text!r} is not a year")
    for row in table.texts("off"):
        found = _RANGE.match(row)
        if found is None or found[3] not in names:
            raise table.fail("off", f"{row!r} is not like “10-01..10-07 国庆节” with a name from [names]")
        first, last = _day(text, found[1], table, "off"), _day(text, found[2] or found[1], table, "off")
        if last < first:
            raise table.fail("off", f"{row!r} ends before it begins")
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            if day in off:
                raise table.fail("off", f"{day} is named twice")
            off[day] = names[found[3]]
    for row in table.texts("work"):
        day = _day(text, row, table, "work")
        if day.weekday() not in weekend:
            raise table.fail("work", f"{day} is no weekend day")
        if day in off:
            raise table.fail("work", f"{day} is also listed as off")
        made_up[day] = MADE_UP
    table.done()


def _day(year: str, text: str, table: Table, key: str) -> date:
    try:
        return date.fromisoformat(f"{year}-{text}")
    except ValueError as error:
        raise table.fail(key, f"{year}-{text} is no day") from error


def builtin_file(calendar_id: str) -> bytes:
    """The file of a calendar that ships with the program. Raises PackError for another id."""
    path = FOLDER / f"{calendar_id}.toml"
    if calendar_id not in {p.stem for p in FOLDER.glob("*.toml")}:
        raise PackError(calendar_id, "no such calendar")
    return path.read_bytes()


@cache
def builtin(calendar_id: str) -> Calendar:
    """A calendar that ships with the program."""
    return load(builtin_file(calendar_id), f"calendars/{calendar_id}.toml")
