"""Following a matter at the portal: what is seen, what can be done, and what stays unseen."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions, facts, letters
from openredress.cases.intake import PartyInput
from openredress.cases.models import Petition
from openredress.documents import store as files
from openredress.ledger import store
from openredress.oversight import retaliation
from openredress.oversight.models import RetaliationReport
from openredress.people import staff, tree
from openredress.people.models import Unit
from openredress.rules.facts import Refusal
from openredress.web import clock

pytestmark = pytest.mark.django_db

DAYS = timedelta(days=1)


@pytest.fixture
def house(office, frozen):
    return office


def client():
    return Client(SERVER_NAME="localhost")


def text_of(response) -> str:
    return response.content.decode()


def entered(one, who=None):
    """A client that has opened the matter with number and code."""
    who = who or client()
    answer = who.post("/follow", {"number": one.number, "code": one.query_code})
    assert (answer.status_code, answer.url) == (302, "/matter")
    return who


def do(who, move, **data):
    return who.post(f"/matter/do/{move}", data)


def codes(one):
    return [entry.code for entry in store.read("case", one.stream)]


def answered(house, one, at=AT):
    """Forwarded, notified, answered and served; two days each."""
    steps = [
        ("forward", {"track": "t1", "to": "zjj"}, house.clerk),
        ("notify_receipt", {"track": "t1", "avenue": "A6", "served_on": at.date(), "means": "hand",
                            "proof": True, "text": "已经收到，由我局办理。"}, house.handler),
        ("opinion", {"track": "t1", "remedy": True,
                     "facts": {"c1": "夜间确有施工。", "c2": "路面归养护单位。"},
                     "basis": {"c1": "噪声法。", "c2": "城市道路条例。"},
                     "opinion": {"c1": "已责令停工。", "c2": "不属于本局职责。"},
                     "outcomes": [
                         {"claim": "c1", "outcome": "support", "execute_by": "2026-10-10"},
                         {"claim": "c2", "outcome": "explain"},
                     ]}, house.handler),
    ]  # fmt: skip
    for move, given, actor in steps:
        done = actions.perform(one.stream, move, given, actor=actor, at=at)
        assert not isinstance(done, Refusal), (move, done)
    return one


def served(house, one, at=AT):
    answered(house, one, at)
    given = {"track": "t1", "paper": "opinion", "served_on": at.date(), "means": "hand", "proof": True}
    done = actions.perform(one.stream, "serve", given, actor=house.handler, at=at)
    assert not isinstance(done, Refusal), done
    return one


def test_wrong_number_and_wrong_code_get_the_same_answer(house):
    one = made.opened()
    pages = [
        client().post("/follow", {"number": number, "code": code})
        for number, code in ((one.number, "0000-0000-0000-0000"), ("2026-AAAAAA-A", one.query_code))
    ]
    shown = [text_of(page).partition('role="alert">')[2].partition("</div>")[0] for page in pages]
    assert shown[0] == shown[1]
    assert "查询编号或查询码不对" in shown[0]


def test_guessing_locks_the_number_but_not_a_session_that_is_in(house):
    one = made.opened()
    inside, guesser = entered(one), client()
    for _ in range(5):
        guesser.post("/follow", {"number": one.number, "code": "0000-0000-0000-0000"})
    late = client().post("/follow", {"number": one.number, "code": one.query_code})
    assert "次数过多" in text_of(late)
    assert inside.get("/matter").status_code == 200


def test_the_code_is_never_in_an_address(house):
    one = made.opened()
    page = text_of(client().get(f"/follow/n/{one.number}"))
    assert one.number in page
    assert client().get("/matter").url == "/follow"


def test_stations_words_and_days_are_shown(house):
    one = served(house, made.opened())
    page = text_of(entered(one).get("/matter"))
    opinion = "第 1 项\n事实：夜间确有施工。\n依据：噪声法。\n意见：已责令停工。"
    for said in (
        "收到您的来件", "转送：临江市住建局", "已经收到，由我局办理。", "送达处理意见书", opinion, "夜间停工",
        "现在在临江市住建局", "信访工作条例第三十五条", "请求复查",
    ):  # fmt: skip
        assert said in page, said


def test_an_opinion_is_unseen_until_it_is_served(house):
    one = answered(house, made.opened())
    page = text_of(entered(one).get("/matter"))
    assert "已责令停工" not in page
    assert "予以支持" not in page


def test_steps_inside_the_office_stay_inside(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    actions.perform(one.stream, "note", {"text": "内部看法"}, actor=house.handler, at=AT)
    actions.perform(one.stream, "message", {"text": "科室之间", "to": "unit"}, actor=house.handler, at=AT)
    actions.perform(
        one.stream, "message", {"text": "请补照片", "to": "petitioner"}, actor=house.handler, at=AT
    )
    page = text_of(entered(one).get("/matter"))
    assert ("内部看法" in page, "科室之间" in page, "请补照片" in page) == (False, False, True)


def test_who_opened_the_identity_is_told(house):
    one = made.opened()
    who = entered(one)
    assert "还没有人看过" in text_of(who.get("/matter"))
    given = {"role": "clerk", "unit": "xfj", "purpose": "register"}
    actions.perform(one.stream, "identity_read", given, actor=house.clerk, at=AT)
    page = text_of(who.get("/matter"))
    assert "临江市信访局 登记员，登记核对" in page


def test_a_message_twice_clicked_stands_once(house):
    one = made.opened()
    who = entered(one)
    version = str(facts.load(one.stream, AT).version)
    answers = [do(who, "message", text="补充一句", version=version) for _ in range(2)]
    assert [answer.url for answer in answers] == ["/matter", "/matter"]
    assert codes(one) == ["register", "message"]
    assert "补充一句" in text_of(who.get("/matter"))


def test_a_message_is_not_lost_when_the_office_wrote_meanwhile(house):
    one = made.opened()
    who = entered(one)
    version = str(facts.load(one.stream, AT).version)
    made.forward(one.stream, "zjj", house.clerk)
    assert do(who, "message", text="补充一句", version=version).url == "/matter"
    assert codes(one) == ["register", "forward", "message"]


def test_material_with_one_good_and_one_bad_file(house):
    one = made.opened()
    who = entered(one)
    files = [
        SimpleUploadedFile("说明.txt", "夜里很吵".encode()),
        SimpleUploadedFile("x.exe", b"MZ\x90\x00" + bytes(60)),
    ]
    assert who.post("/matter/do/material", {"text": "照片", "file": files}).url == "/matter"
    page = text_of(who.get("/matter"))
    assert "x.exe" in page
    assert codes(one) == ["register", "material"]
    link = page.partition('href="/matter/paper/')[2].partition('"')[0]
    assert b"".join(who.get(f"/matter/paper/{link}").streaming_content).decode() == "夜里很吵"
    stranger = entered(made.opened())
    assert stranger.get(f"/matter/paper/{link}").status_code == 404


def test_pressing_waits_for_a_lapse_and_then_takes_one_press(house, monkeypatch):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    who = entered(one)
    assert "现在还不能做的" in text_of(who.get("/matter"))
    assert do(who, "press", lapsed="C03|t1").status_code == 200
    monkeypatch.setattr(clock, "frozen", AT + 40 * DAYS)
    page = text_of(who.get("/matter"))
    assert "有 1 项期限已过" in page
    assert do(who, "press", lapsed="C03|t1").url == "/matter"
    assert codes(one) == ["register", "forward", "press"]
    assert "书面答复督促" in text_of(who.get("/matter"))


def test_review_is_asked_of_a_body_above(house):
    one = served(house, made.opened())
    who = entered(one)
    assert "临江市人民政府" in text_of(who.get("/matter/do/request_review/t1"))
    assert do(who, "request_review", reviewer="zjj").status_code == 200
    assert do(who, "request_review", reviewer="gov", text="不同意").url == "/matter"
    assert codes(one)[-1] == "request_review"
    assert "现在在临江市人民政府" in text_of(who.get("/matter"))


def test_rating_and_solved_are_the_petitioners_own_word(house):
    one = served(house, made.opened())
    who = entered(one)
    assert do(who, "rate", object="unit", value="3", rating_reason="late").url == "/matter"
    assert do(who, "confirm_solved", solved="no").url == "/matter"
    assert codes(one)[-2:] == ["rate", "confirm_solved"]
    assert facts.load(one.stream, AT).facts.solved is False


def test_a_withdrawal_is_revocable_for_thirty_days(house, monkeypatch):
    one = made.opened()
    who = entered(one)
    assert do(who, "withdraw", reason="先这样").url == "/matter"
    assert "您已撤回" in text_of(who.get("/matter"))
    monkeypatch.setattr(clock, "frozen", AT + 30 * DAYS)
    again = entered(one)
    assert do(again, "restore").url == "/matter"
    assert facts.load(one.stream, AT + 30 * DAYS).facts.withdrawn is False
    assert do(again, "withdraw").url == "/matter"
    monkeypatch.setattr(clock, "frozen", AT + 61 * DAYS)
    late = entered(one)
    assert do(late, "restore").status_code == 200
    assert codes(one)[-1] == "withdraw"


def test_a_code_that_staff_has_seen_confirms_only_with_a_second_factor(house):
    one = served(house, made.opened())
    Petition.objects.filter(number=one.number).update(code_shown=True)
    who = entered(one)
    assert "手机号" in text_of(do(who, "confirm_solved", solved="yes", factor="13900000000"))
    assert codes(one)[-1] == "serve"
    assert do(who, "confirm_solved", solved="yes", factor="138 0013 8000").url == "/matter"
    assert codes(one)[-1] == "confirm_solved"


def test_a_reissued_code_ends_the_sight_of_the_old_one(house):
    one = made.opened()
    who = entered(one)
    new = actions.reissue_code(one.number, actor=house.clerk, at=AT, identity_seen=True)
    assert who.get("/matter").url == "/follow"
    assert client().post("/follow", {"number": one.number, "code": one.query_code}).status_code == 200
    assert client().post("/follow", {"number": one.number, "code": new}).url == "/matter"


def test_a_record_is_disputed_as_material_of_that_kind(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    who = entered(one)
    assert do(who, "dispute", station="2", text="我没有收到").url == "/matter"
    last = store.read("case", one.stream)[-1]
    assert (last.code, last.facts["kind"]) == ("material", "dispute")


def test_somebody_attached_sees_the_way_but_not_the_others_words(house):
    one = made.opened(text="第一个人的话。")
    joined = actions.attach(
        one.stream,
        made.petition(
            "第二个人的话。", parties=(PartyInput("lead", "李四", "新城路14号"),), claims=("不要扬尘",)
        ),
        actor=house.clerk, at=AT, same_facts=True,
    )  # fmt: skip
    served(house, one)
    first, second = entered(one), entered(joined)
    do(first, "message", text="只给单位看")
    page = text_of(second.get("/matter"))
    assert "送达处理意见书" in page
    assert "不要扬尘" in page
    assert ("只给单位看" in page, "已责令停工" in page, "夜间停工" in page) == (False, False, False)
    do(second, "message", text="我也补一句")
    assert "我也补一句" not in text_of(first.get("/matter"))
    assert "我也补一句" in text_of(second.get("/matter"))


# ---------------------------------------------------------------- retaliation


def officer(house, code="xfj", name="officer"):
    return made.person(name, Unit.objects.get(code=code), "retaliation_officer")


def test_retaliation_leaves_no_trace_on_the_case(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    who = entered(one)
    before = (codes(one), text_of(client().get("/")))
    page = text_of(who.get("/matter/retaliation"))
    assert "9月4日 10:12" in page  # 24 hours
    assert "9月10日（周四）" in page  # 5 working days
    assert who.post("/matter/retaliation", {"text": "科长威胁我", "unit": "zjj"}).url == "/matter/retaliation"
    assert who.post("/matter/retaliation", {"text": "科长威胁我", "unit": "zjj"}).url == "/matter/retaliation"
    assert (codes(one), text_of(client().get("/"))) == before
    row = RetaliationReport.objects.get()
    assert retaliation.entries(row.ref) == ["retaliation_report"]
    assert "科长威胁我".encode() not in bytes(row.sealed)
    assert "科长威胁我" in text_of(who.get("/matter/retaliation"))


def test_the_desk_answers_and_the_reporter_reads_it(house):
    one = made.opened()
    reader = officer(house)
    who = entered(one)
    who.post("/matter/retaliation", {"text": "有人威胁我"})
    (row,) = retaliation.waiting(reader, AT.date())
    _, words = retaliation.read(row.ref, actor=reader, at=AT)
    assert words == "有人威胁我"
    retaliation.contact(row.ref, actor=reader, at=AT + timedelta(hours=3), note="已通话")
    retaliation.answer(row.ref, "已查实，已移送。", upheld=True, actor=reader, at=AT + DAYS)
    page = text_of(who.get("/matter/retaliation"))
    assert "已查实，已移送。" in page
    assert retaliation.waiting(reader, AT.date()) == []
    assert retaliation.entries(row.ref) == [
        "retaliation_report", "retaliation_read", "retaliation_contact", "retaliation_answer",
    ]  # fmt: skip
    assert codes(one) == ["register"]


def test_nobody_of_the_handling_line_reads_a_report(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    below = tree.add("zjj-st", "质安站", parent=house.housing, by="system", at=AT)
    inside = [
        officer(house, "zjj", "inside"),
        officer(house, below.code, "below"),
        house.handler,
        house.clerk,
    ]
    outside = officer(house)
    entered(one).post("/matter/retaliation", {"text": "有人威胁我"})
    on = AT.date()
    assert [len(retaliation.waiting(actor, on)) for actor in (*inside, outside)] == [0, 0, 0, 0, 1]
    entered(one).post("/matter/retaliation", {"text": "信访局的人威胁我", "unit": "xfj"})
    assert len(retaliation.waiting(outside, on)) == 1


def test_an_officer_whose_role_ended_reads_nothing(house):
    one = made.opened()
    reader = officer(house)
    entered(one).post("/matter/retaliation", {"text": "有人威胁我"})
    for post in staff.active(AT.date()).filter(staff__pseudonym=reader.pseudonym):
        staff.end_appointment(post, until=AT.date() - DAYS, by="system", at=AT)
    assert retaliation.waiting(reader, AT.date()) == []


def test_broken_characters_are_sent_back_and_other_methods_refused(house):
    who = entered(made.opened())
    assert do(who, "message", text="a\0b").status_code == 400
    assert who.put("/matter").status_code == 405
    assert who.post("/file/accused", {"unit": "\0"}).status_code == 400


def test_a_served_letter_is_there_to_keep_and_not_before(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    typed = {"avenue": "A6", "承办人": "李某", "联系方式": "0517-8300 0000"}
    issued = letters.issue(one.stream, "receipt_notice", "t1", typed, actor=house.handler, at=AT)
    assert not isinstance(issued, Refusal), issued
    who = entered(one)
    assert "/matter/paper/" not in text_of(who.get("/matter"))
    proof = files.save(io.BytesIO("送达回证".encode()), "回证.txt", at=AT).sha256
    day = {"served_on": AT.date(), "means": "hand", "proof": proof}
    done = letters.serve(one.stream, issued.seq, **day, actor=house.handler, at=AT)
    assert not isinstance(done, Refusal), done
    page = text_of(who.get("/matter"))
    link = page.partition('href="/matter/paper/')[2].partition('"')[0]
    assert b"".join(who.get(f"/matter/paper/{link}").streaming_content)[:2] == b"PK"
    assert page.count("/matter/paper/") == 1  # the proof and the working copy are the office's
