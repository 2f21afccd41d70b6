"""The shapes that go in and out, as JSON Schema; the checks themselves are in `cases.intake` and rules."""

from __future__ import annotations

from typing import Any

from openredress.cases.intake import CHANNELS, CLAIMS, CONFIDENTIALITY, FILES, PARTIES, ROLES, TEXT_CHARS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
WHOLE: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
HEX: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def _or_null(one: Schema) -> Schema:
    return {**one, "type": [one["type"], "null"]}


def _text(most: int, least: int = 0) -> Schema:
    return {"type": "string", "maxLength": most, **({"minLength": least} if least else {})}


def _list(of: Schema, most: int = 0) -> Schema:
    return {"type": "array", "items": of, **({"maxItems": most} if most else {})}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(fields: dict[str, Schema], optional: tuple[str, ...] = (), **more: Any) -> Schema:
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": fields, "required": required, **more}


_PARTY_TEXTS = {
    "name": 120,
    "address": 300,
    "phone": 60,
    "id_number": 40,
    "email": 120,
    "org": 200,
    "county": 12,
}
_CLAIM_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 4_000, "pattern": r"\S"}
_PETITION = {
    "channel": {"type": "string", "enum": list(CHANNELS), "default": "web"},
    "received_at": _or_null(MOMENT),
    "confidentiality": {"type": "string", "enum": list(CONFIDENTIALITY), "default": "normal"},
    "parties": _list(_ref("PartyIn"), PARTIES),
    "people_count": {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1},
    "about_misconduct": {"type": "boolean", "default": False},
    "accused": _list(_ref("AccusedIn"), 50),
    "text": {"type": "string", "minLength": 1, "maxLength": TEXT_CHARS, "pattern": r"\S"},
    "claims": {**_list(_CLAIM_TEXT, CLAIMS), "minItems": 1},
    "place": _or_null(_text(200)),
    "attachments": _list({"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"}, FILES),
    "language": {"type": "string", "enum": ["zh", "en"], "default": "zh"},
    "title": _or_null(_text(200)),
    "region": _or_null(_text(12)),
    "category": _or_null(_text(40)),
    "office": _or_null(_text(40)),
    "mode": _or_null(_text(40)),
    "purpose": _or_null(_text(40)),
}  # fmt: skip

EXAMPLE_PETITION = {
    "channel": "web",
    "received_at": "2026-09-03T10:12:00+08:00",
    "confidentiality": "normal",
    "parties": [{"role": "lead", "name": "张三", "address": "新城路12号", "phone": "13800138000"}],
    "people_count": 1,
    "about_misconduct": False,
    "accused": [],
    "text": "工地夜间施工，孩子睡不好。",
    "claims": ["夜间停工", "路面洒水"],
    "place": "新城路",
    "attachments": [],
    "language": "zh",
}

_RECEIPT = _object(
    {
        "v": {"type": "integer", "const": 1}, "number": TEXT, "seq": WHOLE, "entry_hash": HEX,
        "recorded_at": TEXT, "stream": TEXT, "key_id": TEXT, "alg": {"type": "string", "const": "Ed25519"},
        "signature": TEXT,
    },
    optional=("stream",),
)  # fmt: skip
_DEADLINE = _object(
    {
        "clock": TEXT, "track": TEXT, "what": TEXT, "what_en": TEXT, "holder": TEXT, "due": DAY,
        "nominal": DAY,
        "provisional": YES_NO, "article": TEXT, "steps": _list(TEXT),
    },
    optional=("what_en",),
)  # fmt: skip
_FIELD = _object({"name": TEXT, "kind": TEXT, "required": YES_NO, "options": _list(TEXT), "title": TEXT})
_BUTTON = _object(
    {
        "move": TEXT, "track": TEXT, "title": TEXT, "article": TEXT, "open": YES_NO, "reason": TEXT,
        "fields": _list(_ref("MoveField")),
    }
)  # fmt: skip
_PAPER = _object({"kind": TEXT, "served_on": DAY, "means": TEXT})
_STATION = _object(
    {
        "seq": WHOLE, "at": MOMENT, "move": TEXT, "what": TEXT, "unit": TEXT, "to": TEXT, "article": TEXT,
        "papers": _list(_PAPER),
    }
)  # fmt: skip
_FILE = _object({"id": TEXT, "seq": WHOLE, "sha256": HEX, "size": WHOLE, "type": TEXT, "erased": YES_NO})
_ROW = {
    "number": TEXT, "title": TEXT, "state": TEXT, "version": WHOLE, "open": YES_NO, "channel": TEXT,
    "category": TEXT, "office": TEXT, "lead": _or_null(TEXT), "received_on": DAY, "next_due": _or_null(DAY),
    "next_clock": TEXT, "answered": YES_NO, "solved": YES_NO, "sealed": YES_NO,
}  # fmt: skip
_TRACK = _object(
    {"track": TEXT, "state": TEXT, "holder": TEXT, "avenue": TEXT, "handler": TEXT, "claims": _list(TEXT)}
)
_CLAIM = _object(
    {
        "claim": TEXT, "track": TEXT, "avenue": TEXT, "outcome": TEXT, "executed": YES_NO,
        "execute_by": _or_null(DAY),
    }
)  # fmt: skip
_ENTRY = _object(
    {
        "seq": WHOLE, "move": TEXT, "what": TEXT, "track": TEXT, "unit": TEXT, "actor": TEXT,
        "occurred_at": MOMENT, "recorded_at": MOMENT, "article": TEXT,
    }
)  # fmt: skip
_PACK = _object(
    {
        "id": TEXT, "hash": HEX, "family": TEXT, "title": TEXT, "title_en": TEXT, "valid_from": DAY,
        "valid_until": _or_null(DAY), "calendar": TEXT,
    }
)  # fmt: skip
_CLOCK = _object(
    {
        "id": TEXT, "title": TEXT, "title_en": TEXT, "holder": TEXT, "length": _or_null(WHOLE), "unit": TEXT,
        "article": TEXT, "basis": TEXT,
    }
)  # fmt: skip
_UNIT = _object(
    {
        "code": TEXT, "name": TEXT, "kind": TEXT, "level": WHOLE, "parent": _or_null(TEXT),
        "region": _or_null(TEXT), "active": YES_NO,
    }
)  # fmt: skip
_PROBLEM = _object(
    {
        "type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT,
        "errors": _list(_object({"field": TEXT, "reason": TEXT, "what_to_do": TEXT})), "basis": TEXT,
    }
)  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "PetitionIn": {
        **_object(_PETITION, optional=tuple(name for name in _PETITION if name not in ("text", "claims"))),
        "additionalProperties": False,
        "description": "具名的须有主访人的姓名（或单位）和住址；匿名的不需要。"
        " / Unless anonymous, the lead has a name (or organisation) and an address.",
        "examples": [EXAMPLE_PETITION],
    },
    "PartyIn": {
        "type": "object",
        "properties": {
            "role": {"type": "string", "enum": list(ROLES)},
            **{name: _or_null(_text(most)) for name, most in _PARTY_TEXTS.items()},
        },
        "additionalProperties": False,
    },
    "AccusedIn": {
        "type": "object",
        "properties": {name: _text(200, 1) for name in ("unit", "staff", "name")},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "PetitionMade": _object(
        {
            "number": TEXT, "query_code": TEXT, "received_at": MOMENT, "receipt": _ref("Receipt"),
            "deadlines": _list(_ref("Deadline")),
        }
    ),
    "Receipt": _RECEIPT,
    "Deadline": _DEADLINE,
    "UploadMade": _object({"id": TEXT, "sha256": HEX, "size": WHOLE, "type": TEXT, "name": TEXT}),
    "PetitionPage": _object(
        {
            "number": TEXT, "state": TEXT, "state_text": TEXT, "received_at": MOMENT, "answered": YES_NO,
            "solved": YES_NO, "stations": _list(_STATION), "deadlines": _list(_ref("Deadline")),
            "open_moves": _list(_ref("OpenMove")), "attachments": _list(_ref("File")),
            "identity_reads": _list(_object({"at": MOMENT, "role": TEXT, "unit": TEXT, "purpose": TEXT})),
        }
    ),
    "OpenMove": _BUTTON,
    "MoveField": _FIELD,
    "File": _FILE,
    "MoveIn": {
        "type": "object",
        "description": "动作自己的字段，见 open_moves[].fields。"
        " / The move's own fields: see open_moves[].fields.",
        "examples": [{"text": "请问办到哪一步了？"}],
    },
    "StaffMoveIn": {
        "type": "object",
        "description": "动作自己的字段，另可有：expected_version 看到的版本；occurred_at 发生时间；"
        "scan 扫描件上传编号。"
        " / The move's own fields; beside them the version seen, when it happened, the scan's upload.",
        "properties": {"expected_version": WHOLE, "occurred_at": MOMENT, "scan": TEXT},
        "examples": [{"track": "t1", "to": "zjj", "expected_version": 1}],
    },
    "MoveMade": _object(
        {
            "number": TEXT, "move": TEXT, "state": TEXT, "version": WHOLE, "receipts": _list(_ref("Receipt")),
            "deadlines": _list(_ref("Deadline")),
        }
    ),
    "CaseRow": _object(_ROW),
    "CaseList": _object({"cases": _list(_ref("CaseRow")), "next": _or_null(TEXT)}),
    "CasePage": _object(
        {
            **_ROW, "summary": TEXT, "tracks": _list(_TRACK), "claims": _list(_CLAIM),
            "deadlines": _list(_ref("Deadline")), "open_moves": _list(_ref("OpenMove")),
            "entries": _list(_ENTRY), "attachments": _list(_ref("File")),
        }
    ),
    "Packs": _object({"packs": _list(_PACK)}),
    "Clocks": _object({"clocks": _list(_CLOCK)}),
    "Vocabularies": _object(
        {
            "vocabularies": {
                "type": "object",
                "additionalProperties": _list(_object({"code": TEXT, "title": TEXT, "title_en": TEXT})),
            }
        }
    ),
    "Units": _object({"units": _list(_UNIT)}),
    "Problem": _PROBLEM,
}  # fmt: skip
