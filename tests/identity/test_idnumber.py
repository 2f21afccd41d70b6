"""ID numbers: check character, dates, 15 digits, and the harm that spreadsheets do."""

from __future__ import annotations

import pytest

from openredress.identity import idnumber, normal

GOOD = "340599" + "19720314" + "231"
GOOD += idnumber.check_character(GOOD)


def test_the_published_example():
    """GB 11643-1999 gives 11010519491231002X and 440524188001010014."""
    assert idnumber.check_character("11010519491231002") == "X"
    assert idnumber.check_character("44052418800101001") == "4"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (GOOD, ""),
        ("11010519491231002X", ""),
        ("11010519491231002x", ""),
        (" １１０１０５１９４９１２３１００２Ｘ", ""),
        ("110105 19491231 002X", ""),
        ("3.40524E+17", "damaged"),
        ("3.40524e17", "damaged"),
        ("340599197203142000", "damaged"),
        ("110105194912310021", "check"),
        ("11010519490231002X", "date"),
        ("99010519491231002X", "province"),
        ("1101051949123100", "form"),
        ("张三", "form"),
        ("", "form"),
        ("110105491231002", ""),
    ],
)
def test_what_is_wrong(raw, problem):
    assert idnumber.check(raw).problem == problem
    assert bool(idnumber.check(raw).zh) == bool(problem)


def test_every_single_wrong_digit_is_found():
    for place in range(17):
        for digit in "0123456789":
            bent = GOOD[:place] + digit + GOOD[place + 1 :]
            assert (idnumber.check(bent).problem == "") == (bent == GOOD)


def test_fifteen_digits_become_the_same_eighteen():
    assert idnumber.normalised("110105491231002") == "11010519491231002X"


def test_one_spelling_each():
    phones = (
        "13812340001",
        "+86 138-1234-0001",
        "0086 13812340001",
        "１３８１２３４０００１",
        "86 13812340001",
    )
    assert {normal.phone(one) for one in phones} == {"13812340001"}
    assert normal.phone("0555-2341007") == "05552341007"
    assert {normal.name(one) for one in ("张 三", "張三", "张　三")} == {"张三"}
    assert normal.name("买买提·艾力") == normal.name("买买提•艾力") == "买买提艾力"
    assert normal.email(" A@B.CN ") == "a@b.cn"
    assert normal.address("新城路 88号，3栋") == normal.address("新城路88号3栋")
