"""公民身份号码 (GB 11643): check character, date, the old 15 digits, and what Excel does to them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_PROVINCES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
    "50 51 52 53 54 61 62 63 64 65 71 81 82 83 91"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A number as 18 characters, or the code and sentences of what is wrong with it."""

    number: str = ""
    problem: str = ""  # "" | form | damaged | province | date | check
    zh: str = ""
    en: str = ""


_PROBLEMS = {
    "form": ("身份证号应为 18 位（或旧 15 位）", "an ID number has 18 characters (formerly 15)"),
    "damaged": (
        "身份证号已被 Excel 改成数值，末几位丢失；请从原件补录，单元格设为文本",
        "Excel turned this ID number into a figure and lost its last digits; enter it again as text",
    ),
    "province": ("身份证号前两位不是省级代码", "the first two digits are no province"),
    "date": ("身份证号中的出生日期不存在", "the date of birth in the ID number does not exist"),
    "check": ("身份证号校验位不符，可能录错一位", "the check digit is wrong; one digit may be mistyped"),
}


def _problem(code: str, number: str = "") -> Checked:
    zh, en = _PROBLEMS[code]
    return Checked(number, code, zh, en)


def check_character(first17: str) -> str:
    """The eighteenth character that belongs to seventeen digits (ISO 7064 mod 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def normalised(raw: str) -> str:
    """Half-width, upper-case X, without blanks and hyphens; 15 digits become 18; else as it came."""
    text = unicodedata.normalize("NFKC", raw).strip().upper().lstrip("'")
    text = text.replace(" ", "").replace("-", "").replace("×", "X")
    if len(text) == 15 and text.isascii() and text.isdigit():
        first17 = f"{text[:6]}19{text[6:]}"
        return first17 + check_character(first17)
    return text


def _is_date(text: str) -> bool:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) >= date(1850, 1, 1)
    except ValueError:
        return False


def check(raw: str) -> Checked:
    """The number in 18 characters, or why it cannot be one.

    A number that a spreadsheet stored as a figure keeps 15 digits: it comes as 3.40524E+17 or ends in
    000. A correct number may end in 000 too, so the check character decides.
    """
    text = normalised(raw)
    if _SCIENTIFIC.fullmatch(text):
        return _problem("damaged")
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return _problem("form")
    good = check_character(text[:17]) == text[17]
    if text.endswith("000") and not good:
        return _problem("damaged", text)
    if text[:2] not in _PROVINCES:
        return _problem("province", text)
    if not _is_date(text[6:14]):
        return _problem("date", text)
    return Checked(text) if good else _problem("check", text)
