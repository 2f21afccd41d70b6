"""Health, metrics, error pages, logs and the headers that every answer carries."""

from __future__ import annotations

import json
import logging
import sqlite3

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from tests.cases import made

from openredress.ledger import keys, triggers
from openredress.web import clock, errors
from openredress.web.desk import access
from openredress.web.logs import JsonLine
from openredress.web.middleware import Frame


@pytest.fixture
def client() -> Client:
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


@pytest.mark.django_db
def test_live_and_ready(client):
    keys.ensure(made.AT)
    assert client.get("/healthz/live").text == "ok"
    assert client.get("/healthz/ready").json() == {
        "ready": True,
        "triggers": True,
        "database": True,
        "keys": True,
    }


@pytest.mark.django_db
def test_not_ready_without_triggers_or_keys(client, tmp_path, settings):
    keys.ensure(made.AT)
    triggers.remove(connection)
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["triggers"]) == (503, False)
    triggers.install(connection)
    settings.HOME = tmp_path
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["keys"]) == (503, False)


@pytest.mark.django_db
def test_metrics_are_for_this_host_only(client):
    client.get("/signin")
    text = client.get("/metrics").text
    assert 'openredress_answers_total{route="signin",status="200"}' in text
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 404


@pytest.mark.django_db
def test_every_answer_carries_its_headers(client):
    for path in ("/signin", "/nothing-here", "/healthz/live"):
        found = client.get(path).headers
        assert found["Cache-Control"] == "no-store"
        assert found["X-Content-Type-Options"] == "nosniff"
        assert "'unsafe-inline'" not in found["Content-Security-Policy"]
        assert "default-src 'self'" in found["Content-Security-Policy"]


@pytest.mark.django_db
def test_language_by_address_cookie_and_browser(client):
    assert "工作人员登录" in client.get("/signin").text
    assert "Staff sign-in" in client.get("/signin", headers={"Accept-Language": "en-GB"}).text
    assert "Staff sign-in" in client.get("/signin?lang=en").text
    assert "Staff sign-in" in client.get("/signin").text  # remembered
    assert "工作人员登录" in client.get("/signin?lang=zh").text


@pytest.mark.parametrize(
    ("view", "status"),
    [(errors.bad_request, 400), (errors.forbidden, 403), (errors.not_found, 404), (errors.failed, 500),
     (errors.unavailable, 503), (errors.locked, 503)],
)  # fmt: skip
def test_error_pages_say_what_to_do_and_need_no_database(view, status):
    answer = view(RequestFactory().get("/desk/x"))
    assert answer.status_code == status
    assert "请" in answer.content.decode()


def test_a_database_that_is_away_is_a_503_with_a_sentence():
    layer = Frame(lambda _: None)
    answer = layer.process_exception(RequestFactory().get("/"), OperationalError("server closed"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "server closed" not in answer.content.decode()
    answer = layer.process_exception(RequestFactory().get("/"), keys.KeysMissing("vault"))
    assert (answer.status_code, "锁定" in answer.content.decode()) == (503, True)
    assert layer.process_exception(RequestFactory().get("/"), ValueError("x")) is None


def line(name: str, message: str, *args: object, error: BaseException | None = None) -> dict:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, args, info)
    return json.loads(JsonLine().format(record))


def test_a_log_line_has_no_values():
    try:
        sqlite3.connect(":memory:").execute("SELECT 张三")
    except sqlite3.Error as error:
        row = line("django.request", "Internal Server Error: %s", "/petition/2026-7QK4M2-X", error=error)
    text = json.dumps(row, ensure_ascii=False)
    assert (row["event"], row["exception"]) == ("django.request", "OperationalError")
    assert [word for word in ("张三", "7QK4M2", "petition") if word in text] == []
    row = line("openredress.worker", "notice %s: %s", "abc", "13800138000")
    assert row["event"] == "notice %s: %s"


def test_today_says_what_the_calendar_changes(db, monkeypatch):
    made.office()
    assert access.today_line(made.AT.date()) == "今天 2026年9月3日 周四"
    friday = made.AT.date().replace(day=18)
    assert access.today_line(friday) == "今天 2026年9月18日 周五，本周末周日(20日)上班，周五(25日)放假"


def test_the_desk_shows_the_frame_to_whom_it_belongs(desk):
    answer = desk("handler").get("/desk/", follow=True)
    assert "临江市住建局" in answer.text
    assert 'aria-current="page"' in answer.text
    assert "三员" not in answer.text


def test_the_clock_of_an_office_cannot_be_set_from_outside(monkeypatch):
    monkeypatch.setenv("OPENREDRESS_NOW", "2020-01-01T00:00:00Z")
    assert clock.now().year >= 2026
