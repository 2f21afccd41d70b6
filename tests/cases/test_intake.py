"""What keeps a petition from being registered is said in sentences: where, why, what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cases.made import AT

from openredress.cases.intake import PetitionInput, body_digest, check

GOOD = {
    "channel": "web",
    "received_at": "2026-09-03T10:12:00+08:00",
    "confidentiality": "normal",
    "parties": [
        {
            "role": "lead",
            "name": "张三",
            "address": "新城路12号",
            "phone": "1",
            "id_number": None,
            "email": None,
        }
    ],
    "people_count": 1,
    "about_misconduct": False,
    "accused": [],
    "text": "  等了三年，没有人管。\n",
    "claims": ["夜间停工", "路面洒水"],
    "place": "新城路",
    "attachments": [],
    "language": "zh",
}


def test_the_form_of_the_interface_is_taken_whole():
    petition = check(GOOD, pack=None, at=AT)
    assert isinstance(petition, PetitionInput)
    assert petition.text == GOOD["text"]  # verbatim, blanks too: the law says truthfully recorded
    assert petition.claims == ("夜间停工", "路面洒水")
    assert petition.parties[0].name == "张三"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"text": " "}, "text", "text_missing"),
        ({"claims": []}, "claims", "claim_missing"),
        ({"claims": ["", " "]}, "claims", "claim_missing"),
        ({"parties": []}, "parties[0].name", "name_missing"),
        ({"parties": [{"name": "张三"}]}, "parties[0].address", "address_missing"),
        (
            {"parties": [{"name": "张三", "address": "x", "status": "vip"}]},
            "parties[0].status",
            "unknown_field",
        ),
        ({"parties": ["张三"]}, "parties[0]", "not_an_object"),
        ({"parties": "张三"}, "parties", "not_a_list"),
        ({"channel": "pigeon"}, "channel", "not_a_choice"),
        ({"channel": ["web"]}, "channel", "not_a_choice"),
        ({"people_count": 0}, "people_count", "not_a_count"),
        ({"people_count": True}, "people_count", "not_a_count"),
        ({"people_count": 1.5}, "people_count", "not_a_count"),
        ({"about_misconduct": "yes"}, "about_misconduct", "not_yes_or_no"),
        ({"received_at": "2026-09-03 10:12"}, "received_at", "not_a_time"),
        ({"received_at": 17}, "received_at", "not_a_time"),
        ({"received_at": (AT + timedelta(days=1)).isoformat()}, "received_at", "in_the_future"),
        ({"text": "a\x00b"}, "text", "broken_text"),
        ({"text": "\ud800"}, "text", "broken_text"),
        ({"text": 5}, "text", "not_text"),
        ({"text": "很" * 200_001}, "text", "too_long"),
        ({"accused": [{"boss": "x"}]}, "accused[0]", "accused_form"),
        ({"attachments": ["../../etc/passwd"]}, "attachments[0]", "not_an_upload"),
        ({"state": "closed"}, "state", "unknown_field"),
    ],
)
def test_each_fault_is_named(change, field, code):
    found = check(GOOD | change, pack=None, at=AT)
    assert isinstance(found, list)
    assert [(one.field, one.code) for one in found if one.code == code][:1] == [(field, code)]
    for one in found:
        assert one.zh
        assert one.en
        assert one.what_to_do


def test_all_faults_come_at_once():
    found = check({"channel": "web"}, pack=None, at=AT)
    assert sorted(one.field for one in found) == ["claims", "parties[0].address", "parties[0].name", "text"]


def test_who_stays_anonymous_needs_no_name_and_a_ledger_row_no_address():
    anonymous = {"text": "x", "claims": ["y"], "confidentiality": "anonymous"}
    assert isinstance(check(anonymous, pack=None), PetitionInput)
    row = {"text": "x", "claims": ["y"], "channel": "ledger", "parties": [{"name": "张三"}]}
    assert isinstance(check(row, pack=None), PetitionInput)


def test_equal_bodies_have_equal_digests_and_any_difference_shows():
    one, two = check(GOOD, pack=None), check(dict(GOOD), pack=None)
    assert body_digest(one) == body_digest(two)
    for change in ({"text": "别的"}, {"claims": ["夜间停工"]}, {"place": ""}, {"people_count": 2}):
        assert body_digest(check(GOOD | change, pack=None)) != body_digest(one)


def test_identities_do_not_slip_into_a_log():
    assert "张三" not in repr(check(GOOD, pack=None))
