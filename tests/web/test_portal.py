"""Filing at the portal: one question a screen, durable at each, the same petition for the same draft."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cases import made

from openredress.cases.models import Attachment, Case, Petition
from openredress.identity import vault
from openredress.ledger import receipts, store
from openredress.ledger.keys import keyring
from openredress.web import clock
from openredress.web.models import Draft
from openredress.web.public import drafts

pytestmark = pytest.mark.django_db

TEXT = "新城路的搅拌站每天晚上十一点后还在施工，扬尘很大。"
PERSON = {"role": "lead", "name": "张三", "address": "新城路12号", "phone": "13800138000", "id_number": ""}


@pytest.fixture
def portal(office, frozen):
    return Client(SERVER_NAME="localhost")


def text_of(response) -> str:
    return response.content.decode()


def post(client, path, **data):
    return client.post(path, data)


def written(client, text=TEXT, claims=("夜间停工", "路面洒水"), misconduct="no"):
    """A draft up to the last screen."""
    post(client, "/file/", misconduct=misconduct)
    if misconduct == "yes":
        post(client, "/file/accused", unit="临江市住建局", name="某科长")
    post(client, "/file/story", text=text)
    post(client, "/file/claims", claim=list(claims), do="next")
    return client


def handed_in(client, **more):
    return post(client, "/file/who", **{"confidentiality": "normal", **PERSON, "do": "send", **more})


def test_a_petition_from_the_first_question_to_the_receipt(portal):
    assert post(portal, "/file/", misconduct="no").url == "/file/story"
    assert post(portal, "/file/story", text=TEXT).url == "/file/claims"
    page = text_of(portal.get("/file/claims"))
    assert "<b>9月18日</b>" in page
    assert "<b>10月8日</b>" in page  # 9月18日 + 15 日 = 10月3日, in the holiday
    assert post(portal, "/file/claims", claim=["夜间停工", "路面洒水"], do="next").url == "/file/files"
    assert "住房和城乡建设部门" in text_of(portal.get("/file/claims"))
    assert post(portal, "/file/files", do="next").url == "/file/who"
    assert handed_in(portal).url == "/receipt"
    one = Petition.objects.get()
    page = text_of(portal.get("/receipt"))
    assert one.number in page
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", page.replace(one.number, ""))[0]
    assert "2026-09-18" in page
    assert "<svg" in page
    assert code not in page.partition("<svg")[2].partition("</svg>")[0]
    assert store.words_of("case", one.case.stream)[1]["text"] == TEXT
    file = portal.get("/receipt/file")
    public = [key.public() for key in keyring().all("signing")]
    assert receipts.verify(json.loads(file.content), public).ok
    assert one.number in text_of(portal.get("/receipt/print"))
    other = Client(SERVER_NAME="localhost")
    assert other.get("/receipt").url == "/follow"
    assert post(other, "/follow", number=one.number, code=code).url == "/matter"


def test_the_same_draft_is_the_same_petition(portal):
    written(portal)
    assert [handed_in(portal).url for _ in range(3)] == ["/receipt"] * 3
    assert Petition.objects.count() == 1
    assert handed_in(portal, name="李四").url == "/receipt"
    assert Petition.objects.count() == 1
    assert "已经提交过" in text_of(portal.get("/receipt"))
    assert [portal.get(path).url for path in ("/file/", "/file/story", "/file/who")] == ["/receipt"] * 3
    assert portal.get("/file/?again=1").status_code == 200


def test_the_text_is_durable_before_any_file_and_found_by_its_code(portal):
    written(portal)
    draft = Draft.objects.get()
    code = drafts.code_of(draft)
    assert code in text_of(portal.get("/file/files"))
    elsewhere = Client(SERVER_NAME="localhost")
    assert post(elsewhere, "/draft/", code="0000-0000-0000-0000").status_code == 200
    assert post(elsewhere, "/draft/", code=code.lower().replace("-", " ")).url == "/file/files"
    assert TEXT in text_of(elsewhere.get("/file/story"))


def test_a_draft_holds_no_identity_and_no_readable_word(portal):
    written(portal)
    portal.get("/file/who")
    post(portal, "/file/who", confidentiality="normal", **PERSON, do="add")
    draft = Draft.objects.get()
    assert "张三" not in json.dumps(drafts.body_of(draft), ensure_ascii=False)
    assert TEXT.encode() not in bytes(draft.sealed)
    assert json.dumps(TEXT).encode() not in bytes(draft.sealed)
    assert all("张三" not in str(dict(portal.session)) for _ in "1")


def test_a_draft_is_gone_after_thirty_days(portal, monkeypatch):
    written(portal)
    code = drafts.code_of(Draft.objects.get())
    monkeypatch.setattr(clock, "frozen", made.AT + timedelta(days=30, seconds=1))
    other = Client(SERVER_NAME="localhost")
    assert "没有这份草稿" in text_of(post(other, "/draft/", code=code))
    post(other, "/file/", misconduct="no")
    assert Draft.objects.count() == 1


def test_a_refused_file_is_named_and_the_petition_goes_on(portal):
    written(portal)
    good = SimpleUploadedFile("说明.txt", "夜里很吵".encode())
    bad = SimpleUploadedFile("程序.exe", b"MZ\x90\x00" + bytes(60))
    page = text_of(portal.post("/file/files", {"file": [good, bad], "do": "next"}))
    assert "程序.exe" in page
    assert "这种文件不能接收" in page
    assert "说明.txt" in page
    assert handed_in(portal).url == "/receipt"
    assert Attachment.objects.count() == 1


def test_claims_and_people_are_added_and_removed_without_a_script(portal):
    written(portal)
    page = text_of(portal.post("/file/claims", {"claim": ["一", "二"], "do": "add"}, follow=True))
    assert page.count('name="claim"') == 3
    page = text_of(portal.post("/file/claims", {"claim": ["一", "二", "三"], "do": "remove:1"}, follow=True))
    assert 'value="一"' in page
    assert 'value="二"' not in page
    page = text_of(post(portal, "/file/who", confidentiality="normal", **PERSON, do="add"))
    assert page.count('name="name"') == 2
    assert 'value="张三"' in page
    two = {key: [value, {"role": "agent", "name": "李律师"}.get(key, "")] for key, value in PERSON.items()}
    assert post(portal, "/file/who", confidentiality="normal", do="send", **two).url == "/receipt"
    case = Case.objects.get()
    assert list(case.parties.values_list("party", "role")) == [("p1", "lead"), ("p2", "agent")]


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(portal):
    written(portal)
    page = text_of(handed_in(portal, address=""))
    assert "缺少信访人住址" in page
    assert 'value="张三"' in page
    assert Petition.objects.count() == 0
    page = text_of(post(portal, "/file/story", text="  "))
    assert "缺少事实和理由" in page


def test_an_anonymous_petition_keeps_nobody(portal):
    written(portal)
    assert handed_in(portal, confidentiality="anonymous").url == "/receipt"
    case = Case.objects.get()
    assert (case.confidentiality, case.parties.count()) == ("anonymous", 0)


def test_an_accusation_is_sealed_and_names_the_unit(portal):
    written(portal, "举报有人收钱。", misconduct="yes")
    assert handed_in(portal).url == "/receipt"
    case = Case.objects.get()
    assert (case.sealed, [one.unit.code for one in case.accused.all()]) == (True, ["zjj"])
    assert "已经密封" in text_of(portal.get("/receipt"))


def test_safe_contact_reaches_the_handling_unit_as_a_message(portal):
    written(portal)
    handed_in(portal, contact="evening")
    handed_in(portal, contact="evening")
    case = Case.objects.get()
    codes = [entry.code for entry in store.read("case", case.stream)]
    assert codes == ["register", "message"]


def test_switching_language_or_type_size_keeps_what_is_typed(portal):
    post(portal, "/file/", misconduct="no")
    page = portal.post("/file/story", {"text": TEXT, "lang": "en"})
    assert TEXT in text_of(page)
    assert "What happened?" in text_of(page)
    assert page.cookies["language"].value == "en"
    page = portal.post("/file/story", {"text": TEXT, "large": "1"})
    assert 'class="portal large"' in text_of(page)
    assert "large" in text_of(portal.get("/rules"))


def test_every_page_is_never_cached_and_neutrally_titled(portal):
    written(portal)
    for path in (
        "/",
        "/file/",
        "/file/story",
        "/file/claims",
        "/file/files",
        "/file/who",
        "/follow",
        "/draft/",
    ):
        page = portal.get(path)
        assert page["Cache-Control"] == "no-store"
        assert "<title>网上服务</title>" in text_of(page)
        assert 'href="/leave"' in text_of(page)


def test_leaving_forgets_everything_here(portal):
    written(portal)
    handed_in(portal)
    gone = portal.get("/leave")
    assert gone.status_code == 302
    assert portal.get("/matter").url == "/follow"


def test_too_many_without_proof_are_told_to_wait_and_the_draft_is_kept(portal):
    for n in range(5):
        portal.get("/file/?again=1")
        post(portal, "/file/?again=1", misconduct="no")
        post(portal, "/file/story", text=f"{n}{TEXT}")
        post(portal, "/file/claims", claim=["停工"], do="next")
        assert handed_in(portal).url == "/receipt"
    post(portal, "/file/?again=1", misconduct="no")
    post(portal, "/file/story", text=TEXT)
    post(portal, "/file/claims", claim=["停工"], do="next")
    page = text_of(handed_in(portal))
    assert "稍后再试，草稿已保存" in page
    assert Petition.objects.count() == 5
    assert TEXT in text_of(portal.get("/file/story"))


def test_the_vault_is_locked_without_keys(portal, monkeypatch):
    written(portal)
    monkeypatch.setattr(vault, "unseal", _locked)
    assert portal.get("/file/story").status_code == 503


def _locked(*_):
    raise vault.VaultLocked("vault")
