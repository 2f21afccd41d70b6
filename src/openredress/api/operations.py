"""Everything the API can be asked, in one table: addresses, permissions and description come from here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.http import HttpResponse

from openredress.api import cases, openapi, petitions, reference, uploads
from openredress.api.door import Asked, Operation, made

_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": True,
    "description": "至少 128 位随机数 / at least 128 random bits",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{22,255}$"},
    "example": "b3c1f0a2d4e5968778695a4b3c2d1e0f",
}  # fmt: skip
_NUMBER = {
    "name": "number", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1},
    "example": "2026-9BWE52-Q",
}  # fmt: skip
_MOVE = {
    "name": "move", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1},
    "example": "message",
}  # fmt: skip
_FILE = {
    "name": "attachment", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1},
    "example": "2-0123456789ab",
}  # fmt: skip
_PACK = {
    "name": "pack", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1},
    "example": "cn_national_2022",
}  # fmt: skip


def _filter(name: str, schema: dict[str, object]) -> dict[str, object]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


_FILTERS = (
    _filter(
        "after", {"type": "string", "description": "上一页最后的编号 / the last number of the page before"}
    ),
    _filter("due_before", {"type": "string", "format": "date"}),
    _filter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    _filter("open", {"type": "boolean"}),
    _filter("state", {"type": "string"}),
    _filter("unit", {"type": "string", "description": "承办单位代码 / code of the unit that holds it"}),
)


@cache
def _description() -> Mapping[str, Any]:
    return openapi.document(OPERATIONS)


def describe(asked: Asked) -> HttpResponse:
    """GET /openapi.json: this table as OpenAPI 3.1."""
    return made(_description())


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "create_petition", "POST", "petitions", petitions.create,
        "提交信访件", "Hand in a petition",
        optional_scope="petitions:create", parameters=(_KEY,), body="PetitionIn",
        answers={201: "PetitionMade"}, problems=(400, 401, 403, 411, 413, 415, 422, 503),
    ),
    Operation(
        "upload", "POST", "uploads", uploads.upload,
        "上传文件", "Upload a file", body="multipart",
        answers={201: "UploadMade"}, problems=(400, 411, 413, 415),
    ),
    Operation(
        "follow_petition", "GET", "petitions/<str:number>", petitions.follow,
        "查询办理情况", "Follow a petition", code=True, parameters=(_NUMBER,),
        answers={200: "PetitionPage"}, problems=(400, 401, 429, 503),
    ),
    Operation(
        "petitioner_move", "POST", "petitions/<str:number>/moves/<str:move>", petitions.move,
        "信访人的办理动作", "Make a move of the petitioner's own", code=True, parameters=(_NUMBER, _MOVE),
        body="MoveIn", answers={200: "MoveMade"},
        problems=(400, 401, 403, 404, 409, 411, 413, 415, 429, 503),
    ),
    Operation(
        "petition_attachment", "GET", "petitions/<str:number>/attachments/<str:attachment>",
        petitions.attachment, "下载自己提交的附件", "Download a file of one's own", code=True,
        parameters=(_NUMBER, _FILE), answers={200: "file"}, problems=(400, 401, 404, 429, 503),
    ),
    Operation(
        "list_cases", "GET", "cases", cases.cases, "事项列表", "List cases", scope="cases:read",
        parameters=_FILTERS, answers={200: "CaseList"}, problems=(400, 401, 403),
    ),
    Operation(
        "get_case", "GET", "cases/<str:number>", cases.case, "一件事项", "One case", scope="cases:read",
        parameters=(_NUMBER,), answers={200: "CasePage"}, problems=(400, 401, 403, 404),
    ),
    Operation(
        "staff_move", "POST", "cases/<str:number>/moves/<str:move>", cases.move,
        "办理动作", "Make a move of the office", scope="cases:write", parameters=(_NUMBER, _MOVE),
        body="StaffMoveIn", answers={200: "MoveMade"},
        problems=(400, 401, 403, 404, 409, 411, 413, 415, 503),
    ),
    Operation(
        "case_attachment", "GET", "cases/<str:number>/attachments/<str:attachment>", cases.attachment,
        "下载办理凭证", "Download a unit's evidence", scope="cases:read", parameters=(_NUMBER, _FILE),
        answers={200: "file"}, problems=(400, 401, 403, 404),
    ),
    Operation(
        "list_packs", "GET", "reference/packs", reference.packs, "法规包", "Packs", scope="reference:read",
        answers={200: "Packs"}, problems=(400, 401, 403),
    ),
    Operation(
        "list_clocks", "GET", "reference/packs/<str:pack>/clocks", reference.clocks, "时限", "Clocks",
        scope="reference:read", parameters=(_PACK,), answers={200: "Clocks"}, problems=(400, 401, 403, 404),
    ),
    Operation(
        "list_vocabularies", "GET", "reference/packs/<str:pack>/vocabularies", reference.vocabularies,
        "词表", "Vocabularies", scope="reference:read", parameters=(_PACK,),
        answers={200: "Vocabularies"}, problems=(400, 401, 403, 404),
    ),
    Operation(
        "list_units", "GET", "reference/units", reference.units, "单位", "Units", scope="reference:read",
        answers={200: "Units"}, problems=(400, 401, 403),
    ),
)  # fmt: skip

_DESCRIPTION = Operation(
    "openapi", "GET", "openapi.json", describe, "接口说明", "This description",
    problems=(400,),
)  # fmt: skip
ALL = (*OPERATIONS, _DESCRIPTION)
