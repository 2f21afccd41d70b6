"""The description at /api/v1/openapi.json (OpenAPI 3.1), made from the table of operations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from openredress.api.door import Operation
from openredress.api.problems import CONTENT_TYPE, TITLES
from openredress.api.schemas import SCHEMAS

_PARAMETER = re.compile(r"<str:(\w+)>")
_HEADERS = {
    405: {"Allow": "可用的方法 / the methods there are"},
    401: {"WWW-Authenticate": "如何证明身份 / how to say who is asking"},
    429: {"Retry-After": "多少秒后再试 / seconds to wait"},
    415: {"Accept": "可接收的类型 / what is taken"},
}


def _headers(status: int) -> dict[str, Any]:
    return {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in _HEADERS.get(status, {}).items()
    }


def _response(status: int, schema: str) -> dict[str, Any]:
    if schema == "file":
        return {"description": "文件 / the file", "content": {"*/*": {"schema": {}}}}
    shown = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    made: dict[str, Any] = {"description": "成功 / done", "content": shown}
    if status == 201 and schema == "PetitionMade":
        location = {"description": "信访件地址 / its address", "schema": {"type": "string"}}
        made["headers"] = {"Location": location}
    return made


def _problem(status: int) -> dict[str, Any]:
    zh, en = TITLES[status]
    example = {
        "type": f"urn:openredress:problem:{status}", "title": zh, "status": status, "detail": zh,
        "errors": [{"field": "", "reason": zh, "what_to_do": ""}], "basis": "",
    }  # fmt: skip
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    found: dict[str, Any] = {"description": f"{zh} / {en}", "content": {CONTENT_TYPE: content}}
    if headers := _headers(status):
        found["headers"] = headers
    return found


def _body(operation: Operation) -> dict[str, Any] | None:
    if not operation.body:
        return None
    if operation.body == "multipart":
        part = {"type": "string", "contentMediaType": "application/octet-stream"}
        schema: dict[str, Any] = {
            "type": "object", "properties": {"file": part}, "required": ["file"],
            "additionalProperties": False,
        }  # fmt: skip
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    examples = SCHEMAS[operation.body].get("examples", [{}])
    content = {"schema": {"$ref": f"#/components/schemas/{operation.body}"}, "example": examples[0]}
    return {"required": True, "content": {"application/json": content}}


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.code:
        return [{"QueryCode": []}]
    if operation.scope:
        return [{"Token": [operation.scope]}]
    return [{}, {"Token": [operation.optional_scope]}] if operation.optional_scope else []


_LANGUAGE = {
    "name": "Accept-Language", "in": "header", "required": False,
    "description": "zh 或 en / zh or en", "schema": {"type": "string"}, "example": "zh",
}  # fmt: skip


def _operation(one: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {str(status): _response(status, name) for status, name in one.answers.items()}
    answers.update({str(status): _problem(status) for status in sorted({*one.problems, 405})})
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": f"{one.zh} / {one.en}",
        "parameters": [*one.parameters, _LANGUAGE],
        "responses": answers,
        "security": _security(one),
    }
    if body := _body(one):
        made["requestBody"] = body
    return made


def _schemes() -> dict[str, Any]:
    return {
        "Token": {
            "type": "http",
            "scheme": "bearer",
            "description": "由安全管理员发放；权限：cases:read cases:write petitions:create reference:read"
            " / made by the security administrator, with scopes",
        },
        "QueryCode": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Query-Code",
            "description": "回执上的查询码 / the code on the receipt",
        },
    }


def document(operations: Sequence[Operation]) -> Mapping[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        address = "/api/v1/" + _PARAMETER.sub(r"{\1}", one.path)
        paths.setdefault(address, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OpenRedress",
            "version": "1",
            "description": "信访事项接口。任何时候都不给出身份。 / Petitions and cases; never an identity.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "securitySchemes": _schemes()},
    }
