"""The retaliation desk: who may read, what stands where, and by when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.cases import made
from tests.cases.made import AT

from openredress.cases.models import Petition
from openredress.ledger import verify
from openredress.notices.models import Outbox
from openredress.oversight import retaliation
from openredress.oversight.models import RetaliationReport
from openredress.people.models import Unit
from openredress.rules.facts import Refusal

pytestmark = pytest.mark.django_db

ON = AT.date()


@pytest.fixture
def house():
    return made.office()


def petition(**given):
    return Petition.objects.get(number=made.opened(**given).number)


def officer(code="xfj", name="officer"):
    return made.person(name, Unit.objects.get(code=code), "retaliation_officer")


def test_periods_by_hand():
    made.office()
    late_friday = datetime(2026, 9, 25, 9, 30, tzinfo=UTC)  # 17:30, on the first day of Mid-Autumn
    contact, answer = retaliation.periods(late_friday)
    assert contact.due_at == late_friday + timedelta(hours=24)
    # 9月28、29、30日, then National Day until the 7th, then the 8th and 9th: five working days.
    assert answer.due == date(2026, 10, 9)


def test_a_report_is_told_to_its_readers_only(house):
    officer()
    officer("zjj", "inside")
    one = petition()
    made.forward(one.case.stream, "zjj", house.clerk)
    before = set(Outbox.objects.values_list("pk", flat=True))
    made_ = retaliation.report(one, "有人威胁我", at=AT)
    told = Outbox.objects.exclude(pk__in=before).values_list("kind", "to_ref")
    names = {person.pseudonym for person in retaliation.readers(made_, ON)}
    assert (len(names), {ref for _, ref in told}, {kind for kind, _ in told}) == (1, names, {"work"})


def test_the_record_holds_and_says_nothing_readable(house):
    one = petition()
    row = retaliation.report(one, "科长威胁我", at=AT)
    assert verify.verify().failures == []
    assert retaliation.entries(row.ref) == ["retaliation_report"]
    assert one.case.stream[:10] not in row.ref


def test_the_accused_of_a_sealed_case_never_reads_a_report(house):
    inside = officer("zjj", "inside")
    outside = officer()
    number = made.actions.open_case(made.accusing("zjj"), actor=made.SOMEBODY, at=AT).number
    retaliation.report(Petition.objects.get(number=number), "有人威胁我", at=AT)
    assert [len(retaliation.waiting(actor, ON)) for actor in (inside, outside)] == [0, 1]


def test_without_the_bar_the_handling_unit_would_read_it(house, monkeypatch):
    """Red control: the bar, and nothing else, keeps the handling unit out."""
    inside = officer("zjj", "inside")
    one = petition()
    made.forward(one.case.stream, "zjj", house.clerk)
    retaliation.report(one, "有人威胁我", at=AT)
    assert retaliation.waiting(inside, ON) == []
    monkeypatch.setattr(retaliation, "_barred_paths", lambda row: [])
    assert len(retaliation.waiting(inside, ON)) == 1


def test_answers_are_given_once_and_lateness_is_on_record(house):
    reader, one = officer(), petition()
    row = retaliation.report(one, "有人威胁我", at=AT)
    late = AT + timedelta(days=10)
    retaliation.contact(row.ref, actor=reader, at=late)
    assert not isinstance(retaliation.answer(row.ref, "已查。", upheld=False, actor=reader, at=late), Refusal)
    again = retaliation.answer(row.ref, "另一个答复", upheld=True, actor=reader, at=late)
    assert isinstance(again, Refusal)
    assert again.code == "done_before"
    facts = [entry.facts for entry in retaliation.store.read("system", f"r-{row.ref}")]
    assert [one.get("late") for one in facts] == [None, True, True]
    assert RetaliationReport.objects.get().upheld is False


def test_nobody_else_opens_it(house):
    row = retaliation.report(petition(), "有人威胁我", at=AT)
    for actor in (house.clerk, house.handler, made.SYSTEM, made.SOMEBODY):
        assert retaliation.read(row.ref, actor=actor, at=AT) == retaliation.NOT_FOUND
    assert isinstance(retaliation.report(petition(), "  ", at=AT), Refusal)
