"""Registering at the desk: few inputs, few pages, nothing lost, nothing twice."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cases import made

from openredress.cases.models import Case, Party, Petition
from openredress.identity.models import LookUp
from openredress.web.desk import chat, letter
from openredress.web.models import Draft

LETTER = {
    "channel": "letter",
    "received_at": "2026-09-02T09:00",
    "text": "新城路工地夜里两点还在打桩，孩子睡不着。我叫李四，电话13900139000。",
    "claims": "1、夜间停工\n2、路面洒水",
    "name": "李四",
    "address": "新城路14号",
    "phone": "13900139000",
    "confidentiality": "normal",
}


class Inputs(HTMLParser):
    """Names of what a person can fill in on a page, hidden fields and buttons left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == "register-form"
        if self.inside and tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.names.add(given["name"])

    def handle_endtag(self, tag) -> None:
        self.inside = self.inside and tag != "form"


def test_a_letter_takes_few_inputs_and_page_loads(desk) -> None:
    clerk = desk("clerk")
    pages = [clerk.get("/desk/register"), clerk.post("/desk/register", LETTER | {"do": "check"})]
    again = LETTER | {"do": "save", "as": "new", "draft": _draft(pages[1])}
    pages.append(clerk.post("/desk/register", again, follow=True))
    html = [page.content.decode() for page in pages]
    assert [page.status_code for page in pages] == [200, 200, 200]
    names = Inputs(html[0]).names | Inputs(html[1]).names
    loads = sum(1 + len(getattr(page, "redirect_chain", ())) for page in pages)
    assert loads == 4
    assert len(names) <= 25, sorted(names)
    petition = Petition.objects.get()
    assert petition.case.channel == "letter"
    assert [claim.claim for claim in petition.case.claim_rows.order_by("claim")] == ["c1", "c2"]
    assert (petition.code_shown, petition.received_at.isoformat()) == (True, "2026-09-02T01:00:00+00:00")
    assert ("李四" in petition.redacted, "13900139000" in petition.redacted) == (False, False)
    codes = re.findall(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", html[2])
    assert len(codes) == 1
    later = clerk.get(f"/desk/register/{petition.number}").content.decode()
    assert codes[0] not in later


def _draft(page) -> str:
    return re.search(r'name="draft" value="([^"]+)"', page.content.decode())[1]


def test_a_second_press_registers_once(desk) -> None:
    clerk = desk("clerk")
    draft = _draft(clerk.post("/desk/register", LETTER | {"do": "check"}))
    for _ in range(2):
        assert clerk.post("/desk/register", LETTER | {"do": "save", "draft": draft}).status_code == 302
    assert Petition.objects.count() == 1


@pytest.mark.parametrize(("field", "value"), [("text", ""), ("claims", " "), ("name", ""), ("address", "")])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(desk, field, value) -> None:
    clerk = desk("clerk")
    page = clerk.post("/desk/register", LETTER | {"do": "save", field: value})
    html = page.content.decode()
    assert (page.status_code, Petition.objects.count()) == (422, 0)
    assert f'id="e-{field}"' in html
    for name in ("name", "phone", "address"):
        assert (f'value="{LETTER[name]}"' in html) == (name != field)
    assert Draft.objects.count() == 1
    kept = clerk.get("/desk/register").content.decode()
    assert ("打桩" in kept, "李四</" in kept, 'value="李四"' in kept) == (field != "text", False, False)


def test_an_accusation_is_sealed_and_joins_nothing(desk, office) -> None:
    clerk = desk("clerk")
    earlier = made.opened()
    given = LETTER | {"misconduct": "yes", "accused_unit": "临江市住建局", "accused_name": "handler某"}
    page = clerk.post("/desk/register", given | {"do": "check"})
    assert earlier.number not in page.content.decode()
    refused = clerk.post(
        "/desk/register", given | {"do": "save", "draft": _draft(page), "as": earlier.number}
    )
    assert refused.status_code == 422
    saved = clerk.post("/desk/register", given | {"do": "save", "draft": _draft(page)}, follow=True)
    case = Case.objects.get(sealed=True)
    assert {(one.unit and one.unit.code, one.staff and one.staff.username) for one in case.accused.all()} == {
        ("zjj", None),
        (None, "handler"),
    }
    assert case.number in saved.content.decode()
    assert clerk.get(f"/desk/register/{case.number}").status_code == 404  # the clerk reads no sealed case


def test_a_misspelt_accused_unit_is_asked_back(desk) -> None:
    given = LETTER | {"misconduct": "yes", "accused_unit": "临江住建局", "do": "check"}
    page = desk("clerk").post("/desk/register", given)
    assert page.status_code == 422
    assert "临江市住建局" in page.content.decode()


def test_a_likely_repeat_is_shown_and_joined(desk) -> None:
    clerk = desk("clerk")
    first = made.opened(text="新城路工地夜里打桩，孩子睡不着，请求停工。", claims=("停工",))
    page = clerk.post("/desk/register", LETTER | {"do": "check"})
    assert first.number in page.content.decode()
    given = LETTER | {"do": "save", "as": first.number, "same_facts": "yes", "draft": _draft(page)}
    assert clerk.post("/desk/register", given, follow=True).status_code == 200
    assert (Case.objects.count(), Petition.objects.count()) == (1, 2)
    assert Case.objects.get().claim_rows.count() == 1


def test_a_look_up_is_logged_and_never_finds_a_sealed_case(desk) -> None:
    clerk = desk("clerk")
    party = made.PartyInput("lead", "李四", "新城路14号", phone="13900139000")
    plain = made.opened(text="水管漏水，一直没人来修。", parties=(party,))
    sealed = made.actions.open_case(
        made.petition(
            "举报收钱。", parties=(party,), about_misconduct=True, accused=(made.AccusedInput(unit="jtj"),)
        ),
        actor=made.SOMEBODY,
        at=made.AT,
    )
    page = clerk.post("/desk/register", LETTER | {"do": "lookup"})
    html = page.content.decode()
    assert (plain.number in html, sealed.number in html) == (True, False)
    assert list(LookUp.objects.values_list("kind", "answers")) == [("phone", 1)]


def test_scans_are_kept_and_go_with_the_petition(desk) -> None:
    clerk = desk("clerk")
    scan = SimpleUploadedFile("信.txt", "来信原文".encode())
    page = clerk.post("/desk/register", LETTER | {"do": "check", "file": scan})
    assert "信.txt" in page.content.decode()
    clerk.post("/desk/register", LETTER | {"do": "save", "draft": _draft(page)})
    assert Case.objects.get().attachments.count() == 1


def test_several_petitioners_one_a_line(desk) -> None:
    given = LETTER | {"others": "王五 13700137000 新城路16号\n代理 赵六 13600136000", "do": "save"}
    assert desk("clerk").post("/desk/register", given).status_code == 302
    assert list(Party.objects.order_by("pk").values_list("role", flat=True)) == ["lead", "joint", "agent"]
    assert Case.objects.get().people_count == 3


def test_only_a_clerk_registers(desk) -> None:
    for method in ("get", "post"):
        assert getattr(desk("handler"), method)("/desk/register").status_code == 403


def test_chat_text_is_split_word_for_word(desk) -> None:
    pasted = (
        "李四 2026/9/1 上午9:05\n路灯坏了\n\n两个星期了\n"
        "网格员 2026/9/1 9:20\n收到，我去看看\n李四 9月1日 21:10\n还是黑的"
    )
    found = chat.split(pasted)
    assert found is not None
    assert found.text == (
        "〔甲 2026/9/1 上午9:05〕\n路灯坏了\n\n两个星期了\n"
        "〔乙 2026/9/1 9:20〕\n收到，我去看看\n〔甲 9月1日 21:10〕\n还是黑的"
    )
    assert (found.senders, len(found.heads)) == (("李四", "网格员"), 3)
    assert chat.moment(found, datetime.fromisoformat("2026-09-03T10:12:00+08:00")).isoformat() == (
        "2026-09-01T09:05:00+08:00"
    )
    page = desk("clerk").post("/desk/register", LETTER | {"channel": "chat", "text": pasted, "do": "check"})
    assert 'value="2026-09-01T09:05"' in page.content.decode()
    assert chat.split("昨天 10:12 还在施工。") is None
    assert chat.split(found.text) is None


def test_lines_of_people_and_claims_are_read() -> None:
    assert letter.others("王五，13700137000，新城路16号") == [
        {"role": "joint", "name": "王五", "address": "新城路16号", "phone": "13700137000", "id_number": ""}
    ]
    assert letter.claims("（1）停工\n二、洒水\n\n3.赔偿") == ["停工", "洒水", "赔偿"]
