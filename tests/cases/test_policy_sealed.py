"""Sealed cases: always somebody who can read and act, and nobody else acts on what they cannot read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions, conflict, performing
from openredress.cases.models import Case, TrackRow
from openredress.cases.performing import NOT_A_CASE
from openredress.cases.policy import acting_as
from openredress.people.models import Appointment, Staff
from openredress.rules.facts import Refusal

pytestmark = pytest.mark.django_db
ON = AT.date()
NOTE = {"text": "先核实情况"}


@pytest.fixture
def house():
    return made.office()


def accuse(**whom):
    opened = actions.open_case(made.accusing(**whom), actor=made.SOMEBODY, at=AT)
    assert not isinstance(opened, Refusal), opened
    return opened.stream


def reads(actor, stream):
    with acting_as(actor, ON) as gate:
        return gate.reads(Case.objects.get(stream=stream)) == "whole"


def acts(actor, stream):
    return performing.perform(stream, "note", NOTE, actor=actor, at=AT)


def holder(stream):
    return TrackRow.objects.get(case__stream=stream).holder.code


def test_the_head_of_the_office_reads_and_acts(house):
    head = made.person("head", house.office, "petition_office_head")
    stream = accuse(unit="jtj")
    assert (holder(stream), reads(head, stream)) == ("xfj", True)
    assert not isinstance(acts(head, stream), Refusal)


def test_an_office_without_a_head_hands_it_to_the_head_above(house):
    above = made.person("above", house.root, "unit_head")
    stream = accuse(unit="jtj")
    assert (holder(stream), reads(above, stream)) == ("gov", True)
    assert not isinstance(acts(above, stream), Refusal)


def test_sent_to_a_unit_without_a_head_the_head_above_keeps_it(house):
    head = made.person("head", house.office, "petition_office_head")
    above = made.person("above", house.root, "unit_head")
    stream = accuse(unit="jtj")
    assert not reads(above, stream)  # the nearest head only
    assert not isinstance(made.forward(stream, "zjj", head), Refusal)
    assert [reads(one, stream) for one in (head, above, house.handler)] == [False, True, False]
    there = made.person("there", house.housing, "unit_head")
    assert [reads(one, stream) for one in (above, there)] == [False, True]
    named = {"track": "t1", "handler": house.handler.pseudonym}
    assert not isinstance(performing.perform(stream, "name_handler", named, actor=there, at=AT), Refusal)
    assert [reads(one, stream) for one in (there, house.handler)] == [False, True]


def test_it_is_not_sent_to_where_nobody_would_read_it(house):
    head = made.person("head", house.office, "petition_office_head")
    stream = accuse(unit="jtj")
    assert made.forward(stream, "zjj", head).code == "unit_may_not_hold"
    made.person("there", house.housing, "unit_head")
    assert not isinstance(made.forward(stream, "zjj", head), Refusal)


def test_a_handler_who_leaves_or_is_accused_gives_it_back_to_the_head(house):
    head = made.person("head", house.office, "petition_office_head")
    clerk = Staff.objects.get(pseudonym=house.clerk.pseudonym)
    stream = accuse(unit="jtj")
    TrackRow.objects.filter(case__stream=stream).update(handler=clerk.pseudonym)
    assert [reads(one, stream) for one in (head, house.clerk)] == [False, True]
    Appointment.objects.filter(staff=clerk).update(until=ON - timedelta(days=1))
    assert [reads(one, stream) for one in (head, house.clerk)] == [True, False]
    Appointment.objects.filter(staff=clerk).update(until=None)
    case = Case.objects.get(stream=stream)
    case.accused.create(staff=clerk)
    assert [reads(one, stream) for one in (head, house.clerk)] == [True, False]


def test_nobody_barred_is_named_as_handler(house):
    head = made.person("head", house.office, "petition_office_head")
    stream = accuse(staff=house.clerk.pseudonym)
    named = {"track": "t1", "handler": house.clerk.pseudonym}
    refused = performing.perform(stream, "name_handler", named, actor=head, at=AT)
    assert (refused.code, refused.field) == ("handler_barred", "handler")


def test_whoever_reads_nothing_acts_on_nothing(house):
    made.person("head", house.office, "petition_office_head")
    stream = accuse(unit="jtj")
    version = Case.objects.get(stream=stream).version
    for actor in (house.clerk, house.handler, house.other):
        assert acts(actor, stream) == NOT_A_CASE
        assert acts(actor, stream) == acts(actor, "0" * 26)
    assert Case.objects.get(stream=stream).version == version


def test_red_control_perform_does_not_ask_the_gate(house, monkeypatch):
    made.person("head", house.office, "petition_office_head")
    stream = accuse(unit="jtj")
    monkeypatch.setattr(performing, "_is_sealed_from", lambda case, actor, on: False)
    assert not isinstance(acts(house.clerk, stream), Refusal)


def test_red_control_no_head_is_looked_for(house, monkeypatch):
    above = made.person("above", house.root, "unit_head")
    monkeypatch.setattr(conflict, "_unbarred_head", lambda unit, accused, on: False)
    monkeypatch.setattr(conflict, "HEADS", frozenset({"unit_head"}))
    monkeypatch.setattr(conflict, "nearer_head", lambda on, own: conflict.Q(pk__isnull=False))
    stream = accuse(unit="jtj")
    assert (holder(stream), reads(above, stream)) == ("xfj", False)
