"""Whatever comes in: a problem with where, why and what to do, in the caller's language, and never a 5xx."""

from __future__ import annotations

import json

import pytest
from tests.api.conftest import PETITION, Caller, bearer

from openredress.api import problems
from openredress.cases.models import Case

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "k" * 32}
GOOD = json.dumps(PETITION)
DEEP = "[" * 100_000 + "]" * 100_000
BODIES = {
    "not json": (b"{", 400, "not_json"),
    "a list": (b"[]", 400, "not_an_object"),
    "a number": (b"7", 400, "not_an_object"),
    "deep": (('{"text":' + DEEP + "}").encode(), 400, "too_deep"),
    "deepish": (('{"text":' + "[" * 40 + "]" * 40 + "}").encode(), 400, "too_deep"),
    "huge whole number": (b'{"people_count":' + b"9" * 5000 + b"}", 400, "number_out_of_range"),
    "beyond 2^53": (b'{"people_count":9007199254740993}', 400, "number_out_of_range"),
    "a fraction": (b'{"people_count":1.5}', 400, "number_out_of_range"),
    "infinite": (b'{"people_count":1e999}', 400, "number_out_of_range"),
    "no number": (b'{"people_count":NaN}', 400, "number_out_of_range"),
    "lone surrogate": (b'{"text":"\\ud800"}', 400, "broken_text"),
    "lone surrogate in a name": (b'{"\\udfff":1}', 400, "broken_text"),
    "NUL": (b'{"text":"a\\u0000b"}', 400, "broken_text"),
    "raw control character": (b'{"text":"a\x00b"}', 400, "not_json"),
    "not UTF-8": (b'{"text":"\xff\xfe"}', 400, "not_utf8"),
    "UTF-16": (GOOD.encode("utf-16"), 400, "not_utf8"),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), 400, "not_json"),
    "a field twice": (b'{"text":"a","text":"b"}', 400, "field_twice"),
    "an unknown field": (json.dumps({**PETITION, "mood": 1}).encode(), 400, "unknown_field"),
    "too large": (b'{"text":"' + b"x" * (2 << 20) + b'"}', 413, "too_large"),
}


def told(answer, status: int) -> dict:
    """A whole problem, or the test fails."""
    assert answer.status_code == status, answer.content.decode()[:400]
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "errors", "basis"}
    assert body["status"] == status
    assert body["errors"]
    for error in body["errors"]:
        assert set(error) == {"field", "reason", "what_to_do"}
        assert error["reason"]
    return body


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_told_so(caller, name):
    raw, status, code = BODIES[name]
    body = told(caller.post("petitions", raw, **KEY), status)
    assert body["type"] == f"urn:openredress:problem:{code}"
    assert Case.objects.count() == 0


@pytest.mark.parametrize("media", ["text/plain", "", "application/xml", "application/json; charset=gbk"])
def test_only_json_is_taken(caller, media):
    told(caller.post("petitions", GOOD, content_type=media, **KEY), 415)


@pytest.mark.parametrize("key", ["", "short", "k" * 300, "钥匙" * 20, "k" * 30 + " k", "k" * 21])
def test_a_key_that_could_be_guessed_is_refused(caller, key):
    body = told(caller.post("petitions", GOOD, **{"Idempotency-Key": key}), 400)
    assert body["errors"][0]["field"] == "Idempotency-Key"


def test_wrong_paths_and_methods_are_problems_too(caller):
    for path in ("nowhere", "petitions/", "petitions/a/b/c", "../v2", "petitions/%00", "cases/%ff/moves"):
        told(caller.get(path), 404 if "%00" not in path else 401)
    for method in ("put", "patch", "delete", "options"):
        answer = getattr(caller.client, method)("/api/v1/petitions")
        told(answer, 405)
        assert answer["Allow"] == "POST"
    told(caller.client.get("/api"), 404)


def test_problems_speak_the_callers_language(caller):
    zh = told(caller.post("petitions", "{", **KEY), 400)
    en = told(caller.post("petitions", "{", **KEY, **{"Accept-Language": "fr, en-GB;q=0.8, zh;q=0.3"}), 400)
    assert (zh["title"], en["title"]) == ("提交的内容有误", "The request is not right")
    again = told(caller.post("petitions", "{", **KEY, **{"Accept-Language": "zh-CN,en;q=0.9"}), 400)
    assert again == zh


def test_what_the_law_asks_for_is_named_with_its_article(caller):
    body = told(caller.post("petitions", {"text": "", "claims": []}, **KEY), 400)
    assert [error["field"] for error in body["errors"]] == [
        "text", "claims", "parties[0].name", "parties[0].address",
    ]  # fmt: skip
    assert body["basis"] == "信访工作条例第十九条"
    assert all(error["what_to_do"] for error in body["errors"])


def test_wrong_number_and_wrong_code_sound_alike_and_guessing_ends(caller):
    one = caller.create().json()
    wrong_code = told(
        caller.get(f"petitions/{one['number']}", **{"X-Query-Code": "AAAA-AAAA-AAAA-AAAA"}), 401
    )
    wrong_number = told(caller.get("petitions/2026-AAAAAA-A", **{"X-Query-Code": one["query_code"]}), 401)
    assert wrong_code == wrong_number
    for _ in range(4):
        caller.get(f"petitions/{one['number']}", **{"X-Query-Code": "AAAA-AAAA-AAAA-AAAA"})
    locked = caller.get(f"petitions/{one['number']}", **{"X-Query-Code": one["query_code"]})
    told(locked, 429)
    assert locked["Retry-After"]


@pytest.fixture
def fresh_throttle(home):
    for path in home.glob("throttle.sqlite3*"):
        path.unlink()


@pytest.fixture(autouse=True)
def _fresh(fresh_throttle):
    """Wrong guesses of one test do not lock out the next."""


def test_control_without_the_catching_a_bad_body_is_a_crash(caller, monkeypatch):
    """The red control: it is the door that turns bad input into a problem."""
    monkeypatch.setattr(problems, "answer", None)
    with pytest.raises(TypeError):
        caller.post("petitions", "{", **KEY)


ODD = ["x", -1, [{}]]


def test_no_move_is_moved_by_nonsense(caller, token, office):
    """Every field of every move with values of every kind: refused or done, never a crash."""
    clerk = Caller(**bearer(token("clerk", "cases:read", "cases:write")))
    handler = Caller(**bearer(token("handler", "cases:read", "cases:write")))
    one = caller.create().json()
    at = f"cases/{one['number']}"
    assert clerk.post(f"{at}/moves/forward", {"track": "t1", "to": "zjj"}).status_code == 200
    told_off = {
        "track": "t1", "avenue": "A6", "served_on": "2026-09-03", "means": "hand", "proof": True,
        "text": "告知",
    }  # fmt: skip
    assert handler.post(f"{at}/moves/notify_receipt", told_off).status_code == 200
    seen, crashed, tried = set(), [], set()
    for who in (clerk, handler):
        who.client.raise_request_exception = False
    for who in (clerk, handler):
        for button in who.get(at).json()["open_moves"]:
            if button["move"] in tried:
                continue
            tried.add(button["move"])
            good = _plausible(button)
            for field in [f for f in button["fields"] if f["kind"] != "text"]:
                for value in ODD:
                    answer = who.post(f"{at}/moves/{button['move']}", {**good, field["name"]: value})
                    seen.add(answer.status_code)
                    if answer.status_code >= 500:
                        crashed.append((button["move"], field["name"], value))
    assert crashed == []
    assert seen <= {200, 400, 403, 404, 409}


def _plausible(button: dict) -> dict:
    by_kind = {
        "unit": "jtj", "staff": "staff/0000000000", "date": "2026-09-03", "int": 1, "bool": True, "code": "x",
        "list": [{"claim": "c1", "outcome": "supported", "execute_by": "2026-10-01"}], "text": "文字",
        "claims": ["c1"],
    }  # fmt: skip
    given = {f["name"]: by_kind.get(f["kind"], "x") for f in button["fields"] if f["required"]}
    for field in button["fields"]:
        if field["required"] and field["kind"] == "choice":
            given[field["name"]] = field["options"][0]
    return {**given, **({"track": button["track"]} if button["track"] else {})}
