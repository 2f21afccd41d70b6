"""Every running of every clock of a case, dated, with its arithmetic.

A case is replayed track by track. A running starts from what arrived, never from a click; what is
used up stays used; only a cited pause or a timely extension makes it longer. The law of a running is
the pack pinned on the entry that started it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from openredress.rules.calendar import Calendar
from openredress.rules.clock_explain import explain
from openredress.rules.clock_predicates import CaseMemo, TrackMemo
from openredress.rules.clock_running import END, EXTEND, OPEN, RESUME, Index, Running, holds
from openredress.rules.clockdefs import Clock, Selector, read_length
from openredress.rules.facts import CaseFacts, Deadline, Entry

__all__ = ["LawBook", "Replay", "deadlines", "explain"]

SPLITTING = ("forward", "assign", "divert")  # with a part of the claims, these open a track of their own


class Law(Protocol):
    """The part of a pack that clocks read."""

    @property
    def hash(self) -> str: ...
    @property
    def clocks(self) -> Mapping[str, Clock]: ...
    @property
    def calendar(self) -> str: ...


class LawBook(Protocol):
    """Packs by hash, calendars as known at a time; `rules.pack.Packs` is one."""

    def pack(self, pack_hash: str, /) -> Law: ...
    def calendar(self, calendar_id: str, known_at: datetime | None = None, /) -> Calendar: ...


def deadlines(
    entries: Iterable[Entry],
    packs: LawBook,
    known_at: datetime | None = None,
    *,
    facts: CaseFacts | None = None,
    calendar: Calendar | None = None,
) -> tuple[Deadline, ...]:
    """All runnings of a case's clocks, as known at that moment (None: all that is recorded).

    `facts` spares nothing but names the present holder; `calendar` overrides the recorded one, for the
    preview of a new year. Without `known_at` nothing is called lapsed: ask `Deadline.late(on)`.
    Raises KeyError for a pack that was never recorded, ValueError for a day outside 1900–2199.
    """
    return Replay(packs, known_at, calendar).run(entries, facts)


class Line:
    """One track while it is replayed."""

    __slots__ = ("memo", "runnings")

    def __init__(self, memo: TrackMemo) -> None:
        self.memo = memo
        self.runnings: list[Running] = []


class Replay:
    """Reads entries one by one and keeps the runnings of each track."""

    def __init__(
        self, packs: LawBook, known_at: datetime | None = None, calendar: Calendar | None = None
    ) -> None:
        self.packs = packs
        self.known_at = known_at
        self.override = calendar
        self.case = CaseMemo()
        self.lines: dict[str, Line] = {}
        self.case_line: Line | None = None
        self.known_on: int | None = None

    def run(self, entries: Iterable[Entry], facts: CaseFacts | None = None) -> tuple[Deadline, ...]:
        """Read them all and say what came of it."""
        for entry in entries:
            if self.known_at is not None:
                if entry.recorded_at > self.known_at:
                    break
                if self.known_on is None:
                    self.known_on = self.known_at.astimezone(entry.occurred_at.tzinfo).date().toordinal()
            self.read(entry)
        return self.result(facts)

    def read(self, entry: Entry) -> None:
        """One entry: it ends, pauses, lengthens, resumes; then it starts."""
        law = self.packs.pack(entry.pack)
        index = Index.of(law)
        targets = self._targets(entry, index)
        for line in targets:
            _remember(line.memo, entry)
        for line in targets:
            for running in tuple(line.runnings):
                self.act(line, running, entry)
        for clock, selectors in index.starts.get(entry.code, ()):
            for line in (self._pressed(entry),) if clock.match else targets:
                self._start(line, law, index, clock, selectors, entry)

    # ------------------------------------------------------------- which tracks an entry touches
    def _targets(self, entry: Entry, index: Index) -> tuple[Line, ...]:
        f, code = entry.facts, entry.code
        if code == "register":
            return (self._registered(entry),)
        if code == "attach":
            return self._attached(entry)
        line = self.lines.get(f.get("track", ""))
        if line is None or code in index.matched:
            return tuple(self.lines.values()) + ((self.case_line,) if self.case_line else ())
        if code in SPLITTING and f.get("claims"):
            return (self._split(line, f["claims"]),)
        return (line,)

    def _registered(self, entry: Entry) -> Line:
        f = entry.facts
        leads = [p for p in f.get("parties", ()) if p.get("role", "lead") == "lead"]
        self.case = CaseMemo(
            office=str(f.get("office", "")),
            direct=bool(f.get("direct")),
            nameless=any(not (p.get("named", True) and p.get("addressed", True)) for p in leads),
            go_live=_recorded_on(entry) if f.get("stock") else None,
        )
        return self._open(tuple(c["id"] for c in f.get("claims", ())))

    def _attached(self, entry: Entry) -> tuple[Line, ...]:
        have = {c for line in self.lines.values() for c in line.memo.claims}
        fresh = tuple(c["id"] for c in entry.facts.get("claims") or () if c["id"] not in have)
        return (self._open(fresh),) if fresh else ()

    def _open(self, claims: tuple[str, ...]) -> Line:
        track = f"t{len(self.lines) + 1}"
        line = Line(TrackMemo(track, self.case, unit=self.case.office, claims=claims))
        self.lines[track] = line
        return line

    def _split(self, line: Line, wanted: Sequence[str]) -> Line:
        """The claims that go on take a new track, and what is running goes with them."""
        moved = tuple(c for c in line.memo.claims if c in wanted)
        if not moved or len(moved) == len(line.memo.claims):
            return line
        line.memo.claims = tuple(c for c in line.memo.claims if c not in moved)
        child = Line(replace(line.memo, id=f"t{len(self.lines) + 1}", claims=moved))
        child.runnings = [running.inherited() for running in line.runnings]
        self.lines[child.memo.id] = child
        return child

    def _pressed(self, entry: Entry) -> Line:
        line = self.lines.get(entry.facts.get("track", ""))
        if line is not None:
            return line
        if self.case_line is None:
            first = next(iter(self.lines.values()), None)
            unit = first.memo.unit if first else self.case.office
            self.case_line = Line(TrackMemo("", self.case, unit=unit))
        return self.case_line

    # ------------------------------------------------------------- starting
    def _start(
        self, line: Line, law: Law, index: Index, clock: Clock, selectors: tuple[Selector, ...], entry: Entry
    ) -> None:
        for selector in selectors:
            if not selector.when or holds(selector, entry.facts, line.memo):
                break
        else:
            return
        day = _day(selector, entry, line.memo)
        if self.case.go_live is not None and day < self.case.go_live.toordinal():
            return  # a stock case: nothing statutory before the office went live
        begins = day + selector.after
        if clock.per == "track" and not self.may_begin(line, clock, selector, begins, entry):
            return
        length = _length(clock, entry)
        if length is None:
            return
        calendar = self.override or self.packs.calendar(law.calendar, self.known_at)
        running = Running(clock, index, calendar, law.hash, entry, selector, begins, length)
        running.holder = self._holder(clock, line.memo)
        running.exempt = bool(clock.exempt) and holds(index.exemption(clock), entry.facts, line.memo)
        line.runnings.append(running)

    def may_begin(self, line: Line, clock: Clock, selector: Selector, begins: int, entry: Entry) -> bool:
        """A clock of a track starts once; an earlier notice only moves the fallback start forward."""
        now = next((r for r in reversed(line.runnings) if r.clock.id == clock.id), None)
        if now is None:
            return True
        if selector.again:
            return now.ended is not None
        if not selector.after and now.fallback and now.ended is None and begins < now.start:
            now.told(entry, selector, begins)
        return False

    def _holder(self, clock: Clock, memo: TrackMemo) -> str:
        if clock.holder_kind == "petitioner":
            return "petitioner"
        held = {
            "office": self.case.office,
            "unit": memo.unit,
            "sender": memo.sender,
            "reviewer": memo.reviewer,
        }
        return held[clock.holder] or memo.unit

    # ------------------------------------------------------------- moving on
    def act(self, line: Line, running: Running, entry: Entry) -> None:
        """What an entry does to one running."""
        if running.exempt:
            return
        if entry.code == "correct":
            running.correct(entry.facts)
        acts = running.acts.get(entry.code)
        if acts is None:
            return
        if running.ended is not None:
            self._resume(line, running, entry)
            return
        for kind, selector in acts:
            if kind == RESUME or (selector.when and not holds(selector, entry.facts, line.memo)):
                continue
            day = _day(selector, entry, line.memo)
            if kind != END:
                self.lengthen(running, kind, entry, day)
            elif running.clock.match and entry.facts.get(running.clock.match) != running.anchor:
                continue
            elif not selector.pending:
                running.end(entry, selector, day)
                return
            elif running.fallback and day < running.start:
                line.runnings.remove(running)
                return

    def lengthen(self, running: Running, kind: int, entry: Entry, day: int) -> None:
        """A pause or an extension; after the due day, or put on file after it, it counts nothing."""
        recorded = _recorded_on(entry).toordinal()
        if kind == OPEN:
            running.open_pause(entry, day, recorded)
        elif kind == EXTEND:
            running.extend(entry, day, recorded)
        else:
            running.close_pause(day)

    def _resume(self, line: Line, running: Running, entry: Entry) -> None:
        ended = running.end_entry
        if ended is None:
            return
        for kind, selector in running.acts[entry.code]:
            if kind == RESUME and ended.code in selector.of and holds(selector, entry.facts, line.memo):
                # An end that was put on file after the due day cannot buy back days.
                on_time = _recorded_on(ended).toordinal() <= running.counted().due
                running.resume(_day(selector, entry, line.memo), selector, on_time)
                return

    # ------------------------------------------------------------- the answer
    def result(self, facts: CaseFacts | None = None) -> tuple[Deadline, ...]:
        """The deadlines, in the order in which their clocks started."""
        found: list[Deadline] = []
        lines = [*self.lines.values(), *((self.case_line,) if self.case_line else ())]
        for line in lines:
            track = facts.track(line.memo.id) if facts is not None else None
            unit = track.holder if track is not None else line.memo.unit
            own = [
                r.deadline(line.memo.id, unit, self.known_on, self.known_at)
                for r in line.runnings
                if r.counts()
            ]
            if any(r.clock.inside for r in line.runnings):
                own = [_nested(d, line, own) for d in own]
            found += own
        found.sort(key=lambda d: d.anchor)
        return tuple(found)


def _nested(deadline: Deadline, line: Line, own: list[Deadline]) -> Deadline:
    """An inner clock is never shown later than the outer one."""
    inside = next(r.clock.inside for r in line.runnings if r.clock.id == deadline.clock)
    outer = next((d for d in reversed(own) if inside and d.clock == inside), None)
    if outer is None or deadline.due <= outer.due:
        return deadline
    return replace(
        deadline,
        due=outer.due,
        internal_due=min(deadline.internal_due, outer.internal_due),
        steps=(*deadline.steps, f"不得晚于 {inside} 的 {outer.due}"),
        steps_en=(*deadline.steps_en, f"not later than {outer.due}, when {inside} ends"),
    )


def _recorded_on(entry: Entry) -> date:
    return entry.recorded_at.astimezone(entry.occurred_at.tzinfo).date()


def _day(selector: Selector, entry: Entry, memo: TrackMemo) -> int:
    for name in selector.day:
        value = entry.facts.get(name)
        if value:
            return date.fromisoformat(value).toordinal()
        if name == "receipt" and memo.receipt is not None:
            return memo.receipt.toordinal()
    return entry.occurred_at.toordinal()


def _length(clock: Clock, entry: Entry) -> tuple[int, str] | None:
    if clock.length is not None:
        return clock.length, clock.unit
    return read_length(str(entry.facts.get(clock.length_from) or ""))


def _remember(memo: TrackMemo, entry: Entry) -> None:
    f, code = entry.facts, entry.code
    if code in ("forward", "assign"):
        memo.sender, memo.unit = memo.unit, str(f.get("to", ""))
        memo.receipt = _fact_day(f, "received_on", entry)
    elif code in ("register", "attach"):
        memo.receipt = _fact_day(f, "received_on", entry)
    elif code == "decide_objection" and f.get("upheld"):
        memo.unit = str(f.get("to") or memo.sender or memo.case.office)
        memo.receipt = entry.day
    elif code == "notify_receipt" or (code == "accept_decision" and f.get("accepted")):
        memo.told = _fact_day(f, "served_on", entry)
    elif code == "simple_start":
        memo.simple = True
        memo.told = _fact_day(f, "told_on", entry) if f.get("told_on") else memo.told
    elif code == "convert":
        memo.simple = False
    elif code == "opinion":
        memo.opinion = f
    elif code == "decide_review":
        memo.review = f
    elif code in ("request_review", "request_final"):
        memo.reviewer = str(f.get("reviewer", ""))


def _fact_day(facts: Mapping[str, object], name: str, entry: Entry) -> date:
    value = facts.get(name)
    return date.fromisoformat(str(value)) if value else entry.day
