"""Taking out of a text who somebody is: what the vault knows of the parties, and what looks like it.

Pure: text and known strings in, text and finds out. Roads and the names of 小区 stay, for search and
linking need them. It errs towards taking out; a person still checks what leaves the house.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from openredress.identity import patterns
from openredress.identity.person import Person
from openredress.identity.surnames import SURNAMES, TWO_CHARACTERS

TOKENS = {
    "name": "〔姓名〕",
    "phone": "〔电话〕",
    "id": "〔证件〕",
    "door": "〔门牌〕",
    "email": "〔邮箱〕",
    "account": "〔账号〕",
    "bank": "〔卡号〕",
    "plate": "〔车牌〕",
}


@dataclass(frozen=True, slots=True)
class KnownStrings:
    """What the vault holds of a case's parties, as far as a text may repeat it."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @classmethod
    def of(cls, persons: Iterable[Person]) -> KnownStrings:
        """The strings of these persons."""
        people = list(persons)
        return cls(
            names=tuple(one.name for one in people if one.name),
            phones=tuple(one.phone for one in people if one.phone),
            ids=tuple(one.id_number for one in people if one.id_number),
            emails=tuple(one.email for one in people if one.email),
            addresses=tuple(one.address for one in people if one.address),
        )

    def __repr__(self) -> str:
        return "KnownStrings(…)"


@dataclass(frozen=True, slots=True)
class Found:
    """One place taken out: where it stood in the original, and what kind it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """The text that may be shown, with what was taken out, in order."""

    text: str
    found: tuple[Found, ...]


NOTHING = KnownStrings()
# One character for one character, so that places in the plain text are places in the original.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
for _kept in "，：；！？（）":
    del _HALF_WIDTH[ord(_kept)]
_WIDE = re.compile("[" + "".join(map(chr, _HALF_WIDTH)).replace("＼", r"\＼").replace("］", r"\］") + "]")
_SPACED = re.compile(r"[\u4e00-\u9fff][ \t]+[\u4e00-\u9fff]")
_PLACE_AFTER = ("路", "街", "大道", "巷", "小区", "花园", "新村", "公园", "大厦", "广场", "大桥")
_DOOR_IN_ADDRESS = re.compile(r"[甲乙丙丁附]?\d[\dA-Za-z-]*(?:号楼|号院|号|栋|幢|座|单元|室|房)?")


def redact(text: str, known: KnownStrings = NOTHING, *, off: frozenset[str] = frozenset()) -> Redacted:
    """Replace identities by tokens such as 〔姓名〕.

    `off` names kinds that are left alone; only tests use it, to see that each rule is needed.
    """
    plain = text.translate(_HALF_WIDTH) if _WIDE.search(text) else text
    spans = [*_known(plain, known), *_patterns(plain)]
    # A name introduced once is known from then on.
    introduced = {plain[span.start : span.end] for span in spans if span.kind == "introduced"}
    for name in introduced:
        if len(name) > 1:
            spans += _everywhere(plain, name, "name")
    return _replace(text, [span for span in spans if span.kind not in off])


def _replace(text: str, spans: list[Found]) -> Redacted:
    if not spans:
        return Redacted(text, ())
    merged: list[Found] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        kind = "name" if span.kind == "introduced" else span.kind
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Found(last.start, max(last.end, span.end), last.kind)
        else:
            merged.append(Found(span.start, span.end, kind))
    parts: list[str] = []
    at = 0
    for one in merged:
        parts += (text[at : one.start], TOKENS[one.kind])
        at = one.end
    parts.append(text[at:])
    return Redacted("".join(parts), tuple(merged))


def _everywhere(plain: str, wanted: str, kind: str) -> Iterator[Found]:
    at = plain.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if kind != "name" or not plain.startswith(_PLACE_AFTER, end):
            yield Found(at, end, kind)
        at = plain.find(wanted, end)


def surname(name: str) -> str:
    """The family name of a Chinese name, or an empty string."""
    if name[:2] in TWO_CHARACTERS:
        return name[:2]
    return name[:1] if name[:1] in SURNAMES and 2 <= len(name) <= 4 else ""


@lru_cache(maxsize=1024)
def _with_gaps(name: str) -> re.Pattern[str]:
    return re.compile(r"[ \t]*".join(map(re.escape, name)))


def _known(plain: str, known: KnownStrings) -> Iterator[Found]:
    spaced = bool(known.names) and _SPACED.search(plain) is not None
    for raw in known.names:
        name = raw.translate(_HALF_WIDTH).replace(" ", "")
        if len(name) < 2:
            continue
        yield from _everywhere(plain, name, "name")
        if spaced:
            for hit in _with_gaps(name).finditer(plain):
                yield Found(hit.start(), hit.end(), "name")
        if family := surname(name):
            yield from _family(plain, family)
    for kind, values in (("phone", known.phones), ("id", known.ids), ("email", known.emails)):
        for raw in values:
            value = raw.translate(_HALF_WIDTH).strip()
            if len(value) >= 5:
                yield from _everywhere(plain, value, kind)
                if kind == "phone" and "-" in value:
                    yield from _everywhere(plain, value.rpartition("-")[2], kind)
    for address in known.addresses:
        yield from _door_of(plain, address.translate(_HALF_WIDTH))


def _family(plain: str, family: str) -> Iterator[Found]:
    """The usual ways to speak of a known person by the family name alone."""
    for called in (f"老{family}", f"{family}某", f"姓{family}"):
        at = plain.find(called)
        while at >= 0:
            yield Found(at, at + len(called), "name")
            at = plain.find(called, at + 1)


def _door_of(plain: str, address: str) -> Iterator[Found]:
    for part in _DOOR_IN_ADDRESS.findall(address):
        digits = part.strip("号楼院栋幢座单元室房")
        if len(part) < 3 and digits == part:
            continue  # a lone small figure says nothing and would take out half the text
        at = plain.find(part)
        while at >= 0:
            end = at + len(part)
            if not plain[at - 1 : at].isdigit() and not plain[end : end + 1].isdigit():
                yield Found(at, end, "door")
            at = plain.find(part, end)


def _patterns(plain: str) -> Iterator[Found]:
    figures = [hit.start() for hit in patterns.FIGURE.finditer(plain)]
    for at in figures:
        for kind, rule, before in patterns.FIGURES:
            if hit := rule.match(plain, at):
                start = at - 1 if at and plain[at - 1] in before else at
                yield Found(start, hit.end(), kind)
    if figures:
        yield from _by_rules(plain, patterns.WITH_FIGURES)
    if "@" in plain:
        for hit in patterns.EMAIL.finditer(plain):
            yield Found(hit.start(), hit.end(), "email")
    yield from _by_rules(plain, patterns.ANYWHERE)
    for hit in patterns.TITLE.finditer(plain):
        at = hit.start()
        if plain[max(at - 2, 0) : at] in TWO_CHARACTERS:
            yield Found(at - 2, hit.end(), "name")
        elif plain[max(at - 1, 0) : at] in patterns.SURE:
            yield Found(at - 1, hit.end(), "name")
    if patterns.DOT.search(plain):
        for hit in patterns.DOTTED.finditer(plain):
            yield Found(hit.start(), hit.end(), "name")


def _by_rules(plain: str, rules: tuple[patterns.Rule, ...]) -> Iterator[Found]:
    for kind, rule, hints in rules:
        if not any(hint in plain for hint in hints):
            continue
        for hit in rule.finditer(plain):
            group = hit.lastindex or 0
            yield Found(hit.start(group), hit.end(group), kind)
            if kind == "introduced":
                yield from _others_in_list(plain, hit.end(group))


def _others_in_list(plain: str, at: int) -> Iterator[Found]:
    """联名人：甲、乙、丙 — whoever follows in the list is introduced too."""
    while hit := patterns.NEXT_IN_LIST.match(plain, at):
        yield Found(hit.start(1), hit.end(1), "introduced")
        at = hit.end(1)
