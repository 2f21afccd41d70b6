"""What is given with a move, sorted into facts and words by the kinds of its fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from openredress.rules.asking import refusal
from openredress.rules.facts import Refusal, Track
from openredress.rules.pack import FieldDef, Move, Pack

KINDS = frozenset(
    {"unit", "staff", "date", "datetime", "int", "bool", "choice", "code", "list", "text", "claims", "file"}
)
ALWAYS = frozenset({"track", "scanned"})
_CODE = re.compile(r"[^\s\x00-\x1f]{1,128}")
_KIND_ZH = {
    "unit": "单位代码",
    "staff": "工作人员代号",
    "date": "日期（如2026-09-03）",
    "datetime": "时间",
    "int": "整数",
    "bool": "是或否",
    "choice": "所列选项之一",
    "code": "代码",
    "list": "列表",
    "text": "文字",
    "claims": "诉求编号列表",
    "file": "附件编号列表",
}
_BAD = object()

Sorted = tuple[dict[str, Any], dict[str, Any]]


def sort_given(move: Move, given: Mapping[str, Any], pack: Pack, track: Track | None) -> Sorted | Refusal:
    """(facts, words) as they would be recorded, or the first field that is missing, unknown or malformed."""
    facts: dict[str, Any] = {}
    words: dict[str, Any] = {}
    fields = move.fields
    for name, value in given.items():
        field = fields.get(name)
        if field is None:
            if name not in ALWAYS:
                return refusal("field_unknown", move.article, name, move=move.zh, move_en=move.en, field=name)
            if name == "scanned":
                facts[name] = bool(value)
            continue
        if value is None or value == "":
            continue
        if field.kind == "text":
            words[name] = value
            if not isinstance(value, (str, Mapping)):
                return _malformed(move, field)
            continue
        clean = _READERS[field.kind](value)
        if clean is _BAD:
            return _malformed(move, field)
        no = _known(move, field, clean, pack)
        if no is not None:
            return no
        facts[name] = clean
    for field in fields.values():
        if field.required and field.name not in facts and field.name not in words:
            return refusal("field_missing", move.article, field.name, field=field.zh, field_en=field.en)
    if move.level == "track" and track is not None:
        facts["track"] = track.id
    return facts, words


def _malformed(move: Move, field: FieldDef) -> Refusal:
    return refusal(
        "field_malformed",
        move.article,
        field.name,
        field=field.zh,
        field_en=field.en,
        kind=_KIND_ZH[field.kind],
        kind_en=field.kind,
    )


def _known(move: Move, field: FieldDef, value: Any, pack: Pack) -> Refusal | None:
    if field.kind == "choice":
        good = value in field.options
    elif field.kind == "code" and field.options:
        good = value in pack.vocab[field.options[0]]
    else:
        return None
    if good:
        return None
    return refusal("code_unknown", move.article, field.name, field=field.zh, field_en=field.en, value=value)


def _code(value: Any) -> Any:
    return value if isinstance(value, str) and _CODE.fullmatch(value) else _BAD


def _date(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        return _BAD


def _datetime(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    try:
        return datetime.fromisoformat(value).isoformat(timespec="seconds")
    except (TypeError, ValueError):
        return _BAD


def _int(value: Any) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) else _BAD


def _bool(value: Any) -> Any:
    return value if isinstance(value, bool) else _BAD


def _plain(value: Any) -> Any:
    # Dates inside lists (steps, outcomes) become ISO days, tuples lists: facts are JSON.
    if isinstance(value, (date, datetime)):
        return _date(value)
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def _list(value: Any) -> Any:
    return _plain(value) if isinstance(value, (list, tuple)) else _BAD


def _strings(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
        return list(value)
    return _BAD


def _files(value: Any) -> Any:
    return [value] if isinstance(value, str) else _strings(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "unit": _code,
    "staff": _code,
    "date": _date,
    "datetime": _datetime,
    "int": _int,
    "bool": _bool,
    "choice": _code,
    "code": _code,
    "list": _list,
    "claims": _strings,
    "file": _files,
}
