"""The walker itself against the hand-computed vectors: it must be right before it judges."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest
from tests.oracles import day_walker

D = date.fromisoformat
# The State Council's notice for 2026: weekday holidays and worked weekends.
OFF_2026 = {
    D(f"2026-{day}")
    for day in (
        "01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "02-23", "04-06", "05-01", "05-04",
        "05-05", "06-19", "09-25", "10-01", "10-02", "10-05", "10-06", "10-07",
    )
}  # fmt: skip
MAKEUP_2026 = {D(f"2026-{day}") for day in ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")}

# start, length, unit, extension, nominal, legal due: worked out by hand.
VECTORS = [
    ("2026-02-02", 15, "cal_day", 0, "2026-02-17", "2026-02-24"),
    ("2026-09-18", 15, "cal_day", 0, "2026-10-03", "2026-10-08"),
    ("2026-08-03", 60, "cal_day", 0, "2026-10-02", "2026-10-08"),
    ("2026-08-03", 60, "cal_day", 30, "2026-11-01", "2026-11-02"),
    ("2026-09-01", 30, "cal_day", 0, "2026-10-01", "2026-10-08"),
    ("2026-03-06", 30, "cal_day", 0, "2026-04-05", "2026-04-07"),
    ("2026-10-20", 30, "cal_day", 0, "2026-11-19", "2026-11-19"),
    ("2026-02-12", 5, "work_day", 0, "2026-02-26", "2026-02-26"),
    ("2026-09-18", 5, "work_day", 0, "2026-09-24", "2026-09-24"),
    ("2026-04-30", 5, "work_day", 0, "2026-05-11", "2026-05-11"),
    ("2026-09-28", 3, "work_day", 0, "2026-10-08", "2026-10-08"),
    ("2026-09-28", 10, "work_day", 0, "2026-10-16", "2026-10-16"),
]


def task(start, length, unit, extension=0, **more):
    plain = {"start": D(start), "length": length, "unit": unit, "extension": extension, "first": "next"}
    plain |= {"roll": "forward", "off": OFF_2026, "makeup": MAKEUP_2026, "known": (2005, 2026)}
    return plain | more


@pytest.mark.parametrize("vector", VECTORS)
def test_vectors(vector):
    start, length, unit, extension, nominal, due = vector
    found = day_walker.walk(task(start, length, unit, extension))
    assert (found["nominal"], found["due"], found["provisional"]) == (D(nominal), D(due), False)


def test_a_hearing_of_six_days_adds_six_days():
    # 03-02 + 30 days = 04-01; six days inside are not counted: 04-07, a Tuesday that is worked.
    hearing = [(D("2026-03-10"), D("2026-03-15"))]
    assert day_walker.walk(task("2026-03-02", 30, "cal_day", pauses=hearing))["due"] == D("2026-04-07")


def test_a_gap_gives_back_no_day_that_was_used():
    # 15 days from 06-01; given away on 06-05 (4 used), back on 06-15: 11 more days, 06-26.
    gap = [(D("2026-06-05"), D("2026-06-15"))]
    assert day_walker.walk(task("2026-06-01", 15, "cal_day", gaps=gap))["due"] == D("2026-06-26")


def test_a_pause_after_the_last_day_changes_nothing():
    late = [(D("2026-10-04"), D("2026-10-20"))]
    assert day_walker.walk(task("2026-09-18", 15, "cal_day", pauses=late))["due"] == D("2026-10-08")


def test_months_end_on_the_same_day_or_the_last():
    assert day_walker.walk(task("2026-01-31", 1, "month"))["nominal"] == D("2026-02-28")
    assert day_walker.walk(task("2026-03-10", 1, "year"))["nominal"] == D("2027-03-10")
    assert day_walker.walk(task("2026-03-10", 1, "month", first="same"))["nominal"] == D("2026-04-09")
    paused = [(D("2026-03-20"), D("2026-03-22"))]
    assert day_walker.walk(task("2026-03-10", 1, "month", pauses=paused))["nominal"] == D("2026-04-13")


def test_beyond_the_known_years_it_says_so():
    assert day_walker.walk(task("2026-12-20", 15, "cal_day"))["provisional"]


def test_the_oracles_import_nothing_of_the_project():
    for path in Path(__file__).parent.glob("*.py"):
        if path.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n.startswith("openredress")], path.name
