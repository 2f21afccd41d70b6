"""What a clock is, as law data: its start, length, end, and what may move it."""

from __future__ import annotations

from dataclasses import dataclass

UNITS = ("cal_day", "work_day", "hour", "work_hour", "month", "year")
DAY_UNITS = ("cal_day", "work_day", "month", "year")
FIRST = ("next", "same")
ROLLS = ("forward", "none", "back")
PER = ("track", "hop")
HOLDERS = ("office", "unit", "sender", "reviewer", "petitioner", "parties")
ON_EXPIRY = ("breach", "right_lapses", "deemed")
BASES = ("law", "rule", "house")


@dataclass(frozen=True, slots=True)
class Selector:
    """Which entries act on a clock: a code, and predicates from the closed list that must all hold."""

    on: str
    when: tuple[str, ...] = ()
    day: tuple[str, ...] = ()  # facts that hold the day, the first present one; "receipt" = the holder's
    zh: str = ""  # how the step names it: 收到
    en: str = ""
    after: int = 0  # start only: so many calendar days later, unless something starts it before
    again: bool = False  # start only: a new running once the earlier one has ended
    met: bool = True  # end only: False = it merely stops
    pending: bool = False  # end only: acts only while a start with `after` has not come
    later: bool = False  # an entry of the law that came after; this pack has no such move
    of: tuple[str, ...] = ()  # resume only: the codes of the ends that it undoes


@dataclass(frozen=True, slots=True)
class Pauser:
    """Days that a cited rule takes out of the count, both end days inside."""

    id: str
    zh: str
    en: str
    opens: Selector
    closes: Selector
    article: str
    basis: str


@dataclass(frozen=True, slots=True)
class Extension:
    """How far a clock may be lengthened, by whom; counts only when decided before expiry."""

    id: str  # its own id: C06
    most: int  # in all, in the clock's unit
    count: int
    on: str  # code of the entry that decides it
    approver: str  # role
    article: str
    zh: str = ""
    en: str = ""
    notice: bool = True  # the petitioner is told
    reason_required: bool = True


@dataclass(frozen=True, slots=True)
class Clock:
    """时限: one statutory period."""

    id: str
    zh: str
    en: str
    article: str
    basis: str  # law | rule | house
    mark: str  # where it was found: S1, M, C, D …
    holder: str
    starts: tuple[Selector, ...] = ()
    ends: tuple[Selector, ...] = ()
    resumes: tuple[Selector, ...] = ()
    length: int | None = None
    unit: str = "cal_day"
    length_from: str = ""  # fact of the starting entry that holds "30" or "10wd"
    first: str = "next"
    roll: str = "forward"
    per: str = "track"
    match: str = ""  # an end counts only when this fact of it is the anchor's seq
    pausers: tuple[Pauser, ...] = ()
    extension: Extension | None = None
    exempt: tuple[str, ...] = ()
    inside: str = ""  # never later than this outer clock
    on_expiry: str = "breach"
    warn_at: tuple[int, ...] = ()  # days before due
    extends: str = ""  # this row only names the extension of another clock
    local: str = ""  # only where a local pack activates it
    outside: bool = False  # its entries stand on another stream than the case
    instead_zh: str = ""  # what to do instead of an extension
    instead_en: str = ""
    undated_zh: str = ""  # why no day can be computed
    undated_en: str = ""

    @property
    def dated(self) -> bool:
        """Whether a due day can be computed at all."""
        return not self.extends and (self.length is not None or bool(self.length_from))

    @property
    def holder_kind(self) -> str:
        """unit | petitioner."""
        return "petitioner" if self.holder in ("petitioner", "parties") else "unit"


def read_length(text: str) -> tuple[int, str] | None:
    """`30` → (30, cal_day), `10wd` → (10, work_day); None when it is neither."""
    text = text.strip()
    number, unit = (text[:-2], "work_day") if text.endswith("wd") else (text, "cal_day")
    if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= 3650:
        return None
    return int(number), unit
