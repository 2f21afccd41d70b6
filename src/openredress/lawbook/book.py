"""The lawbook: which packs and calendars this office goes by, and since when it knows them.

Reading is cached in the process and refreshed when a revision is added anywhere. Every addition is
told to the caller's `enter`, which writes it to the system's stream: this floor knows no ledger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from openredress.lawbook.models import CalendarRevision, PackRevision
from openredress.packs import calendars, load
from openredress.rules import pack as law

APPLIES = ("new_cases", "new_clocks", "refold")
SHIPPED = "shipped with the program"
# code, facts, words → one entry on the system's stream, in the same transaction
Enter = Callable[[str, Mapping[str, Any], Mapping[str, Any]], None]


class LawbookError(ValueError):
    """A revision cannot be added; str() says why and what to do."""


_Key = tuple[Any, ...]
_now: tuple[_Key, law.Packs] | None = None
_past: dict[tuple[_Key, int, int], law.Packs] = {}


def packs(known_at: datetime | None = None) -> law.Packs:
    """The packs and calendars as known at that moment (None: now), shipped ones from the beginning.

    Where nothing was recorded yet, the shipped law holds. Costs one small query when cached.
    """
    global _now
    key = _key()
    if key[0] == 0:
        return load.builtin_packs()
    if known_at is not None:
        return _known(key, known_at)
    if _now is None or _now[0] != key:
        _now = (key, _packs(*_rows()))
    return _now[1]


def _key() -> _Key:
    """Changes when a revision is added: how many there are, and what the last of each kind is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT COUNT(*) FROM lawbook_packrevision), "
            "(SELECT COUNT(*) FROM lawbook_calendarrevision), "
            "(SELECT hash || applies FROM lawbook_packrevision ORDER BY id DESC LIMIT 1), "
            "(SELECT hash || applies FROM lawbook_calendarrevision ORDER BY id DESC LIMIT 1), "
            "(SELECT MAX(recorded_at) FROM lawbook_packrevision), "
            "(SELECT MAX(recorded_at) FROM lawbook_calendarrevision)"
        )
        return tuple(cursor.fetchone())


def _rows() -> tuple[list[PackRevision], list[CalendarRevision]]:
    return list(PackRevision.objects.order_by("id")), list(CalendarRevision.objects.order_by("id"))


def _known(key: _Key, known_at: datetime) -> law.Packs:
    """Only what was recorded by then; what shipped with the program was law before anybody recorded it."""
    made, days = _rows()
    made = [row for row in made if row.recorded_at <= known_at or row.reason == SHIPPED]
    days = [row for row in days if row.recorded_at <= known_at or row.reason == SHIPPED]
    place = (key, len(made), len(days))
    if place not in _past:
        if len(_past) > 50:
            _past.clear()
        _past[place] = _packs(made, days)
    return _past[place]


def _packs(made: list[PackRevision], days: list[CalendarRevision]) -> law.Packs:
    return law.Packs(
        [law.PackRevision(_pack(row.blob), row.applies, row.recorded_at) for row in made],
        [law.CalendarRevision(row.calendar, _calendar(row.blob), row.recorded_at) for row in days],
    )


@lru_cache(maxsize=64)
def _pack(blob: str) -> law.Pack:
    return load.load({name: text.encode() for name, text in json.loads(blob).items()})


@lru_cache(maxsize=64)
def _calendar(blob: str) -> Any:
    return calendars.load(blob.encode())


def seed(at: datetime, enter: Enter | None = None) -> list[str]:
    """Record the shipped packs and calendars that are not in the book yet; returns their ids.

    A pack or calendar whose id is there already is left alone: replacing it is a decision, not an upgrade.
    """
    done = []
    with transaction.atomic():
        there = set(PackRevision.objects.values_list("pack", flat=True))
        for pack_id in load.BUILTIN:
            if pack_id not in there:
                add_pack(load.builtin_files(pack_id), applies="new_cases", at=at, reason=SHIPPED, enter=enter)
                done.append(pack_id)
        days = set(CalendarRevision.objects.values_list("calendar", flat=True))
        for calendar_id in sorted({load.builtin(pack_id).calendar for pack_id in load.BUILTIN} - days):
            blob = calendars.builtin_file(calendar_id)
            add_calendar(blob, applies="new_clocks", at=at, reason=SHIPPED, enter=enter)
            done.append(calendar_id)
    return done


def add_pack(
    files: Mapping[str, bytes], *, applies: str, at: datetime, reason: str, enter: Enter | None
) -> PackRevision:
    """Record a checked pack. Raises packs.PackError for a bad one, LawbookError for a known one."""
    pack = load.load(files)
    kept = {name: data.decode() for name, data in sorted(files.items()) if name.endswith(".toml")}
    _fit(applies, reason, PackRevision.objects.filter(hash=pack.hash).exists())
    facts = {"pack": pack.id, "family": pack.family, "hash": pack.hash, "applies": applies}
    with transaction.atomic():
        _seeded(reason, at, enter)
        row = PackRevision.objects.create(
            pack=pack.id,
            family=pack.family,
            hash=pack.hash,
            applies=applies,
            recorded_at=at,
            reason=reason,
            blob=json.dumps(kept, ensure_ascii=False),
        )
        if enter is not None:
            enter("pack_revision", facts, {"reason": reason})
    return row


def add_calendar(
    blob: bytes, *, applies: str, at: datetime, reason: str, enter: Enter | None
) -> CalendarRevision:
    """Record a checked calendar. Raises packs.PackError for a bad one, LawbookError for a known one.

    Which running clocks it moves is a job's business; the rules take the newest calendar known at a moment.
    """
    calendar = calendars.load(blob)
    digest = hashlib.sha256(blob).hexdigest()
    _fit(applies, reason, CalendarRevision.objects.filter(hash=digest).exists())
    facts = {"calendar": calendar.id, "version": calendar.version, "hash": digest, "applies": applies}
    with transaction.atomic():
        _seeded(reason, at, enter)
        row = CalendarRevision.objects.create(
            calendar=calendar.id,
            version=calendar.version,
            hash=digest,
            applies=applies,
            recorded_at=at,
            reason=reason,
            blob=blob.decode(),
        )
        if enter is not None:
            enter("calendar_revision", facts, {"reason": reason})
    return row


def _seeded(reason: str, at: datetime, enter: Enter | None) -> None:
    """A first revision of one's own must not stand alone: what shipped goes before it."""
    if reason != SHIPPED and not PackRevision.objects.exists():
        seed(at, enter)


def _fit(applies: str, reason: str, there: bool) -> None:
    if applies not in APPLIES:
        raise LawbookError(f"applies = {applies!r}：只能是 {'、'.join(APPLIES)}")
    if not reason.strip():
        raise LawbookError("修订要写明理由")
    if there:
        raise LawbookError("同样内容的修订已经在册，没有什么可加")


def check() -> list[str]:
    """Revisions whose files are not what their hash says, by id; empty is good."""
    bad = []
    for pack in PackRevision.objects.order_by("id").iterator(chunk_size=5):
        files = {name: text.encode() for name, text in json.loads(pack.blob).items()}
        if load.pack_hash(files) != pack.hash:
            bad.append(pack.pack)
    for days in CalendarRevision.objects.order_by("id").iterator(chunk_size=5):
        if hashlib.sha256(days.blob.encode()).hexdigest() != days.hash:
            bad.append(days.calendar)
    return bad
