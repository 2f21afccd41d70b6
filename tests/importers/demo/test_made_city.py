"""A small made-up city in the tables: whole, sealed-able, and only in a home that says so."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import check_password
from tests.importers.demo.cases import TODAY

from openredress.cases import actions, tallies
from openredress.cases.batch import is_made_up
from openredress.cases.models import Case
from openredress.importers.demo import founding, run
from openredress.ledger import keys, store, verify
from openredress.people.models import AdminRole, Region, Staff, Unit
from openredress.people.staff import actor_for

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def city():
    keys.ensure(AT)
    seen = []
    made = run.make(cases=50, seed=1, today=TODAY, zone=ZONE, at=AT, progress=lambda *now: seen.append(now))
    return made, seen


def test_the_city_is_whole(city):
    made, seen = city
    assert (made.result.cases, made.result.refused) == (248, [])
    assert seen[-1][:2] == (248, 248)
    assert Case.objects.count() == 248
    report = verify.verify()
    assert (report.ok, report.failures) == (True, [])
    first = store.read("system", "1")[0]
    assert (first.facts["made_up"], first.facts["go_live"]) == (True, "2024-11-23")
    assert is_made_up()
    assert Region.objects.filter(parent="379900").count() >= 5
    assert Unit.objects.filter(parent__code="lj", kind="department").count() >= 24
    assert Unit.objects.filter(kind="street").count() >= 20
    assert Unit.objects.filter(kind="office").count() >= 8
    assert set(AdminRole.objects.values_list("role", flat=True)) == {"system", "security", "audit"}
    clerk = Staff.objects.get(username="lj-xf-clerk1")
    assert check_password(founding.PASSWORD, clerk.password)
    assert tallies.compare() == []
    assert actor_for(clerk, TODAY).unit == "lj-xf"


def test_control_without_the_word_made_up_it_is_refused():
    with pytest.raises(ValueError, match="made_up"):
        actions.append_batch([], actor=run.SYSTEM, recorded_at=AT, made_up=True)
