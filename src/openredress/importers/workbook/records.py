"""From sheet rows to records: merged cells filled down, totals and blank rows passed over and said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from openredress.importers.workbook.cells import Why, is_blank, text
from openredress.importers.workbook.headings import Heading
from openredress.importers.workbook.sheets import Sheet, Value

_TOTAL = re.compile(r"^(本页)?(合计|小计|总计|共计|累计|汇总|总数|total|subtotal|sum)")
_FOOT = re.compile(
    r"^(填表人|制表人|填报人|填表日期|填报日期|填报单位|审核人|审核|负责人|单位负责人|联系人|注[:：\d]|备注[:：]|说明[:：]|填表说明)"
)
_GAPS = re.compile(r"\s+")
_NUMBER = re.compile(r"[\d.,%件人次户个万元]+")
_WHO_AND_WHAT = ("name", "matter", "demand", "id_number")


@dataclass(slots=True)
class Record:
    """One matter in a ledger: the Excel row it begins in (from 1) and its cells by column (from 0)."""

    row: int
    values: dict[int, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A sheet (row 0) or a row that is not a matter, and why."""

    sheet: str
    row: int
    why: Why


_BLANK = Why("空行", "blank row")
_SUM = Why("合计行", "row of totals")
_END = Why("表尾说明", "notes at the foot of the table")
_AGAIN = Why("重复的表头", "the heading again")
_LONE = Why("只有一个单元格有字，不是信访事项", "only one cell is filled; no matter")
_NOBODY = Why("没有信访人和信访事项", "neither a petitioner nor a matter")


def records(sheet: Sheet, heading: Heading) -> tuple[list[Record], list[Skipped]]:
    """The matters of one sheet in order, and what was passed over."""
    filled = _filled_down(sheet, heading)
    owner = _owners(sheet, heading)
    found: dict[int, Record] = {}
    skipped = []
    last = max((row for row, _ in _rows(sheet, heading, filled) if _), default=-1)
    for row, values in _rows(sheet, heading, filled):
        if row > last:
            break
        first = owner.get(row, row)
        if first != row and first in found:
            _append(found[first], values)
        elif why := _no_matter(values, heading):
            skipped.append(Skipped(sheet.name, row + 1, why))
        else:
            found[row] = Record(row + 1, values)
    return list(found.values()), skipped


def _rows(
    sheet: Sheet, heading: Heading, filled: dict[tuple[int, int], Value]
) -> Iterator[tuple[int, dict[int, Value]]]:
    """Each data row (from 0) with its cells that say something."""
    for row in range(heading.data_row, len(sheet.rows)):
        values = {}
        for column in heading.columns:
            value = filled.get((row, column.at), sheet.cell(row, column.at))
            if not (isinstance(value, str) and not value.strip()):
                values[column.at] = value
        yield row, values


def _filled_down(sheet: Sheet, heading: Heading) -> dict[tuple[int, int], Value]:
    filled = {}
    for (top, left), (bottom, _) in sheet.merges:
        if top >= heading.data_row:
            for row in range(top + 1, bottom + 1):
                filled[row, left] = sheet.cell(top, left)
    return filled


def _owners(sheet: Sheet, heading: Heading) -> dict[int, int]:
    """Rows that belong to the record of an earlier row: its 序号, or its person and matter, are merged."""
    at = {column.field: column.at for column in reversed(heading.columns)}
    spans: dict[str, dict[int, int]] = {}
    for name in ("seq", "name", "matter", "demand"):
        spans[name] = {
            row: top
            for (top, left), (bottom, _) in sheet.merges
            if left == at.get(name, -1) and top >= heading.data_row
            for row in range(top, bottom + 1)
        }
    whole = dict(spans["seq"])
    matters = spans["matter"] or spans["demand"]
    for row, top in spans["name"].items():
        if matters.get(row) == top:
            whole.setdefault(row, top)
    return whole


def _append(record: Record, values: dict[int, Value]) -> None:
    """Further lines of one record: what is new in a cell goes on a line of its own."""
    for at, value in values.items():
        have = record.values.get(at)
        if have is None:
            record.values[at] = value
        elif text(value) not in text(have).split("\n"):
            record.values[at] = f"{text(have)}\n{text(value)}"


def _no_matter(values: dict[int, Value], heading: Heading) -> Why | None:
    """Why a row is not a matter, or None when it is one (good or bad)."""
    told = {at: value for at, value in values.items() if not is_blank(value)}
    if not told:
        return _BLANK
    opening = [_close(value) for value in list(told.values())[:2]]
    fields = {column.at: column.field for column in heading.columns}
    has = {fields[at] for at in told}
    if any(_TOTAL.match(words) for words in opening) and not has & {"matter", "demand"}:
        return _SUM
    if _FOOT.match(opening[0]) and not has & {"matter", "demand"}:
        return _END
    same = sum(1 for column in heading.columns if _names(values.get(column.at, ""), column.label))
    if same >= 3:
        return _AGAIN
    if has == {"seq"} or (
        len(told) == 1 and (has == {""} or heading.columns[0].at in told) and "name" not in has
    ):
        return _BLANK if has == {"seq"} and _NUMBER.fullmatch(opening[0]) else _LONE
    if not has & set(_WHO_AND_WHAT):
        said = [
            at for at in told if fields[at] not in ("", "seq") and not _NUMBER.fullmatch(_close(told[at]))
        ]
        return None if said else _NOBODY
    return None


def _close(value: Value) -> str:
    """A cell's words without blanks, for comparing with 合计 and the like."""
    return _GAPS.sub("", text(value)).lower()


def _names(value: Value, label: str) -> bool:
    """Whether a cell repeats its column's heading."""
    return isinstance(value, str) and _GAPS.sub("", value) == label.rpartition("/")[2].replace(" ", "")
