"""Papers: what they must hold, their numbers, their hash on the record, the clocks that service starts."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from datetime import date, timedelta

import pytest
from django.db import connections
from docx import Document
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions, facts, following, letters
from openredress.cases.models import Attachment, Case, Issued, Petition, Series
from openredress.documents import store as files
from openredress.documents.letters import render, templates
from openredress.identity.models import IdentityRead
from openredress.ledger import store, verify
from openredress.rules.facts import Refusal

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
RECEIPT = {"avenue": "A6", "联系方式": "0571-8765 4321（工作日）", "承办人": "王某"}
WORDS = {
    "facts": {"c1": "经查，张三反映的夜间施工属实，共11个夜间。", "c2": "该路段每日洒水一次。"},
    "basis": {"c1": "《噪声污染防治法》第四十三条", "c2": "《清扫保洁标准》第四章"},
    "opinion": {"c1": "责令自9月20日起夜间停工。", "c2": "已转环卫部门研究。"},
}
OUTCOMES = [
    {"claim": "c1", "outcome": "support", "execute_by": "2026-09-20"},
    {"claim": "c2", "outcome": "explain"},
]


def later(days: int):
    return AT + timedelta(days=days)


def proof(at=AT, mark: bytes = b"") -> str:
    return files.save(io.BytesIO(PDF + mark), "回证.pdf", at=at).sha256


def did(done):
    assert not isinstance(done, Refusal), done
    return done


def do(stream, move, given, actor, at):
    return did(actions.perform(stream, move, {"track": "t1", **given}, actor=actor, at=at))


def known(stream, at):
    found = facts.load(stream, at)
    assert found is not None
    return found


def due(stream, clock, at):
    return [d.due for d in known(stream, at).deadlines if d.clock == clock and d.open]


def text(sha256: str) -> str:
    with files.open_file(sha256) as held:
        return render.text_of(held.read())


def in_hand(house, days: int = 0, **given) -> str:
    """A case forwarded to the housing bureau."""
    stream = made.opened(later(days), **given).stream
    did(made.forward(stream, "zjj", house.clerk, later(days)))
    return stream


def opined(house, remedy: bool = True) -> str:
    stream = in_hand(house)
    do(
        stream,
        "notify_receipt",
        {"avenue": "A6", "served_on": date(2026, 9, 4), "means": "hand"},
        house.handler,
        later(1),
    )
    do(stream, "opinion", {"outcomes": OUTCOMES, "remedy": remedy, **WORDS}, house.handler, later(10))
    return stream


@pytest.fixture
def house(db):
    return made.office()


def issued(stream, kind, typed, actor, at, **more):
    return did(letters.issue(stream, kind, "t1", typed, actor=actor, at=at, **more))


# ---------------------------------------------------------------- contents


def test_what_is_missing_is_named_with_its_article_and_nothing_is_written(house):
    stream = in_hand(house)
    before = known(stream, AT).version
    no = letters.issue(stream, "receipt_notice", "t1", {"avenue": "A6"}, actor=house.handler, at=later(1))
    assert isinstance(no, Refusal)
    assert (no.code, no.zh) == (
        "letter_lacks",
        "《接收（受理）告知书》还缺：承办人（信访工作条例第二十八条）；联系方式（信访工作条例第十八条）"
    )  # fmt: skip
    assert (known(stream, AT).version, Issued.objects.count(), Series.objects.count()) == (before, 0, 0)
    assert IdentityRead.objects.count() == 0


def test_control_without_the_check_the_poor_paper_would_go_out(house, monkeypatch):
    stream = in_hand(house)
    monkeypatch.setattr(render, "missing", lambda letter, values: ())
    issued(stream, "receipt_notice", {"avenue": "A6"}, house.handler, later(1))


def test_a_template_that_leaves_something_out_is_found(house, tmp_path, settings):
    stream = in_hand(house)
    own = templates.place("receipt_notice")
    own.parent.mkdir(exist_ok=True)
    poor = Document(io.BytesIO(templates.builtin("receipt_notice")))
    for one in list(poor.paragraphs):
        if "联系方式" in one.text:
            one._p.getparent().remove(one._p)
    poor.save(own)
    try:
        no = letters.issue(stream, "receipt_notice", "t1", RECEIPT, actor=house.handler, at=later(1))
        assert isinstance(no, Refusal)
        assert "承办人" in no.zh
        assert "联系方式" in no.zh
        own.write_bytes(b"no file of Word")
        no = letters.issue(stream, "receipt_notice", "t1", RECEIPT, actor=house.handler, at=later(1))
        assert isinstance(no, Refusal)
        assert no.code == "template_broken"
    finally:
        own.unlink()
    issued(stream, "receipt_notice", RECEIPT, house.handler, later(1))


# ---------------------------------------------------------------- the four letters


def test_where_it_went(house):
    stream = in_hand(house)
    one = issued(stream, "where", {}, house.clerk, later(1))
    assert one.number == "临江市信访局信告〔2026〕1号"
    said = text(one.sha256)
    assert "已于2026年9月3日转送临江市住建局办理" in said
    assert "张三：" in said
    done = did(
        letters.serve(
            stream,
            one.seq,
            served_on=date(2026, 9, 4),
            means="post",
            proof=proof(),
            actor=house.clerk,
            at=later(1),
        )
    )
    assert store.read("case", stream)[done.version - 1].code == "deliver"
    again = letters.serve(
        stream,
        one.seq,
        served_on=date(2026, 9, 4),
        means="post",
        proof=proof(),
        actor=house.clerk,
        at=later(1),
    )
    assert isinstance(again, Refusal)
    assert again.code == "served_before"


def test_serving_the_receipt_notice_starts_the_sixty_days(house):
    stream = in_hand(house)
    one = issued(stream, "receipt_notice", RECEIPT, house.handler, later(1))
    said = text(one.sha256)
    assert "临江市信访局转送的信访事项" in said
    assert "至2026年11月3日" in said
    assert "夜间停工" in said
    assert known(stream, later(1)).facts.tracks[0].told_on is None
    did(
        letters.serve(
            stream,
            one.seq,
            served_on=date(2026, 9, 4),
            means="hand",
            proof=proof(),
            actor=house.handler,
            at=later(1),
        )
    )
    assert due(stream, "C05", later(1)) == [date(2026, 11, 3)]
    assert due(stream, "C03", later(1)) == []


def test_the_extension_notice_names_the_day_that_its_service_then_sets(house):
    stream = in_hand(house)
    do(
        stream,
        "notify_receipt",
        {"avenue": "A6", "served_on": date(2026, 9, 4), "means": "hand"},
        house.handler,
        later(1),
    )
    head = made.person("chief", house.housing, "unit_head")
    typed = {"延长理由": "需要委托第三方检测", "days": "30", "approver": head.pseudonym}
    one = issued(stream, "extension", typed, house.handler, later(20))
    wanted = date(2026, 12, 3)
    assert f"延长30日，延长至2026年12月{wanted.day}日" in text(one.sha256)
    assert "需要委托第三方检测" in text(one.sha256)
    did(
        letters.serve(
            stream,
            one.seq,
            served_on=later(20).date(),
            means="hand",
            proof=proof(),
            actor=house.handler,
            at=later(20),
        )
    )
    assert due(stream, "C05", later(20)) == [wanted]


def test_serving_the_opinion_starts_the_thirty_days(house):
    stream = opined(house)
    one = issued(stream, "opinion", {}, house.handler, later(10))
    said = text(one.sha256)
    assert "30日内，向临江市人民政府请求复查" in said
    assert "新城路12号" in said
    for texts in WORDS.values():
        assert all(words in said for words in texts.values())
    assert due(stream, "C07", later(10)) == []
    did(
        letters.serve(
            stream,
            one.seq,
            served_on=date(2026, 9, 13),
            means="hand",
            proof=proof(),
            actor=house.handler,
            at=later(10),
        )
    )
    assert due(stream, "C07", later(10)) == [date(2026, 10, 13)]


def test_an_opinion_without_remedy_says_so_and_starts_nothing(house):
    stream = opined(house, remedy=False)
    one = issued(stream, "opinion", {}, house.handler, later(10))
    assert "不因送达本意见书而起算" in text(one.sha256)
    did(
        letters.serve(
            stream,
            one.seq,
            served_on=date(2026, 9, 13),
            means="hand",
            proof=proof(),
            actor=house.handler,
            at=later(10),
        )
    )
    assert due(stream, "C07", later(10)) == []


def test_no_service_without_proof(house):
    stream = opined(house)
    one = issued(stream, "opinion", {}, house.handler, later(10))
    no = letters.serve(
        stream,
        one.seq,
        served_on=date(2026, 9, 13),
        means="hand",
        proof="",
        actor=house.handler,
        at=later(10),
    )
    assert isinstance(no, Refusal)
    assert no.code == "no_proof"


# ---------------------------------------------------------------- identity


def test_a_name_on_a_paper_is_one_logged_read_and_the_working_copy_names_nobody(house):
    stream = opined(house)
    one = issued(stream, "opinion", {}, house.handler, later(10))
    assert IdentityRead.objects.filter(subject=stream).count() == 1
    assert [e.code for e in store.read("case", stream)][-2:] == ["identity_read", "issue"]
    case = Case.objects.get(stream=stream)
    copy = letters.working_copy(case, one.seq)
    assert copy is not None
    shown = text(copy.sha256)
    assert "张三" not in shown
    assert "新城路12号" not in shown
    assert "信访人甲：" in shown
    assert one.number in shown
    assert letters.original(case, one.seq).sha256 == one.sha256


def test_a_paper_that_names_nobody_reads_nobody(house):
    stream = in_hand(house)
    one = issued(stream, "where", {}, house.clerk, later(1), named=False)
    assert IdentityRead.objects.count() == 0
    assert "张三" not in text(one.sha256)


def test_no_author_and_no_time_in_the_file(house):
    one = issued(in_hand(house), "where", {}, house.clerk, later(1))
    with files.open_file(one.sha256) as held, zipfile.ZipFile(held) as packed:
        core = packed.read("docProps/core.xml").decode()
        times = {info.date_time for info in packed.infolist()}
    assert core.endswith('core-properties"/>')
    assert times == {(1980, 1, 1, 0, 0, 0)}


def test_the_petitioner_sees_the_paper_once_it_is_served(house):
    stream = opined(house)
    one = issued(stream, "opinion", {}, house.handler, later(10))
    petition = Petition.objects.get(case__stream=stream)
    mine = f"party/{stream[:10]}.p1"

    def seen(actor):
        now = known(stream, later(10))
        return [
            p.id
            for s in following.stations(now, petition, actor, following.unit_names(now))
            for p in s.papers
        ]

    assert seen(mine) == []
    did(
        letters.serve(
            stream,
            one.seq,
            served_on=date(2026, 9, 13),
            means="hand",
            proof=proof(),
            actor=house.handler,
            at=later(10),
        )
    )
    assert seen(mine) == [Attachment.objects.get(sha256=one.sha256).pk]
    assert seen(f"party/{stream[:10]}.p2") == []


# ---------------------------------------------------------------- uploaded papers, the ledger


def test_an_uploaded_paper_is_checked_item_by_item_numbered_and_served(house):
    stream = in_hand(house)
    sha256 = proof(mark=b"list")
    ask = {"actor": house.handler, "at": later(1)}
    no = letters.issue_upload(stream, "more_material", "t1", sha256, ["list"], **ask)
    assert isinstance(no, Refusal)
    assert "不影响办理期限的说明" in no.zh
    one = did(letters.issue_upload(stream, "more_material", "t1", sha256, ["list", "clock"], **ask))
    assert (one.number, one.sha256) == ("临江市住建局信补〔2026〕1号", sha256)
    did(letters.serve(stream, one.seq, served_on=later(1).date(), means="post", proof=proof(), **ask))
    assert [(line.number, bool(line.served_seq)) for line in letters.lines(known(stream, later(1)))] == [
        (one.number, True)
    ]


def digest(sha256):
    try:
        with files.open_file(sha256) as held:
            return hashlib.file_digest(held, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def test_the_hash_on_the_record_is_that_of_the_file_and_a_changed_file_is_found(house):
    stream = opined(house)
    one = issued(stream, "opinion", {}, house.handler, later(10))
    entry = store.read("case", stream)[one.seq - 1]
    assert entry.facts["files"][0] == one.sha256 == digest(one.sha256)
    assert verify.verify(files=digest).ok
    path = files.path_of(one.sha256)
    held = path.read_bytes()
    path.write_bytes(held[:-1] + b"\x01")
    found = verify.verify(files=digest)
    path.write_bytes(held)
    assert not found.ok
    assert [(f.stream, f.seq) for f in found.failures] == [(f"case/{stream}", one.seq)]


# ---------------------------------------------------------------- numbers


def test_a_sealed_case_draws_from_a_series_of_its_own(house):
    open_one = in_hand(house)
    made_sealed = did(actions.open_case(made.accusing(unit="jtj"), actor=made.SOMEBODY, at=AT)).stream
    made.person("there", house.housing, "unit_head")
    did(made.forward(made_sealed, "zjj", made.person("head", house.office, "petition_office_head"), AT))
    got = [
        issued(s, "where", {}, who, later(1), named=False).number
        for s, who in ((open_one, house.clerk), (made_sealed, made.SYSTEM), (open_one, house.clerk))
    ]
    assert got == [
        "临江市信访局信告〔2026〕1号", "临江市信访局信告专〔2026〕1号", "临江市信访局信告〔2026〕2号"
    ]  # fmt: skip


def test_four_issuers_at_once_leave_no_gap(own_database):
    house = made.office()
    streams = [in_hand(house) for _ in range(8)]
    got, wrong = [], []

    def work(mine):
        try:
            for stream in mine:
                one = letters.issue(stream, "where", "t1", {}, actor=house.clerk, at=later(1))
                got.append(one.number)
                poor = letters.issue(stream, "where", "t1", {}, actor=house.other, at=later(1))
                assert isinstance(poor, Refusal)
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(streams[n::4],)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
    assert sorted(Issued.objects.values_list("n", flat=True)) == list(range(1, 9))
    assert len(set(got)) == 8
    assert verify.verify(files=digest).ok
