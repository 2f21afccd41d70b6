"""The nightly job that keeps cases in hands that may hold them; the index rewritten after an erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions, conflict, placing
from openredress.cases.models import Case, Tally, TrackRow
from openredress.cases.placing import Mended
from openredress.jobs import queue
from openredress.jobs.models import Job
from openredress.people import ties
from openredress.people.models import Staff
from openredress.worker.table import HANDLERS, ROUNDS

pytestmark = pytest.mark.django_db
NIGHT = AT + timedelta(hours=15)


@pytest.fixture
def house():
    return made.office()


def person(actor):
    return Staff.objects.get(pseudonym=actor.pseudonym)


def tonight():
    queue.enqueue("place", {}, at=NIGHT)
    return queue.run_one(HANDLERS, NIGHT, rounds=ROUNDS).state


def test_a_tie_declared_to_a_case_sets_its_flag_and_empties_its_tally(house):
    one = made.opened()
    ties.declare(person(house.other), on=AT.date(), by="system", at=AT, case=one.stream)
    assert [case.pk for case in conflict.stale()] == [one.case]
    assert tonight() == "done"
    assert conflict.stale() == []
    assert Case.objects.get().restricted is True
    assert Tally.objects.exclude(n=0).count() == 0
    assert placing.mend(NIGHT) == Mended()


def accused_of_nobody_here(house):
    """An accusation of a person of the roads bureau; the petition office holds it."""
    stream = actions.open_case(made.accusing(staff=house.other.pseudonym), actor=made.SOMEBODY, at=AT).stream
    assert TrackRow.objects.get().holder == house.office
    return stream


def test_a_case_goes_to_an_unbarred_holder(house):
    accused_of_nobody_here(house)
    made.person("above", house.root, "unit_head")
    ties.declare(person(house.clerk), on=AT.date(), by="system", at=AT, colleague=person(house.other))
    assert tonight() == "done"
    assert TrackRow.objects.get().holder == house.root
    assert conflict.misplaced(NIGHT.date()) == []
    assert placing.mend(NIGHT) == Mended()


def test_without_an_unbarred_holder_it_leaves_the_house(house):
    accused_of_nobody_here(house)
    ties.declare(person(house.clerk), on=AT.date(), by="system", at=AT, colleague=person(house.other))
    assert placing.mend(NIGHT) == Mended(left=1)
    assert f" {conflict.OUT_OF_HOUSE} " in Case.objects.get().marks
    assert placing.mend(NIGHT) == Mended()


def test_red_control_nobody_looks_after_the_holders(house, monkeypatch):
    accused_of_nobody_here(house)
    ties.declare(person(house.clerk), on=AT.date(), by="system", at=AT, colleague=person(house.other))
    before = conflict.misplaced(NIGHT.date())
    monkeypatch.setattr(placing.conflict, "misplaced", lambda on: [])
    assert tonight() == "done"
    monkeypatch.undo()
    assert conflict.misplaced(NIGHT.date()) == before != []


def test_an_erasure_asks_for_the_index_to_be_rewritten_once_a_quarter_of_an_hour(house):
    streams = [made.opened().stream for _ in range(2)]
    for minutes, stream in enumerate(streams):
        actions.erase(stream, "sealed", actor=made.SYSTEM, at=AT + timedelta(minutes=minutes), reason="期满")
    job = Job.objects.get(kind="purge_index")
    assert job.run_after == AT + timedelta(minutes=4)
    assert job.state == "ready"
    assert queue.run_one(HANDLERS, AT + timedelta(minutes=3), rounds=ROUNDS) is None
    assert queue.run_one(HANDLERS, AT + timedelta(minutes=4), rounds=ROUNDS).state == "done"
