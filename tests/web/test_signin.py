"""Signing in: what gets in, what keeps out, what ends a session, and that nothing typed is lost."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from tests.cases import made

from openredress.config import settings as defaults
from openredress.ledger.models import Entry
from openredress.people import admins, house, passwords, signin, staff
from openredress.people.errors import Refused
from openredress.people.models import SecondFactor, Staff
from openredress.web import clock
from openredress.web.desk import secondfactor, session

pytestmark = pytest.mark.django_db
WORD = "four quiet rivers meet"


@pytest.fixture
def clerk(office, frozen) -> Staff:
    person = Staff.objects.get(username="clerk")
    passwords.set_password(person, WORD, at=made.AT)
    return person


@pytest.fixture
def client() -> Client:
    return Client(SERVER_NAME="localhost")


def enter(client: Client, word: str = WORD, name: str = "clerk", **more: str):
    return client.post("/signin", {"username": name, "password": word, **more})


def later(monkeypatch, by: timedelta) -> None:
    monkeypatch.setattr(clock, "frozen", clock.now() + by)


def test_right_password_lets_in_and_back(client, clerk):
    assert client.get("/desk/?x=1").headers["Location"] == "/signin?next=%2Fdesk%2F%3Fx%3D1"
    done = enter(client, next="/desk/?x=1")
    assert (done.status_code, done.headers["Location"]) == (302, "/desk/?x=1")
    assert client.get("/password").status_code == 200


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_never_sent_to_another_house(client, clerk, goal):
    assert enter(client, next=goal).headers["Location"] == "/desk/"


def test_a_new_session_id_at_sign_in_and_none_after_sign_out(client, clerk):
    client.get("/signin")
    client.cookies["sessionid"] = "planted0planted0planted0planted0"
    enter(client)
    inside = client.cookies["sessionid"].value
    assert inside != "planted0planted0planted0planted0"
    client.post("/signout")
    old = Client(SERVER_NAME="localhost")
    old.cookies["sessionid"] = inside
    assert old.get("/password").status_code == 302


def test_signing_in_writes_nothing_to_the_record(client, clerk):
    before = Entry.objects.count()
    enter(client, "wrong")
    enter(client)
    client.post("/signout")
    assert Entry.objects.count() == before


def test_five_wrong_passwords_pause_and_say_so(client, clerk):
    assert [enter(client, "wrong").status_code for _ in range(5)] == [401, 401, 401, 401, 429]
    paused = enter(client)
    assert (paused.status_code, "15 分钟" in paused.text) == (429, True)
    assert client.get("/password").status_code == 302


def test_unknown_names_and_wrong_passwords_get_the_same_answer(client, clerk):
    mask = ("clerk", "nobody", "csrfmiddlewaretoken")
    answers = {
        enter(client, "wrong", name).text.split('name="next"')[1].split("autofocus")[0] for name in mask[:2]
    }
    assert len({a.replace("clerk", "?").replace("nobody", "?") for a in answers}) == 1


def test_idle_thirty_minutes_or_eight_hours_ends_it(client, clerk, monkeypatch):
    enter(client)
    for _ in range(16):
        later(monkeypatch, timedelta(minutes=29, seconds=59))
        assert client.get("/password").status_code == 200
    later(monkeypatch, timedelta(minutes=1))
    assert client.get("/password").status_code == 302
    enter(client)
    later(monkeypatch, session.IDLE + timedelta(seconds=1))
    assert client.get("/password").status_code == 302


def test_somebody_who_left_is_out_at_the_next_step(client, clerk):
    enter(client)
    staff.leave(clerk, until=made.AT.date(), by="system", at=made.AT)
    assert client.get("/password").status_code == 302
    assert enter(client).status_code == 401


def test_what_was_typed_comes_back_after_signing_in_again(client, clerk, monkeypatch):
    enter(client)
    later(monkeypatch, session.IDLE * 2)
    asked = client.post("/desk/post", {"post": "xfj", "note": "半页 <b>文字</b>"})
    assert (asked.status_code, 'name="kept.note" value="半页 &lt;b&gt;文字&lt;/b&gt;"' in asked.text) == (
        401,
        True,
    )
    again = enter(client, next="/desk/post", **{"kept.post": "xfj", "kept.note": "半页 <b>文字</b>"})
    assert again.status_code == 200
    assert 'action="/desk/post"' in again.text
    assert 'name="note" value="半页 &lt;b&gt;文字&lt;/b&gt;"' in again.text


def test_a_form_without_its_mark_comes_back_filled_in(clerk):
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    answer = strict.post("/desk/post", {"note": "不要丢", "password": "secret word"})
    assert answer.status_code == 403
    assert 'name="note" value="不要丢"' in answer.text
    assert "secret word" not in answer.text


def test_failures_are_logged_without_a_name(client, clerk, caplog):
    with caplog.at_level(logging.INFO):
        enter(client, "wrong", "clerk")
    mine = [r for r in caplog.records if r.name == "openredress.signin"]
    assert [r.msg for r in mine] == ["signin failed"]
    assert "clerk" not in " ".join(r.getMessage() for r in caplog.records if r.levelno >= logging.INFO)


def test_offices_get_argon2():
    """The other tests here use a quick hash; the settings that offices run with do not."""
    assert defaults.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


# ------------------------------------------------------------------ one-time links


def test_a_link_is_used_by_the_button_not_by_looking(client, clerk):
    token = signin.make_link(clerk, at=made.AT)
    for _ in range(3):
        assert client.get(f"/signin/{token}").status_code == 200
    done = client.post(f"/signin/{token}")
    assert (done.status_code, done.headers["Location"]) == (302, "/password")
    assert client.get("/desk/").headers["Location"] == "/password"
    assert client.post(f"/signin/{token}").status_code == 410
    new = {"password": "another long sentence", "password-again": "another long sentence"}
    assert client.post("/password", new).headers["Location"] == "/desk/"
    assert enter(Client(SERVER_NAME="localhost")).status_code == 401
    assert enter(Client(SERVER_NAME="localhost"), "another long sentence").status_code == 302


def test_no_account_signs_in_before_its_link_was_used(client, office, frozen):
    assert enter(client, "", "clerk").status_code == 401
    assert enter(client, "clerk", "clerk").status_code == 401


# ------------------------------------------------------------------ passwords


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("short", "password_length"),
        ("x" * 201, "password_length"),
        ("123456789012", "password_common"),
        ("qwertyuiopas", "password_common"),
        ("password1234", "password_common"),
        ("aaaaaaaaaaaabb", "password_common"),
        ("I am clerk, yes", "password_common"),
        ("four quiet rivers", ""),
        ("临江的老渡口每天早上六点半开船", ""),
    ],
)
def test_asvs(clerk, word, code):
    refused = passwords.check(clerk, word, passwords.PROFILES["asvs"])
    assert (refused.refusal.code if refused else "") == code


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Ab3-xy7", "password_length"),
        ("abcdwxyz12", "password_classes"),
        ("Abcdwxyz", "password_classes"),
        ("Kd7wmxzq", ""),
        ("kd7-wmxzq", ""),
    ],
)
def test_dengbao(clerk, word, code):
    refused = passwords.check(clerk, word, passwords.PROFILES["dengbao"])
    assert (refused.refusal.code if refused else "") == code


def test_dengbao_is_a_decision_on_record_with_its_ninety_days_and_last_five(client, clerk, monkeypatch):
    house.change("password_profile", "dengbao", by="staff/a", at=made.AT)
    entry = Entry.objects.get(code=house.CHANGED)
    assert json.loads(entry.facts) == {"name": "password_profile", "value": "dengbao"}
    words = [f"Kd7-wmxz{n}" for n in range(6)]
    for word in words:
        passwords.set_password(clerk, word, at=made.AT)
    for word in words[1:]:
        with pytest.raises(Refused):
            passwords.set_password(clerk, word, at=made.AT)
    passwords.set_password(clerk, words[0], at=made.AT)
    monkeypatch.setattr(clock, "frozen", made.AT + timedelta(days=90))
    assert enter(client, words[0]).headers["Location"] == "/desk/"
    monkeypatch.setattr(clock, "frozen", made.AT + timedelta(days=90, seconds=1))
    assert enter(Client(SERVER_NAME="localhost"), words[0]).headers["Location"] == "/password"


def test_changing_it_needs_the_present_one_and_ends_other_sessions(client, clerk):
    enter(client)
    other = Client(SERVER_NAME="localhost")
    enter(other)
    new = {"password": "a wholly new sentence", "password-again": "a wholly new sentence"}
    assert client.post("/password", new).status_code == 422
    assert client.post("/password", new | {"password-now": WORD}).status_code == 302
    assert client.get("/password").status_code == 200
    assert other.get("/password").status_code == 302


# ------------------------------------------------------------------ second factor


@pytest.fixture
def secret(clerk) -> str:
    kept = secondfactor.begin(clerk)
    code = pyotp.TOTP(kept).at(made.AT - timedelta(seconds=30))
    assert secondfactor.confirm(clerk, code, made.AT) is None
    return kept


def digits(secret: str, at) -> str:
    return pyotp.TOTP(secret).at(at)


def test_the_code_is_asked_for_and_works_once(client, clerk, secret):
    asked = enter(client)
    assert (asked.status_code, 'name="code"' in asked.text) == (200, True)
    assert client.get("/password").status_code == 302
    right = digits(secret, made.AT)
    assert client.post("/signin/code", {"code": right}).headers["Location"] == "/desk/"
    other = Client(SERVER_NAME="localhost")
    enter(other)
    assert other.post("/signin/code", {"code": right}).status_code == 401


@pytest.mark.parametrize("wrong", ["", "000000", "１２３４５６", "12345678", "abcdef", "' or 1=1"])
def test_other_codes_do_not(client, clerk, secret, wrong):
    enter(client)
    assert client.post("/signin/code", {"code": wrong}).status_code == 401


def test_five_wrong_codes_pause_even_after_a_new_password_step(client, clerk, secret):
    for _ in range(5):
        enter(client)
        status = client.post("/signin/code", {"code": "000000"}).status_code
    assert status == 429
    enter(client)
    assert client.post("/signin/code", {"code": digits(secret, made.AT)}).status_code == 429


def test_the_secret_is_not_in_the_database(clerk, secret):
    assert secret.encode() not in bytes(SecondFactor.objects.get(staff=clerk).sealed)


def test_the_security_administrator_resets_it_on_record_but_not_ones_own(client, clerk, secret):
    keeper = staff.hire("keeper", "保某", by="system", at=made.AT)
    admins.make_administrator(keeper, "security", by="system", at=made.AT, on=made.AT.date())
    with pytest.raises(Refused):
        secondfactor.clear(clerk, by=clerk.pseudonym, at=made.AT)
    secondfactor.clear(clerk, by=keeper.pseudonym, at=made.AT)
    assert Entry.objects.filter(code="second_factor_cleared", actor=keeper.pseudonym).count() == 1
    assert enter(client).headers["Location"] == "/desk/"


def test_the_house_may_want_one_of_everybody(client, clerk):
    house.change("second_factor", "everyone", by="staff/a", at=made.AT)
    assert enter(client).headers["Location"] == "/second-factor"
    assert client.get("/desk/").headers["Location"] == "/second-factor"
    page = client.get("/second-factor")
    kept = secondfactor.begin(clerk)
    assert kept in page.text
    assert client.post("/second-factor", {"code": "000000"}).status_code == 422
    assert client.post("/second-factor", {"code": digits(kept, made.AT)}).headers["Location"] == "/desk/"


def test_control_without_the_step_a_code_would_work_twice(clerk, secret, monkeypatch):
    right = digits(secret, made.AT)
    assert secondfactor.verify(clerk, right, made.AT) is None
    assert secondfactor.verify(clerk, right, made.AT) is secondfactor.WRONG
    SecondFactor.objects.update(last_step=0)
    assert secondfactor.verify(clerk, right, made.AT) is None
