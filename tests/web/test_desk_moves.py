"""Making moves at the desk: forms from the law, what is missing, two who write at once, nothing lost."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions
from openredress.cases.models import Attachment, Case
from openredress.importers.workbook import control
from openredress.ledger import store
from openredress.web import clock
from openredress.web.models_desk import HalfTyped, Presence


def seen(answer) -> str:
    return unescape(answer.content.decode())


@pytest.fixture
def handled(office):
    """A petition of two claims that the housing bureau handles, with its handler named."""
    one = made.opened()
    made.forward(one.stream, "zjj", office.clerk)
    for move, given in (
        ("name_handler", {"handler": office.handler.pseudonym}),
        ("notify_receipt", {"avenue": "A6", "served_on": AT.date(), "means": "hand", "proof": True}),
    ):
        done = actions.perform(one.stream, move, {"track": "t1", **given}, actor=office.handler, at=AT)
        assert isinstance(done, actions.Done), done
    return one


def version(one) -> int:
    return Case.objects.get(stream=one.stream).version


def opinion(**more: str) -> dict[str, str]:
    words = {
        f"{name}.{claim}": f"{name}{claim}"
        for name in ("facts", "basis", "opinion")
        for claim in ("c1", "c2")
    }
    outcomes = {
        "outcome.c1": "support",
        "execute_by.c1": "2026-10-15",
        "outcome.c2": "reject",
        "remedy": "yes",
    }
    return {**words, **outcomes, "track": "t1", **more}


def address(one, move: str, more: str = "") -> str:
    return f"/desk/case/{one.number}/move/{move}{more}"


def test_an_opinion_claim_by_claim(desk, handled):
    client = desk("handler")
    page = seen(client.get(address(handled, "opinion", "?track=t1")))
    assert "夜间停工" in page
    assert 'name="facts.c2"' in page
    assert "信访工作条例第三十二条" in page
    done = client.post(address(handled, "opinion"), opinion(expected=str(version(handled))))
    assert done.status_code == 302
    text = seen(client.get(f"/desk/case/{handled.number}"))
    assert "予以支持" in text
    assert "不予支持" in text
    assert "2026年10月15日" in text
    assert HalfTyped.objects.count() == 0


def test_what_is_missing_is_said_while_writing_and_kept(desk, handled):
    client, before = desk("handler"), version(handled)
    half = {"facts.c1": "现场看过", "track": "t1"}
    text = seen(client.post(address(handled, "opinion", "/check"), half))
    assert "诉求 1 依据" in text
    assert "诉求 2 事实" in text
    assert "诉求 1 事实" not in text
    assert version(handled) == before
    again = seen(client.get(address(handled, "opinion", "?track=t1")))
    assert "现场看过" in again
    assert "已恢复" in again
    ready = seen(client.post(address(handled, "opinion", "/check"), opinion()))
    assert "可以提交" in ready
    assert version(handled) == before
    client.post(address(handled, "opinion", "/anew"), {"track": "t1"})
    assert HalfTyped.objects.count() == 0


def test_half_typed_forms_go_after_a_week(desk, handled, monkeypatch):
    client = desk("handler")
    client.post(address(handled, "note", "/check"), {"text": "旧"})
    HalfTyped.objects.update(at=AT - timedelta(days=8))
    assert "已恢复" not in seen(client.get(address(handled, "note")))
    client.post(address(handled, "opinion", "/check"), {"facts.c1": "新", "track": "t1"})
    assert list(HalfTyped.objects.values_list("move", flat=True)) == ["opinion"]


def test_a_refusal_keeps_every_word(desk, handled):
    client = desk("handler")
    given = opinion(**{"execute_by.c1": ""}, expected=str(version(handled)))
    answer = client.post(address(handled, "opinion"), given)
    text = seen(answer)
    assert answer.status_code == 422
    assert 'id="why"' in text
    assert "factsc1" in text
    assert "opinionc2" in text


def test_two_who_write_at_once_both_keep_their_text(desk, handled, office):
    client, before = desk("handler"), version(handled)
    actions.perform(
        handled.stream, "note", {"text": "别人写的一句", "track": "t1"}, actor=office.handler, at=AT
    )
    answer = client.post(address(handled, "opinion"), opinion(expected=str(before)))
    text = seen(answer)
    assert answer.status_code == 409
    assert "别人写的一句" in text
    assert "factsc1" in text
    assert "这期间写入的记录" in text
    assert f'name="expected" value="{before + 1}"' in text
    assert client.post(address(handled, "opinion"), opinion(expected=str(before + 1))).status_code == 302


def test_they_see_each_other(desk, handled, office, monkeypatch):
    made.person("second", office.housing, "handler")
    first, second = desk("handler"), desk("second")
    where = f"/desk/case/{handled.number}/presence"
    assert "也打开了" not in seen(first.post(where, {"writing": "opinion"}))
    assert "handler某 也打开了本案，正在写“出具信访处理意见书”" in seen(second.post(where))
    assert "本案刚有新的办理记录" in seen(second.post(where, {"expected": "1"}))
    monkeypatch.setattr(clock, "frozen", AT + timedelta(minutes=5))
    assert "也打开了" not in seen(second.post(where))
    assert desk("other").post(where).status_code == 404
    assert Presence.objects.count() == 2


def test_refused_buttons_are_drawn_with_their_sentence(desk, office):
    one = made.opened()
    text = seen(desk("clerk").get(f"/desk/case/{one.number}"))
    assert "disabled" in text
    assert "信访工作条例第二十三条" in text
    before = version(one)
    given = {
        "avenue": "A6",
        "served_on": "2026-09-03",
        "means": "hand",
        "track": "t1",
        "expected": str(before),
    }
    assert desk("clerk").post(address(one, "notify_receipt"), given).status_code == 422
    assert version(one) == before


def test_a_listed_phrase_goes_back_to_the_writer(desk, handled):
    phrase = next(word for word in _phrases() if control.load().phrase(word))
    client, before = desk("handler"), version(handled)
    answer = client.post(address(handled, "note"), {"text": f"今日{phrase}", "expected": str(before)})
    assert answer.status_code == 422
    assert "本系统不记录" in seen(answer)
    assert version(handled) == before


def _phrases() -> list[str]:
    return tomllib.loads(control.PATH.read_text(encoding="utf-8"))["phrases"]["contains"]


def test_evidence_goes_with_the_move_and_comes_back_as_a_download(desk, handled):
    client = desk("handler")
    page = SimpleUploadedFile("证据.txt", "现场照片说明".encode(), content_type="text/plain")
    done = client.post(address(handled, "material"), {"files": page, "expected": str(version(handled))})
    assert done.status_code == 302
    row = Attachment.objects.get()
    where = f"/desk/case/{handled.number}/file/{row.ref}"
    before = version(handled)
    assert client.get(where).status_code == 302  # an original is not opened by a plain look
    answer = client.post(where)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content).decode() == "现场照片说明"
    assert version(handled) == before + 1
    assert desk("other").post(where).status_code == 404


def test_looking_writes_nothing_to_the_record(desk, handled):
    before = store.head("case", handled.stream)
    client = desk("handler")
    for where in ("", "/similar", "/move/opinion?track=t1", "/move/serve?track=t1"):
        assert client.get(f"/desk/case/{handled.number}{where}").status_code == 200
    assert store.head("case", handled.stream) == before


def test_a_move_that_the_law_does_not_know(desk, handled):
    client = desk("handler")
    assert client.get(address(handled, "no_such")).status_code == 404
    assert client.get(address(handled, "register")).status_code == 404
    assert client.get(address(handled, "erase")).status_code == 404
