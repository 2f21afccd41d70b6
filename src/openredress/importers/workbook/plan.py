"""What an import would do, worked out whole before anything is written: validate, compare, propose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from openredress.cases.proposals import Cell
from openredress.importers.workbook import headings
from openredress.importers.workbook.cells import Why
from openredress.importers.workbook.check import Bad, Checker, Row, UnitNames
from openredress.importers.workbook.control import Denylist
from openredress.importers.workbook.headings import Heading
from openredress.importers.workbook.match import (
    COMPARED,
    IDENTITY,
    Known,
    Marks,
    Matcher,
    cells_digest,
    cells_of,
    compared,
    ledger_of,
    marks,
    person_marks,
)
from openredress.importers.workbook.records import Record, Skipped, records
from openredress.importers.workbook.sheets import Sheet

Lookup = Callable[[str], Sequence[Known]]  # ledger → what was imported from it before
Tell = Callable[[str, str, int, int], None]  # (zh, en, done, of)


@dataclass(slots=True)
class New:
    """A row that is not in the record yet."""

    row: Row
    ledger: str
    key: str
    cells: dict[str, object]
    digest: str


@dataclass(slots=True)
class Change:
    """A row of the record that this file shows differently."""

    row: Row
    known: Known
    diff: tuple[Cell, ...]
    cells: dict[str, object]
    digest: str


@dataclass(slots=True)
class Read:
    """One ledger sheet: its heading and its records, for the report."""

    sheet: Sheet
    heading: Heading
    records: list[Record]


@dataclass(slots=True)
class Plan:
    """The whole outcome of reading a file, before a word is written."""

    rows: int = 0
    new: list[New] = field(default_factory=list)
    same: int = 0
    changed: list[Change] = field(default_factory=list)
    vanished: list[Known] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    not_imported: list[tuple[str, str]] = field(default_factory=list)  # sheet, heading
    unknown_columns: list[tuple[str, str]] = field(default_factory=list)
    read: list[Read] = field(default_factory=list)


def _nobody_tells(zh: str, en: str, done: int, of: int) -> None:
    """No progress wanted."""


@dataclass(frozen=True, slots=True)
class Against:
    """What a file is compared with: the office it is of, its units, the deny-list, the record, the day."""

    office: str
    units: UnitNames
    denied: Denylist
    lookup: Lookup
    keys: tuple[bytes, ...]
    today: date


def plan(sheets: Iterable[Sheet], against: Against, tell: Tell = _nobody_tells) -> Plan:
    """Read every sheet, check every cell, and say for each row what it is. Writes nothing."""
    result = Plan()
    rows: dict[str, list[tuple[Row, tuple[Marks, ...]]]] = {}
    hurt: dict[str, set[str]] = {}
    for sheet in sheets:
        found = _sheet(result, sheet, against, tell)
        if found is None:
            continue
        heading, good, bad = found
        ledger = ledger_of(against.office, heading.title, sheet.name, against.keys[0])
        hurt.setdefault(ledger, set()).update(
            mark for record in bad for key in against.keys for mark in person_marks(record, heading, key)
        )
        rows.setdefault(ledger, []).extend(
            (row, tuple(marks(row, ledger, key) for key in against.keys)) for row in good
        )
    for ledger, marked in rows.items():
        _compare(result, ledger, _without_doubles(result, marked), hurt[ledger], against)
    return result


def _sheet(
    result: Plan, sheet: Sheet, against: Against, tell: Tell
) -> tuple[Heading, list[Row], list[Record]] | None:
    if sheet.hidden:
        result.skipped.append(Skipped(sheet.name, 0, Why("隐藏的工作表", "a hidden sheet")))
        return None
    heading = headings.find(sheet, against.denied)
    if isinstance(heading, Why):
        result.skipped.append(Skipped(sheet.name, 0, heading))
        return None
    for column in heading.columns:
        if column.control:
            result.not_imported.append((sheet.name, column.label))
        elif not column.field:
            result.unknown_columns.append((sheet.name, column.label))
    kept, skipped = records(sheet, heading)
    checker = Checker(sheet.name, heading, against.denied, against.units, against.today)
    good, bad = [], []
    for n, record in enumerate(kept):
        row = checker.row(record)
        if row is None:
            bad.append(record)
        else:
            good.append(row)
        if n % 500 == 499:
            tell("检查", "checking", n + 1, len(kept))
    result.rows += len(kept)
    result.bad += checker.bad
    result.skipped += skipped
    result.read.append(Read(sheet, heading, kept))
    return heading, good, bad


def _without_doubles(
    result: Plan, marked: list[tuple[Row, tuple[Marks, ...]]]
) -> list[tuple[Row, tuple[Marks, ...]]]:
    """The same matter twice in one file: told when the rows agree, bad when they do not."""
    first: dict[str, Row] = {}
    kept = []
    for row, found in marked:
        key = found[0].key
        earlier = first.setdefault(key, row)
        if earlier is row:
            kept.append((row, found))
            continue
        where = f"{earlier.sheet} 第 {earlier.row} 行"
        where_en = f"{earlier.sheet} row {earlier.row}"
        if _content(earlier) == _content(row):
            same = Why(f"与{where}完全相同，只算一次", f"the same as {where_en}; counted once")
            result.skipped.append(Skipped(row.sheet, row.row, same))
            result.rows -= 1
        else:
            other = Why(
                f"与{where}是同一人、同一事项，但内容不同；请只留一行",
                f"the same person and matter as {where_en} but told differently; keep one row",
            )
            result.bad.append(Bad(row.sheet, row.row, row.heading.of("name"), other))
    return kept


def _content(row: Row) -> tuple[object, ...]:
    skip = {"sheet", "row", "heading"}
    return tuple(getattr(row, name) for name in Row.__dataclass_fields__ if name not in skip)


def _compare(
    result: Plan,
    ledger: str,
    marked: list[tuple[Row, tuple[Marks, ...]]],
    hurt: set[str],
    against: Against,
) -> None:
    matcher = Matcher(against.lookup(ledger))
    paired = matcher.pair([found for _, found in marked])
    for (row, found), known in zip(marked, paired, strict=True):
        cells = cells_of(row, found[0], against.keys[0])
        digest = cells_digest(cells)
        if known is None:
            result.new.append(New(row, ledger, found[0].key, cells, digest))
        elif diff := _diff(row, known, cells, against.keys, found):
            result.changed.append(Change(row, known, diff, cells, digest))
        else:
            result.same += 1
    matcher.seen(hurt)
    result.vanished += matcher.left.values()


def _diff(
    row: Row, known: Known, cells: dict[str, object], keys: tuple[bytes, ...], found: tuple[Marks, ...]
) -> tuple[Cell, ...]:
    if not known.cells or known.digest == cells_digest(cells):  # no cells: erased, and stays erased
        return ()
    older = [cells_of(row, one, key) for one, key in zip(found[1:], keys[1:], strict=True)]
    changed = []
    for name in COMPARED:
        before = compared(known.cells, name)
        now = {compared(kept, name) for kept in (cells, *older)}
        if name not in row.heading.fields or before in now:
            continue
        shown = ("", "") if name in IDENTITY else (str(known.cells.get(name, "")), str(cells[name]))
        changed.append(Cell(name, row.heading.of(name), *shown))
    return tuple(changed)
