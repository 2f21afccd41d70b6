"""How the API says no: RFC 9457 problems, in the caller's language, each with where, why and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from openredress.rules.facts import Refusal

CONTENT_TYPE = "application/problem+json"
TYPE = "urn:openredress:problem:"
SHOWN = 50  # errors told at once

TITLES = {
    400: ("提交的内容有误", "The request is not right"),
    401: ("未能确认身份", "Who is asking is not known"),
    403: ("无权进行此操作", "This is not allowed to you"),
    404: ("没有找到", "Not found"),
    405: ("不支持这种请求方法", "This method is not supported here"),
    409: ("现在不能这样办理", "This cannot be done now"),
    411: ("没有写明内容长度", "The length is missing"),
    413: ("内容太大", "The content is too large"),
    415: ("不支持这种内容类型", "This media type is not supported"),
    422: ("与先前的提交不一致", "This does not match an earlier submission"),
    429: ("尝试次数过多", "Too many attempts"),
    503: ("系统暂时不能办理", "The service is locked for now"),
}


class Problem(Exception):
    """Raised anywhere below a door; becomes the answer."""

    def __init__(
        self, status: int, refusals: Sequence[Refusal] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status, self.refusals, self.headers = status, tuple(refusals), dict(headers or {})


def refuse(
    status: int, code: str, zh: str, en: str, *, field: str = "", todo: tuple[str, str] = ("", ""),
    headers: Mapping[str, str] | None = None,
) -> Problem:  # fmt: skip
    """A problem of one refusal, ready to be raised."""
    one = Refusal(code, zh, en, field=field, what_to_do=todo[0], what_to_do_en=todo[1])
    return Problem(status, [one], headers)


def english(request: HttpRequest) -> bool:
    """Whether the caller prefers English to Chinese; Chinese where nothing is said."""
    best, weight = "zh", 0.0
    for part in request.headers.get("Accept-Language", "")[:400].split(","):
        tag, _, more = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            q = float(more.strip().removeprefix("q=")) if more else 1.0
        except ValueError:
            q = 0.0
        if language in ("zh", "en") and weight < q <= 1.0:
            best, weight = language, q
    return best == "en"


def said(refusal: Refusal, in_english: bool) -> dict[str, str]:
    """One refusal as an error of a problem."""
    if in_english:
        return {
            "field": refusal.field,
            "reason": refusal.en or refusal.zh,
            "what_to_do": refusal.what_to_do_en or refusal.what_to_do,
        }
    return {"field": refusal.field, "reason": refusal.zh, "what_to_do": refusal.what_to_do}


def body(problem: Problem, in_english: bool) -> dict[str, Any]:
    """The members of the problem document."""
    title = TITLES[problem.status][in_english]
    errors = [said(one, in_english) for one in problem.refusals[:SHOWN]]
    first = problem.refusals[0] if problem.refusals else None
    return {
        "type": TYPE + (first.code if first else str(problem.status)),
        "title": title,
        "status": problem.status,
        "detail": errors[0]["reason"] if errors else title,
        "errors": errors,
        "basis": next((one.article for one in problem.refusals if one.article), ""),
    }


def answer(problem: Problem, in_english: bool) -> HttpResponse:
    """The problem as a response."""
    text = json.dumps(body(problem, in_english), ensure_ascii=False).encode("utf-8", "replace")
    language = "en" if in_english else "zh-Hans"
    headers = {"Content-Language": language, "Vary": "Accept-Language", **problem.headers}
    return HttpResponse(text, status=problem.status, content_type=CONTENT_TYPE, headers=headers)
