"""Papers at the desk: what is missing is said, a paper is issued and served in a few presses."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cases import made
from tests.cases.made import AT

from openredress import importers
from openredress.cases import actions, facts, letters
from openredress.cases.models import Case
from openredress.documents.letters import render
from openredress.rules.facts import Refusal

DENIED = Path(importers.__file__).with_name("denylist.toml")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def case(office) -> Case:
    one = made.opened()
    assert not isinstance(made.forward(one.stream, "zjj", office.clerk), Refusal)
    named = actions.perform(
        one.stream,
        "name_handler",
        {"track": "t1", "handler": office.handler.pseudonym},
        actor=office.handler,
        at=AT,
    )
    assert not isinstance(named, Refusal)
    return Case.objects.get(pk=one.case)


def at_of(case: Case, then=AT):
    found = facts.load(case.stream, then)
    assert found is not None
    return found


def test_the_clerk_is_offered_where_it_went_and_the_handler_the_receipt_notice(desk, case):
    place = f"/desk/case/{case.number}/letters"
    clerk, handler = desk("clerk").get(place).content.decode(), desk("handler").get(place).content.decode()
    assert ("去向告知书" in clerk, "接收（受理）告知书" in clerk) == (True, False)
    assert ("去向告知书" in handler, "接收（受理）告知书" in handler) == (False, True)


def test_a_receipt_notice_from_what_is_missing_to_its_service(desk, case, frozen):
    client, place = desk("handler"), f"/desk/case/{case.number}/letters/receipt_notice"
    first = client.get(place).content.decode()
    assert "联系方式" in first
    assert "信访工作条例第十八条" in first
    poor = client.post(place, {"avenue": "A6", "track": "t1"})
    assert poor.status_code == 422
    assert "《接收（受理）告知书》还缺：联系方式" in poor.content.decode()
    full = {"avenue": "A6", "track": "t1", "联系方式": "0571-8765 4321"}
    sample = client.post(place, {**full, "look": "1"})
    assert "信访人甲：" in render.text_of(sample.content)
    assert "张三" not in render.text_of(sample.content)
    assert letters.lines(at_of(case)) == []
    assert client.post(place, full).status_code == 302
    (line,) = letters.lines(at_of(case))
    listed = client.get(f"/desk/case/{case.number}/letters").content.decode()
    assert line.number in listed
    assert "未送达" in listed
    assert line.files[0] in listed
    copy = client.get(f"/desk/case/{case.number}/letters/{line.seq}/copy")
    assert "张三" not in render.text_of(copy.content)
    address = f"/desk/case/{case.number}/letters/{line.seq}/serve"
    without = client.post(address, {"served_on": "2026-09-03", "means": "hand"})
    assert without.status_code == 422
    assert "送达须有凭证" in without.content.decode()
    slip = SimpleUploadedFile("回证.pdf", PDF, "application/pdf")
    assert (
        client.post(address, {"served_on": "2026-09-03", "means": "hand", "proof": slip}).status_code == 302
    )
    assert [d.due for d in at_of(case).deadlines if d.clock == "C05"] == [date(2026, 11, 2)]


def test_an_uploaded_paper_is_confirmed_item_by_item(desk, case):
    client, place = desk("handler"), f"/desk/case/{case.number}/letters/more_material"

    def send(*confirmed):
        paper = SimpleUploadedFile("补正.pdf", PDF, "application/pdf")
        return client.post(place, {"track": "t1", "confirmed": confirmed, "paper": paper})

    assert send("list").status_code == 422
    assert send("list", "clock").status_code == 302
    assert [line.number for line in letters.lines(at_of(case, AT + timedelta(days=1)))] == [
        "临江市住建局信补〔2026〕1号"
    ]


def test_control_words_go_back_to_the_writer(desk, case):
    phrase = tomllib.loads(DENIED.read_text(encoding="utf-8"))["phrases"]["contains"][0]
    client = desk("handler")
    typed = {"track": "t1", "avenue": "A6", "联系方式": "0571", "程序": f"先{phrase}"}
    no = client.post(f"/desk/case/{case.number}/letters/receipt_notice", typed)
    assert no.status_code == 422
    assert "本系统不记录" in no.content.decode()


def test_nobody_else_sees_the_room(desk, case):
    assert "没有找到" in desk("other").get(f"/desk/case/{case.number}/letters").content.decode()
