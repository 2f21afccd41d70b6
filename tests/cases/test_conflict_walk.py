"""The conflict bar under a random walk, and the same walk with each protection switched off."""

from __future__ import annotations

import pytest
from django.db.models import Q
from tests.cases.conflict_walk import Found, Walk

from openredress.cases import conflict, similar
from openredress.cases.policy import Gate
from openredress.cases.search import Counted
from openredress.people import staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget():
    similar.forget()


@pytest.mark.parametrize("seed", range(5))
def test_five_hundred_steps(seed):
    walk = Walk(seed)
    for _ in range(100):
        walk.step()
    assert walk.steps == 100
    assert min(walk.asked.values()) > 5


def bar_off(patch):
    patch.setattr(conflict.Standing, "barring", lambda self: Q(pk__in=[]))


def acting_roles_ignored(patch):
    patch.setattr(conflict, "_appointments", lambda on: staff.active(on).filter(acting=False))


def descendants_ignored(patch):
    patch.setattr(conflict, "ids", lambda path: (int(path.rstrip("/").rpartition("/")[2]),))


def ties_ignored(patch):
    patch.setattr(conflict, "_ties", lambda on: conflict.Tie.objects.none())


def counted_before_the_bar(patch):
    patch.setattr(Gate, "count", lambda self: Counted(Gate.unbarred(self), False), raising=True)
    patch.setattr(
        Gate,
        "unbarred",
        lambda self: conflict.Case.objects.filter(self.scope.any_part()).count(),
        raising=False,
    )


def holders_not_looked_after(patch):
    patch.setattr(conflict, "misplaced", lambda on: [])


@pytest.mark.parametrize(
    "off",
    [
        bar_off,
        acting_roles_ignored,
        descendants_ignored,
        ties_ignored,
        counted_before_the_bar,
        holders_not_looked_after,
    ],
    ids=lambda off: off.__name__,
)
def test_red_control(off, monkeypatch):
    off(monkeypatch)
    with pytest.raises(Found):
        walk_until_found()


def walk_until_found():
    for seed in range(4):
        walk = Walk(seed)
        for _ in range(100):
            walk.step()
