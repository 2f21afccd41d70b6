"""Every day of every covered year against two libraries; and what a calendar file may not say."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from openredress.packs import calendars
from openredress.packs.reading import PackError

CN, UK, IN = calendars.builtin("cn"), calendars.builtin("uk"), calendars.builtin("in")


def days(first, last):
    return [
        date(first, 1, 1) + timedelta(days=n)
        for n in range((date(last, 12, 31) - date(first, 1, 1)).days + 1)
    ]


def against_chinesecalendar(calendar):
    return [d for d in days(2005, 2026) if calendar.is_working(d) != chinese_calendar.is_workday(d)]


def against_holidays(calendar, country, first, last, **more):
    """Working days by the other library: it knows holidays, substituted days off, and worked weekends."""
    book = holidays.country_holidays(country, years=range(first - 1, last + 2), **more)
    swapped = set(book.weekend_workdays) if hasattr(book, "weekend_workdays") else set()
    return [
        d
        for d in days(first, last)
        if calendar.is_working(d) != (d in swapped or (d.weekday() < 5 and d not in book))
    ]


def test_china_agrees_with_chinesecalendar_on_every_day():
    assert CN.known_years == frozenset(range(2005, 2027))
    # The two libraries differ on this one day; the notice for 2006 moved that Saturday to 3 January.
    assert against_chinesecalendar(CN) == [date(2005, 12, 31)]


def test_china_agrees_with_holidays_on_every_day():
    assert against_holidays(CN, "CN", 2005, 2026) == []


def test_england_and_wales_agree_with_holidays():
    assert UK.known_years == frozenset(range(2024, 2028))
    assert against_holidays(UK, "GB", 2024, 2027, subdiv="ENG") == []
    assert against_holidays(UK, "GB", 2024, 2027, subdiv="WLS") == []


def test_india_agrees_with_holidays():
    assert IN.known_years == frozenset(range(2024, 2027))
    assert against_holidays(IN, "IN", 2024, 2026) == []


def test_control_one_wrong_day_is_found():
    text = calendars.builtin_file("cn").decode()
    spoilt = calendars.load(text.replace("10-01..10-07 国庆节", "10-01..10-06 国庆节").encode())
    assert date(2026, 10, 7) in against_chinesecalendar(spoilt)
    assert date(2026, 10, 7) in against_holidays(spoilt, "CN", 2005, 2026)


def test_2026_as_the_notice_has_it():
    off = [d for d in days(2026, 2026) if d.weekday() < 5 and not CN.is_working(d)]
    assert [f"{d:%m-%d}" for d in off] == [
        "01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "02-23", "04-06", "05-01", "05-04",
        "05-05", "06-19", "09-25", "10-01", "10-02", "10-05", "10-06", "10-07",
    ]  # fmt: skip
    worked = [d for d in days(2026, 2026) if d.weekday() >= 5 and CN.is_working(d)]
    assert [f"{d:%m-%d}" for d in worked] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def test_days_have_names():
    assert CN.name(date(2026, 10, 3)) == "国庆节"
    assert CN.name(date(2026, 2, 14)) == "调休上班"
    assert CN.name(date(2026, 11, 21)) == "周六"
    assert CN.name(date(2026, 11, 23)) == "工作日"
    assert UK.name(date(2026, 4, 3)) == "Good Friday"


HEAD = (
    'id="x"\nversion="1"\nzh="x"\nen="x"\nweekend=[6,7]\nhours=["09:00-17:00"]\nsource="x"\n'
    '[names]\n"H"="H"\n'
)


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        (HEAD + "[years.2026]\noff=['01-01 H']\nwork=[]\nmore=1", "years.2026.more", "unknown key"),
        (HEAD + "[years.2026]\noff=['01-01 Z']\nwork=[]", "years.2026.off", "with a name from"),
        (HEAD + "[years.2026]\noff=['02-30 H']\nwork=[]", "years.2026.off", "is no day"),
        (HEAD + "[years.2026]\noff=['01-02..01-01 H']\nwork=[]", "years.2026.off", "ends before"),
        (HEAD + "[years.2026]\noff=['01-01 H','01-01 H']\nwork=[]", "years.2026.off", "named twice"),
        (HEAD + "[years.2026]\noff=[]\nwork=['01-05']", "years.2026.work", "no weekend day"),
        (HEAD + "[years.2026]\noff=['01-03 H']\nwork=['01-03']", "years.2026.work", "also listed as off"),
        (HEAD + "[years.next]\noff=[]\nwork=[]", "years.next", "not a year"),
        (
            HEAD + "[years.2025]\noff=[]\nwork=[]\n[years.2027]\noff=[]\nwork=[]",
            "years",
            "missing in between",
        ),
        (HEAD, "years", "no year is known"),
        (HEAD.replace("[6,7]", "[6,8]") + "[years.2026]\noff=[]\nwork=[]", "weekend", "days of the week"),
        (
            HEAD.replace("09:00-17:00", "17:00-09:00") + "[years.2026]\noff=[]\nwork=[]",
            "hours",
            "ends before",
        ),
        (HEAD.replace("09:00-17:00", "nine") + "[years.2026]\noff=[]\nwork=[]", "hours", "is not like"),
        ("id = ", "calendar.toml", "not TOML"),
    ],
)
def test_a_bad_file_is_refused_by_place_and_reason(text, place, why):
    with pytest.raises(PackError) as refused:
        calendars.load(text.encode())
    assert refused.value.place.endswith(place)
    assert why in refused.value.why


def test_an_unknown_calendar_is_refused():
    with pytest.raises(PackError):
        calendars.builtin_file("../cn")
