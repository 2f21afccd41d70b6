"""One running of one clock, from the entry that started it to the one that ended it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from typing import Any, ClassVar

from openredress.rules.calendar import Calendar
from openredress.rules.clock_predicates import PREDICATES, Predicate, TrackMemo
from openredress.rules.clock_steps import Sum, ignored, steps
from openredress.rules.clockdefs import DAY_UNITS, Clock, Selector
from openredress.rules.counting import Counted, count_days, count_hours, merged
from openredress.rules.facts import Deadline, Entry, evolve

END, RESUME, OPEN, CLOSE, EXTEND = range(5)
STILL_PAUSED = ("停止计算尚未结束，日期随之后移", "the pause is still open and the day moves with it")
EXEMPT = ("姓名（名称）或者住址不清，依法免于告知", "name or address unclear: no notice is owed")
MANY_PACKS = 200
MANY = 50_000  # remembered sums before starting afresh

Act = tuple[int, Selector]
Arithmetic = tuple[Counted, Deadline]


class Index:
    """The clocks of one pack by the entry codes that touch them; made once for a pack."""

    _made: ClassVar[dict[int, tuple[Any, Index]]] = {}

    def __init__(self, clocks: Mapping[str, Clock]) -> None:
        active = [c for c in clocks.values() if c.dated and not c.local and not c.outside]
        self.starts: dict[str, list[tuple[Clock, tuple[Selector, ...]]]] = {}
        self.acts: dict[str, dict[str, list[Act]]] = {}
        self.matched: set[str] = set()
        self.sums: dict[tuple[Any, ...], Arithmetic] = {}
        self.calendars: dict[int, Calendar] = {}  # kept alive, so that their ids stay their own
        for clock in active:
            for code in dict.fromkeys(s.on for s in clock.starts):
                own = tuple(s for s in clock.starts if s.on == code)
                self.starts.setdefault(code, []).append((clock, own))
            acts: dict[str, list[Act]] = {}
            for kind, selector in _acts(clock):
                acts.setdefault(selector.on, []).append((kind, selector))
            self.acts[clock.id] = acts
            if clock.match:
                self.matched |= {s.on for s in clock.ends}

    @classmethod
    def of(cls, law: Any) -> Index:
        """The index of a pack, remembered."""
        made = cls._made.get(id(law))
        if made is None or made[0] is not law:
            if len(cls._made) >= MANY_PACKS:
                cls._made.clear()
            made = cls._made[id(law)] = (law, cls(law.clocks))
        return made[1]

    @staticmethod
    def exemption(clock: Clock) -> Selector:
        """The exemption of a clock, as something to ask."""
        return Selector(on="", when=clock.exempt)


def _acts(clock: Clock) -> list[Act]:
    acts = [(END, s) for s in clock.ends] + [(RESUME, s) for s in clock.resumes]
    for pauser in clock.pausers:
        acts += [(OPEN, pauser.opens), (CLOSE, pauser.closes)]
    if clock.extension is not None:
        acts.append((EXTEND, Selector(on=clock.extension.on)))
    return acts


_PREDICATES: Mapping[str, Predicate] = PREDICATES


def holds(selector: Selector, facts: Mapping[str, Any], memo: TrackMemo) -> bool:
    """Whether all predicates of a selector hold."""
    for name in selector.when:  # noqa: SIM110 — a plain loop: this runs some fifty times a case
        if not _PREDICATES[name](facts, memo):
            return False
    return True


class Running:
    """A clock that has started. Days are ordinals."""

    __slots__ = (
        "_counted", "acts", "after", "anchor", "arrival", "base", "base_seq", "calendar", "clock",
        "closed_before", "end_entry", "end_selector", "ended", "exempt", "extended", "fallback", "gaps",
        "holder", "index", "label", "length", "moment", "notes", "pack", "paused", "pauses", "start", "unit",
    )  # fmt: skip

    def __init__(
        self,
        clock: Clock,
        index: Index,
        calendar: Calendar,
        pack: str,
        entry: Entry,
        selector: Selector,
        begins: int,
        length: tuple[int, str],
    ) -> None:
        self.clock, self.index, self.calendar, self.pack = clock, index, calendar, pack
        self.acts = index.acts[clock.id]
        self.anchor = self.base_seq = entry.seq
        self.start, self.base = begins, begins - selector.after
        self.after, self.fallback = selector.after, selector.after > 0
        self.label = self.arrival = (selector.zh or clock.zh, selector.en or clock.en)
        self.length, self.unit = length
        self.moment = entry.occurred_at if self.unit not in DAY_UNITS else None
        self.extended: list[tuple[int, int]] = []
        self.pauses: list[tuple[int, int]] = []
        self.gaps: list[tuple[int, int, tuple[str, str], tuple[str, str]]] = []
        self.notes: list[tuple[str, str]] = []
        self.paused: int | None = None
        self.ended: int | None = None
        self.end_entry: Entry | None = None
        self.end_selector: Selector | None = None
        self.exempt = self.closed_before = False
        self.holder = ""
        self._counted: Counted | None = None

    def inherited(self) -> Running:
        """A copy for a track that splits off; what was over stays with the older track."""
        other = copy(self)
        for name in ("extended", "pauses", "gaps", "notes"):
            setattr(other, name, list(getattr(self, name)))
        other.closed_before = self.ended is not None or self.exempt or bool(self.clock.match)
        return other

    def counts(self) -> bool:
        """Whether it is to be reported: it was not over before its track began, and did really start."""
        if self.closed_before:
            return False
        stopped = self.end_selector is not None and not self.end_selector.met
        return not (stopped and self.fallback and self.ended is not None and self.ended < self.start)

    # ------------------------------------------------------------- counting
    def total(self) -> int:
        """Length with its extensions."""
        return self.length + sum(n for _, n in self.extended)

    def counted(self, open_until: int | None = None) -> Counted:
        """Where it ends as things stand; an open pause lasts until the given day."""
        if self._counted is not None and open_until is None:
            return self._counted
        if self.moment is not None:
            done = count_hours(self.calendar, self.moment, self.total(), self.unit)
        else:
            spans = [*self.pauses, *((a + 1, b) for a, b, _, _ in self.gaps)]
            if open_until is not None and self.paused is not None:
                spans.append((self.paused, open_until))
            skips = merged(spans) if spans else ()
            clock = self.clock
            done = count_days(
                self.calendar, self.start, self.total(), self.unit, clock.first, clock.roll, skips
            )
        if open_until is None:
            self._counted = done
        return done

    def _in_time(self, day: int, recorded: int) -> bool:
        due = self.counted().due
        return self.start <= day <= due and recorded <= due

    # ------------------------------------------------------------- what entries do to it
    def told(self, entry: Entry, selector: Selector, begins: int) -> None:
        """The petitioner was told before the fallback day: it runs from there."""
        self.anchor, self.start, self.base = entry.seq, begins, begins
        self.label, self.fallback = (selector.zh, selector.en), False
        self._counted = None

    def correct(self, facts: Mapping[str, Any]) -> None:
        """An arrival put right may only make it earlier."""
        if facts.get("field") == "received_on" and facts.get("seq") == self.base_seq:
            value = date.fromisoformat(facts["value"]).toordinal()
            if value + self.after < self.start:
                self.start, self.base, self.label = value + self.after, value, self.arrival
                self._counted = None

    def end(self, entry: Entry, selector: Selector, day: int) -> None:
        """Met or stopped on that day; an open pause ends with it."""
        if self.paused is not None:
            self.close_pause(day)
        self.ended, self.end_entry, self.end_selector = day, entry, selector

    def resume(self, day: int, selector: Selector, on_time: bool) -> None:
        """Back in hand with the time used; the days in between are not counted."""
        ended, by = self.ended, self.end_selector
        if ended is not None and by is not None and on_time and day > ended:
            self.gaps.append((ended, day, (by.zh, by.en), (selector.zh, selector.en)))
            self._counted = None
        self.ended = self.end_entry = self.end_selector = None
        self.closed_before = False

    def open_pause(self, entry: Entry, day: int, recorded: int) -> None:
        """A pause opens, unless one is open or the due day has passed."""
        if self.paused is None:
            if self._in_time(day, recorded):
                self.paused = day
            else:
                self._ignore(day, ("停止计算在届满之后", "pause after the due day"))

    def close_pause(self, day: int) -> None:
        """The open pause ends on that day, which lies inside it."""
        if self.paused is not None:
            if day >= self.paused:
                self.pauses.append((self.paused, day))
                self._counted = None
            self.paused = None

    def extend(self, entry: Entry, day: int, recorded: int) -> None:
        """Lengthened, when decided and on file before expiry, within the limit, by somebody named."""
        rule, f = self.clock.extension, entry.facts
        if rule is None or f.get("clock") not in (self.clock.id, rule.id):
            return
        days = f.get("days")
        used = sum(n for _, n in self.extended)
        if not isinstance(days, int) or not 1 <= days <= rule.most - used or len(self.extended) >= rule.count:
            self._ignore(
                day, (f"延长超过 {rule.most} 或者次数", f"extension beyond {rule.most} or once too often")
            )
        elif rule.approver and not f.get("approver"):
            self._ignore(day, ("延长没有批准人", "extension without an approver"))
        elif not self._in_time(day, recorded):
            self._ignore(
                day, ("延长在届满之后作出或者补录", "extension decided or recorded after the due day")
            )
        else:
            self.extended.append((day, days))
            self._counted = None

    def _ignore(self, day: int, what: tuple[str, str]) -> None:
        self.notes.append(ignored(day, what, self.counted().due))

    # ------------------------------------------------------------- the answer
    def deadline(self, track: str, unit: str, known_on: int | None, known_at: datetime | None) -> Deadline:
        """What it comes to."""
        done, shape = self._arithmetic(known_on)
        clock, open_ = self.clock, self.ended is None
        follows = open_ and clock.per == "track" and clock.holder == "unit" and unit
        return evolve(
            shape,
            track=track,
            anchor=self.anchor,
            holder=unit if follows else self.holder,
            state=self._state(done, known_on, known_at),
            ended_on=date.fromordinal(self.ended) if self.ended is not None else None,
            ended_by=self.end_entry.seq if self.end_entry is not None else 0,
        )

    def _shape(self, done: Counted, zh: tuple[str, ...], en: tuple[str, ...]) -> Deadline:
        """The deadline without what differs between cases that started on the same day."""
        clock = self.clock
        return Deadline(
            track="",
            clock=clock.id,
            anchor=0,
            what=clock.zh,
            what_en=clock.en,
            holder="",
            holder_kind=clock.holder_kind,
            start=date.fromordinal(self.start),
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
            extended_by=self.total() - self.length,
            pack=self.pack,
            calendar=self.calendar.version,
            on_expiry=clock.on_expiry,
        )

    def _state(self, done: Counted, known_on: int | None, known_at: datetime | None) -> str:
        if self.exempt:
            return "exempt"
        if self.ended is not None and self.end_entry is not None and self.end_selector is not None:
            if not self.end_selector.met:
                return "stopped"
            at = self.end_entry.occurred_at
            late = at > done.due_at if done.due_at is not None else self.ended > done.due
            return "met_late" if late else "met"
        if self.paused is not None:
            return "paused"
        over = known_on is not None and known_on > done.due
        if done.due_at is not None and known_at is not None:
            over = known_at > done.due_at
        return ("lapsed" if self.clock.on_expiry == "breach" else "expired") if over else "running"

    def _arithmetic(self, known_on: int | None) -> Arithmetic:
        plain = not (self.extended or self.pauses or self.gaps or self.notes or self.exempt)
        plain = plain and self.paused is None and self.moment is None
        sums = self.index.sums
        key = (self.clock.id, self.start, self.base, self.length, self.unit, self.label, id(self.calendar))
        found = sums.get(key) if plain else None
        if found is not None:
            return found
        made = self._worked_out(known_on)
        if plain:
            if len(sums) >= MANY:
                sums.clear()
            sums[key] = made
            self.index.calendars[id(self.calendar)] = self.calendar
        return made

    def _worked_out(self, known_on: int | None) -> Arithmetic:
        pauses, notes, until = list(self.pauses), list(self.notes), None
        if self.paused is not None:
            until = max(self.paused, known_on or self.paused)
            pauses.append((self.paused, until))
            notes.append(
                ("停止计算尚未结束，日期随之后移", "the pause is still open and the day moves with it")
            )
        if self.exempt:
            notes.append(
                ("姓名（名称）或者住址不清，依法免于告知", "name or address unclear: no notice is owed")
            )
        done = self.counted(until)
        what = (self.clock.pausers[0].zh, self.clock.pausers[0].en) if self.clock.pausers else ("", "")
        s = Sum(
            label=self.label,
            base=self.base,
            start=self.start,
            total=self.length,
            unit=self.unit,
            extended=tuple(self.extended),
            pauses=tuple((a, b, what) for a, b in pauses),
            gaps=tuple(self.gaps),
            notes=tuple(notes),
            at=self.moment.isoformat(" ", "minutes") if self.moment is not None else "",
        )
        return done, self._shape(done, *steps(self.clock, self.calendar, s, done))
