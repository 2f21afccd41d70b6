"""Worklist, case page, search, statistics, feed: who sees what, and with how many queries."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions, worklist
from openredress.cases.models import Case
from openredress.cases.policy import acting_as
from openredress.people import admins, staff, ties
from openredress.people.models import Staff
from openredress.rules.calendar import Calendar
from openredress.web.desk import feeds, said
from openredress.web.models_desk import FeedToken, SavedView


def seen(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def without_nonce(answer) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


@pytest.fixture
def sent(office, monkeypatch):
    """Three petitions forwarded to the housing bureau; the first has the handler named."""
    opened = [made.opened(text=f"第{n}处工地夜间施工。", place="新城路") for n in range(3)]
    for one in opened:
        made.forward(one.stream, "zjj", office.clerk)
    named = {"track": "t1", "handler": office.handler.pseudonym}
    actions.perform(opened[0].stream, "name_handler", named, actor=office.handler, at=AT)
    return opened


def test_worklist_shows_what_the_unit_owes_and_the_next_move(desk, sent):
    text = seen(desk("handler").get("/desk/worklist"))
    assert [text.count(one.number) > 0 for one in sent] == [True] * 3
    assert "告知接收" in text
    assert "条例23条" in text
    assert f"/desk/case/{sent[0].number}/move/notify_receipt?track=t1" in text
    assert sent[0].number not in seen(desk("other").get("/desk/worklist"))


def test_as_many_questions_for_three_rows_as_for_one(desk, office):
    client, counted = desk("handler"), []
    for at_once in (1, 2):
        for _ in range(at_once):
            made.forward(made.opened().stream, "zjj", office.clerk)
        client.get("/desk/worklist")
        with CaptureQueriesContext(connection) as asked:
            client.get("/desk/worklist")
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_pages_follow_one_another_without_gap_or_double(office, sent):
    with acting_as(office.handler, AT.date()) as gate:
        units = frozenset({office.housing.pk})
        first = worklist.page(gate, worklist.Asked(units), AT.date(), limit=2)
        rest = worklist.page(gate, worklist.Asked(units, after=first.after), AT.date(), limit=50)
        whole = worklist.page(gate, worklist.Asked(units), AT.date())
    assert rest.after is None
    assert [line.key for line in (*first.lines, *rest.lines)] == [line.key for line in whole.lines]


def test_buckets_count_what_the_list_shows(office, sent):
    on = AT.date() + timedelta(days=16)
    with acting_as(office.handler, on) as gate:
        units = frozenset({office.housing.pk})
        counts = worklist.buckets(gate, units, on)
        for bucket in ("late", "today", "three", "ten", "all", "waiting"):
            listed = worklist.page(gate, worklist.Asked(units, bucket), on).lines
            assert len(listed) == counts[bucket], bucket
    assert counts["late"] > 0


def test_filters_by_address(desk, sent):
    client = desk("handler")
    mine = seen(client.get("/desk/worklist?handler=me"))
    assert [one.number in mine for one in sent] == [True, False, False]
    assert sent[0].number not in seen(client.get("/desk/worklist?state=handling"))
    assert sent[0].number in seen(client.get("/desk/worklist?state=forwarded&clock=C03"))
    assert client.get("/desk/worklist?after=nonsense&bucket=nothing").status_code == 200


def test_a_view_is_kept_under_a_name(desk, sent):
    client = desk("handler")
    client.post("/desk/views/save", {"name": "我的", "query": "handler=me&evil=1"})
    row = SavedView.objects.get()
    assert (row.name, row.query) == ("我的", "handler=me")
    assert "我的" in seen(client.get("/desk/worklist"))
    desk("other").post(f"/desk/views/{row.pk}/forget")
    assert SavedView.objects.count() == 1
    client.post(f"/desk/views/{row.pk}/forget")
    assert SavedView.objects.count() == 0


def test_case_page_has_claims_record_clocks_and_no_name(desk, sent):
    text = seen(desk("handler").get(f"/desk/case/{sent[0].number}"))
    for words in ("夜间停工", "路面洒水", "转送", "信访工作条例第二十三条", "＋15日"):
        assert words in text, words
    assert "张三" not in text
    assert "13800138000" not in text
    assert "五个一" not in text


@pytest.mark.parametrize("who", ["other", "system-admin"])
def test_whoever_may_not_know_gets_the_page_of_what_does_not_exist(desk, sent, office, who):
    if who != "other":
        boss = staff.hire(who, "管理", by="system", at=AT)
        admins.make_administrator(boss, "system", by="system", at=AT, on=AT.date())
    client = desk(who)
    got = client.get(f"/desk/case/{sent[0].number}")
    absent = client.get("/desk/case/2026-AAAAAA-A")
    assert (got.status_code, absent.status_code) == (404, 404)
    assert without_nonce(got) == without_nonce(absent)


def test_a_tie_bars_the_handler_from_every_page(desk, sent, office):
    person = Staff.objects.get(username="handler")
    ties.declare(person, case=sent[0].stream, on=AT.date(), by="system", at=AT)
    client, number = desk("handler"), sent[0].number
    assert client.get(f"/desk/case/{number}").status_code == 404
    for address in ("/desk/worklist", "/desk/cases", "/desk/search?q=工地", "/desk/obligations"):
        assert number not in seen(client.get(address)), address
    assert client.get(f"/desk/search?q={number}").status_code == 200  # no redirect tells that it exists


def test_one_logged_press_for_the_named_handler(desk, sent, office):
    client, number = desk("handler"), sent[0].number
    before = Case.objects.get(number=number).version
    text = seen(client.post(f"/desk/case/{number}/identity", {"purpose": "contact"}))
    assert "张三" in text
    assert "13800138000" in text
    assert Case.objects.get(number=number).version == before + 1
    later = seen(client.get(f"/desk/case/{number}"))
    assert "身份信息" in later or "查看" in later
    assert "张三" not in later


def test_others_ask_with_a_reason(desk, sent, office):
    client, number = desk("handler"), sent[1].number  # nobody is named on this one
    assert "申请查看身份" in seen(client.get(f"/desk/case/{number}"))
    got = client.post(
        f"/desk/case/{number}/identity", {"fields": ["name"], "reason": "核对送达地址"}, follow=True
    )
    text = seen(got)
    assert "第二人" in text
    assert "张三" not in text


def test_number_jumps_and_two_characters_find(desk, sent):
    client = desk("handler")
    jump = client.get(f"/desk/search?q={sent[0].number.lower()}")
    assert urlsplit(jump["Location"]).path == f"/desk/case/{sent[0].number}"
    text = seen(client.get("/desk/search?q=工地"))
    assert [one.number in text for one in sent] == [True] * 3
    assert "没有找到" in seen(client.get("/desk/search?q=张三"))
    assert sent[0].number not in seen(desk("other").get("/desk/search?q=工地"))


def test_statistics_and_all_cases(desk, sent):
    text = seen(desk("handler").get("/desk/statistics"))
    assert "已转送" in text
    assert ">3<" in text
    assert sent[0].number in seen(desk("handler").get("/desk/cases"))
    assert "已转送" not in seen(desk("other").get("/desk/statistics"))


def test_feed_tells_number_and_day_alone(desk, sent, office):
    page = seen(desk("handler").post("/desk/feeds/change"))
    token = page.partition("token=")[2].partition('"')[0]
    assert FeedToken.objects.get().digest == feeds.digest(token)
    answer = Client(SERVER_NAME="localhost").get(f"/desk/calendar.ics?token={token}")
    text = answer.content.decode()
    assert sent[0].number in text
    assert sent[1].number not in text
    assert "工地" not in text
    assert "住建" not in text
    desk("handler").post("/desk/feeds/change", {"revoke": "1"})
    assert Client(SERVER_NAME="localhost").get(f"/desk/calendar.ics?token={token}").status_code == 404
    assert Client(SERVER_NAME="localhost").get("/desk/calendar.ics").status_code == 404


def test_due_words_never_rest_on_colour_alone():
    calendar, on = Calendar("x", "1", "x", "x", frozenset({2026}), {}, {}), date(2026, 9, 18)
    shown = [said.due(on + timedelta(days=n), on, calendar) for n in (-3, 0, 2, 20)]
    assert [(one.shape, one.words, one.kind) for one in shown] == [
        ("▲", "超 3 日", "late"),
        ("◆", "今天", "soon"),
        ("◆", "2 日", "soon"),
        ("", "20 日", ""),
    ]
    assert said.due(on - timedelta(days=1), on, calendar, right=True).kind == "over"
    assert said.article("信访工作条例第三十四条") == "条例34条"
    assert said.article("信访工作条例第一百二十条") == "条例120条"
