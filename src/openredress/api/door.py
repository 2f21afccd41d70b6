"""The API's one way in: the table of operations, who may call which, and every error as a problem."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import DataError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.timezone import get_default_timezone
from django.views.decorators.csrf import csrf_exempt

from openredress.api import clock, problems, tokens
from openredress.api.models import Token
from openredress.api.problems import Problem, refuse
from openredress.cases.policy import Gate, acting_as
from openredress.ledger.keys import KeysMissing
from openredress.people.errors import Refused
from openredress.rules.facts import Actor

Answer = HttpResponse | FileResponse


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as an operation sees it. `token` is there exactly when the operation has a scope."""

    request: HttpRequest
    at: datetime
    english: bool
    params: Mapping[str, str]
    token: Token | None = None
    actor: Actor | None = None

    @property
    def on(self) -> date:
        """The office's day."""
        return self.at.astimezone(get_default_timezone()).date()

    def gate(self) -> Gate:
        """What the token's holder may know. Only for operations with a scope."""
        assert self.actor is not None
        with acting_as(self.actor, self.on) as gate:
            return gate


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, with everything its description says."""

    name: str
    method: str
    path: str  # below /api/v1/, as Django writes it
    call: Callable[[Asked], Answer]
    zh: str
    en: str
    scope: str = ""  # of the token that is needed
    optional_scope: str = ""  # a token may be given, and must then have this
    code: bool = False  # needs X-Query-Code
    parameters: Sequence[Mapping[str, Any]] = ()
    body: str = ""  # component schema of the JSON body; "multipart" for an upload
    answers: Mapping[int, str] = field(default_factory=dict)  # status → component schema, or "file"
    problems: Sequence[int] = ()


def made(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON answer."""
    text = json.dumps(value, ensure_ascii=False).encode()
    return HttpResponse(text, status=status, content_type="application/json", headers=dict(headers or {}))


def view(operations: Sequence[Operation]) -> Callable[..., Answer]:
    """Django's view of one path with all its methods."""
    by_method = {one.method: one for one in operations}

    def door(request: HttpRequest, **params: str) -> Answer:
        english = problems.english(request)
        try:
            operation = by_method.get("GET" if request.method == "HEAD" else str(request.method))
            if operation is None:
                raise _method(request, sorted(by_method))
            return _call(operation, request, english, params)
        except Problem as problem:
            return problems.answer(problem, english)
        except Refused as refused:
            return problems.answer(Problem(400, [refused.refusal]), english)
        except SuspiciousOperation:
            odd = refuse(400, "not_readable", "请求无法读取", "The request cannot be read", field="body")
            return problems.answer(odd, english)
        except DataError:
            odd = refuse(
                400, "value_out_of_range", "有的内容过长或超出范围", "A value is too long or out of range",
                field="body", todo=("缩短后重新提交", "shorten it and send again"),
            )  # fmt: skip
            return problems.answer(odd, english)
        except KeysMissing:
            locked = refuse(503, "keys_missing", "身份信息已锁定", "The office's keys are missing")
            return problems.answer(locked, english)

    return csrf_exempt(door)


def _call(operation: Operation, request: HttpRequest, english: bool, params: Mapping[str, str]) -> Answer:
    at = clock.now()
    scope = operation.scope or operation.optional_scope
    token = actor = None
    if operation.scope or (scope and request.headers.get("Authorization")):
        token, actor = tokens.holder(request.headers.get("Authorization", ""), scope, at)
    return operation.call(Asked(request, at, english, params, token, actor))


def _method(request: HttpRequest, allowed: Sequence[str]) -> Problem:
    shown = "".join(ch for ch in str(request.method) if ch.isalnum())[:20]
    return refuse(
        405, "method_not_allowed", f"这里不支持 {shown}", f"{shown} is not supported here", field="method",
        todo=("可用：" + "、".join(allowed), "use " + ", ".join(allowed)),
        headers={"Allow": ", ".join(allowed)},
    )  # fmt: skip


@csrf_exempt
def nowhere(request: HttpRequest, **_: str) -> HttpResponse:
    """Every path that is none."""
    lost = refuse(
        404, "no_such_path", "没有这个地址", "There is no such address", field="path",
        todo=("见 /api/v1/openapi.json", "see /api/v1/openapi.json"),
    )  # fmt: skip
    return problems.answer(lost, problems.english(request))
