"""Everything the API can be asked, in one table: addresses, permissions and description come from here."""

from __future__ import annotations

from openredress.api import petitions, uploads
from openredress.api.door import Operation

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
)  # fmt: skip
