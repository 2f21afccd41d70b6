"""What the API's tests share: the small office, a frozen clock, a client that speaks JSON."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.cases import made

from openredress.api import clock, tokens
from openredress.people import admins, staff
from openredress.people.models import Staff, Unit

PETITION = {
    "channel": "web",
    "received_at": "2026-09-03T10:12:00+08:00",
    "confidentiality": "normal",
    "parties": [
        {"role": "lead", "name": "张三", "address": "新城路12号", "phone": "13800138000", "id_number": None,
         "email": None}
    ],
    "people_count": 1,
    "about_misconduct": False,
    "accused": [],
    "text": "工地夜间施工，孩子睡不好。",
    "claims": ["夜间停工", "路面洒水"],
    "place": "新城路",
    "attachments": [],
    "language": "zh",
}  # fmt: skip


@pytest.fixture(autouse=True)
def alone(settings):
    """The API's addresses and no others: what the pages do is tried elsewhere."""
    settings.ROOT_URLCONF = "openredress.api.urls"


@pytest.fixture
def frozen(monkeypatch):
    """The API's clock stands at the small office's moment."""
    monkeypatch.setattr(clock, "frozen", made.AT)
    return made.AT


@pytest.fixture
def office(db) -> made.Made:
    """Keys, law, four units and three people."""
    return made.office()


class Caller:
    """Speaks to the API as clients do."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(SERVER_NAME="localhost")
        self.headers = headers

    def post(self, path: str, body: Any, **headers: str):
        raw = body if isinstance(body, bytes | str) else json.dumps(body)
        kind = headers.pop("content_type", "application/json")
        return self.client.post(f"/api/v1/{path}", raw, kind, headers={**self.headers, **headers})

    def get(self, path: str, query: dict[str, str] | None = None, **headers: str):
        return self.client.get(f"/api/v1/{path}", query, headers={**self.headers, **headers})

    def create(self, body: Any = None, key: str = "", **headers: str):
        return self.post(
            "petitions", PETITION if body is None else body,
            **{"Idempotency-Key": key or secrets.token_hex(16)}, **headers,
        )  # fmt: skip


@pytest.fixture
def caller(office, frozen) -> Caller:
    """Somebody on the street."""
    return Caller()


@pytest.fixture
def security(office) -> Staff:
    """The security administrator."""
    person = staff.hire("sec", "安某", by="system", at=made.AT)
    admins.make_administrator(person, "security", by="system", at=made.AT, on=made.AT.date())
    return person


@pytest.fixture
def token(security, frozen) -> Callable[..., str]:
    """`token("clerk", "cases:read", …)`: a fresh token of that person."""

    def give(username: str, *scopes: str, unit: Unit | None = None) -> str:
        person = Staff.objects.get(username=username)
        return tokens.issue(scopes, by=security, at=clock.now(), staff=person, unit=unit)[1]

    return give


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}
