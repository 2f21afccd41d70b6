"""The petitioner's side over HTTP: registered once, followed with the code, guessed by nobody."""

from __future__ import annotations

import pytest
from tests.api.conftest import PETITION

from openredress.cases.models import Case, Petition

pytestmark = pytest.mark.django_db


def test_a_petition_is_registered_and_answered(caller):
    answer = caller.create()
    assert answer.status_code == 201, answer.content.decode()
    body = answer.json()
    assert set(body) == {"number", "query_code", "received_at", "receipt", "deadlines"}
    assert body["received_at"] == "2026-09-03T10:12:00+08:00"
    first = body["deadlines"][0]
    assert (first["clock"], first["due"], first["holder"]) == ("C01", "2026-09-18", "临江市信访局")
    assert first["steps"] == ["2026-09-03 收到，次日起算", "＋15日 ＝ 2026-09-18（周五，工作日）"]


def test_the_same_submit_gets_the_same_bytes(caller):
    first, again = caller.create(key="k" * 32), caller.create(key="k" * 32)
    assert (again.status_code, again.content) == (201, first.content)
    other = caller.create({**PETITION, "text": "别的事。"}, key="k" * 32)
    assert (other.status_code, other["Content-Type"]) == (422, "application/problem+json")
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert Petition.objects.count() == 1


def test_followed_with_the_code(caller):
    made_one = caller.create().json()
    page = caller.get(f"petitions/{made_one['number']}", **{"X-Query-Code": made_one["query_code"]})
    assert page.status_code == 200
    body = page.json()
    assert (body["number"], body["state"]) == (made_one["number"], "registered")
    assert [(s["move"], s["unit"]) for s in body["stations"]] == [("register", "临江市信访局")]
    assert [d["clock"] for d in body["deadlines"]] == ["C01"]
    assert body["identity_reads"] == []
    assert {m["move"] for m in body["open_moves"]} >= {"material", "message", "withdraw"}
    assert "张三" not in page.content.decode()
    assert Case.objects.count() == 1
