"""Staff's side with tokens: through the gate, by the rules, never an identity."""

from __future__ import annotations

import io
import json

import pytest
from tests.api.conftest import PETITION, Caller, bearer
from tests.cases import made

from openredress.api import tokens
from openredress.api.models import Token
from openredress.cases import actions
from openredress.ledger import store
from openredress.people.errors import Refused
from openredress.people.models import Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(caller, token) -> Caller:
    return Caller(**bearer(token("clerk", "cases:read", "cases:write")))


def number(caller) -> str:
    return caller.create().json()["number"]


def test_cases_are_listed_read_and_moved(caller, clerk, office):
    first, second = number(caller), number(caller)
    page = clerk.get("cases", {"limit": "1"}).json()
    assert ([row["number"] for row in page["cases"]], page["next"]) == ([second], second)
    rest = clerk.get("cases", {"after": second}).json()
    assert ([row["number"] for row in rest["cases"]], rest["next"]) == ([first], None)
    case = clerk.get(f"cases/{first}").json()
    assert [move["open"] for move in case["open_moves"] if move["move"] == "forward"] == [True]
    done = clerk.post(f"cases/{first}/moves/forward", {"track": "t1", "to": "zjj", "expected_version": 1})
    assert done.status_code == 200, done.content.decode()
    assert (done.json()["state"], done.json()["version"]) == ("forwarded", 2)
    stale = clerk.post(f"cases/{second}/moves/forward", {"track": "t1", "to": "zjj", "expected_version": 7})
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:openredress:problem:changed_meanwhile")


def test_no_answer_holds_an_identity(caller, clerk):
    body = {**PETITION, "text": "我是张三，电话13800138000，请查。", "title": "张三反映噪声"}
    one = caller.create(body).json()
    shown = [
        clerk.get("cases"), clerk.get(f"cases/{one['number']}"),
        caller.get(f"petitions/{one['number']}", **{"X-Query-Code": one["query_code"]}),
    ]  # fmt: skip
    for answer in shown:
        assert answer.status_code == 200
        for secret in ("张三", "13800138000", "新城路12号"):
            assert secret not in answer.content.decode()


def test_whoever_may_not_know_hears_of_nothing(caller, token, office):
    sealed = actions.open_case(made.accusing(unit="zjj"), actor=made.SOMEBODY, at=made.AT)
    open_one = number(caller)
    handler = Caller(**bearer(token("handler", "cases:read", "cases:write")))
    assert handler.get("cases").json() == {"cases": [], "next": None}
    answers = [
        handler.get(f"cases/{which}").content for which in (sealed.number, open_one, "2026-000000-0")
    ] + [handler.post(f"cases/{sealed.number}/moves/note", {"text": "x"}).content]
    assert set(answers) == {answers[0]}
    assert json.loads(answers[0])["status"] == 404


def test_a_token_opens_only_what_its_scopes_say(caller, token, office):
    one = number(caller)
    reader = Caller(**bearer(token("clerk", "cases:read")))
    assert reader.get(f"cases/{one}").status_code == 200
    assert reader.post(f"cases/{one}/moves/note", {"text": "x"}).status_code == 403
    assert reader.get("reference/units").status_code == 403
    assert caller.get("cases").status_code == 401
    assert Caller(**bearer("ort_" + "a" * 43)).get("cases").status_code == 401
    assert reader.create().status_code == 403


def test_tokens_are_made_and_revoked_by_one_administrator_and_on_record(security, office, frozen):
    person = Staff.objects.get(username="clerk")
    made_one, text = tokens.issue(["cases:read"], by=security, at=made.AT, staff=person)
    assert text not in str(list(Token.objects.values()))
    assert Caller(**bearer(text)).get("cases").status_code == 200
    tokens.revoke(made_one, by=security, at=made.AT)
    assert Caller(**bearer(text)).get("cases").status_code == 401
    codes = [entry.code for entry in store.read("system", "1")]
    assert codes[-2:] == ["api_token_made", "api_token_revoked"]
    with pytest.raises(Refused):
        tokens.issue(["cases:read"], by=person, at=made.AT, staff=person)
    with pytest.raises(Refused):
        tokens.issue(["cases:read"], by=security, at=made.AT, partner="city-app")
    with pytest.raises(Refused):
        tokens.revoke(made_one, by=person, at=made.AT)


def test_a_partner_hands_petitions_in_under_keys_of_its_own(security, caller, frozen):
    _, text = tokens.issue(
        ["petitions:create", "reference:read"], by=security, at=made.AT, partner="city-app"
    )
    partner = Caller(**bearer(text))
    one = partner.create(key="7")
    assert one.status_code == 201, one.content.decode()
    assert partner.create(key="7").content == one.content
    assert caller.create(key="7").status_code == 400
    assert {unit["code"] for unit in partner.get("reference/units").json()["units"]} == {
        "gov", "xfj", "zjj", "jtj",
    }  # fmt: skip
    packs = partner.get("reference/packs").json()["packs"]
    assert "cn_national_2022" in {pack["id"] for pack in packs}
    clocks = partner.get("reference/packs/cn_national_2022/clocks").json()["clocks"]
    assert clocks[0]["id"] == "C01"
    words = partner.get("reference/packs/cn_national_2022/vocabularies").json()["vocabularies"]
    assert "channels" in words
    assert partner.get("reference/packs/none/clocks").status_code == 404


def test_what_staff_write_is_held_against_the_list(caller, clerk):
    word = "稳" + "控"
    one = number(caller)
    answer = clerk.post(f"cases/{one}/moves/note", {"text": f"对其加强{word}"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "text")
    assert clerk.post(f"cases/{one}/moves/note", {"text": "已电话联系。"}).status_code == 200


def test_files_of_petitioners_do_not_leave_by_a_token(caller, clerk):
    upload = caller.client.post("/api/v1/uploads", {"file": io.BytesIO(b"a,b\n1,2\n")})
    assert upload.status_code == 400  # without a name nobody knows what it is
    named = io.BytesIO("工地照片说明".encode())
    named.name = "说明.txt"
    kept = caller.client.post("/api/v1/uploads", {"file": named}).json()
    assert set(kept) >= {"id", "sha256", "size", "type"}
    assert kept["id"] != kept["sha256"]
    one = caller.create({**PETITION, "attachments": [kept["id"]]}).json()
    case = clerk.get(f"cases/{one['number']}").json()
    [file] = case["attachments"]
    refused = clerk.get(f"cases/{one['number']}/attachments/{file['id']}")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (403, "attachment")
    code = {"X-Query-Code": one["query_code"]}
    [mine] = caller.get(f"petitions/{one['number']}", **code).json()["attachments"]
    got = caller.get(f"petitions/{one['number']}/attachments/{mine['id']}", **code)
    assert b"".join(got.streaming_content).decode() == "工地照片说明"
    by_hash = caller.create({**PETITION, "attachments": [kept["sha256"]]})
    assert (by_hash.status_code, by_hash.json()["errors"][0]["field"]) == (400, "attachments[0]")
