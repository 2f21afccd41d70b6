"""The arithmetic of one running as sentences a petitioner can follow, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from openredress.rules.calendar import Calendar
from openredress.rules.clockdefs import Clock
from openredress.rules.counting import Counted

UNIT_ZH = {
    "cal_day": "日", "work_day": "个工作日", "hour": "小时", "work_hour": "个工作小时",
    "month": "个月", "year": "年",
}  # fmt: skip
UNIT_EN = {
    "cal_day": "days", "work_day": "working days", "hour": "hours", "work_hour": "working hours",
    "month": "months", "year": "years",
}  # fmt: skip

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sum:
    """What went into one running; days are ordinals."""

    label: Pair  # what happened: (收到, received)
    base: int  # the day it happened
    start: int  # the day the count starts from; later than `base` for a fallback
    total: int  # without extensions
    unit: str
    extended: tuple[tuple[int, int], ...] = ()  # (day decided, units)
    pauses: tuple[tuple[int, int, Pair], ...] = ()  # (from, to, what)
    gaps: tuple[tuple[int, int, Pair, Pair], ...] = ()  # (ended, resumed, by what, by what)
    notes: tuple[Pair, ...] = ()
    at: str = ""  # hour clocks: the moment it starts


def iso(ordinal: int) -> str:
    """The ISO day."""
    return date.fromordinal(ordinal).isoformat()


def steps(clock: Clock, calendar: Calendar, s: Sum, c: Counted) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(zh, en): from the start to the due day."""
    lines = [_start(clock, s)]
    unit_zh, unit_en = UNIT_ZH[s.unit], UNIT_EN[s.unit]
    for day, n in s.extended:
        when_zh, when_en = (f"{iso(day)} ", f"{iso(day)} ") if day else ("届满前经", "before expiry, ")
        lines.append((f"{when_zh}批准延长{n}{unit_zh}", f"{when_en}extended by {n} {unit_en}"))
    left_out = 0
    for a, b, (zh, en) in s.pauses:
        n = b - a + 1
        left_out += n if a <= c.nominal else 0
        lines.append(_pause(a, b, zh, en, n) if a <= c.nominal else _late_pause(a, b, zh, en, c))
    for ended, resumed, by, back in s.gaps:
        n = resumed - ended
        left_out += n if ended < c.nominal else 0
        lines.append((
            f"{iso(ended)} {by[0]}，{iso(resumed)} {back[0]}：其间 {n} 日不计入，已用的日子照算",
            f"{iso(ended)} {by[1]}, {iso(resumed)} {back[1]}: {n} days between not counted",
        ))  # fmt: skip
    lines.append(_sum(calendar, s, c, left_out))
    lines += _rolled(clock, calendar, c)
    lines += s.notes
    if c.provisional:
        year = max(date.fromordinal(c.due).year, date.fromordinal(c.nominal).year)
        lines.append((
            f"{year} 年放假安排不在已公布的日历内，暂按周末推算，公布后重算",
            f"the holidays of {year} are not in the published calendar: weekends only, to be counted again",
        ))  # fmt: skip
    return tuple(zh for zh, _ in lines), tuple(en for _, en in lines)


def _start(clock: Clock, s: Sum) -> Pair:
    zh, en = s.label
    if s.at:
        return f"{s.at} {zh}起算", f"{s.at} {en}, counted from that moment"
    if s.start != s.base:
        return (
            f"{iso(s.base)} {zh}，未告知受理，自满{s.start - s.base}日即 {iso(s.start)} 的次日起算",
            f"{iso(s.base)} {en}, never told: counted from {iso(s.start)}, {s.start - s.base} days on",
        )
    if clock.first == "next":
        return f"{iso(s.base)} {zh}，次日起算", f"{iso(s.base)} {en}, counted from the next day"
    return f"{iso(s.base)} {zh}，当日起算", f"{iso(s.base)} {en}, that day counted"


def _pause(a: int, b: int, zh: str, en: str, n: int) -> Pair:
    return f"{zh} {iso(a)} 至 {iso(b)} 共 {n} 日不计入", f"{en} {iso(a)} to {iso(b)}: {n} days not counted"


def _late_pause(a: int, b: int, zh: str, en: str, c: Counted) -> Pair:
    return (
        f"{zh} {iso(a)} 至 {iso(b)} 在期间届满（{iso(c.nominal)}）之后，不影响期限",
        f"{en} {iso(a)} to {iso(b)} came after the last day ({iso(c.nominal)}) and changes nothing",
    )


def _sum(calendar: Calendar, s: Sum, c: Counted, left_out: int) -> Pair:
    unit_zh, unit_en = UNIT_ZH[s.unit], UNIT_EN[s.unit]
    zh, en = f"＋{s.total}{unit_zh}", f"+ {s.total} {unit_en}"
    for _, n in s.extended:
        zh, en = f"{zh}＋{n}{unit_zh}", f"{en} + {n}"
    if left_out:
        zh, en = f"{zh}（另有 {left_out} 日不计入）", f"{en} ({left_out} days not counted)"
    if c.due_at is not None:
        moment = c.due_at.isoformat(" ", "minutes")
        return f"{zh} ＝ {moment}", f"{en} = {moment}"
    day_zh, day_en = calendar.text(c.nominal)
    return f"{zh} ＝ {day_zh}", f"{en} = {day_en}"


def _rolled(clock: Clock, calendar: Calendar, c: Counted) -> list[Pair]:
    if c.due == c.nominal:
        return []
    zh, en = calendar.reason(date.fromordinal(c.nominal))
    verb_zh, verb_en = ("顺延至", "moved on to") if c.due > c.nominal else ("提前至", "moved back to")
    return [(
        f"{iso(c.nominal)} 是{zh}，{verb_zh} {iso(c.due)}",
        f"{iso(c.nominal)} is {en}: {verb_en} {iso(c.due)}",
    )]  # fmt: skip


def ignored(day: int, what: Sequence[str], due: int) -> Pair:
    """A pause or extension that came too late or goes too far and does not count."""
    return (
        f"{iso(day)} 的{what[0]}，不算（届满日 {iso(due)}）",
        f"{iso(day)} {what[1]}: does not count (due {iso(due)})",
    )
