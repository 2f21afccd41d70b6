"""Query codes: derived, never stored, hard to guess, and a guess is answered as if nothing were there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions, codes
from openredress.cases.models import Petition
from openredress.cases.throttle import Throttle
from openredress.ledger import keys
from openredress.rules.facts import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def throttle(tmp_path):
    return Throttle(tmp_path / "throttle.sqlite3")


@pytest.fixture
def house():
    return made.office()


def ask(number, code, throttle, at=AT, source="192.0.2.1"):
    return codes.opened(number, code, source=source, at=at, throttle=throttle)


def test_number_and_code_open_the_petition(house, throttle):
    one = made.opened()
    for spelling in (one.query_code, one.query_code.lower().replace("-", " ")):
        found = ask(one.number, spelling, throttle)
        assert isinstance(found, Petition)
        assert found.number == one.number
    assert len(one.query_code.replace("-", "")) * 5 == codes.BITS


def test_wrong_number_and_wrong_code_get_the_same_answer(house, throttle):
    one, other = made.opened(), made.opened()
    answers = [
        ask(one.number, other.query_code, throttle),
        ask("2026-AAAAAA-A", one.query_code, throttle),
        ask("", "", throttle),
        ask(one.number, "'; DROP TABLE cases_petition", throttle),
    ]
    assert answers == [codes.UNKNOWN] * 4


def test_the_sixth_guess_is_locked_out_and_an_hour_later_not(house, throttle):
    one = made.opened()
    for _ in range(5):
        assert ask(one.number, "AAAA-AAAA-AAAA-AAAA", throttle) == codes.UNKNOWN
    refused = ask(one.number, one.query_code, throttle)
    assert isinstance(refused, Refusal)
    assert refused.code == "too_many_guesses"
    later = AT + timedelta(minutes=61)
    assert isinstance(ask(one.number, one.query_code, throttle, at=later), Petition)


def test_one_source_may_not_try_many_numbers(house, throttle):
    numbers = [made.opened() for _ in range(4)]
    for n in range(20):
        ask(numbers[n // 5].number, "AAAA-AAAA-AAAA-AAAA", throttle)
    fresh = made.opened()
    assert isinstance(ask(fresh.number, fresh.query_code, throttle), Refusal)
    assert isinstance(ask(fresh.number, fresh.query_code, throttle, source="192.0.2.9"), Petition)


def test_control_without_the_throttle_guessing_goes_on(house):
    class Open(Throttle):
        def locked(self, buckets, at):
            return None

        def failed(self, buckets, at):
            return None

    one = made.opened()
    throttle = Open(None)
    for _ in range(30):
        ask(one.number, "AAAA-AAAA-AAAA-AAAA", throttle)
    assert isinstance(ask(one.number, one.query_code, throttle), Petition)


def test_asking_writes_nothing_to_the_record(house, throttle):
    one = made.opened()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        ask(one.number, one.query_code, throttle)
        ask(one.number, "AAAA-AAAA-AAAA-AAAA", throttle)
    assert {query["sql"].split()[0] for query in seen.captured_queries} == {"SELECT"}


def test_the_code_is_nowhere_in_the_database(house):
    one = made.opened()
    bare = one.query_code.replace("-", "")
    row = Petition.objects.filter(number=one.number).values().get()
    for value in row.values():
        assert one.query_code not in str(value)
        assert bare not in str(value)


def test_the_code_outlives_a_rotation_of_keys(house, throttle):
    given = {"actor": made.SOMEBODY, "at": AT, "idempotency_key": "k-rotation"}
    one = actions.open_case(made.petition(), **given)
    keys.rotate("code", AT)
    assert isinstance(ask(one.number, one.query_code, throttle), Petition)
    assert actions.open_case(made.petition(), **given).answer == one.answer


def test_a_reissued_code_replaces_the_lost_one(house, throttle):
    one = made.opened()
    refused = actions.reissue_code(one.number, actor=house.clerk, at=AT, identity_seen=False)
    assert isinstance(refused, Refusal)
    fresh = actions.reissue_code(one.number, actor=house.clerk, at=AT, identity_seen=True)
    assert isinstance(fresh, str), fresh
    assert ask(one.number, one.query_code, throttle) == codes.UNKNOWN
    found = ask(one.number, fresh, throttle)
    assert isinstance(found, Petition)
    assert found.code_shown  # alone it confirms nothing any more
