"""Tables of working days: the n-th, the next, the last, and their edges."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import pytest
from tests.oracles import day_walker

from openredress.packs import calendars

CN = calendars.builtin("cn")
D = date.fromisoformat


def test_rolls_forward_back_and_not_at_all():
    assert CN.roll(D("2026-10-03")) == D("2026-10-08")
    assert CN.roll(D("2026-10-03"), "back") == D("2026-09-30")
    assert CN.roll(D("2026-10-03"), "none") == D("2026-10-03")
    assert CN.roll(D("2026-02-14")) == D("2026-02-14")


def test_adds_working_days_over_holidays_and_worked_weekends():
    assert CN.add_working(D("2026-02-12"), 5) == D("2026-02-26")
    assert CN.add_working(D("2026-09-28"), 10) == D("2026-10-16")
    assert CN.add_working(D("2026-10-03"), 1) == D("2026-10-08")


def test_tables_agree_with_the_walker_for_each_start():
    task = {"length": 7, "unit": "work_day", "first": "next", "roll": "none", "known": (2005, 2026)}
    task |= {"off": set(CN.off), "makeup": set(CN.made_up)}
    start = D("2025-12-01")
    for n in range(400):
        day = start + timedelta(days=n)
        assert CN.add_working(day, 7) == day_walker.walk(task | {"start": day})["due"]


def test_only_published_years_are_known():
    assert CN.known(D("2026-12-31"))
    assert not CN.known(D("2027-01-01"))
    assert CN.is_working(D("2027-01-01"))  # a Friday: weekends only are known to be off


@pytest.mark.parametrize("day", ["1899-12-31", "2200-01-01"])
def test_outside_the_tables_it_refuses(day):
    with pytest.raises(ValueError, match="1900–2199"):
        CN.is_working(D(day))


def test_the_edges_are_inside():
    assert CN.is_working(D("1900-01-01"))
    assert CN.is_working(D("2199-12-31"))


def test_a_calendar_travels_to_a_worker():
    assert pickle.loads(pickle.dumps(CN)).add_working(D("2026-02-12"), 5) == D("2026-02-26")
