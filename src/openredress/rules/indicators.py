"""One flat row for each case, and indicators as sums over its columns.

An indicator says who can move it. What a petitioner's silence would improve serves upward returns only: a
standing takes `UnitIndicator`s and nothing else, by type and again at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openredress.rules.facts import CaseFacts, Deadline


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What indicators read of one case, as known at one moment. Counts and days only."""

    stream: str
    unit: str  # that holds it, or gave the last opinion
    office: str
    channel: str
    category: str
    place: str
    received_on: date | None
    state: str
    stock: bool
    answered: bool
    solved: bool
    withdrawn: bool
    claims: int
    claims_answered: int
    claims_supported: int
    claims_executed: int
    owed_due: int  # obligations whose day has come
    owed_kept: int  # of these, done by their day
    notice_due: int
    notice_in_time: int
    opinion_due: int
    opinion_in_time: int
    reviews: int
    annulled: int
    hops: int
    petitions: int


NOTICE = frozenset({"C02", "C03", "C13"})
OPINION = frozenset({"C05", "C14"})


def row(facts: CaseFacts, deadlines: Iterable[Deadline], known_at: datetime) -> CaseRow:
    """The flat row of a case on the day of `known_at` (aware)."""
    on = known_at.date()
    lead = facts.tracks[0] if facts.tracks else None
    notice, opinion = [0, 0], [0, 0]
    for deadline in deadlines:
        tally = notice if deadline.clock in NOTICE else opinion if deadline.clock in OPINION else None
        if tally is None or not _counts(deadline, on):
            continue
        tally[0] += 1
        tally[1] += deadline.state == "met"
    supported = {o.id.partition(".")[2] for o in facts.owed if o.kind == "execution" and o.state != "waived"}
    due = [o for o in facts.owed if o.due_on is not None and o.due_on <= on and o.state != "waived"]
    return CaseRow(
        stream=facts.stream,
        unit=(lead.opinion_unit or lead.holder) if lead else facts.office,
        office=facts.office,
        channel=facts.channel,
        category=facts.category,
        place=facts.place,
        received_on=facts.received_on,
        state=facts.state,
        stock=facts.stock,
        answered=facts.answered,
        solved=facts.solved,
        withdrawn=facts.withdrawn,
        claims=len(facts.claims),
        claims_answered=sum(bool(c.outcome) for c in facts.claims),
        claims_supported=len(supported),
        claims_executed=sum(c.executed for c in facts.claims),
        owed_due=len(due),
        owed_kept=sum(not o.late(on) and o.done_on is not None for o in due),
        notice_due=notice[0],
        notice_in_time=notice[1],
        opinion_due=opinion[0],
        opinion_in_time=opinion[1],
        reviews=sum(t.reviews > 0 or bool(t.annulled) for t in facts.tracks),
        annulled=sum(bool(t.annulled) for t in facts.tracks),
        hops=sum(
            max(0, len([h for h in t.hops if h.mode in ("forward", "assign")]) - 1) for t in facts.tracks
        ),
        petitions=len(facts.petitions),
    )


def _counts(deadline: Deadline, on: date) -> bool:
    """Met, met late, or its day has passed: what is not yet due stays out of the denominator."""
    return deadline.state in ("met", "met_late") or deadline.late(on)


Column = Callable[[CaseRow], int]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A quotient of two sums over rows."""

    id: str
    zh: str
    en: str
    above: Column
    below: Column

    @property
    def moved_by(self) -> str:
        """unit | petitioner | both."""
        return "both"

    def value(self, rows: Iterable[CaseRow]) -> tuple[int, int]:
        """(above, below) summed; the quotient is left to the reader, who sees the n."""
        above = below = 0
        for one in rows:
            above += self.above(one)
            below += self.below(one)
        return above, below


class UnitIndicator(Indicator):
    """Moved by what a unit does, and by nothing else."""

    __slots__ = ()

    @property
    def moved_by(self) -> str:
        """unit."""
        return "unit"


class PetitionerIndicator(Indicator):
    """A petitioner's silence would improve it."""

    __slots__ = ()

    @property
    def moved_by(self) -> str:
        """petitioner."""
        return "petitioner"


INDICATORS: tuple[Indicator, ...] = (
    UnitIndicator(
        "notice_in_time", "及时告知率", "Notice in time", lambda r: r.notice_in_time, lambda r: r.notice_due
    ),
    UnitIndicator(
        "opinion_in_time",
        "按期办结率",
        "Opinion in time",
        lambda r: r.opinion_in_time,
        lambda r: r.opinion_due,
    ),
    UnitIndicator(
        "promises_kept", "承诺兑现率", "Promises kept", lambda r: r.owed_kept, lambda r: r.owed_due
    ),
    UnitIndicator(
        "claims_covered",
        "诉求答复率",
        "Claims answered",
        lambda r: r.claims_answered,
        lambda r: r.claims * r.answered,
    ),
    Indicator("reversed", "复查复核纠正率", "Reversed on review", lambda r: r.annulled, lambda r: r.reviews),
    UnitIndicator("sent_on", "平均转手次数", "Times sent on", lambda r: r.hops, lambda r: 1),
    PetitionerIndicator(
        "repeated", "重复信访率", "Repeated", lambda r: r.petitions - 1, lambda r: r.petitions
    ),
    PetitionerIndicator("solved", "化解率", "Solved", lambda r: int(r.solved), lambda r: int(r.answered)),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit stands: figures that only the unit's own acts move."""

    unit: str
    figures: tuple[tuple[str, int, int], ...]


def standing(unit: str, rows: Iterable[CaseRow], indicators: Sequence[UnitIndicator]) -> Standing:
    """The standing of a unit. Raises TypeError for an indicator that petitioners can move."""
    for indicator in indicators:
        if not isinstance(indicator, UnitIndicator):
            raise TypeError(f"{indicator.id} is moved by {indicator.moved_by}: it enters no standing")
    mine = [r for r in rows if r.unit == unit]
    return Standing(unit, tuple((i.id, *i.value(mine)) for i in indicators))
