"""Units as a ledger writes them: by name or short name, with or without the authority's; else the nearest."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from datetime import datetime

from openredress.importers.workbook.cells import Why
from openredress.people import tree
from openredress.people.models import Unit

_KINDS = (
    ("street", 5, re.compile(r"(街道|街道办事处|街道办|镇|乡|镇人民政府|乡人民政府|镇政府|乡政府)$")),
    ("village", 5, re.compile(r"(村|村委会|村民委员会|社区|居委会|居民委员会)$")),
    ("firm", 3, re.compile(r"(公司|集团|厂|银行|学校|医院|中心)$")),
)
_SEAT = re.compile(r"(?<=[镇乡街道])(人民政府|政府|办事处)$")
_PETITION_OFFICE = re.compile(r"(人民政府|委员会)?(信访局|信访办公室|信访办|信访室)$")


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).lower()


def code_for(name: str) -> str:
    """The code of a unit made from a ledger: the same name gets the same code."""
    return "u-" + hashlib.sha256(_plain(name).encode()).hexdigest()[:10]


class Units:
    """The active units of an authority, for one import. With `create`, unknown names become `wanted`."""

    def __init__(self, office: Unit, *, create: bool = False) -> None:
        self.create = create
        self.wanted: dict[str, str] = {}  # code → name as first written
        self._names: list[str] = []
        self._codes: dict[str, set[str]] = defaultdict(set)
        self._why: dict[str, Why] = {}
        self._homes = [_PETITION_OFFICE.sub("", _plain(office.name))]
        rows = Unit.objects.filter(active=True, authority=office.authority)
        for code, name, short, parent in rows.values_list("code", "name", "short", "parent_id"):
            self._names.append(name)
            for spelling in {code, name, short} - {""}:
                self._codes[_plain(spelling)].add(code)
            if parent is None:
                self._homes.append(_plain(name))

    def known(self, names: tuple[str, ...]) -> tuple[str, ...] | Why:
        """The codes of these names, or why one of them is no unit, with the nearest names."""
        codes = []
        for name in names:
            found = self._one(name)
            if isinstance(found, Why):
                return found
            codes.append(found)
        return tuple(dict.fromkeys(codes))

    def _one(self, name: str) -> str | Why:
        plain = _plain(name)
        if (exact := self._codes.get(plain)) and len(exact) == 1:
            return next(iter(exact))
        ends = {code for spelling in self._spellings(plain) for code in self._codes.get(spelling, ())}
        if not exact and len(ends) == 1:
            return self._remember(plain, next(iter(ends)))
        if self.create and not exact and not ends:
            code = code_for(name)
            self.wanted.setdefault(code, name)
            return self._remember(plain, code)
        if plain not in self._why:
            self._why[plain] = self._unknown(name, many=bool(exact or ends))
        return self._why[plain]

    def _spellings(self, plain: str) -> set[str]:
        """The same body with and without the authority's name before it and 人民政府 or 办事处 after it."""
        stem = _SEAT.sub("", plain)
        bodies = {plain, stem, stem + "人民政府", stem + "办事处"}
        homes = [home for home in self._homes if home]
        return (
            bodies
            | {home + body for home in homes for body in bodies}
            | {body.removeprefix(home) for home in homes for body in bodies}
        )

    def _remember(self, plain: str, code: str) -> str:
        self._codes[plain].add(code)
        return code

    def _unknown(self, name: str, *, many: bool) -> Why:
        shown = name[:40]
        nearest = tree.nearest(name, 3, self._names)
        like, like_en = "、".join(nearest) or "（无）", ", ".join(nearest) or "none"
        if many:
            return Why(
                f"“{shown}”不止一个单位；请写全称，如：{like}",
                f"more than one unit is called “{shown}”; e.g. {like_en}",
            )
        return Why(
            f"没有单位“{shown}”；最接近的：{like}。改正名称，或加 --create-units 新建",
            f"no unit “{shown}”; nearest: {like_en}. Correct the name, or make it with --create-units",
        )

    def make(self, office: Unit, *, by: str, at: datetime) -> list[str]:
        """Add the wanted units beside the office (below it when it is the root); their names."""
        parent = office.parent or office
        for code, name in self.wanted.items():
            kind, level = next(
                ((k, n) for k, n, rule in _KINDS if rule.search(name)), ("department", office.level)
            )
            tree.add(
                code,
                name[:120],
                by=by,
                at=at,
                parent=parent,
                kind=kind,
                level=level,
                authority=office.authority,
            )
        return list(self.wanted.values())
