"""The security administrator decides on passwords and second factors, and lets people in; others do not."""

from __future__ import annotations

import json
import re

import pytest
from tests.cases import made

from openredress.ledger.models import Entry
from openredress.people import admins, house, passwords, staff
from openredress.people.models import Staff


@pytest.fixture
def keeper(office):
    person = staff.hire("keeper", "保某", by="system", at=made.AT)
    admins.make_administrator(person, "security", by="system", at=made.AT, on=made.AT.date())
    return person


def test_settings_are_on_record(keeper, desk):
    client = desk("keeper")
    assert client.get("/desk/security").status_code == 200
    given = {"password_profile": "dengbao", "second_factor": "administrators"}
    assert client.post("/desk/security/settings", given).status_code == 302
    assert (house.setting("password_profile"), house.setting("second_factor")) == (
        "dengbao",
        "administrators",
    )
    entries = Entry.objects.filter(code=house.CHANGED)
    assert [(e.actor, json.loads(e.facts)["value"]) for e in entries] == [
        (keeper.pseudonym, "dengbao"),
        (keeper.pseudonym, "administrators"),
    ]
    assert client.post("/desk/security/settings", given | {"password_profile": "none"}).status_code == 422


def test_a_link_for_somebody_ends_the_old_password(keeper, desk):
    clerk = Staff.objects.get(username="clerk")
    passwords.set_password(clerk, "four quiet rivers meet", at=made.AT)
    answer = desk("keeper").post("/desk/security/link", {"username": "clerk", "reset": "1"})
    path = re.search(r"http://localhost(/signin/[\w-]{43})", answer.text)[1]
    given = Entry.objects.get(code="sign_in_link_given")
    assert json.loads(given.facts) == {"second_factor_reset": True, "staff": clerk.pseudonym}
    assert desk("keeper").post(path).headers["Location"] == "/password"
    clerk.refresh_from_db()
    assert not clerk.has_usable_password()


@pytest.mark.parametrize("who", ["clerk", "handler"])
def test_nobody_else(office, desk, who):
    client = desk(who)
    assert client.get("/desk/security").status_code == 403
    assert client.post("/desk/security/settings", {"password_profile": "dengbao"}).status_code == 403
    assert client.post("/desk/security/link", {"username": "handler"}).status_code == 403
    assert Entry.objects.filter(code__in=(house.CHANGED, "sign_in_link_given")).count() == 0
