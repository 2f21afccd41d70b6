"""Pasted chat text: the lines that say who wrote when are split off, the messages stay word for word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_DATE = r"(?:(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?|(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日)"
_TIME = r"(?P<part>凌晨|上午|中午|下午|晚上)?\s*(?P<h>\d{1,2}):(?P<min>\d{2})(?::\d{2})?"
_WHEN = rf"(?:{_DATE}[\s,，]*)?(?:(?:周|星期)[一二三四五六日天][\s,，]*)?{_TIME}"
_BEFORE = re.compile(rf"^\s*(?P<who>\S.{{0,29}}?)[\s:：]+{_WHEN}\s*$")
_AFTER = re.compile(
    rf"^\s*[\[【(]?{_WHEN}[\])】]?[\s,，]+(?P<who>[^:：]{{1,30}}?)\s*(?:[:：]\s*(?P<said>.*))?$"
)
_LEAST = 2  # headings; a single line with a time in it is a sentence
MARKS = "甲乙丙丁戊己庚辛壬癸"


@dataclass(frozen=True, slots=True)
class Chat:
    """What was pasted, taken apart. `heads` are the split-off lines as they stood."""

    text: str  # the messages, each under the mark of its sender and its time
    senders: tuple[str, ...]
    heads: tuple[str, ...]
    first: tuple[int | None, int | None, int | None, int, int] | None  # year, month, day, hour, minute


def split(pasted: str) -> Chat | None:
    """The chat in this text, or None when it is no chat. Names of senders become 甲, 乙 …"""
    lines = pasted.replace("\r\n", "\n").split("\n")
    found = [_head(line) for line in lines]
    if sum(one is not None for one in found) < _LEAST:
        return None
    senders = list(dict.fromkeys(one["who"].strip() for one in found if one))
    out: list[str] = []
    for line, head in zip(lines, found, strict=True):
        if head is None:
            out.append(line)
            continue
        n = senders.index(head["who"].strip())
        out += [f"〔{MARKS[n] if n < len(MARKS) else n + 1} {_when(head)}〕", *_inline(head)]
    heads = tuple(line.strip() for line, head in zip(lines, found, strict=True) if head)
    dated = next((one for one in found if one and (one["d"] or one["d2"])), next(one for one in found if one))
    assert dated is not None
    return Chat("\n".join(out).strip("\n"), tuple(senders), heads, _first(dated))


def moment(chat: Chat, now: datetime) -> datetime | None:
    """When the first dated message came, in the zone of `now`; today or this year where the line omits it."""
    if chat.first is None:
        return None
    year, month, day, hour, minute = chat.first
    try:
        found = now.replace(
            year=year or now.year, month=month or now.month, day=day or now.day,
            hour=hour, minute=minute, second=0, microsecond=0,
        )  # fmt: skip
        return (
            found if found <= now else found.replace(year=found.year - 1) if year is None and month else None
        )
    except ValueError:
        return None


def _head(line: str) -> re.Match[str] | None:
    if len(line) > 400:
        return None
    return _BEFORE.match(line) or _AFTER.match(line)


def _inline(head: re.Match[str]) -> list[str]:
    said = head.groupdict().get("said")
    return [said] if said else []


def _when(head: re.Match[str]) -> str:
    """The moment as it stood on the line."""
    found = re.search(_WHEN, head[0])
    return found[0].strip() if found else ""


def _first(head: re.Match[str]) -> tuple[int | None, int | None, int | None, int, int] | None:
    hour = int(head["h"])
    if head["part"] in ("下午", "晚上") and hour < 12:
        hour += 12
    year = int(head["y"]) if head["y"] else None
    month, day = head["m"] or head["m2"], head["d"] or head["d2"]
    return (year, int(month) if month else None, int(day) if day else None, hour, int(head["min"]))
