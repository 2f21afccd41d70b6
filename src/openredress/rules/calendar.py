"""Working days as tables: which days are worked, and the n-th of them without walking.

A calendar is data (holidays, worked weekends, the years that were published). Beyond the
published years only weekends are off, and every date that rests on it is provisional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from itertools import accumulate

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
_BASE = EARLIEST.toordinal()
_SIZE = LATEST.toordinal() - _BASE + 1
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class DayName:
    """What a day is called: 国庆节 / National Day."""

    zh: str
    en: str


@dataclass(frozen=True)
class Calendar:
    """One revision of one jurisdiction's working days."""

    id: str
    version: str
    zh: str
    en: str
    known_years: frozenset[int]
    off: Mapping[date, DayName]  # holidays, weekends inside them too
    made_up: Mapping[date, DayName]  # weekend days that are worked 调休上班
    weekend: frozenset[int] = frozenset({5, 6})  # Monday is 0
    hours: tuple[tuple[time, time], ...] = ((time(9), time(17)),)  # working hours of a working day
    source: str = ""
    texts: dict[int, tuple[str, str]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def worked(self) -> bytearray:
        """1 for each worked day from 1900-01-01 on."""
        week = bytes(0 if d in self.weekend else 1 for d in range(7))
        shift = EARLIEST.weekday()
        days = bytearray((week * (_SIZE // 7 + 2))[shift : shift + _SIZE])
        for day in self.off:
            days[day.toordinal() - _BASE] = 0
        for day in self.made_up:
            days[day.toordinal() - _BASE] = 1
        return days

    @cached_property
    def _upto(self) -> list[int]:
        return list(accumulate(self.worked))

    @cached_property
    def _nth(self) -> list[int]:
        return [_BASE + i for i, w in enumerate(self.worked) if w]

    def known(self, day: date) -> bool:
        """Whether that day's year was published."""
        return day.year in self.known_years

    def is_working(self, day: date) -> bool:
        """Whether offices are open on that day. Raises ValueError outside 1900–2199."""
        return self.worked[_index(day.toordinal())] == 1

    def worked_upto(self, ordinal: int) -> int:
        """How many worked days there are up to and including that ordinal."""
        return self._upto[_index(ordinal)]

    def nth_worked(self, number: int) -> int:
        """Ordinal of the worked day with that number, the first being 1."""
        if not 1 <= number <= len(self._nth):
            raise ValueError("outside 1900–2199")
        return self._nth[number - 1]

    def next_working(self, ordinal: int) -> int:
        """That ordinal if worked, else the first worked one after it."""
        at = _index(ordinal)
        return ordinal if self.worked[at] else self.nth_worked(self._upto[at] + 1)

    def last_working(self, ordinal: int) -> int:
        """That ordinal if worked, else the last worked one before it."""
        at = _index(ordinal)
        return ordinal if self.worked[at] else self.nth_worked(self._upto[at])

    def roll(self, day: date, how: str = "forward") -> date:
        """The day itself when worked, else the nearest worked day `forward` or `back`; `none` leaves it."""
        if how == "none":
            return day
        move = self.next_working if how == "forward" else self.last_working
        return date.fromordinal(move(day.toordinal()))

    def add_working(self, day: date, count: int) -> date:
        """The `count`-th worked day after `day`."""
        return date.fromordinal(self.nth_worked(self.worked_upto(day.toordinal()) + count))

    def name(self, day: date) -> str:
        """国庆节, 调休上班, 周六, 工作日."""
        return self._names(day)[0]

    def _names(self, day: date) -> tuple[str, str]:
        if day in self.made_up:
            return "调休上班", "worked in exchange"
        holiday = self.off.get(day)
        if holiday is not None:
            return holiday.zh, holiday.en
        if day.weekday() in self.weekend:
            return WEEKDAYS_ZH[day.weekday()], WEEKDAYS_EN[day.weekday()]
        return "工作日", "a working day"

    def reason(self, day: date) -> tuple[str, str]:
        """Why that day is not worked, as it stands in a sentence: (国庆节假期, National Day)."""
        zh, en = self._names(day)
        return (f"{zh}假期", en) if day in self.off else (zh, en)

    def text(self, ordinal: int) -> tuple[str, str]:
        """`2026-09-18（周五，工作日）` and `2026-09-18 (Fri, a working day)`; remembered."""
        known = self.texts.get(ordinal)
        if known is None:
            day = date.fromordinal(ordinal)
            zh, en = self.reason(day)
            week_zh, week_en = WEEKDAYS_ZH[day.weekday()], WEEKDAYS_EN[day.weekday()]
            plain = day.weekday() in self.weekend and day not in self.off and day not in self.made_up
            known = (
                (f"{day}（{week_zh}）", f"{day} ({week_en})")
                if plain
                else (
                    f"{day}（{week_zh}，{zh}）",
                    f"{day} ({week_en}, {en})",
                )
            )
            self.texts[ordinal] = known
        return known


def _index(ordinal: int) -> int:
    at = ordinal - _BASE
    if not 0 <= at < _SIZE:
        raise ValueError("outside 1900–2199")
    return at
