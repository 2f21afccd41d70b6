"""Whoever may act may read what they act on: the two tables of a pack's permits.toml agree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openredress.cases.access import BELOW
from openredress.packs.load import builtin
from openredress.rules.pack import Pack

PACKS = ("cn_national_2005", "cn_national_2022")
# These say nothing of how a unit stands to the case, so they open no case: the gate asks for another one.
NOT_A_STAND = {"anyone", "outside"}
MACHINES = {"system", "partner"}
# anyone reads everything held or registered in the own unit and below it.
COVERED_BY_ANYONE = {"office", "holder", *(relation for relation in BELOW if relation != "anyone")}


def unread(pack: Pack) -> list[tuple[str, str]]:
    """(role, relation) of permits for which there is no read row."""
    reads = {(read.role, read.relation) for read in pack.reads if {"case", "own_case"} & set(read.reads)}
    reads |= {
        (role, other) for role, relation in reads if relation == "anyone" for other in COVERED_BY_ANYONE
    }
    acts = {
        (role, relation)
        for permits in pack.permits.values()
        for permit in permits
        for role in permit.roles - MACHINES
        for relation in permit.relations - NOT_A_STAND
    }
    return sorted(acts - reads)


@pytest.mark.parametrize("pack_id", PACKS)
def test_whoever_may_act_may_read(pack_id: str) -> None:
    assert unread(builtin(pack_id)) == []


@pytest.mark.parametrize("pack_id", PACKS)
def test_who_acts_anywhere_reads_somewhere_or_is_named_here(pack_id: str) -> None:
    pack = builtin(pack_id)
    readers = {read.role for read in pack.reads if {"case", "own_case"} & set(read.reads)}
    blind = {
        (role, move)
        for move, permits in pack.permits.items()
        for permit in permits
        for role in permit.roles - MACHINES - readers
    }
    assert blind == {
        ("security_admin", "erase"),
        ("audit_admin", "identity_read"),
        ("audit_admin", "rule_read"),
        ("retaliation", "identity_read"),
    }


@pytest.mark.parametrize("pack_id", PACKS)
def test_control_a_missing_read_row_is_seen(pack_id: str) -> None:
    pack = builtin(pack_id)
    for gone in (("head", "superior"), ("clerk", "opined"), ("reviewer", "holder"), ("leader", "anyone")):
        left = tuple(read for read in pack.reads if (read.role, read.relation) != gone)
        assert unread(replace(pack, reads=left)) != []
