"""Which row is the heading, and which field each column holds, in the words that offices use."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openredress.importers.workbook.cells import Why, text
from openredress.importers.workbook.control import Denylist
from openredress.importers.workbook.sheets import Sheet

_WORDS: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "headings.toml").read_text(encoding="utf-8")
)
FIELD_OF = {word: field for field, words in _WORDS.items() for word in words}
JOINED = frozenset({"address", "phone", "matter", "demand", "measures", "progress", "note"})

_SIGNS = re.compile(r"[\s、,，;；:：.。/\\*＊_\-—()\[\]【】“”\"'?？]+")
_PARENS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_PREFIX = re.compile(r"^(信访人员|信访人|上访人|来访人|反映人|当事人)?(基本情况|基本信息|信息|情况)?")
_TAIL = re.compile(r"(填写|简要|概述)$")
_LOOK_AT = 30  # rows in which a heading may begin


def key(heading: str) -> str:
    """The heading in the spelling of the table: half-width, lower-case, no blanks or signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", heading).lower())


def field_of(heading: str) -> str:
    """The field a heading names, or an empty string."""
    plain = unicodedata.normalize("NFKC", heading)
    for words in (key(plain), key(_PARENS.sub("", plain))):
        for word in (words, _PREFIX.sub("", words), _TAIL.sub("", words)):
            if word in FIELD_OF:
                return FIELD_OF[word]
    return ""


def label(heading: str) -> str:
    """The heading as reports name it: on one line, without the blanks that only spread the letters."""
    one_line = re.sub(r"\s+", " ", heading.strip())
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", one_line)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger: where it is, how reports name it, what it holds ("" = not known)."""

    at: int
    label: str
    field: str = ""
    control: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of one sheet: its columns, its first data row (from 0) and the title above it."""

    columns: tuple[Column, ...]
    row: int
    data_row: int
    title: str

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the sheet has."""
        return frozenset(column.field for column in self.columns if column.field)

    def of(self, field: str) -> str:
        """How this sheet's heading for the field reads; the field's usual name when it has none."""
        found = next((column.label for column in self.columns if column.field == field), "")
        return found or _WORDS[field][0]


def _spread(sheet: Sheet, first: int, last: int) -> dict[tuple[int, int], str]:
    """Heading cells with merged ones filled out, sideways and down."""
    cells = {
        (row, at): text(value)
        for row in range(first, last + 1)
        for at, value in enumerate(sheet.rows[row])
        if text(value)
    }
    for (top, left), (bottom, right) in sheet.merges:
        if first <= top <= last and (words := cells.get((top, left))):
            cells |= {
                (r, c): words for r in range(top, min(bottom, last) + 1) for c in range(left, right + 1)
            }
    return cells


def _group(cells: dict[tuple[int, int], str], row: int, at: int, below: str) -> str:
    """The upper heading over a column; in files without merged cells it is the nearest one to the left."""
    for left in range(at, -1, -1):
        if words := cells.get((row, left)):
            return words
        if not below:
            return ""
    return ""


def _name(uppers: Sequence[str], lower: str) -> tuple[str, str]:
    """The field and the reported name from the heading cells over one column, top to bottom."""
    upper = "".join(words for words in uppers if words != lower)
    for candidate in (upper + lower, lower, upper):
        if candidate and (field := field_of(candidate)):
            return field, lower or upper
    return "", lower or upper


def _columns(sheet: Sheet, first: int, last: int, denied: Denylist) -> list[tuple[Column, str]]:
    cells = _spread(sheet, first, last)
    width = max((len(sheet.rows[row]) for row in range(first, last + 1)), default=0)
    columns = []
    for at in range(width):
        lower = cells.get((last, at), "")
        uppers = [_group(cells, row, at, lower) for row in range(first, last)]
        stacked = "".join([*uppers, lower])
        if not stacked:
            continue
        field, words = _name(uppers, lower)
        control = denied.heading(stacked) or denied.heading(words) or bool(denied.phrase(stacked))
        columns.append((Column(at, label(words), "" if control else field, control), label("".join(uppers))))
    return columns


def _distinct(columns: list[tuple[Column, str]]) -> tuple[Column, ...]:
    """Equal names get their upper heading in front; a field that may not be joined keeps its first column."""
    often = Counter(column.label for column, _ in columns)
    taken: set[str] = set()
    result = []
    for column, upper in columns:
        shown = f"{upper}/{column.label}" if often[column.label] > 1 and upper else column.label
        field = column.field if column.field in JOINED or column.field not in taken else ""
        taken.add(field)
        result.append(Column(column.at, shown, field, column.control))
    return tuple(result)


def _last_row(sheet: Sheet, first: int, denied: Denylist) -> int:
    """Where a heading that begins in `first` ends: merged cells say it, else the row that adds fields."""
    depths = [bottom for (top, _), (bottom, _) in sheet.merges if top == first and bottom <= first + 2]
    if depths and max(depths) > first:
        return min(max(depths), len(sheet.rows) - 1)
    if first + 1 < len(sheet.rows):
        alone = {column.field for column, _ in _columns(sheet, first, first, denied)}
        stacked = {column.field for column, _ in _columns(sheet, first, first + 1, denied)}
        if len(stacked) > len(alone):
            return first + 1
    return first


def _score(columns: Sequence[Column]) -> int:
    fields = {column.field for column in columns} - {""}
    return len(fields) if fields & {"matter", "demand"} or len(fields) >= 4 else 0


def find(sheet: Sheet, denied: Denylist) -> Heading | Why:
    """The ledger heading of a sheet, or why the sheet is none."""
    best: Heading | None = None
    best_score = 2
    for first in range(min(_LOOK_AT, len(sheet.rows))):
        filled = sum(1 for value in sheet.rows[first] if text(value))
        if filled < 3:
            continue
        last = _last_row(sheet, first, denied)
        columns = _distinct(_columns(sheet, first, last, denied))
        if (score := _score(columns)) > best_score:
            best, best_score = Heading(columns, first, last + 1, _title(sheet, first)), score
    if best is None:
        return Why("没有台账表头", "it has no ledger heading")
    if not best.fields & {"matter", "demand"} or "name" not in best.fields:
        missing = "信访人" if "name" not in best.fields else "反映的主要问题"
        return Why(f"表头里没有“{missing}”一列", f"its heading lacks the column “{missing}”")
    return best


def _title(sheet: Sheet, heading_row: int) -> str:
    """The first words above the heading."""
    for row in sheet.rows[:heading_row]:
        for value in row:
            if words := text(value):
                return words
    return ""
