"""What a cell says: text, days, people, numbers of identity cards and telephones, yes and no.

Each reader gives the value or a `Why`: the sentence that goes into the report, in both languages,
with what to do. Nothing here guesses where two readings are possible.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from openredress.identity import idnumber
from openredress.importers.workbook.sheets import Value


@dataclass(frozen=True, slots=True)
class Why:
    """Why a cell cannot be imported, and what to do."""

    zh: str
    en: str


_BLANKS = frozenset(
    [
        "无",
        "不详",
        "不明",
        "未知",
        "没有",
        "未留",
        "未提供",
        "暂无",
        "空",
        "/",
        "\\",
        "-",
        "--",
        "—",
        "——",
        "－",
        "n/a",
        "na",
        "none",
    ]
)
_LONGEST_BLANK = 5
_EDGES = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b"
_CJK_GAP = re.compile(r"(?<=[\u4e00-\u9fff])[ \t\u3000]+(?=[\u4e00-\u9fff])")
_SEPARATORS = re.compile(r"[、,，;；/\n]+")


def text(value: Value) -> str:
    """The cell as a person reads it: no `.0` after whole numbers, days as 2026-03-05, edges trimmed."""
    if isinstance(value, str):
        words = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
        return words.strip(_EDGES)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def flat(value: Value) -> str:
    """Half-width, without any blanks: for numbers and codes."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text(value)))


def is_blank(value: Value) -> bool:
    """Empty, or one of the usual ways to write that nothing is known."""
    if not isinstance(value, str):
        return False
    words = value.strip(_EDGES)
    return not words or (len(words) <= _LONGEST_BLANK and flat(words).lower() in _BLANKS)


# --- days ---------------------------------------------------------------------------------------------------

_EPOCH = date(1899, 12, 30)  # Excel's 1900 system; right for every day since 1900-03-01
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_TENS = re.compile(r"([1-9]?)十([1-9]?)")
_DAY = re.compile(r"(\d{4}|\d{2})[年./-](\d{1,2})[月./-](\d{1,2})[日号]?")
_MONTH = re.compile(r"(\d{4})[年./-](\d{1,2})月?(底|末|上旬|中旬|下旬)?")
_YEAR = re.compile(r"(\d{4})年?(底|末)?")
_CLOCK_TIME = re.compile(r"(?<=\d)?[T]?(上午|下午)?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_TAIL = re.compile(r"(以来|至今|起|左右|之前|以前|前)$")
_NOT_A_DAY = Why(
    "认不出这个日期；请写成 2026-03-05 的样子", "This date cannot be read; write it like 2026-03-05"
)


def _none_such(shown: str) -> Why:
    return Why(
        f"没有这一天：{shown}；请核对原件后改正",
        f"There is no such day: {shown}; correct it from the original",
    )


def _made(year: int, month: int, day: int, *, last: bool = False) -> date | Why:
    """The day, or with `last` the last day of the month."""
    try:
        if last:
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return date(year, month, day)
    except ValueError:
        return _none_such(f"{year}-{month:02d}" + ("" if last else f"-{day:02d}"))


def _from_number(number: float, end: bool) -> date | Why:
    shown = repr(number)
    if number.is_integer():
        whole = int(number)
        if 19_000_000 <= whole <= 21_991_231:
            return _made(whole // 10_000, whole // 100 % 100, whole % 100)
        if 190_001 <= whole <= 219_912:
            return _made(whole // 100, whole % 100, 1, last=end)
        if 1900 <= whole <= 2199:
            return _made(whole, 12 if end else 1, 1, last=end)
    if 18_000 <= number < 80_000:
        return _EPOCH + timedelta(days=int(number))
    if re.fullmatch(r"(19|20)\d\d\.1", shown):
        return Why(
            f"{shown} 可能是 1 月也可能是 10 月（Excel 去掉了末尾的 0）；请写成 2026-10 的样子",
            f"{shown} may be January or October (Excel cut the last 0); write it like 2026-10",
        )
    if re.fullmatch(r"(19|20)\d\d\.\d{1,2}", shown):
        year, month = shown.split(".")
        return _made(int(year), int(month), 1, last=end)
    return _NOT_A_DAY


def _arabic(raw: str) -> str:
    """二〇二六年三月十五日 → 2026年3月15日."""
    digits = raw.translate(_DIGITS)
    return _TENS.sub(lambda m: str(int(m[1] or 1) * 10 + int(m[2] or 0)), digits)


def _full_year(year: str, latest: date) -> int:
    if len(year) == 4:
        return int(year)
    return 2000 + int(year) if 2000 + int(year) <= latest.year + 10 else 1900 + int(year)


_PART = {"上旬": 1, "中旬": 11, "下旬": 21}
_PART_END = {"上旬": 10, "中旬": 20}


def _month(found: re.Match[str], end: bool) -> date | Why:
    year, month, part = int(found[1]), int(found[2]), found[3] or ""
    if not 1 <= month <= 12:
        return _none_such(f"{year}-{month:02d}")
    if end and part in _PART_END:
        return _made(year, month, _PART_END[part])
    if end or part in ("底", "末"):
        return _made(year, month, 1, last=True)
    return _made(year, month, _PART.get(part, 1))


def _from_text(raw: str, end: bool, latest: date) -> date | Why:
    words = _arabic(_CLOCK_TIME.sub("", raw))
    while (shorter := _TAIL.sub("", words)) != words:
        words = shorter
    if words.replace(".", "", 1).isdigit() and not re.fullmatch(r"\d{4}\.\d{1,2}", words):
        return _from_number(float(words), end)
    if found := _DAY.fullmatch(words):
        return _made(_full_year(found[1], latest), int(found[2]), int(found[3]))
    if found := _MONTH.fullmatch(words):
        return _month(found, end)
    if found := _YEAR.fullmatch(words):
        return _made(int(found[1]), 12 if end or found[2] else 1, 1, last=end or bool(found[2]))
    return _NOT_A_DAY


def day(value: Value, *, today: date, end: bool = False) -> date | Why | None:
    """The day a cell names; None when blank. With `end`, a month or year alone means its last day.

    2026.3.5, 2026年3月5日, 20260305, 2026-03, 2026年底前, serial numbers of the 1900 system.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool | time | timedelta):
        return _NOT_A_DAY
    if is_blank(value):
        return None
    if isinstance(value, int | float):
        return _from_number(float(value), end)
    return _from_text(flat(value), end, today)


def past_day(value: Value, *, today: date) -> date | Why | None:
    """A day that has already been: first petition, settled on. The future and the far past are refused."""
    pieces = (
        [piece for piece in re.split(r"[\n；;、]+", value) if piece.strip()]
        if isinstance(value, str)
        else [value]
    )
    found: list[date] = []
    for piece in pieces:
        one = day(piece, today=today)
        if isinstance(one, Why):
            return one
        if one is not None:
            found.append(one)
    if not found:
        return None
    first = min(found)
    if first > today:
        return Why(
            f"{first} 晚于导入当天 {today}；请核对年份",
            f"{first} is later than the day of import {today}; check the year",
        )
    if first.year < 1949:
        return Why(f"{first} 早于 1949 年；请核对年份", f"{first} is before 1949; check the year")
    return first


# --- people -------------------------------------------------------------------------------------------------

_COUNT = re.compile(r"(?:等)?(?:共|约)?([0-9]+|[一二三四五六七八九十百]+)余?(?:人|名|户)(?:余)?$")
_PARENS = re.compile(r"[（(][^（）()]*[）)]")
_ANONYMOUS = frozenset(["匿名", "匿名信", "无名", "无名氏", "未署名", "未具名", "不具名", "anonymous"])
_NAME = re.compile(r"[A-Za-z\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class People:
    """Who is named in one cell, and how many stand behind the matter as the cell says (0: not said)."""

    names: tuple[str, ...]
    count: int = 0
    anonymous: bool = False


def _chinese_int(words: str) -> int:
    if words.isdigit():
        return int(words)
    total, digit = 0, 0
    for sign in words:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = "一二三四五六七八九".index(sign) + 1
    return total + digit


def people(value: Value) -> People | Why | None:
    """张三 · 张三、李四等12人 · 匿名; None when blank. Remarks in brackets are not part of a name."""
    if is_blank(value):
        return None
    words = _CJK_GAP.sub("", _PARENS.sub("", unicodedata.normalize("NFKC", text(value)))).strip()
    if words.lower() in _ANONYMOUS:
        return People((), anonymous=True)
    count = 0
    if found := _COUNT.search(words):
        count, words = _chinese_int(found[1]), words[: found.start()]
    words = re.sub(r"等(人)?$", "", words.strip())
    names = tuple(dict.fromkeys(n for n in (p.strip() for p in _SEPARATORS.split(words)) if n))
    if not names or not all(_NAME.search(name) and len(name) <= 60 for name in names):
        return Why(
            "认不出姓名；请只写姓名，多人用顿号分开", "No name can be read; write names only, with 、 between"
        )
    if count and count < len(names):
        return Why(
            f"写了 {len(names)} 个姓名，却是“等{count}人”；请核对",
            f"{len(names)} names but a count of {count}; check",
        )
    return People(names, count)


def headcount(value: Value) -> int | Why | None:
    """A number of people, at least one; None when blank."""
    if is_blank(value):
        return None
    found = re.fullmatch(r"约?(\d{1,6})(?:\.0)?余?[人名户]?余?", flat(value))
    if found and int(found[1]) >= 1:
        return int(found[1])
    return Why("认不出人数；请写一个整数", "No number of people can be read; write a whole number")


# --- identity numbers and telephones ------------------------------------------------------------------------

_OTHER_PAPER = re.compile(r"[A-Z]{1,3}\d{7,10}|[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_DAMAGED = Why(
    "身份证号已被 Excel 改成数值，末几位丢失；请从原件补录，单元格设为文本",
    "Excel turned this ID number into a figure and lost its last digits; enter it again as text",
)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_TELEPHONE = re.compile(
    r"(?:\+?86-?)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?|[2-8]\d{6,7}|[48]00-?\d{3}-?\d{4}"
)


def id_numbers(value: Value) -> tuple[str, ...] | Why:
    """Identity card numbers (18 characters; 15 are brought to 18) or other papers, in the order written."""
    if isinstance(value, float | int) and not isinstance(value, bool) and abs(value) >= 1e15:
        return _DAMAGED
    if is_blank(value):
        return ()
    pieces = [flat(piece) for piece in _SEPARATORS.split(text(value)) if piece.strip()]
    numbers = []
    for piece in pieces:
        number = piece.upper().lstrip("'‘’`")
        checked = idnumber.check(number)
        if checked.problem and any(sign.isalpha() for sign in number[:17]) and _OTHER_PAPER.fullmatch(number):
            numbers.append(number)
        elif checked.problem:
            return _with_place(checked, pieces, piece)
        else:
            numbers.append(checked.number)
    return tuple(numbers)


def _with_place(checked: idnumber.Checked, pieces: list[str], piece: str) -> Why:
    if len(pieces) == 1:
        return Why(checked.zh, checked.en)
    at = pieces.index(piece) + 1
    return Why(f"第 {at} 个号码：{checked.zh}", f"number {at}: {checked.en}")


def _telephone_pieces(words: str) -> list[str]:
    together = re.sub(r"\s+", "", words)
    if _TELEPHONE.fullmatch(together):
        return [together]
    return re.split(r"[、,;/\n\s]+", words)


def telephones(value: Value) -> tuple[str, ...] | Why:
    """Telephone numbers in the order written; names beside mobile numbers are passed over."""
    if is_blank(value):
        return ()
    found: list[str] = []
    for piece in _telephone_pieces(unicodedata.normalize("NFKC", text(value))):
        number = piece.strip("()（）:：-")
        if not number:
            continue
        if _TELEPHONE.fullmatch(number):
            found.append(number)
        elif inside := _MOBILE.findall(number):
            found.extend(inside)
        elif re.search(r"\d", number):
            return Why(
                "认不出这个电话号码（手机应为 11 位，座机带区号）",
                "This is no telephone number (mobiles have 11 digits, landlines an area code)",
            )
    return tuple(dict.fromkeys(found))


# --- words with a fixed meaning -----------------------------------------------------------------------------

_YES = frozenset(
    [
        "是",
        "已",
        "√",
        "✓",
        "✔",
        "y",
        "yes",
        "true",
        "1",
        "已化解",
        "化解",
        "已解决",
        "实质化解",
        "已实质化解",
        "已办结化解",
        "完成",
        "已完成",
        "对",
    ]
)
_NO = frozenset(
    [
        "否",
        "未",
        "×",
        "x",
        "✗",
        "n",
        "no",
        "false",
        "0",
        "未化解",
        "未解决",
        "没有",
        "化解中",
        "正在化解",
        "办理中",
        "推进中",
        "部分化解",
        "尚未化解",
        "正在办理",
        "未完成",
        "待化解",
        "未办结",
    ]
)
_CHANNELS = {
    "letter": ("来信", "信件", "写信", "信"),
    "visit": ("来访", "走访", "上访", "接访", "个体访", "集体访", "群访", "个访", "访", "下访"),
    "web": ("网上", "网信", "网上信访", "网络", "网上投诉", "微信", "手机app", "留言", "平台"),
    "phone": ("来电", "电话", "热线", "12345"),
    "fax": ("传真",),
    "mail": ("邮件", "电子邮件", "邮箱"),
    "transfer": ("转办", "交办", "转送", "上级交办", "上级转办", "转交", "交转办"),
}
_CHANNEL_OF = {word: code for code, words in _CHANNELS.items() for word in words}


def yes_no(value: Value) -> bool | Why | None:
    """Settled or not, as the ledger's column says; None when blank."""
    word = flat(value).lower().rstrip("。.")
    if word in _NO:
        return False
    if not word or is_blank(value):
        return None
    if word in _YES:
        return True
    return Why("认不出是或否；请填“是”或“否”", "Neither yes nor no can be read; write 是 or 否")


def channel(value: Value) -> str:
    """The channel code of 信访形式; `ledger` when it is blank or of another kind."""
    word = flat(value).lower()
    return _CHANNEL_OF.get(word) or next(
        (code for w, code in _CHANNEL_OF.items() if len(w) > 1 and w in word), "ledger"
    )
