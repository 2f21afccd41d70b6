"""Bodies and queries as they come from outside: read once, strictly, or refused with where and why."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from openredress.api.problems import Problem, refuse

DEEPEST = 12
LARGEST = 2**53
_BROKEN = re.compile("[\x00\ud800-\udfff]")
_PLAIN = str.maketrans("", "", "\n\r\t")


class _Bad(ValueError):
    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


def _number(text: str) -> int:
    """Whole numbers only: the record keeps no fractions, and 1.0 means 1."""
    value: float = LARGEST * 2
    if len(text) < 40:
        value = int(text) if text.lstrip("-").isdigit() else float(text)
    if abs(value) > LARGEST or value != int(value):
        raise _Bad("number_out_of_range", "数字须为整数，且不超过 2^53", "Numbers are whole, within 2^53")
    return int(value)


def _constant(text: str) -> NoReturn:
    raise _Bad("number_out_of_range", f"{text} 不是 JSON 数字", f"{text} is no JSON number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Bad("field_twice", "同一个字段写了两次", "A field stands twice in one object")
    return made


def _walk(value: Any, depth: int = 0) -> None:
    """No nesting beyond what anything here needs; no lone surrogates and no NUL."""
    if depth > DEEPEST:
        raise _Bad("too_deep", f"嵌套超过 {DEEPEST} 层", f"Nested deeper than {DEEPEST}")
    if isinstance(value, str):
        if _BROKEN.search(value):
            raise _Bad(
                "broken_text",
                "文字里有无法保存的字符（空字符或不成对的代理码位）",
                "Text holds NUL or a lone surrogate, which cannot be kept",
            )
    elif isinstance(value, dict):
        for key, one in value.items():
            _walk(key, depth + 1)
            _walk(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _walk(one, depth + 1)


def parse(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes. Raises Problem (400)."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            parse_float=_number,
            parse_int=_number,
            parse_constant=_constant,
            object_pairs_hook=_once,
        )
        _walk(value)
    except _Bad as bad:
        raise refuse(400, bad.code, bad.zh, bad.en, field="body", todo=_RESEND) from None
    except UnicodeDecodeError:
        raise refuse(
            400, "not_utf8", "内容不是 UTF-8", "The body is not UTF-8", field="body", todo=_RESEND
        ) from None
    except RecursionError:
        raise refuse(400, "too_deep", "嵌套过深", "Nested too deep", field="body", todo=_RESEND) from None
    except ValueError as error:
        place = f"{getattr(error, 'lineno', 1)}:{getattr(error, 'colno', 1)}"
        raise refuse(
            400, "not_json", f"内容不是 JSON（第 {place} 处）", f"The body is not JSON (at {place})",
            field="body", todo=_RESEND,
        ) from None  # fmt: skip
    if not isinstance(value, dict):
        raise refuse(
            400, "not_an_object", "内容应为 JSON 对象", "The body must be a JSON object", field="body",
            todo=("按接口说明书写 {…}", "write an object, as the API's description says"),
        )  # fmt: skip
    return value


_RESEND = ("改正后以 UTF-8 JSON 重新发送", "put it right and send it again as UTF-8 JSON")


def raw_body(request: HttpRequest, most: int) -> bytes:
    """The body, never more than `most` bytes. Raises Problem (411, 413, 400)."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.headers.get("Transfer-Encoding"):
        raise refuse(
            411, "length_missing", "请求没有写明 Content-Length", "Content-Length is missing",
            field="Content-Length", todo=("写明长度后重发", "send it with its length"),
        )  # fmt: skip
    if length.isdecimal() and int(length[:15]) > most:
        raise too_large(most)
    try:
        return request.body
    except RequestDataTooBig:
        raise too_large(most) from None
    except (UnreadablePostError, OSError):
        raise refuse(
            400, "broken_off", "内容没有传完", "The body was not sent to its end", field="body", todo=_RESEND
        ) from None


def too_large(most: int) -> Problem:
    """More bytes than are taken."""
    size = f"{most >> 20} MB"
    return refuse(
        413, "too_large", f"内容超过 {size}", f"The body is larger than {size}", field="body",
        todo=("较长的内容作为附件分开上传", "upload longer parts as files"),
    )  # fmt: skip


MOST = 2 * 1024 * 1024


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object a request brought. Raises Problem (400, 411, 413, 415)."""
    kind = request.META.get("CONTENT_TYPE", "")
    media, _, more = kind.partition(";")
    charset = more.strip().lower().removeprefix("charset=").strip('"')
    if media.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise refuse(
            415, "not_json_type", f"内容类型 {kind.translate(_PLAIN)[:60]!r} 不能接收",
            f"The media type {kind.translate(_PLAIN)[:60]!r} is not taken",
            field="Content-Type", todo=("用 application/json（UTF-8）发送", "send application/json in UTF-8"),
            headers={"Accept": "application/json"},
        )  # fmt: skip
    return parse(raw_body(request, MOST))


def query(request: HttpRequest, known: Collection[str]) -> dict[str, str]:
    """The query string's values by name. Raises Problem (400) for unknown, repeated or broken ones."""
    found: dict[str, str] = {}
    for name, values in request.GET.lists():
        broken = any(_BROKEN.search(v) or "\ufffd" in v for v in values)
        if name in known and len(values) == 1 and not broken:
            found[name] = str(values[0])
            continue
        shown = "".join(ch for ch in name if ch.isprintable())[:40]
        raise refuse(
            400, "unknown_parameter" if name not in known else "bad_parameter",
            f"参数“{shown}”不认识、重复或无法读取",
            f"The parameter “{shown}” is unknown, repeated or unreadable", field=shown,
            todo=("可用的参数：" + "、".join(sorted(known)), "known: " + ", ".join(sorted(known))),
        )  # fmt: skip
    return found
