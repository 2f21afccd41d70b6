"""The petitioner's side: hand in, follow with the code, make the moves that are the petitioner's own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse

from openredress.api import following, moving, uploads
from openredress.api.door import Asked, made
from openredress.api.problems import Problem, refuse
from openredress.api.reading import json_body, query
from openredress.cases import actions, codes, intake
from openredress.cases.models import Petition
from openredress.cases.throttle import Throttle
from openredress.lawbook import book
from openredress.rules.facts import Actor, Refusal
from openredress.rules.lifecycle import DEFAULT_FAMILY

PUBLIC = Actor("", "petitioner")
KEY_CHARS = 22  # 128 bits in base64url; hexadecimal needs 32
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def create(asked: Asked) -> HttpResponse:
    """POST /petitions: 201 after the commit; the same key and body get the same bytes again."""
    query(asked.request, ())
    actor = asked.actor or PUBLIC
    key = _key(asked, actor)
    data = json_body(asked.request)
    law = book.packs().for_day(DEFAULT_FAMILY, asked.on)
    petition = intake.check(data, pack=law, at=asked.at)
    if isinstance(petition, list):
        raise Problem(400, petition)
    if petition.attachments:
        files = uploads.contents(petition.attachments, "attachments")
        petition = replace(petition, attachments=files)
    opened = actions.open_case(petition, actor=actor, at=asked.at, idempotency_key=key)
    if isinstance(opened, Refusal):
        raise Problem(422 if opened.code == "key_used_for_another" else 400, [opened])
    return made(opened.answer, 201, {"Location": f"/api/v1/petitions/{opened.number}"})


def _key(asked: Asked, actor: Actor) -> str:
    key = asked.request.headers.get("Idempotency-Key", "")
    least = KEY_CHARS if actor.kind == "petitioner" else 1
    if _KEY.fullmatch(key) and len(key) >= least:
        return key
    raise refuse(
        400, "idempotency_key", f"需要请求头 Idempotency-Key，{least} 至 255 个可见 ASCII 字符",
        f"The header Idempotency-Key is needed: {least} to 255 visible ASCII characters",
        field="Idempotency-Key",
        todo=(
            "每份信访件生成一个不少于 128 位的随机值，重发时不变",
            "draw at least 128 random bits for each petition; keep them when you send it again",
        ),
    )  # fmt: skip


def opened(asked: Asked) -> Petition:
    """The petition that number and code open. Raises Problem (401, 429), the same for number and code."""
    code = asked.request.headers.get("X-Query-Code", "")
    if not code:
        raise refuse(
            401, "query_code_needed", "需要请求头 X-Query-Code", "The header X-Query-Code is needed",
            field="X-Query-Code", todo=("查询码在回执上", "the code is on the receipt"),
            headers={"WWW-Authenticate": "QueryCode"},
        )  # fmt: skip
    throttle = Throttle(Path(settings.HOME) / "throttle.sqlite3")
    source = asked.request.META.get("REMOTE_ADDR", "")
    found = codes.opened(asked.params["number"], code, source=source, at=asked.at, throttle=throttle)
    if isinstance(found, Petition):
        return found
    if found.code == "too_many_guesses":
        raise Problem(429, [found], {"Retry-After": "600"})
    raise Problem(401, [found], {"WWW-Authenticate": "QueryCode"})


def follow(asked: Asked) -> HttpResponse:
    """GET /petitions/{number}: everything that the petitioner may know."""
    query(asked.request, ())
    return made(following.page(opened(asked), asked.at, asked.english))


def move(asked: Asked) -> HttpResponse:
    """POST /petitions/{number}/moves/{move}: a step of the petitioner's own."""
    query(asked.request, ())
    petition = opened(asked)
    given = json_body(asked.request)
    actor = following.petitioner(petition)
    name = asked.params["move"]
    given = _given(petition, name, given, asked.at)
    done = moving.perform(petition.case, name, given, actor=actor, at=asked.at)
    return made(moving.answer(petition.case, petition.number, name, done, asked.english))


def _given(petition: Petition, name: str, given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What the petitioner gave, with what goes without saying at this door."""
    if name not in following.OWN_MOVES:
        raise moving.unknown(name)
    if petition.code_shown and name in ("withdraw", "confirm_solved", "rate"):
        # A code that staff have seen proves nothing: an office could confirm itself.
        raise refuse(
            403, "code_seen_by_staff", "查询码曾由工作人员经手，不能单凭它办理这一项",
            "Staff have seen this code: alone it cannot do this", field="X-Query-Code",
            todo=("请到窗口书面办理，由承办线以外的机构回访核实",
                  "do it on paper at a counter; an office outside the handling line calls back"),
        )  # fmt: skip
    return following.completed(petition, name, given, at)


def attachment(asked: Asked) -> FileResponse:
    """GET /petitions/{number}/attachments/{id}: a file that this petitioner handed in."""
    query(asked.request, ())
    return following.file(opened(asked), asked.params["attachment"])
