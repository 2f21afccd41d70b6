"""How the desk says things: days left, stations, articles, codes, who. Words; nothing here asks a gate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse

from openredress.rules.calendar import Calendar
from openredress.rules.pack import FieldDef, Move, Pack, Packs
from openredress.web.frame import day, weekday
from openredress.web.language import t

SOON = 3  # calendar days
_DIGITS = {"零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ARTICLE = re.compile(r"第([零一二三四五六七八九十百]+)条")
CHANNELS = {
    "letter": ("来信", "letter"),
    "visit": ("来访", "visit"),
    "web": ("网信", "web"),
    "phone": ("来电", "call"),
    "fax": ("传真", "fax"),
    "mail": ("邮件", "mail"),
    "transfer": ("转来", "passed on"),
    "ledger": ("台账", "ledger"),
}


@lru_cache(maxsize=1)
def _case_base() -> str:
    return reverse("desk:case", args=["-"])[:-1]


def case_href(number: str) -> str:
    """Where a case is; looked up once, for a list has fifty."""
    return _case_base() + number


def move_href(number: str, move: str, **query: str) -> str:
    """Where the form of a move is."""
    asked = f"?{urlencode(query)}" if query else ""
    return f"{_case_base()}{number}/move/{move}{asked}"


class Due(NamedTuple):
    """A due day as a row shows it: shape, words, the day, and whether it is late, soon or neither."""

    shape: str
    words: str
    on: str
    kind: str  # late | soon | "" | over


def due(when: date, on: date, calendar: Calendar, *, right: bool = False, paused: bool = False) -> Due:
    """▲ 超 3 日 · 9月15日; ◆ 今天; 20 日. A `right` that ran out is over, nobody is late with it."""
    left = (when - on).days
    shown = day(when, year=when.year != on.year)
    if when in calendar.made_up:
        shown += " " + t(f"{weekday(when)}上班", f"{weekday(when)}, worked")
    if paused:
        return Due("", t("暂停计时", "paused"), shown, "")
    if left < 0 and right:
        return Due("", t("已过期", "over"), shown, "over")
    if left < 0:
        return Due("▲", t(f"超 {-left} 日", f"{-left} d late"), shown, "late")
    if left == 0:
        return Due("◆", t("今天", "today"), shown, "soon")
    return Due(
        "◆" if left <= SOON else "", t(f"{left} 日", f"{left} d"), shown, "soon" if left <= SOON else ""
    )


def _number(text: str) -> int:
    whole, part = 0, 0
    for one in text:
        if one == "百":
            whole, part = whole + (part or 1) * 100, 0
        elif one == "十":
            whole, part = whole + (part or 1) * 10, 0
        else:
            part = _DIGITS[one]
    return whole + part


@lru_cache(maxsize=512)
def article(text: str) -> str:
    """信访工作条例第三十四条 → 条例34条: short enough for a table."""
    short = _ARTICLE.sub(lambda hit: f"{_number(hit[1])}条", text)
    return (
        short.replace("信访工作条例", "条例")
        .replace("信访事项简易办理办法（试行）", "简易办法")
        .partition("，条例")[0]
        .replace("（本系统规则", "（本系统规则）")
        .replace("））", "）")
    )


def state(packs: Packs, pack: str, code: str) -> str:
    """A station's name, also one that the case's first law does not know."""
    found = packs.pack(pack).states.get(code)
    if found is None:
        try:
            found = packs.state(packs.pack(pack).family, code)
        except KeyError:
            return code
    return t(found.zh, found.en)


def term(pack: Pack, vocabulary: str, code: str) -> str:
    """What a code of a vocabulary means; the code itself when it is not known."""
    found = pack.term(vocabulary, code)
    return t(found.zh, found.en) if found else code


def channel(code: str) -> str:
    """来访, 来信 …"""
    return t(*CHANNELS[code]) if code in CHANNELS else code


def unit_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Id → short name of units."""
    wanted = sorted({one for one in ids if one})
    return dict(_named("people_unit", "id", "COALESCE(NULLIF(short, ''), name)", wanted))


def unit_names_by_code(codes: Iterable[str]) -> dict[str, str]:
    """Code → short name of units."""
    wanted = sorted({one for one in codes if one})
    return dict(_named("people_unit", "code", "COALESCE(NULLIF(short, ''), name)", wanted))


def staff_names(pseudonyms: Iterable[str]) -> dict[str, str]:
    """Pseudonym → name of colleagues."""
    wanted = sorted({one for one in pseudonyms if one.startswith("staff/")})
    return dict(_named("people_staff", "pseudonym", "name", wanted))


def _named(table: str, key: str, name: str, wanted: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Names by key. Sent as it is: every page asks this. Table and columns are this module's own words."""
    if not wanted:
        return []
    marks = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {name} FROM {table} WHERE {key} IN ({marks})", wanted)  # noqa: S608
        return list(cursor.fetchall())


class Fact(NamedTuple):
    """One fact of an entry, as read: 送往单位: 住建局."""

    label: str
    value: str


_UNSAID = frozenset(
    {
        "track", "by", "digest", "parties", "claims", "number", "petition", "language", "outcomes", "scanned",
        "files", "steps", "accused",
    }
)  # fmt: skip


def facts(move: Move | None, given: Mapping[str, Any], pack: Pack, names: Mapping[str, str]) -> list[Fact]:
    """An entry's facts in words; `names` holds units by code and staff by pseudonym."""
    found = []
    for name, value in given.items():
        field = move.fields.get(name) if move else None
        if name in _UNSAID or field is None or value in (None, "", [], False):
            continue
        found.append(Fact(t(field.zh, field.en), _value(field, value, pack, names)))
    return found


def _value(field: FieldDef, value: Any, pack: Pack, names: Mapping[str, str]) -> str:
    if field.kind == "date" and isinstance(value, str):
        return day(date.fromisoformat(value), year=True)
    if field.kind == "bool":
        return t("是", "yes")
    if field.kind == "code" and field.options:
        return term(pack, field.options[0], str(value))
    if field.kind == "choice":
        return choice(field.name, str(value))
    if isinstance(value, list):
        return t("、", ", ").join(names.get(str(one), str(one)) for one in value)
    return names.get(str(value), str(value))


_CHOICES = {
    "how": {"review": ("复核后交还", "sent back"), "designate": ("指定单位", "a unit is designated")},
    "paper": {
        "opinion": ("处理意见书", "opinion"),
        "review": ("复查意见书", "review opinion"),
        "final": ("复核意见书", "final review opinion"),
        "notice": ("告知书", "notice"),
    },
    "kind": {"mediation": ("调解", "mediation"), "reconciliation": ("和解", "reconciliation")},
    "ground": {
        "new_facts": ("有新的事实、理由", "new facts"),
        "broken_promise": ("承诺未兑现", "a promise was broken"),
        "annulled": ("原意见被撤销", "the opinion was annulled"),
    },
    "via": {
        "portal": ("本人网上", "portal"),
        "paper": ("书面", "paper"),
        "callback": ("电话回访", "call-back"),
    },
    "object": {"office": ("信访部门", "petition office"), "unit": ("责任单位", "responsible unit")},
    "to": {"petitioner": ("信访人", "petitioner"), "unit": ("单位", "unit")},
    "tier": {
        "national": ("国家", "national"),
        "province": ("省", "province"),
        "city": ("市", "city"),
        "county": ("县", "county"),
    },
    "debtor_kind": {"unit": ("单位", "unit"), "staff": ("工作人员", "staff"), "payer": ("付款方", "payer")},
    "field": {
        "received_on": ("收到日期", "received on"),
        "channel": ("信访形式", "channel"),
        "people_count": ("信访人数", "number of people"),
        "category": ("内容分类", "category"),
        "place": ("问题属地", "place"),
        "direct": ("直接向本单位提出", "asked directly"),
        "confidentiality": ("保密要求", "confidentiality"),
    },
}


def choice(name: str, code: str) -> str:
    """A closed choice of a move's field in words."""
    known = _CHOICES.get(name, {}).get(code)
    return t(*known) if known else code
