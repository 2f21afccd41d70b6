"""A number that somebody bears already is drawn again; nothing is refused or lost for it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import numbers, opening
from openredress.cases.models import Petition

pytestmark = pytest.mark.django_db


def drawing(monkeypatch, *sequence: str) -> None:
    left = iter(sequence)
    fresh = numbers.draw
    monkeypatch.setattr(numbers, "draw", lambda year, source=None: next(left, None) or fresh(year))


@pytest.fixture
def house():
    return made.office()


def test_a_single_petition_draws_again(house, monkeypatch):
    first = made.opened()
    drawing(monkeypatch, first.number)
    second = made.opened(text="另一件事：桥上的灯坏了")
    assert second.number != first.number
    assert Petition.objects.filter(number=first.number).count() == 1


def test_control_without_drawing_again_the_clash_is_raised(house, monkeypatch):
    first = made.opened()
    monkeypatch.setattr(opening, "NUMBER_DRAWS", 1)
    drawing(monkeypatch, first.number)
    with pytest.raises(IntegrityError):
        made.opened(text="另一件事：桥上的灯坏了")


def test_taken_is_asked_of_the_record(house):
    one = made.opened()
    assert numbers.taken(one.number)
    assert not numbers.taken(numbers.draw(AT.year))
