"""Many cases at once: the same rules, whole cases, short transactions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from tests.cases import made, recount
from tests.cases.made import AT

from openredress.cases import actions, bulk, facts, rows
from openredress.cases.actions import CaseDraft, MoveDraft
from openredress.cases.models import Case, LedgerRow, ObligationRow, SearchText
from openredress.ledger import store, verify
from openredress.people.record import record, system_stream
from openredress.rules.facts import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return made.office()


def hand(unit):
    return Actor("system", "system", unit=unit, roles=frozenset({"system"}))


def draft(n, **more):
    """A case of some days ago, forwarded and in hand."""
    came = AT - timedelta(days=20) + timedelta(minutes=n)
    told = {"track": "t1", "avenue": "A6", "means": "post", "proof": True}
    told["served_on"] = (came + timedelta(days=4)).date()
    moves = (
        MoveDraft("forward", {"track": "t1", "to": "zjj"}, hand("xfj"), came + timedelta(days=2)),
        MoveDraft("notify_receipt", told, hand("zjj"), came + timedelta(days=4)),
        MoveDraft("investigate", {"track": "t1", "note": "看过现场"}, hand("zjj"), came + timedelta(days=6)),
    )
    given = {"office": "xfj", "moves": moves, "registered_at": came} | more
    return CaseDraft(made.petition(f"第{n}件：夜里施工。", received_at=came), **given)


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def append(drafts, **more):
    return actions.append_batch(drafts, **({"actor": made.SYSTEM, "recorded_at": AT} | more))


def test_a_batch_writes_what_single_saves_write(house):
    result = append([draft(0)])
    assert (result.cases, result.entries, result.refused) == (1, 4, [])
    case = Case.objects.get()
    before = {table.name: bulk.select(table, case.pk) for table in rows.TABLES}
    columns = ", ".join(rows.CASE_COLUMNS)
    row = execute(f"SELECT {columns} FROM cases_case")
    assert actions.refresh(case.stream, AT)
    assert {table.name: bulk.select(table, case.pk) for table in rows.TABLES} == before
    assert execute(f"SELECT {columns} FROM cases_case") == row
    assert [entry.code for entry in store.read("case", case.stream)] == [
        "register",
        "forward",
        "notify_receipt",
        "investigate",
    ]
    assert SearchText.objects.count() == 1
    assert verify.verify().failures == []


def test_tallies_of_a_batch_equal_a_recount(house):
    result = append([draft(n) for n in range(70)])
    assert result.cases == 70
    assert recount.tallies_kept(execute) == recount.tallies_by_rows(execute)
    assert result.numbers.keys() == set(range(70))


def test_a_case_is_written_whole_or_not_at_all(house):
    bad = MoveDraft("forward", {"track": "t1", "to": "xfj"}, hand("xfj"), AT - timedelta(days=1))
    result = append([draft(0), draft(1, moves=(bad,)), draft(2)])
    assert (result.cases, [one.index for one in result.refused]) == (2, [1])
    assert result.refused[0].refusal.zh
    assert Case.objects.count() == 2
    assert sorted(result.numbers) == [0, 2]


def test_a_row_that_is_there_is_not_written_again(house):
    drafts = [draft(n, ledger_key=f"k{n}", ledger="xfj 台账", ledger_digest="d") for n in range(3)]
    assert append(drafts).cases == 3
    again = append([*drafts, draft(3, ledger_key="k3", ledger="xfj 台账")])
    assert (again.cases, again.already) == (1, 3)
    assert LedgerRow.objects.count() == Case.objects.count() == 4
    twice = append([draft(4, ledger_key="k4"), draft(5, ledger_key="k4")])
    assert (twice.cases, twice.already) == (1, 1)


def test_stock_cases_owe_what_the_ledger_promised_and_no_clock_has_lapsed(house):
    promise = {
        "id": "o1",
        "kind": "ledger_target",
        "debtor_kind": "unit",
        "debtor": "zjj",
        "due_on": "2026-12-31",
        "track": "t1",
    }
    moves = (
        MoveDraft("forward", {"track": "t1", "to": "zjj"}, made.SYSTEM, AT),
        MoveDraft("oblige", promise, made.SYSTEM, AT),
    )
    old = made.petition("五年前的事。", received_at=AT - timedelta(days=1800), channel="ledger")
    result = append([CaseDraft(old, "xfj", stock=True, moves=moves, registered_at=AT)])
    assert result.refused == []
    known = facts.load(Case.objects.get().stream, AT + timedelta(days=400))
    assert known.facts.stock
    owed = ObligationRow.objects.get()
    assert (owed.due_on, owed.unit_id) == (date(2026, 12, 31), house.housing.pk)
    assert [d for d in known.deadlines if d.ended_on and d.ended_on < AT.date()] == []


def test_past_times_of_recording_need_a_made_up_home(house):
    with pytest.raises(ValueError, match="made_up"):
        append([draft(0)], made_up=True)
    assert append([draft(0)]).cases == 1
    entries = store.read("case", Case.objects.get().stream)
    assert {entry.recorded_at for entry in entries} == {AT}


def test_a_made_up_home_keeps_the_past_it_made_up(db):
    record(system_stream(), "office_founded", {"made_up": True}, actor="system", at=AT)
    made.office()
    assert append([draft(0)], made_up=True).cases == 1
    entries = store.read("case", Case.objects.get().stream)
    assert [entry.recorded_at for entry in entries] == [
        AT - timedelta(days=20) + timedelta(days=days) for days in (0, 2, 4, 6)
    ]


SEVEN = {0: "2026-HY0XZH-G", 1: "2026-YD6NTZ-G", 2: "2026-WCQAK8-D"}


def test_a_seed_makes_the_same_numbers(house):
    result = append([draft(n) for n in range(3)], seed=7)
    assert (result.numbers, result.refused) == (SEVEN, [])
