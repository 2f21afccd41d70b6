"""Turns the oracles' plain dicts into entries, runs engine and oracle, and says where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import chinese_calendar
from tests.oracles import ledger_oracle

import openredress.packs
from openredress.packs import calendars, clockfile
from openredress.rules.clockdefs import Clock
from openredress.rules.clocks import Replay
from openredress.rules.facts import Entry

BEIJING = timezone(timedelta(hours=8))
FOLDER = Path(openredress.packs.__file__).parent
# The oracle reads its holidays from a library, not from our calendar file.
ORACLE_CALENDAR = {
    "off": frozenset(chinese_calendar.constants.holidays),
    # 2005-12-31 is missing in it: the notice for 2006 moved that Saturday.
    "makeup": frozenset(chinese_calendar.constants.workdays) | {date(2005, 12, 31)},
    "known": (2005, 2026),
}


@dataclass
class Law:
    """As much of a pack as clocks read."""

    hash: str
    clocks: Mapping[str, Clock]
    calendar: str = "cn"


@dataclass
class LawBook:
    """Laws by name, built from the clock files alone."""

    laws: Mapping[str, Law]
    calendar_of: Mapping[str, object] = field(default_factory=dict)

    def pack(self, pack_hash):
        return self.laws[pack_hash]

    def calendar(self, calendar_id, known_at=None):
        return self.calendar_of.get(calendar_id) or calendars.builtin(calendar_id)


def clocks_of(pack_id):
    """{id: clock} of a shipped pack."""
    place = f"{pack_id}/clocks.toml"
    return {c.id: c for c in clockfile.parse((FOLDER / place).read_bytes(), place)}


def china():
    """The two Chinese laws as a book."""
    laws = {year: Law(year, clocks_of(f"cn_national_{year}")) for year in ("2005", "2022")}
    return LawBook(laws)


def moment(day):
    """Noon in Beijing on that day."""
    return datetime.combine(day, time(12), BEIJING)


def entry(plain):
    """A plain dict of the oracle as an entry."""
    day = plain["day"] if isinstance(plain["day"], datetime) else moment(plain["day"])
    recorded = moment(plain["recorded"]).astimezone(UTC)
    pack = plain["law"]
    return Entry("case/a", plain["seq"], plain["code"], "system", day, recorded, pack, plain["facts"])


def by_engine(plain, book, known_on=None, replay=Replay):
    """{(track, clock, anchor): …} as the engine says."""
    known_at = None if known_on is None else moment(known_on) + timedelta(hours=1)
    found = replay(book, known_at).run([entry(e) for e in plain])
    return {
        (d.track, d.clock, d.anchor): {
            "start": d.start, "nominal": d.nominal, "due": d.due, "internal": d.internal_due,
            "provisional": d.provisional, "state": d.state, "ended": d.ended_on,
        }
        for d in found
    }  # fmt: skip


def by_oracle(plain, known_on=None):
    """The same, as the oracle says."""
    return ledger_oracle.deadlines(plain, ORACLE_CALENDAR, known_on)


def differences(plain, book, known_on=None, replay=Replay):
    """[(key, engine, oracle)] where they disagree."""
    engine, oracle = by_engine(plain, book, known_on, replay), by_oracle(plain, known_on)
    keys = sorted(engine.keys() | oracle.keys())
    return [(k, engine.get(k), oracle.get(k)) for k in keys if engine.get(k) != oracle.get(k)]


def cut(plain, at):
    """A day between the first record and a while after the last, chosen by a number."""
    first, last = plain[0]["recorded"], plain[-1]["recorded"]
    span = (last - first).days + 90
    return min(first + timedelta(days=at % span), date(2030, 1, 1))
