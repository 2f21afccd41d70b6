"""Reading a file into sheets of plain cells: xlsx and xls through calamine, CSV as offices encode it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine
from charset_normalizer import from_bytes

Value = str | int | float | bool | date | datetime | time | timedelta
Merge = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, both as (row, column) from 0

_MAX_BYTES = 200 * 1024 * 1024


class Unreadable(Exception):
    """The file cannot be read at all; says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as Excel counts it: `rows[0]` is row 1. `hidden` sheets are named, not read."""

    name: str
    rows: Sequence[Sequence[Value]]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False

    def cell(self, row: int, column: int) -> Value:
        """The value at a place counted from 0; an empty string outside."""
        cells = self.rows[row] if 0 <= row < len(self.rows) else ()
        return cells[column] if column < len(cells) else ""


def read(path: Path) -> list[Sheet]:
    """All sheets of a file. Raises `Unreadable`."""
    if not path.is_file():
        raise Unreadable(f"没有文件 {path}", f"No file {path}")
    if path.stat().st_size > _MAX_BYTES:
        raise Unreadable(
            f"{path.name} 超过 200 MB，请拆分后再导入", f"{path.name} is over 200 MB; please split it"
        )
    data = path.read_bytes()
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _workbook(data, path.name)
    if path.suffix.lower() in (".csv", ".txt", ".tsv"):
        return [Sheet("CSV", _csv(data, path.name))]
    raise Unreadable(
        f"{path.name} 不是 Excel 或 CSV 文件；请另存为 xlsx 再导入",
        f"{path.name} is no Excel or CSV file; save it as xlsx and import again",
    )


def _workbook(data: bytes, name: str) -> list[Sheet]:
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
    except python_calamine.PasswordError:
        raise Unreadable(
            f"{name} 有打开密码；请取消密码后再导入", f"{name} is protected by a password; remove it first"
        ) from None
    except (python_calamine.CalamineError, OSError) as error:
        raise Unreadable(f"{name} 已损坏，读不出来（{error}）", f"{name} is damaged ({error})") from None
    sheets = []
    for about in book.sheets_metadata:
        if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if about.visible != python_calamine.SheetVisibleEnum.Visible:
            sheets.append(Sheet(about.name, (), hidden=True))
            continue
        sheet = book.get_sheet_by_name(about.name)
        merges = tuple(sorted(sheet.merged_cell_ranges or ()))
        sheets.append(Sheet(about.name, sheet.to_python(skip_empty_area=False), merges))
    return sheets


def _decode(data: bytes, name: str) -> str:
    """UTF-8 when it is valid UTF-8, else GB18030 (what Chinese Excel saves), else a guess."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = from_bytes(data).best()
    if best is None:
        raise Unreadable(
            f"{name} 的文字编码认不出；请用 Excel 另存为 xlsx 再导入",
            f"The encoding of {name} is unknown; save it as xlsx and import again",
        )
    return str(best)


def _csv(data: bytes, name: str) -> list[list[Value]]:
    text = _decode(data, name)
    head = text[:10_000]
    delimiter = max(",\t;", key=head.count)
    rows: list[list[Value]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(list(row))
    except csv.Error as error:
        raise Unreadable(
            f"{name} 第 {reader.line_num} 行读不出来（{error}）", f"{name}, line {reader.line_num}: {error}"
        ) from None
    return rows
