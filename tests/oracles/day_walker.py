"""Counts periods by looking at one day after the other. Imports nothing of the project.

It is slow and plain on purpose: the engine jumps through tables, this walks, and they must agree.

A task is a plain dict:
  start      date of the event
  length     how many units
  unit       "cal_day" | "work_day" | "month" | "year"
  first      "next" (the day of the event is not counted) | "same"
  roll       "forward" | "back" | "none": what happens when the last day is no working day
  pauses     [(from, to)]: both days lie inside and are not counted
  gaps       [(ended, resumed)]: the days after `ended` up to and including `resumed` are not counted
  extension  units added to the length
  off        set of dates: holidays that are no working days
  makeup     set of dates: weekend days that are worked
  known      (first year, last year) of the calendar
"""

from __future__ import annotations

from datetime import date, timedelta

ONE = timedelta(days=1)


def works(day, task):
    """Whether offices are open on that day."""
    if day in task.get("makeup", ()):
        return True
    return day.weekday() < 5 and day not in task.get("off", ())


def skipped(day, task):
    """Whether that day lies in a pause or a gap."""
    for opened, closed in task.get("pauses", ()):
        if opened <= day <= closed:
            return True
    return any(ended < day <= resumed for ended, resumed in task.get("gaps", ()))


def _last_day(year, month):
    day = date(year, month, 28)
    while (day + ONE).month == month:
        day += ONE
    return day.day


def _walk_months(task, months):
    """The same day of the month; the last of that month when it has no such day (民法典 202)."""
    start = task["start"]
    year, month = start.year, start.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    end = date(year, month, min(start.day, _last_day(year, month)))
    if task["first"] == "same":
        end -= ONE
    day, owed = start + ONE if task["first"] == "next" else start, 0
    while day <= end:
        owed += skipped(day, task)
        day += ONE
    day = end
    while owed:
        day += ONE
        owed -= not skipped(day, task)
    return day


def nominal_day(task):
    """The day on which the count is full, before any rolling."""
    total = task["length"] + task.get("extension", 0)
    if task["unit"] in ("month", "year"):
        return _walk_months(task, total * (12 if task["unit"] == "year" else 1))
    day = task["start"] if task["first"] == "same" else task["start"] + ONE
    counted = 0
    while True:
        if not skipped(day, task) and (task["unit"] == "cal_day" or works(day, task)):
            counted += 1
            if counted == total:
                return day
        day += ONE


def walk(task):
    """{"nominal", "due", "internal", "provisional"} of the task."""
    nominal = nominal_day(task)
    due = nominal
    step = {"forward": ONE, "back": -ONE, "none": None}[task["roll"]]
    while step is not None and not works(due, task):
        due += step
    internal = nominal
    while not works(internal, task):
        internal -= ONE
    first, last = task["known"]
    looked_at = [nominal, due] + ([task["start"]] if task["unit"] == "work_day" else [])
    provisional = any(not first <= day.year <= last for day in looked_at)
    return {"nominal": nominal, "due": due, "internal": internal, "provisional": provisional}
