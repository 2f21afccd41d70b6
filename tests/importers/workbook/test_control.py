"""The deny-list: what a column and a staff-written cell may not hold, and what it must let pass."""

from __future__ import annotations

import tomllib

import pytest

from openredress.importers.workbook import control, headings
from openredress.importers.workbook.control import Denylist

DENIED = control.load()

DROPPED = [
    "稳控责任人",
    "稳控措施",
    "稳控单位",
    "进京次数",
    "赴省次数",
    "越级次数",
    "风险等级",
    "现实表现",
    "重点人员",
    "是否缠访",
    "是否闹访",
    "非访次数",
    "劝返情况",
    "接返人",
    "行踪",
    "活动轨迹",
    "是否在控",
    "包保稳控责任人",
    "有无扬言",
    "前科劣迹",
    "打击处理情况",
    "训诫次数",
    "拘留情况",
    "维稳责任人",
    "化解稳控措施",
    "思想动态",
    "目前去向",
]
KEPT = [
    "序号",
    "信访人",
    "身份证号",
    "联系电话",
    "住址",
    "反映的主要问题",
    "信访事项",
    "诉求",
    "首次信访时间",
    "信访形式",
    "属事单位",
    "属地单位",
    "包案领导",
    "职务",
    "责任人",
    "化解措施",
    "化解时限",
    "进展情况",
    "是否化解",
    "化解时间",
    "备注",
    "人数",
    "涉及金额",
    "问题类别",
    "信访件去向",
    "交办文号",
]
SENT_BACK = [
    "已落实稳控措施",
    "去年进京两次",
    "由村干部劝 返",
    "安排专人盯守",
    "该人系重点人员",
    "穩控責任已落實",
    "稳\u200b控",
    "稳·控",
    "行踪不明",
    "多次缠访闹访",
    "属非正常上访",
    "已训诫一次",
    "行政拘留五日",
    "扬言赴京",
    "有前科",
    "落实24小时管控",
    "已签承诺书，保证不再上访",
    "目前均在控",
    "Risk level: high",
    "his whereabouts are known",
    "was detained for 5 days",
    "went to Beijing twice; intercepted",
]
PASSED = [
    "约谈施工单位，限定作业时间。",
    "工地扬尘管控已加强。",
    "已安装监控探头。",
    "移交镇综治维稳中心办理。",
    "拘留所旁道路已修复。",
    "领导接访一次，已答复。",
    "跟踪督办。",
    "已到省厅对接资金。",
    "The road was stabilised and repaired.",
    "Detention basin built.",
]


@pytest.mark.parametrize("heading", DROPPED)
def test_a_control_column_is_dropped(heading):
    assert DENIED.heading(heading)
    assert DENIED.heading(" ".join(heading))


def test_traditional_and_english_columns_are_dropped():
    for heading in (
        "穩控責任人",
        "Risk Level",
        "whereabouts of petitioner",
        "Trips to Beijing",
        "Key persons",
    ):
        assert DENIED.heading(heading), heading


@pytest.mark.parametrize("heading", KEPT)
def test_an_ordinary_column_is_kept(heading):
    assert not DENIED.heading(heading)


def test_no_heading_we_know_is_denied():
    assert [word for word in headings.FIELD_OF if DENIED.heading(word) or DENIED.phrase(word)] == []


@pytest.mark.parametrize("words", SENT_BACK)
def test_a_control_phrase_goes_back(words):
    assert DENIED.phrase(words)


@pytest.mark.parametrize("words", PASSED)
def test_ordinary_words_pass(words):
    assert DENIED.phrase(words) == ""


def test_the_reason_names_listed_words_only():
    assert DENIED.phrase("住河东村的某某已落实稳控措施，电话13900000000") == "稳控"


def test_control_an_emptied_list_refuses_nothing():
    empty = Denylist({})
    assert not any(empty.heading(heading) for heading in DROPPED)
    assert not any(empty.phrase(words) for words in SENT_BACK)


def test_the_lists_hold_no_word_twice():
    data = tomllib.loads(control.PATH.read_text(encoding="utf-8"))
    for part in (data["headings"], data["phrases"]):
        for name, words in part.items():
            assert len(words) == len(set(words)), name
