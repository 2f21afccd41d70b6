"""One clock from one start, step by step: what the command line and a help page show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from openredress.rules.calendar import Calendar
from openredress.rules.clock_steps import UNIT_EN, UNIT_ZH, Sum, steps
from openredress.rules.clockdefs import DAY_UNITS, Clock, read_length
from openredress.rules.counting import Counted, count_days, count_hours, merged
from openredress.rules.facts import Deadline, Refusal

Pause = tuple[date, date]


def explain(
    clock: Clock,
    calendar: Calendar,
    start: date | datetime,
    length: str | None = None,
    extend: int = 0,
    pauses: Sequence[Pause] = (),
) -> Deadline | Refusal:
    """The due day of a clock that starts on that day, or why there is none.

    `length` ("30" or "10wd") only for a clock whose length the sender sets; `extend` in the clock's
    unit; both days of a pause lie inside it. What the clock does not allow is refused, with its article.
    """
    refusal = (
        _undated(clock)
        or _length_refused(clock, length)
        or _extension_refused(clock, extend)
        or _pauses_refused(clock, pauses)
    )
    if refusal is not None:
        return refusal
    total, unit = (
        (clock.length, clock.unit) if clock.length is not None else read_length(length or "") or (0, "")
    )
    try:
        return _dated(clock, calendar, start, (total, unit), extend, pauses)
    except (ValueError, OverflowError):
        zh = f"日期超出日历的范围（1900–2199）：{start}"
        return _no(clock, "out_of_range", "start", zh, f"outside the calendar (1900–2199): {start}")


def _no(clock: Clock, code: str, field: str, zh: str, en: str, do: tuple[str, str] = ("", "")) -> Refusal:
    return Refusal(
        code=code, zh=zh, en=en, article=clock.article, field=field, what_to_do=do[0], what_to_do_en=do[1]
    )


def _undated(clock: Clock) -> Refusal | None:
    if clock.dated:
        return None
    zh, en = clock.undated_zh, clock.undated_en
    return _no(
        clock, "no_length", "clock", f"{clock.id}（{clock.zh}）：{zh}。", f"{clock.id} ({clock.en}): {en}."
    )


def _length_refused(clock: Clock, length: str | None) -> Refusal | None:
    if clock.length is None and not length:
        zh = f"{clock.id}（{clock.zh}）的期限由交办机关指定，请用 --length 给出，如 30 或者 10wd。"
        en = f"{clock.id} ({clock.en}): the sender sets the length; give --length 30 or 10wd."
        return _no(clock, "length_missing", "length", zh, en)
    if clock.length is not None and length:
        unit_zh, unit_en = UNIT_ZH[clock.unit], UNIT_EN[clock.unit]
        zh = f"{clock.id} 的期限是{clock.article}规定的{clock.length}{unit_zh}，不能另给。"
        en = f"{clock.id} is {clock.length} {unit_en} by {clock.article}; it takes no --length."
        return _no(clock, "length_fixed", "length", zh, en)
    if length and read_length(length) is None:
        zh = f"期限“{length}”读不懂：30 表示 30 日，10wd 表示 10 个工作日。"
        en = f"cannot read the length {length!r}: 30 or 10wd."
        return _no(clock, "length_unreadable", "length", zh, en)
    return None


def _extension_refused(clock: Clock, extend: int) -> Refusal | None:
    if extend == 0:
        return None
    unit_zh, unit_en = UNIT_ZH[clock.unit], UNIT_EN[clock.unit]
    rule = clock.extension
    if rule is None:
        zh = f"{clock.id}（{clock.zh}）不能延长：{clock.article}没有延长的规定。{clock.instead_zh}"
        en = f"{clock.id} ({clock.en}) cannot be extended: {clock.article} knows no extension."
        return _no(clock, "no_extension", "extend", zh, f"{en} {clock.instead_en}".rstrip())
    if not 1 <= extend <= rule.most:
        zh = f"{clock.id} 延长不得超过{rule.most}{unit_zh}（{rule.article}），给出的是 {extend}。"
        en = f"{clock.id} may be extended by 1 to {rule.most} {unit_en} ({rule.article}), not by {extend}."
        return _no(clock, "extension_too_long", "extend", zh, en)
    return None


def _pauses_refused(clock: Clock, pauses: Sequence[Pause]) -> Refusal | None:
    if pauses and not clock.pausers:
        why = f"{clock.article}没有不计入期限的规定，没有明文依据的一天也不能扣除"
        zh = f"{clock.id}（{clock.zh}）不能停止计算：{why}。"
        en = f"{clock.id} ({clock.en}) cannot be paused: {clock.article} takes no day out of the count."
        return _no(clock, "no_pause", "pause", zh, en)
    for opened, closed in pauses:
        if closed < opened:
            zh = f"停止计算的终日 {closed} 早于起日 {opened}。"
            en = f"the pause ends ({closed}) before it begins ({opened})."
            return _no(clock, "pause_backwards", "pause", zh, en)
    return None


def _dated(
    clock: Clock,
    calendar: Calendar,
    start: date | datetime,
    length: tuple[int, str],
    extend: int,
    pauses: Sequence[Pause],
) -> Deadline:
    total, unit = length
    day = start.date() if isinstance(start, datetime) else start
    ordinal = day.toordinal()
    moment = start if isinstance(start, datetime) else datetime.combine(day, time(0))
    if unit in DAY_UNITS:
        spans = merged((a.toordinal(), b.toordinal()) for a, b in pauses)
        done = count_days(calendar, ordinal, total + extend, unit, clock.first, clock.roll, spans)
    else:
        done = count_hours(calendar, moment, total + extend, unit)
    what = (clock.pausers[0].zh, clock.pausers[0].en) if clock.pausers else ("", "")
    first = next((s for s in clock.starts if not s.after), clock.starts[0])
    s = Sum(
        label=(first.zh or clock.zh, first.en or clock.en),
        base=ordinal,
        start=ordinal,
        total=total,
        unit=unit,
        extended=((0, extend),) if extend else (),
        pauses=tuple((a.toordinal(), b.toordinal(), what) for a, b in sorted(pauses)),
        at="" if unit in DAY_UNITS else moment.isoformat(" ", "minutes"),
    )
    return _deadline(clock, calendar, day, done, s, extend)


def _deadline(clock: Clock, calendar: Calendar, start: date, done: Counted, s: Sum, extend: int) -> Deadline:
    zh, en = steps(clock, calendar, s, done)
    return Deadline(
        track="",
        clock=clock.id,
        anchor=0,
        what=clock.zh,
        what_en=clock.en,
        holder=clock.holder,
        holder_kind=clock.holder_kind,
        start=start,
        nominal=date.fromordinal(done.nominal),
        due=date.fromordinal(done.due),
        internal_due=date.fromordinal(done.internal),
        provisional=done.provisional,
        article=clock.article,
        basis=clock.basis,
        steps=zh,
        steps_en=en,
        state="running",
        due_at=done.due_at,
        extended_by=extend,
        calendar=calendar.version,
        on_expiry=clock.on_expiry,
    )
