"""The table of roles: committed as generated, complete, and what the gate really does."""

from __future__ import annotations

from itertools import product

import pytest
from tests.cases.rows import ON, case, staff, unit
from tests.house.source import ROOT

from openredress.cases.access import BELOW, OWN, PACK_ROLE
from openredress.cases.models import Involved
from openredress.cases.policy import acting_as
from openredress.cases.roles_table import ACCESS, PACK, REGENERATE, RELATION, markdown
from openredress.packs.load import builtin
from openredress.people.roles import ROLES
from openredress.people.staff import actor_for


def test_the_page_is_the_generated_one():
    page = (ROOT / "docs/reference/roles.md").read_text(encoding="utf-8")
    assert page == markdown(builtin(PACK)), f"run: {REGENERATE}"


def test_every_appointment_counts_as_a_role_of_the_pack():
    pack = builtin(PACK)
    assert [code for code in ROLES if PACK_ROLE.get(code, code) not in pack.roles] == []
    assert sorted({row.relation for row in ACCESS} - set(RELATION)) == []


def test_only_staff_of_casework_and_petitioners_read_cases():
    readers = {row.role for row in ACCESS if "case" in row.reads or "own_part" in row.reads}
    assert readers == {"clerk", "handler", "head", "supervisor", "reviewer", "leader"}
    assert {row.role for row in ACCESS if "read_log" in row.reads} == {"audit_admin"}


@pytest.mark.django_db
def test_the_gate_reads_exactly_by_the_table():
    """For each role and each relation alone: one case in which the unit stands in that relation only."""
    office, own = unit("xf"), unit("own")
    below = unit("below", own)
    other = unit("other")
    roles = sorted({row.role for row in ACCESS if row.role not in ("petitioner", "partner")})
    appointed = {PACK_ROLE.get(code, code): code for code in ROLES}
    made = {}
    for relation in (*OWN, "held"):
        made[relation] = case(office, other, indexed=False)
        Involved.objects.create(case=made[relation], unit=own, why=relation)
    made["superior"] = case(office, below, indexed=False)
    found, expected = {}, {}
    for role in roles:
        person = staff(role, (own, appointed[role]))
        with acting_as(actor_for(person, ON), ON) as gate:
            found |= {(role, relation): gate.reads(one) for relation, one in made.items()}
    table = {(row.role, row.relation): row.reads for row in ACCESS}
    for role, relation in product(roles, made):
        reads = table.get((role, relation), ())
        # `anyone` is everything in the own unit and below it: registered there, or held there.
        anyone = "case" in table.get((role, "anyone"), ()) and relation in ("office", "holder", "superior")
        whole = "case" in reads or anyone
        expected[role, relation] = "whole" if whole else "part" if "own_part" in reads else "nothing"
    assert found == expected
    assert set(BELOW) == {"superior", "anyone"}
