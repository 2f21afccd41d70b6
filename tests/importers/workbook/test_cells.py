"""Cells: every way of writing that the workbook recipes name, with the answer written by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from tests.importers.workbook import make_troubles

from openredress.importers.workbook import cells
from openredress.importers.workbook.cells import People, Why

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026.3.5", "2026-03-05", "2026-03-05"),
        ("2026年3月5日", "2026-03-05", "2026-03-05"),
        ("2026 年 3 月 5 日", "2026-03-05", "2026-03-05"),
        ("2026/3/5", "2026-03-05", "2026-03-05"),
        ("2026-03-05 10:30:00", "2026-03-05", "2026-03-05"),
        ("２０２６．３．５", "2026-03-05", "2026-03-05"),
        ("20260305", "2026-03-05", "2026-03-05"),
        (20260305.0, "2026-03-05", "2026-03-05"),
        ("26.3.5", "2026-03-05", "2026-03-05"),
        ("98.3.5", "1998-03-05", "1998-03-05"),
        ("二〇二六年三月十五日", "2026-03-15", "2026-03-15"),
        (46086.0, "2026-03-05", "2026-03-05"),
        ("46086", "2026-03-05", "2026-03-05"),
        (46086.75, "2026-03-05", "2026-03-05"),
        (datetime(2026, 3, 5, 9, 30), "2026-03-05", "2026-03-05"),
        (date(2026, 3, 5), "2026-03-05", "2026-03-05"),
        ("2026-03", "2026-03-01", "2026-03-31"),
        ("2026年3月", "2026-03-01", "2026-03-31"),
        (2026.3, "2026-03-01", "2026-03-31"),
        (2026.11, "2026-11-01", "2026-11-30"),
        ("2026.10", "2026-10-01", "2026-10-31"),
        ("2024年2月底前", "2024-02-29", "2024-02-29"),
        ("2026年6月下旬", "2026-06-21", "2026-06-30"),
        ("2019年", "2019-01-01", "2019-12-31"),
        (2019.0, "2019-01-01", "2019-12-31"),
        ("2026年底前", "2026-12-31", "2026-12-31"),
        ("2019.3以来", "2019-03-01", "2019-03-31"),
    ],
)
def test_days(written, first, last):
    assert cells.day(written, today=TODAY) == date.fromisoformat(first)
    assert cells.day(written, today=TODAY, end=True) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("2026年2月30日", "没有这一天"),
        ("2025.2.29", "没有这一天"),
        ("2026-13-01", "没有这一天"),
        (20261301.0, "没有这一天"),
        (2026.1, "1 月也可能是 10 月"),
        ("去年夏天", "认不出"),
        ("长期", "认不出"),
        ("#REF!", "认不出"),
        (True, "认不出"),
        (3.5, "认不出"),
    ],
)
def test_days_that_are_none(written, word):
    found = cells.day(written, today=TODAY)
    assert isinstance(found, Why)
    assert word in found.zh


def test_a_past_day_is_neither_tomorrow_nor_before_the_republic():
    assert cells.past_day("2026-11-23", today=TODAY) == TODAY
    for written, word in (("2026-11-24", "晚于"), ("1948-01-01", "早于"), ("2027年", "晚于")):
        found = cells.past_day(written, today=TODAY)
        assert isinstance(found, Why)
        assert word in found.zh
    assert cells.past_day("2026.3.5\n2025.2.1", today=TODAY) == date(2025, 2, 1)
    assert cells.past_day("不详", today=TODAY) is None


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("张三", People(("张三",))),
        ("张 三", People(("张三",))),
        ("张三、李四等12人", People(("张三", "李四"), 12)),
        ("张三等十二人", People(("张三",), 12)),
        ("张三等人", People(("张三",))),
        ("张三，李四；王五", People(("张三", "李四", "王五"))),
        ("张三\n李四", People(("张三", "李四"))),
        ("张三（代母亲）", People(("张三",))),
        ("幸福小区业主120余人", People(("幸福小区业主",), 120)),
        ("匿名", People((), anonymous=True)),
        ("John Smith", People(("John Smith",))),
        ("", None),
        ("/", None),
    ],
)
def test_people(written, wanted):
    assert cells.people(written) == wanted


@pytest.mark.parametrize("written", ["=1+1", "123456", "张三、李四、王五等2人"])
def test_people_that_are_none(written):
    assert isinstance(cells.people(written), Why)


def test_identity_numbers():
    good = make_troubles.ID[0]
    other = make_troubles.ID[1]
    assert cells.id_numbers(good) == (good,)
    assert cells.id_numbers(f"{good[:6]} {good[6:14]} {good[14:]}") == (good,)
    assert cells.id_numbers(f"{good}、{other}") == (good, other)
    assert cells.id_numbers("379901640312108") == ("379901196403121080",)
    assert cells.id_numbers("H12345678") == ("H12345678",)
    assert cells.id_numbers("无") == ()
    x = next(
        n for n in (make_troubles.id_number(f"3799011960010110{k:d}") for k in range(10)) if n[-1] == "X"
    )
    assert cells.id_numbers(x.lower()) == (x,)


@pytest.mark.parametrize(
    ("written", "word"),
    [
        (3.40524e17, "Excel"),
        ("3.40524E+17", "Excel"),
        (make_troubles.ID[0][:15] + "000", "Excel"),
        (make_troubles.wrong(make_troubles.ID[0]), "校验"),
        ("379901199913011234", "出生日期"),
        ("12345", "18"),
        (13900000000.0, "18"),
    ],
)
def test_identity_numbers_that_are_none(written, word):
    found = cells.id_numbers(written)
    assert isinstance(found, Why)
    assert word in found.zh


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (13900000001.0, ("13900000001",)),
        ("13900000001/13900000002", ("13900000001", "13900000002")),
        ("139 0000 0001", ("13900000001",)),
        ("13900000001 13900000002", ("13900000001", "13900000002")),
        ("0999-8000002", ("0999-8000002",)),
        ("张三13900000001", ("13900000001",)),
        ("8000002", ("8000002",)),
        ("无", ()),
    ],
)
def test_telephones(written, wanted):
    assert cells.telephones(written) == wanted


def test_a_short_mobile_is_no_telephone():
    assert isinstance(cells.telephones("139000000"), Why)


def test_yes_no_headcount_channel():
    assert [cells.yes_no(v) for v in ("是", "√", "已化解", True, 1.0)] == [True] * 5
    assert [cells.yes_no(v) for v in ("否", "未", "×", "正在化解", False, 0.0)] == [False] * 6
    assert cells.yes_no("") is None
    assert isinstance(cells.yes_no("也许"), Why)
    assert [cells.headcount(v) for v in ("12", "12人", 12.0, "30余人", "")] == [12, 12, 12, 30, None]
    assert isinstance(cells.headcount("若干"), Why)
    written = ("来信", "走访", "网上信访", "来电", "传真", "上级交办", "省信访局来访件", "其他")
    assert [cells.channel(v) for v in written] == [
        "letter", "visit", "web", "phone", "fax", "transfer", "visit", "ledger"
    ]  # fmt: skip
