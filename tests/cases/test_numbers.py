"""Numbers: no slip of the pen goes unseen, and nothing is counted out."""

from __future__ import annotations

import random

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import made

from openredress.cases import numbers
from openredress.cases.models import Case, Issued

numbers_drawn = st.integers(0, 2**32 - 1).map(lambda seed: numbers.draw(2026, random.Random(seed).randbytes))


def test_known_vectors_of_the_standard():
    """ISBT 128 prints this donation number with H; it is the standard's MOD 37-2."""
    assert numbers.check_character("G123498654321") == "H"


@given(numbers_drawn, st.integers(0, 12), st.sampled_from(numbers.CROCKFORD))
def test_one_wrong_character_is_seen(number, place, wrong):
    if number[place] == "-" or number[place] == wrong or (place < 4 and not wrong.isdigit()):
        return
    assert numbers.tidy(number[:place] + wrong + number[place + 1 :]) is None


@given(numbers_drawn, st.integers(0, 8))
def test_two_neighbours_swapped_are_seen(number, place):
    body = number.replace("-", "")
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    if swapped == body or not swapped[:4].isdigit():
        return
    assert numbers.tidy(f"{swapped[:4]}-{swapped[4:10]}-{swapped[10:]}") is None


def test_control_a_plain_sum_misses_swaps():
    def plain(body: str) -> int:
        return sum(numbers.CROCKFORD.index(char) for char in body) % 37

    assert plain("20267QK4M2") == plain("2026Q7K4M2")
    assert numbers.check_character("20267QK4M2") != numbers.check_character("2026Q7K4M2")


@given(numbers_drawn)
def test_a_person_may_write_it_carelessly(number):
    assert numbers.valid(number)
    assert numbers.tidy(f" {number.lower().replace('-', ' ')} ") == number
    assert numbers.tidy(number.replace("1", "I").replace("0", "O")) == number
    assert not numbers.valid(number.lower()) or number == number.lower()


def test_numbers_do_not_betray_how_many_there_are():
    drawn = {numbers.draw(2026) for _ in range(5_000)}
    assert len(drawn) == 5_000
    firsts = {number[5] for number in drawn}
    assert firsts == set(numbers.CROCKFORD)


@pytest.fixture
def case(db):
    made.office()
    return Case.objects.get(stream=made.opened().stream)


def issue(case, *, sealed=False, scope="临信", year=2026):
    return numbers.issue(case.pk, 1, scope=scope, year=year, sealed=sealed)


def test_issued_documents_have_no_gap(case):
    assert [issue(case) for _ in range(3)] == [1, 2, 3]
    try:
        with transaction.atomic():
            assert issue(case) == 4
            raise InterruptedError
    except InterruptedError:
        pass
    assert issue(case) == 4
    assert issue(case, year=2027) == 1
    assert list(Issued.objects.filter(year=2026).order_by("n").values_list("n", flat=True)) == [1, 2, 3, 4]


def test_the_sealed_class_draws_from_its_own_series(case):
    assert [issue(case), issue(case, sealed=True), issue(case)] == [1, 1, 2]
