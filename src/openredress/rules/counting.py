"""The arithmetic of periods: from a start to the nominal and the legal day, in a few look-ups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from openredress.rules.calendar import Calendar

Span = tuple[int, int]  # ordinals, both inside


@dataclass(frozen=True, slots=True)
class Counted:
    """Where a period ends."""

    nominal: int  # ordinal
    due: int
    internal: int
    provisional: bool
    due_at: datetime | None = None


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans sorted, overlapping ones joined, empty ones left out."""
    out: list[Span] = []
    for a, b in sorted(spans):
        if b < a:
            continue
        if out and a <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return tuple(out)


def count_days(
    calendar: Calendar, start: int, total: int, unit: str, first: str, roll: str, skips: tuple[Span, ...] = ()
) -> Counted:
    """End of `total` units from the ordinal `start`; `skips` (merged) are not counted.

    A skip that begins after the nominal day changes nothing. Raises ValueError outside 1900–2199.
    """
    begin = start + 1 if first == "next" else start
    nominal = (
        _worked(calendar, begin, total, skips)
        if unit == "work_day"
        else _plain(start, begin, total, unit, skips)
    )
    if roll == "forward":
        due = calendar.next_working(nominal)
    else:
        due = nominal if roll == "none" else calendar.last_working(nominal)
    years = calendar.known_years
    sure = date.fromordinal(nominal).year in years and date.fromordinal(due).year in years
    if unit == "work_day":
        sure = sure and date.fromordinal(start).year in years
    return Counted(nominal, due, calendar.last_working(nominal), not sure)


def _plain(start: int, begin: int, total: int, unit: str, skips: tuple[Span, ...]) -> int:
    if unit == "cal_day":
        nominal = begin + total - 1
    else:
        months = total * 12 if unit == "year" else total
        nominal = _months_on(start, months) - (1 if begin == start else 0)
    for a, b in skips:
        if a > nominal:
            break
        nominal += max(b - max(a, begin) + 1, 0)
    return nominal


def _worked(calendar: Calendar, begin: int, total: int, skips: tuple[Span, ...]) -> int:
    number = calendar.worked_upto(begin - 1) + total
    nominal = calendar.nth_worked(number)
    for a, b in skips:
        if a > nominal:
            break
        a = max(a, begin)
        if b >= a:
            number += calendar.worked_upto(b) - calendar.worked_upto(a - 1)
            nominal = calendar.nth_worked(number)
    return nominal


def _months_on(start: int, months: int) -> int:
    """The same day of the month, or that month's last (民法典 202)."""
    day = date.fromordinal(start)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (after - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last)).toordinal()


def count_hours(calendar: Calendar, start: datetime, total: int, unit: str) -> Counted:
    """End of `total` hours: `hour` by the wall clock, `work_hour` by the calendar's office hours."""
    end = start + timedelta(hours=total) if unit == "hour" else _office_hours(calendar, start, total)
    day = end.date().toordinal()
    years = calendar.known_years
    sure = unit == "hour" or (start.year in years and end.year in years)
    return Counted(day, day, calendar.last_working(day), not sure, end)


def _office_hours(calendar: Calendar, start: datetime, total: int) -> datetime:
    left = timedelta(hours=total)
    day = start.date()
    while True:
        if calendar.is_working(day):
            for opens, closes in calendar.hours:
                begin = max(datetime.combine(day, opens, start.tzinfo), start)
                end = datetime.combine(day, closes, start.tzinfo)
                if begin < end:
                    if left <= end - begin:
                        return begin + left
                    left -= end - begin
        day += timedelta(days=1)
