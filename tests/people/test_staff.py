"""Roles held for a time, how the rules see a person, and the three administrators."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from django.db import IntegrityError, connection, transaction

from openredress.ledger import store
from openredress.people import admins, staff, ties, tree
from openredress.people.errors import Refused
from openredress.people.models import AdminRole, Appointment, Tie
from openredress.people.roles import ADMINISTRATORS, CASEWORK, ROLES

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
DAY = date(2026, 9, 3)
pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return tree.add("lj", "临江市信访局", by="system", at=AT)


@pytest.fixture
def office(root):
    return tree.add("lj-zj", "住建局", parent=root, by="system", at=AT)


def hire(name: str):
    return staff.hire(name, f"姓名{name}", by="system", at=AT)


def test_an_actor_has_unit_roles_above_and_below(root, office):
    wang = hire("wang")
    staff.appoint(wang, root, "registry_clerk", since=DAY, by="system", at=AT)
    staff.appoint(wang, root, "supervisor", since=DAY, by="system", at=AT)
    actor = staff.actor_for(wang, DAY)
    assert (actor.pseudonym, actor.kind, actor.unit) == (wang.pseudonym, "staff", "lj")
    assert actor.roles == {"registry_clerk", "supervisor"}
    assert (actor.above, actor.below) == ((), {"lj-zj"})


def test_main_unit_is_the_one_held_in_earnest(root, office):
    li = hire("li")
    staff.appoint(li, office, "unit_head", since=DAY, acting=True, by="system", at=AT)
    staff.appoint(li, root, "handler", since=DAY, by="system", at=AT)
    assert staff.actor_for(li, DAY).unit == "lj"
    assert staff.actor_for(li, DAY, unit="lj-zj").roles == {"unit_head"}
    assert staff.units_of(li, DAY) == {"lj", "lj-zj"}
    assert [one.unit for one in staff.actors_for(li, DAY)] == ["lj", "lj-zj"]


def test_roles_begin_and_end_on_their_days(root):
    li = hire("li")
    held = staff.appoint(li, root, "handler", since=date(2026, 9, 2), by="system", at=AT)
    staff.end_appointment(held, until=date(2026, 9, 10), by="system", at=AT)
    seen = [staff.actor_for(li, date(2026, 9, day)).roles for day in (1, 2, 10, 11)]
    assert seen == [frozenset(), {"handler"}, {"handler"}, frozenset()]


def test_nobody_without_a_role_there(root, office):
    li = hire("li")
    staff.appoint(li, root, "handler", since=DAY, by="system", at=AT)
    assert staff.actor_for(li, DAY, unit="lj-zj").roles == frozenset()


def test_changes_are_entries_that_hold_no_name(root):
    li = hire("li")
    held = staff.appoint(li, root, "handler", since=DAY, by="staff/abcdefghjk", at=AT)
    staff.end_appointment(held, until=DAY, by="staff/abcdefghjk", at=AT)
    entries = store.read("unit", "lj")
    assert [entry.code for entry in entries] == ["unit_added", "appointed", "appointment_ended"]
    assert entries[1].facts == {
        "staff": li.pseudonym,
        "role": "handler",
        "acting": False,
        "since": "2026-09-03",
        "until": None,
    }
    assert [entry.code for entry in store.read("system", "1")] == ["hired"]
    assert "姓名" not in "".join(str(entry.facts) for entry in (*entries, *store.read("system", "1")))


def test_leaving_ends_everything(root, office):
    li = hire("li")
    staff.appoint(li, root, "handler", since=DAY, by="system", at=AT)
    staff.appoint(li, office, "reviewer", since=DAY, acting=True, by="system", at=AT)
    staff.leave(li, until=DAY, by="system", at=AT)
    assert staff.actors_for(li, date(2026, 9, 4)) == ()
    li.refresh_from_db()
    assert not li.active


def test_twice_the_same_role_is_refused(root):
    li = hire("li")
    staff.appoint(li, root, "handler", since=DAY, by="system", at=AT)
    with pytest.raises(Refused) as caught:
        staff.appoint(li, root, "handler", since=DAY, by="system", at=AT)
    assert caught.value.refusal.code == "already_appointed"
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(staff=li, unit=root, role="handler", since=DAY)


def test_taken_username_and_unknown_role(root):
    li = hire("li")
    with pytest.raises(Refused) as caught:
        hire("li")
    assert caught.value.refusal.code == "username_taken"
    for role in ("king", *ADMINISTRATORS):
        with pytest.raises(Refused) as caught:
            staff.appoint(li, root, role, since=DAY, by="system", at=AT)
        assert caught.value.refusal.code == "no_such_role"


@pytest.mark.parametrize(("first", "second"), [*permutations(ADMINISTRATORS, 2), ("audit", "audit")])
def test_nobody_is_two_of_the_three(first, second):
    zhao = hire("zhao")
    admins.make_administrator(zhao, first, by="system", at=AT, on=DAY)
    with pytest.raises(Refused) as caught:
        admins.make_administrator(zhao, second, by="system", at=AT, on=DAY)
    assert caught.value.refusal.code == "one_administrator_each"
    with pytest.raises(IntegrityError), transaction.atomic():  # and the database holds it alone
        AdminRole.objects.create(staff=zhao, role=second)
    assert [row.role for row in AdminRole.objects.all()] == [first]


@pytest.mark.parametrize("admin", ADMINISTRATORS)
@pytest.mark.parametrize("role", CASEWORK)
def test_an_administrator_holds_no_casework_role(root, admin, role):
    zhao, qian = hire("zhao"), hire("qian")
    admins.make_administrator(zhao, admin, by="system", at=AT, on=DAY)
    with pytest.raises(Refused) as caught:
        staff.appoint(zhao, root, role, since=DAY, by="system", at=AT)
    assert caught.value.refusal.code == "administrator_holds_no_casework"
    staff.appoint(qian, root, role, since=DAY, by="system", at=AT)
    with pytest.raises(Refused) as caught:
        admins.make_administrator(qian, admin, by="system", at=AT, on=DAY)
    assert caught.value.refusal.code == "administrator_holds_no_casework"


def test_the_database_knows_only_three_administrators():
    zhao = hire("zhao")
    with pytest.raises(IntegrityError), transaction.atomic():
        AdminRole.objects.create(staff=zhao, role="handler")


def test_control_without_the_constraint_one_person_holds_two():
    """What keeps them apart in the database is the unique key: without it the second role goes in."""
    zhao = hire("zhao")
    admins.make_administrator(zhao, "system", by="system", at=AT, on=DAY)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE loose AS SELECT * FROM people_adminrole")
        cursor.execute("INSERT INTO loose (id, role, staff_id) VALUES (99, 'audit', %s)", [zhao.pk])
        cursor.execute("SELECT count(*) FROM loose WHERE staff_id = %s", [zhao.pk])
        assert cursor.fetchone()[0] == 2


def test_an_administrator_is_an_actor_without_unit():
    zhao = hire("zhao")
    admins.make_administrator(zhao, "audit", by="system", at=AT, on=DAY)
    actor = staff.actor_for(zhao, DAY)
    assert (actor.unit, actor.roles) == (None, {"audit"})
    admins.end_administrator(zhao, by="system", at=AT)
    assert staff.actor_for(zhao, DAY).roles == frozenset()
    codes = [entry.code for entry in store.read("system", "1")]
    assert codes == ["hired", "administrator_made", "administrator_ended"]


def test_roles_have_names_in_both_languages():
    assert len(ROLES) == 13
    assert all(role.zh and role.en for role in ROLES.values())


def test_ties_are_to_one_thing_and_end(root):
    li, wang = hire("li"), hire("wang")
    for wrong in ({}, {"unit": root, "case": "x"}, {"colleague": li}):
        with pytest.raises(Refused) as caught:
            ties.declare(li, on=DAY, by="system", at=AT, **wrong)
        assert caught.value.refusal.code == "tie_to_one"
    tied = [
        ties.declare(li, on=DAY, by="system", at=AT, unit=root),
        ties.declare(li, on=DAY, by="system", at=AT, colleague=wang),
        ties.declare(li, on=DAY, by="system", at=AT, case="abc"),
    ]
    ties.end(tied[0], on=date(2026, 9, 5), by="system", at=AT)
    assert list(ties.active(date(2026, 9, 6)).order_by("pk")) == tied[1:]
    with pytest.raises(IntegrityError), transaction.atomic():
        Tie.objects.create(staff=li, declared_on=DAY)
