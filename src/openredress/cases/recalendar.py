"""A new year's working days: who moves and why, then every running clock dated anew.

What has ended stays ended; only rows are written, for entries hold the days on which things happened and
the deadline is computed from them.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openredress.cases import facts, performing
from openredress.cases.models import Case, DeadlineRow
from openredress.jobs import queue
from openredress.lawbook import book
from openredress.lawbook.models import CalendarRevision
from openredress.ledger import gate
from openredress.packs import calendars
from openredress.people.record import record, system_stream
from openredress.rules.calendar import Calendar
from openredress.rules.clocks import deadlines
from openredress.rules.pack import Packs

JOB = "redate"
_FARTHEST = date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Moved:
    """One running clock that a calendar would date otherwise."""

    number: str
    track: str
    clock: str
    holder: str
    before: date
    after: date
    step: str  # the last step of its arithmetic, in words
    provisional_before: bool = False


def merged(base: bytes, new: bytes) -> bytes:
    """A whole calendar file: the recorded one with the new file's years added or replaced.

    A file that is whole itself is taken as it is. Raises tomllib.TOMLDecodeError or ValueError.
    """
    have, more = tomllib.loads(base.decode()), tomllib.loads(new.decode())
    if set(have["years"]) <= set(more.get("years", {})):
        return new
    if more.get("id") != have["id"]:
        raise ValueError(f"id = {more.get('id')!r}：应为 {have['id']!r}")
    whole = have | {key: value for key, value in more.items() if key not in ("years", "names")}
    whole["names"] = have.get("names", {}) | more.get("names", {})
    years = have["years"] | more.get("years", {})
    whole["years"] = dict(sorted(years.items()))
    return _dump(whole).encode()


def _dump(whole: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in whole.items() if not isinstance(value, dict)]
    lines += ["", "[names]", *(f"{_value(zh)} = {_value(en)}" for zh, en in whole["names"].items())]
    for year, days in whole["years"].items():
        lines += ["", f"[years.{year}]", *(f"{key} = {_value(value)}" for key, value in days.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # these strings, lists and numbers are TOML as well


def newest(calendar_id: str) -> bytes:
    """The file of the newest recorded revision, or the shipped one. Raises FileNotFoundError."""
    row = CalendarRevision.objects.filter(calendar=calendar_id).order_by("-id").first()
    return row.blob.encode() if row is not None else calendars.builtin_file(calendar_id)


def first_change(old: Calendar, new: Calendar) -> date | None:
    """The first day that is worked in one and not in the other, or known in one only; None: no difference."""
    days = set(old.off) ^ set(new.off) | set(old.made_up) ^ set(new.made_up)
    days |= {date(year, 1, 1) for year in old.known_years ^ new.known_years}
    return min(days, default=None)


def _touched(since: date, after: int = 0) -> Iterator[tuple[int, str, str]]:
    """(case id, stream, number) of cases with a running clock due on or after that day."""
    rows = DeadlineRow.objects.filter(open=True, due__gte=since).values("case")
    cases = Case.objects.filter(pk__in=rows, pk__gt=after).order_by("pk")
    yield from cases.values_list("pk", "stream", "number").iterator()


def preview(new: Calendar, packs: Packs, at: datetime) -> Iterator[Moved]:
    """Every running clock that the new calendar dates otherwise, case by case; nothing is written."""
    since = first_change(packs.calendar(new.id), new)
    if since is None:
        return
    for _, stream, number in _touched(since):
        known = facts.load(stream, at, packs)
        if known is None or packs.pack(known.facts.pack).calendar != new.id:
            continue
        dated = deadlines(known.entries, packs, at, facts=known.facts, calendar=new)
        before = {(d.track, d.clock, d.anchor): d for d in known.deadlines if d.open}
        for d in dated:
            old = before.get((d.track, d.clock, d.anchor))
            if old is not None and d.open and d.due != old.due:
                step = d.steps[-1] if d.steps else ""
                yield Moved(number, d.track, d.clock, d.holder, old.due, d.due, step, old.provisional)


def take(blob: bytes, new: Calendar, since: date, *, reason: str, actor: str, at: datetime) -> None:
    """Record the calendar as a revision and ask for the job that dates the running clocks anew."""

    def enter(code: str, told: Mapping[str, Any], words: Mapping[str, Any]) -> None:
        record(system_stream(), code, told, words=words, actor=actor, at=at)

    def work() -> None:
        book.add_calendar(blob, applies="new_clocks", at=at, reason=reason, enter=enter)
        queue.enqueue(JOB, {"calendar": new.id, "since": since.isoformat()}, at=at)

    gate.write(work)


def redate(payload: Mapping[str, Any], at: datetime) -> int:
    """The job: refold each touched case, one short transaction each; returns how many. Harmless twice."""
    since = date.fromisoformat(str(payload["since"]))
    done = 0
    for _, stream, _ in list(_touched(min(since, _FARTHEST))):
        done += performing.refresh(stream, at)
    return done
