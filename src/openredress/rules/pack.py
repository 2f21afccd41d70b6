"""A checked pack of law, and the packs that hold at a time.

Plain frozen data: built once by `packs.load`, pickled to workers, looked up by name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openredress.rules.calendar import Calendar
    from openredress.rules.clockdefs import Clock

ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class State:
    """A station of a track 办理线. `rank` orders stations: a case shows its least advanced track."""

    id: str
    zh: str
    en: str
    rank: int
    terminal: bool = False  # may rest here; moves may still lead on (reopen, contest)
    answered: bool = False  # an answer in law has reached the petitioner
    in_hand: bool = False  # accepted or being handled, art. 19(3)


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One thing a move asks for. kind text → words; every other kind → facts."""

    name: str
    kind: str  # unit staff date datetime int bool choice code list text claims file
    required: bool
    options: tuple[str, ...] = ()  # choices, or the one vocabulary of a code
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A predicate or effect from the closed list, with its arguments."""

    name: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """办理动作: a named step the law allows from a state, with its basis."""

    id: str
    zh: str
    en: str
    level: str  # track | case
    article: str
    basis: str  # law | rule | house
    start: tuple[str, ...]  # states it may start from; empty = any (a case move does not look)
    to: tuple[str, ...]  # states it may lead to; empty = stays
    guards: tuple[Call, ...] = ()  # asked when the button is drawn and when it is pressed
    checks: tuple[Call, ...] = ()  # asked of what is given, when pressed
    effects: tuple[Call, ...] = ()
    fields: Mapping[str, FieldDef] = field(default_factory=dict)
    by_hand: bool = False  # never proposed by the machine
    arrival: bool = False  # something that came from outside: may be dated earlier
    opens: bool = False  # starts a case
    unit_act: bool = True  # counts as the unit's own act when done by staff


@dataclass(frozen=True, slots=True)
class Permit:
    """Who may press: any of the roles, standing in any of the relations."""

    roles: frozenset[str]
    relations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Read:
    """What a role may read, in which relation and for which purpose; used by the one policy gate."""

    role: str
    relation: str
    reads: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer that may be given at a stage under an avenue."""

    code: str
    zh: str
    en: str
    stage: str  # opinion | review | final
    avenues: frozenset[str]
    article: str
    basis: str
    executes: bool = False  # something must then be done by a day


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One row of the decision table: these findings under these avenues give this outcome."""

    stage: str
    avenues: frozenset[str]
    findings: Mapping[str, frozenset[str]]
    outcome: str


@dataclass(frozen=True, slots=True)
class Route:
    """Category × act × level → kind of unit."""

    id: str
    category: str  # first level, or first/second; * = any
    act: str  # what was complained of; * = any
    levels: tuple[int, ...]  # administrative levels of the place; empty = any
    unit_kind: str
    zh: str
    en: str
    avenue: str
    article: str
    basis: str


@dataclass(frozen=True, slots=True)
class FaultDef:
    """未依规办理: something a unit left undone."""

    id: str
    zh: str
    en: str
    test: Call
    article: str
    basis: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Rung:
    """One step on the ladder of measures; house data."""

    id: str
    zh: str
    en: str
    order: int
    faults: int  # this many counted faults …
    window_days: int  # … within so many days
    after: str  # needs this measure before; "" = none
    by_role: str
    answer_days: int
    article: str
    basis: str


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a class of material is kept, from which event, on what basis."""

    id: str
    zh: str
    en: str
    years: int
    start: str  # event that starts the years
    holds: tuple[str, ...]  # what erasure removes: words, identities, files, index
    article: str
    basis: str


@dataclass(frozen=True, slots=True)
class ObligationKind:
    """A kind of 应办事项."""

    id: str
    zh: str
    en: str
    debtors: tuple[str, ...]  # unit | staff | payer
    article: str
    basis: str


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a vocabulary."""

    code: str
    zh: str
    en: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One thing that a paper must hold."""

    id: str
    zh: str  # also its name in the template
    en: str
    article: str
    basis: str


@dataclass(frozen=True, slots=True)
class Letter:
    """文书: a kind of paper, what it must hold, and how it is served."""

    id: str  # of the vocabulary `papers`
    zh: str
    en: str
    article: str
    basis: str
    word: str  # 文号 word: 机关代字 + word + 〔year〕 + n + 号
    written: bool  # the system writes it; else it is an uploaded file
    rests_on: tuple[str, ...]  # moves whose last entry it puts on paper; empty: none is needed
    states: tuple[str, ...]  # of the track; empty: any
    serve: str  # the move that records its service
    paper: str  # what that move calls it
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class Pack:
    """The law of one jurisdiction for one time, checked."""

    id: str
    hash: str
    family: str
    zh: str
    en: str
    valid_from: date
    valid_until: date | None
    calendar: str
    states: Mapping[str, State]
    moves: Mapping[str, Move]
    start: str  # state of a new track
    permits: Mapping[str, tuple[Permit, ...]]
    reads: tuple[Read, ...]
    outcomes: Mapping[str, tuple[Outcome, ...]]  # by stage
    rows: tuple[OutcomeRow, ...]
    axes: Mapping[str, tuple[str, ...]]
    routes: tuple[Route, ...]
    faults: tuple[FaultDef, ...]
    ladder: tuple[Rung, ...]
    vocab: Mapping[str, Mapping[str, Term]]
    retention: Mapping[str, Retention]
    obligations: Mapping[str, ObligationKind]
    lapses: frozenset[str]  # clocks whose lapse lets the petitioner press for an answer
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    roles: Mapping[str, Term] = field(default_factory=dict)
    letters: Mapping[str, Letter] = field(default_factory=dict)

    def holds_on(self, on: date) -> bool:
        """Whether this law is in force on that day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    def term(self, vocabulary: str, code: str) -> Term | None:
        """The term of that code, or None."""
        return self.vocab.get(vocabulary, {}).get(code)


@dataclass(frozen=True, slots=True)
class PackRevision:
    """A pack as it was recorded, and what it applies to."""

    pack: Pack
    applies: str = "new_cases"  # new_cases | new_clocks | refold
    recorded_at: datetime = ALWAYS


@dataclass(frozen=True, slots=True)
class CalendarRevision:
    """A calendar as it was recorded."""

    id: str
    calendar: Calendar
    recorded_at: datetime = ALWAYS


class Packs:
    """The packs and calendars known at a time: by hash, by family and day, by calendar."""

    def __init__(self, revisions: Sequence[PackRevision], calendars: Sequence[CalendarRevision] = ()) -> None:
        """Revisions in the order in which they were recorded."""
        self.revisions = tuple(sorted(revisions, key=lambda r: r.recorded_at))
        self._calendars: dict[str, list[CalendarRevision]] = {}
        for revision in sorted(calendars, key=lambda r: r.recorded_at):
            self._calendars.setdefault(revision.id, []).append(revision)
        self._by_hash: dict[str, Pack] = {}
        self._by_family: dict[str, list[PackRevision]] = {}
        for made in self.revisions:
            self._add(made)
        self._for_day: dict[tuple[str, date, str], Pack] = {}

    def _add(self, made: PackRevision) -> None:
        if made.applies == "refold":
            for known, pack in self._by_hash.items():
                if pack.id == made.pack.id:
                    self._by_hash[known] = made.pack
        self._by_hash[made.pack.hash] = made.pack
        self._by_family.setdefault(made.pack.family, []).append(made)

    def pack(self, pack_hash: str) -> Pack:
        """The pack an entry pinned, or the revision that was recorded to replace it (`refold`).

        Raises KeyError for a hash that was never recorded.
        """
        return self._by_hash[pack_hash]

    def for_day(self, family: str, on: date, pinned: str = "") -> Pack:
        """The pack in force on that day; a case keeps its `pinned` one against a `new_cases` revision.

        Raises LookupError when no pack of the family was in force then.
        """
        key = (family, on, pinned)
        found = self._for_day.get(key)
        if found is None:
            if len(self._for_day) > 20_000:
                self._for_day.clear()
            found = self._for_day[key] = self._find(family, on, pinned)
        return found

    def _find(self, family: str, on: date, pinned: str) -> Pack:
        held = [r for r in self._by_family.get(family, ()) if r.pack.holds_on(on)]
        if not held:
            raise LookupError(f"no pack of family {family!r} is in force on {on}")
        mine = self._by_hash.get(pinned)
        # A running case passes over every revision made for new cases only, back to the one it knows.
        while mine is not None and len(held) > 1 and held[-1].applies == "new_cases":
            if held[-1].pack.hash == mine.hash:
                break
            held.pop()
        return held[-1].pack

    def state(self, family: str, state_id: str) -> State:
        """A state as the newest pack of the family that has it defines it: a track may rest in a state
        that an older law does not know.

        Raises KeyError when none has it.
        """
        for made in reversed(self._by_family.get(family, ())):
            if state_id in made.pack.states:
                return made.pack.states[state_id]
        raise KeyError(state_id)

    def calendar(self, calendar_id: str, known_at: datetime | None = None) -> Calendar:
        """The newest revision of the calendar known at that moment (None: now).

        Raises KeyError when the calendar is not known.
        """
        known = self._calendars[calendar_id]
        if known_at is None:
            return known[-1].calendar
        at = bisect_right(known, known_at, key=lambda r: r.recorded_at)
        return known[max(at - 1, 0)].calendar

    def calendar_ids(self) -> tuple[str, ...]:
        """All calendars known, sorted."""
        return tuple(sorted(self._calendars))

    def families(self) -> tuple[str, ...]:
        """All families of packs known, sorted."""
        return tuple(sorted(self._by_family))
