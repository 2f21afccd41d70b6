"""One-time sign-in links work once, for their time, and cannot be read out of the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from openredress.people import signin, staff
from openredress.people.models import SignInLink

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def li():
    return staff.hire("li", "李四", by="system", at=AT)


def test_once(li):
    token = signin.make_link(li, at=AT)
    assert signin.use(token, at=AT + timedelta(hours=1)) == li
    assert signin.use(token, at=AT + timedelta(hours=1)) is None


def test_not_after_it_expired(li):
    token = signin.make_link(li, at=AT)
    assert signin.use(token, at=AT + signin.LIFETIME) is None
    assert signin.use(token, at=AT + signin.LIFETIME - timedelta(seconds=1)) == li


def test_not_made_up_or_bent(li):
    token = signin.make_link(li, at=AT)
    for wrong in ("", "x", token[:-1], token + "x", token.swapcase()):
        assert signin.use(wrong, at=AT) is None
    assert signin.use(token, at=AT) == li


def test_not_for_somebody_who_left(li):
    token = signin.make_link(li, at=AT)
    staff.leave(li, until=AT.date(), by="system", at=AT)
    assert signin.use(token, at=AT) is None


def test_the_token_is_not_kept(li):
    token = signin.make_link(li, at=AT)
    row = SignInLink.objects.values().get()
    assert token not in str(row)
    assert len(token) >= 43  # 256 bits


def test_control_a_link_that_is_not_used_up_works_again(li):
    token = signin.make_link(li, at=AT)
    signin.use(token, at=AT)
    SignInLink.objects.update(used_at=None)
    assert signin.use(token, at=AT) == li
