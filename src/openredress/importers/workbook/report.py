"""The report workbook: what came of the import, and the ledger again with each bad cell marked.

Cells of refused columns and staff text with a listed phrase are never copied.
Everything is written as a string, so that no cell of the office's file runs as a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from openredress.importers.workbook.cells import Why, text
from openredress.importers.workbook.check import PETITIONERS_VOICE
from openredress.importers.workbook.control import NOT_RECORDED, Denylist
from openredress.importers.workbook.plan import Plan, Read
from openredress.importers.workbook.records import Record
from openredress.importers.workbook.sheets import Value

Say = Callable[[str, str], str]
_CELL_CHARS = 32_000  # Excel keeps 32,767
_WIDTHS = {
    "matter": 50,
    "demand": 30,
    "measures": 30,
    "progress": 30,
    "note": 24,
    "address": 24,
    "id_number": 20,
}


class _Page:
    """A sheet of the report, written top to bottom."""

    def __init__(self, book: Any, name: str, head: Sequence[str], widths: Sequence[int], bold: Any) -> None:
        self.sheet = book.add_worksheet(name)
        self.sheet.freeze_panes(1, 0)
        for at, (words, width) in enumerate(zip(head, widths, strict=True)):
            self.sheet.set_column(at, at, width)
            self.sheet.write_string(0, at, words, bold)
        self.next = 1

    def row(self, *cells: str, style: Any = None) -> None:
        """One line of strings."""
        for at, words in enumerate(cells):
            self.sheet.write_string(self.next, at, words[:_CELL_CHARS], style)
        self.next += 1


def write(path: Path, plan: Plan, counts: Sequence[tuple[str, str]], denied: Denylist, say: Say) -> None:
    """Write the report. Raises `OSError` when the place cannot be written."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    try:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        _summary(book, plan, counts, bold, say)
        _bad_cells(book, plan, bold, say)
        _changes(book, plan, bold, say)
        names = {sheet.get_name().lower() for sheet in book.worksheets()}
        for read in plan.read:
            _marked(book, read, plan, denied, bold, _free_name(read.sheet.name, names, denied, say), say)
    finally:
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OSError(str(error)) from error


def _summary(book: Any, plan: Plan, counts: Sequence[tuple[str, str]], bold: Any, say: Say) -> None:
    page = _Page(book, say("汇总", "Summary"), [say("项目", "What"), say("数", "How many")], [60, 40], bold)
    for what, count in counts:
        page.row(what, count)
    page.row("")
    for sheet, column in plan.not_imported:
        page.row(f"{sheet}：{column}", say(*NOT_RECORDED))
    for sheet, column in plan.unknown_columns:
        kept = say("不认识的列：作为办理记录保存", "unknown column: kept as a note")
        page.row(f"{sheet}：{column}", kept)
    for skipped in plan.skipped:
        where = (
            say(f"第 {skipped.row} 行", f"row {skipped.row}") if skipped.row else say("整张", "whole sheet")
        )
        page.row(
            f"{skipped.sheet} {where}", say("跳过：", "passed over: ") + say(skipped.why.zh, skipped.why.en)
        )


def _bad_cells(book: Any, plan: Plan, bold: Any, say: Say) -> None:
    head = [
        say("工作表", "Sheet"),
        say("行", "Row"),
        say("列", "Column"),
        say("问题与办法", "What is wrong, what to do"),
    ]
    page = _Page(book, say("问题", "Bad cells"), head, [20, 8, 24, 80], bold)
    for bad in plan.bad:
        page.row(bad.sheet, str(bad.row), bad.column, say(bad.why.zh, bad.why.en))


def _changes(book: Any, plan: Plan, bold: Any, say: Say) -> None:
    head = [
        say("编号", "Number"),
        say("行", "Row"),
        say("列", "Column"),
        say("原来", "Before"),
        say("现在", "Now"),
    ]
    page = _Page(book, say("变化", "Changes"), head, [18, 8, 24, 50, 50], bold)
    hidden = say("（身份信息，已变）", "(identity, changed)")
    for change in plan.changed:
        for cell in change.diff:
            secret = not cell.old and not cell.new
            old, new = (hidden, hidden) if secret else (cell.old, cell.new)
            page.row(change.known.number, str(change.row.row), cell.heading, old, new)
    for known in plan.vanished:
        page.row(
            known.number, "", say("本次台账中没有；不删除", "not in this file; nothing is removed"), "", ""
        )


def _free_name(name: str, taken: set[str], denied: Denylist, say: Say) -> str:
    """A sheet name that Excel takes, unlike the others, and without a listed phrase."""
    wanted = say("台账", "Ledger") if denied.phrase(name) else name
    wanted = "".join("_" if sign in "[]:*?/\\'" else sign for sign in wanted)[:28] or "_"
    free, n = wanted, 2
    while free.lower() in taken:
        free, n = f"{wanted}{n}", n + 1
    taken.add(free.lower())
    return free


def _marked(book: Any, read: Read, plan: Plan, denied: Denylist, bold: Any, name: str, say: Say) -> None:
    columns = [column for column in read.heading.columns if not column.control]
    head = [say("原行号", "Row"), *(column.label for column in columns)]
    page = _Page(book, name, head, [8, *(_WIDTHS.get(column.field, 14) for column in columns)], bold)
    red = book.add_format({"bg_color": "#F8D7DA", "border": 1, "border_color": "#B02A37", "text_wrap": True})
    reasons: dict[tuple[int, str], list[Why]] = {}
    for bad in plan.bad:
        if bad.sheet == read.sheet.name:
            reasons.setdefault((bad.row, bad.column), []).append(bad.why)
    for record in read.records:
        page.sheet.write_string(page.next, 0, str(record.row))
        for at, column in enumerate(columns, start=1):
            why = reasons.get((record.row, column.label), [])
            words = _shown(record, column.at, column.field, denied, say)
            if words or why:
                page.sheet.write_string(page.next, at, words[:_CELL_CHARS], red if why else None)
            if why:
                said = "\n".join(say(one.zh, one.en) for one in why)
                page.sheet.write_comment(page.next, at, said, {"x_scale": 2})
        page.next += 1


def _shown(record: Record, at: int, field: str, denied: Denylist, say: Say) -> str:
    """A cell as the report may carry it."""
    value: Value | None = record.values.get(at)
    if value is None:
        return ""
    words = text(value)
    if field not in PETITIONERS_VOICE and denied.phrase(words):
        return say("（含本系统不记录的内容，未抄）", "(holds what this system does not record; not copied)")
    return words
