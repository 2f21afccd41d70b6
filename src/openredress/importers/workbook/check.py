"""Every cell of a record read and checked: a good `Row`, or each bad cell with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from openredress.importers.workbook import cells
from openredress.importers.workbook.cells import People, Why
from openredress.importers.workbook.control import Denylist
from openredress.importers.workbook.headings import JOINED, Heading
from openredress.importers.workbook.records import Record
from openredress.importers.workbook.sheets import Value

PETITIONERS_VOICE = frozenset({"matter", "demand"})  # truthfully recorded, never compared with the deny-list
_JOINT = {"address": "；", "phone": "、"}
_LONGEST = {"matter": 100_000, "demand": 20_000, "address": 300}


@dataclass(frozen=True, slots=True)
class Bad:
    """One bad cell: the sheet, the row as Excel counts, the heading of its column, and why."""

    sheet: str
    row: int
    column: str
    why: Why


@dataclass(slots=True)
class Row:
    """One good matter of a ledger, read. Empty and None mean: not said (待补)."""

    sheet: str
    row: int
    heading: Heading
    people: People = field(default_factory=lambda: People(()))
    id_numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    address: str = ""
    people_count: int = 1
    matter: str = ""
    demand: str = ""
    first_on: date | None = None
    channel: str = "ledger"
    units: tuple[str, ...] = ()  # names as written until `units.known` made them codes
    territorial: tuple[str, ...] = ()
    leader: str = ""
    leader_post: str = ""
    handler: str = ""
    measures: str = ""
    due_on: date | None = None
    progress: str = ""
    solved: bool | None = None
    solved_on: date | None = None
    note: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)  # unknown columns by heading

    def __repr__(self) -> str:
        return f"Row({self.sheet!r}, {self.row}, …)"  # identities must not slip into a log or a traceback


class UnitNames(Protocol):
    """Who knows the units: gives codes for the names in a cell, or why it cannot."""

    def known(self, names: tuple[str, ...]) -> tuple[str, ...] | Why: ...


class Checker:
    """Reads the records of one sheet. `bad` grows; a record with a bad cell gives no row."""

    def __init__(self, sheet: str, heading: Heading, denied: Denylist, units: UnitNames, today: date) -> None:
        self.sheet, self.heading, self.denied, self.units, self.today = sheet, heading, denied, units, today
        self.bad: list[Bad] = []

    def row(self, record: Record) -> Row | None:
        """The record as a row; None when any cell is bad."""
        before = len(self.bad)
        listed = self._control(record)
        values = self._by_field(record)
        row = Row(self.sheet, record.row, self.heading)
        for name, read in _READERS.items():
            if name in values and name not in listed:
                self._take(row, name, read(self, values[name]))
        self._words(row, values, listed)
        if name := next((n for n in ("name",) if not row.people.names and not row.people.anonymous), ""):
            self._empty(row, name, before)
        if not row.matter:
            self._empty(row, "matter" if "matter" in self.heading.fields else "demand", before)
        self._together(row)
        row.extra = self._unknown(record)
        return row if len(self.bad) == before else None

    def _control(self, record: Record) -> set[str]:
        """Refuse staff-written cells that hold a phrase of the deny-list; the fields they belong to."""
        listed = set()
        for column in self.heading.columns:
            value = record.values.get(column.at)
            if value is None or column.control or column.field in PETITIONERS_VOICE:
                continue
            if isinstance(value, str) and (phrase := self.denied.phrase(value)):
                self._refuse(record.row, column.label, _phrase(phrase))
                listed.add(column.field)
        return listed

    def _by_field(self, record: Record) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for column in self.heading.columns:
            value = record.values.get(column.at)
            if not column.field or value is None or cells.is_blank(value):
                continue
            if column.field in values and column.field in JOINED:
                glue = _JOINT.get(column.field, "\n")
                if cells.text(value) not in cells.text(values[column.field]):
                    values[column.field] = f"{cells.text(values[column.field])}{glue}{cells.text(value)}"
            else:
                values[column.field] = value
        return values

    def _refuse(self, row: int, column: str, why: Why) -> None:
        self.bad.append(Bad(self.sheet, row, column, why))

    def _take(self, row: Row, name: str, got: object) -> None:
        if isinstance(got, Why):
            self._refuse(row.row, self.heading.of(name), got)
        elif got is not None:
            setattr(row, _ATTRIBUTE.get(name, name), got)

    def _words(self, row: Row, values: Mapping[str, Value], listed: set[str]) -> None:
        for name in (
            "address",
            "matter",
            "demand",
            "leader",
            "leader_post",
            "handler",
            "measures",
            "progress",
            "note",
        ):
            if name in values and name not in listed:
                words = cells.text(values[name])
                if len(words) > _LONGEST.get(name, 20_000):
                    self._refuse(
                        row.row,
                        self.heading.of(name),
                        Why(f"太长（{len(words)} 字）", f"{len(words)} characters are too many"),
                    )
                setattr(row, name, words)
        row.matter = row.matter or row.demand
        row.demand = row.demand or row.matter

    def _empty(self, row: Row, name: str, since: int) -> None:
        column = self.heading.of(name)
        if not any(bad.column == column for bad in self.bad[since:]):
            self._refuse(row.row, column, _EMPTY)

    def _together(self, row: Row) -> None:
        """What only two cells together can show to be wrong."""
        names = row.people.names
        if len(row.id_numbers) > 1 and len(row.id_numbers) != len(names):
            many = Why(
                f"{len(names)} 个姓名对 {len(row.id_numbers)} 个号码；请一人一号，或只留主访人的",
                f"{len(names)} names but {len(row.id_numbers)} numbers; one each, or the lead's alone",
            )
            self._refuse(row.row, self.heading.of("id_number"), many)
        said, counted = row.people.count, row.people_count
        if "people" in self.heading.fields and said and counted > 1 and said != counted:
            self._refuse(row.row, self.heading.of("people"), _counts(said, counted))
        row.people_count = max(counted, said, len(names), 1)
        if row.solved_on and row.first_on and row.solved_on < row.first_on:
            self._refuse(row.row, self.heading.of("solved_on"), _before(row.solved_on, row.first_on))

    def _unknown(self, record: Record) -> dict[str, str]:
        known = {
            column.label: cells.text(record.values[column.at])
            for column in self.heading.columns
            if not column.field and not column.control and column.at in record.values
        }
        return {name: words for name, words in known.items() if words and not cells.is_blank(words)}

    def _units(self, value: Value) -> tuple[str, ...] | Why:
        names = tuple(dict.fromkeys(n.strip() for n in _UNIT_SIGNS.split(cells.text(value)) if n.strip()))
        return self.units.known(names)


_UNIT_SIGNS = re.compile(r"[、,，;；\n/]+")
_EMPTY = Why("空；请补上后再导入", "empty; fill it in and import again")
_ATTRIBUTE = {
    "name": "people",
    "id_number": "id_numbers",
    "phone": "phones",
    "people": "people_count",
    "unit": "units",
}
_READERS: dict[str, Callable[[Checker, Value], object]] = {
    "name": lambda check, value: cells.people(value),
    "id_number": lambda check, value: cells.id_numbers(value),
    "phone": lambda check, value: cells.telephones(value),
    "people": lambda check, value: cells.headcount(value),
    "first_on": lambda check, value: cells.past_day(value, today=check.today),
    "channel": lambda check, value: cells.channel(value),
    "unit": lambda check, value: check._units(value),
    "territorial": lambda check, value: check._units(value),
    "due_on": lambda check, value: cells.day(value, today=check.today, end=True),
    "solved": lambda check, value: cells.yes_no(value),
    "solved_on": lambda check, value: cells.past_day(value, today=check.today),
}


def _phrase(found: str) -> Why:
    return Why(
        f"含有本系统不记录的内容（“{found}”）；请删去这些文字后再导入",
        f"holds what this system does not record (“{found}”); cut those words and import again",
    )


def _counts(said: int, counted: int) -> Why:
    return Why(
        f"姓名写“等{said}人”，人数写 {counted}；请核对后写成一致",
        f"the names say {said} people, this column {counted}; make them agree",
    )


def _before(solved: date, first: date) -> Why:
    return Why(
        f"{solved} 早于首次信访时间 {first}；请核对", f"{solved} is before the first petition {first}; check"
    )
