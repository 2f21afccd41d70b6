"""Opening and moving cases: decided first, written whole or not at all, answered the same twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from tests.cases import made, recount
from tests.cases.made import AT

from openredress.cases import actions, bulk, facts, performing, rows, tallies, writing
from openredress.cases.intake import PartyInput
from openredress.cases.models import (
    Accused,
    Attachment,
    Case,
    DeadlineRow,
    Involved,
    ObligationRow,
    Party,
    Petition,
    Tally,
    TrackRow,
)
from openredress.documents.models import StoredFile
from openredress.identity import vault
from openredress.lawbook import book
from openredress.ledger import store, verify
from openredress.ledger.store import VersionConflict
from openredress.notices.models import Outbox
from openredress.rules.facts import Refusal
from openredress.rules.fold import step

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return made.office()


def counted():
    def execute(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return recount.tallies_kept(execute), recount.tallies_by_rows(execute)


def later(hours):
    return AT + timedelta(hours=hours)


# ---------------------------------------------------------------- opening


def test_a_petition_becomes_a_case_with_its_first_clock(house):
    one = made.opened(place="新城路")
    assert set(one.answer) == {"number", "query_code", "received_at", "receipt", "deadlines"}
    first = one.deadlines[0]
    assert (first["clock"], first["due"], first["holder"]) == ("C01", "2026-09-18", "临江市信访局")
    assert first["steps"] == ["2026-09-03 收到，次日起算", "＋15日 ＝ 2026-09-18（周五，工作日）"]
    case = Case.objects.get(number=one.number)
    assert (case.state, case.office_id, case.version, case.next_due) == (
        "registered",
        house.office.pk,
        1,
        date(2026, 9, 18),
    )
    entry = store.read("case", case.stream)[0]
    assert one.receipt["entry_hash"] == store.head("case", case.stream).hash
    assert entry.facts["received_on"] == "2026-09-03"
    assert store.words_of("case", case.stream)[1]["text"] == "工地夜间施工，孩子睡不好。"
    assert verify.verify().failures == []


def test_the_case_knows_nobody_and_the_vault_does(house):
    text = "我是张三，电话13800138000，住新城路12号。"
    one = made.opened(text=text)
    case, party = Case.objects.get(), Party.objects.get()
    for shown in (case.title, case.summary, Petition.objects.get().redacted):
        assert "张三" not in shown
        assert "13800138000" not in shown
        assert "新城路" in shown
    assert (party.party, party.mark, party.role) == ("p1", "甲", "lead")
    [person] = vault.for_machine([party.person])
    assert (person.name, person.phone) == ("张三", "13800138000")
    assert one.answer["number"] == case.number


def test_the_same_submit_gets_the_same_answer_and_another_body_none(house):
    first = actions.open_case(made.petition(), actor=made.SOMEBODY, at=AT, idempotency_key="k" * 32)
    again = actions.open_case(made.petition(), actor=made.SOMEBODY, at=later(5), idempotency_key="k" * 32)
    assert again.again
    assert again.answer == first.answer
    other = actions.open_case(
        made.petition(text="别的"), actor=made.SOMEBODY, at=AT, idempotency_key="k" * 32
    )
    assert isinstance(other, Refusal)
    assert other.code == "key_used_for_another"
    assert Petition.objects.count() == 1
    assert Case.objects.count() == 1


def test_keys_of_two_senders_do_not_meet(house):
    one = actions.open_case(made.petition(), actor=made.SOMEBODY, at=AT, idempotency_key="k" * 32)
    two = actions.open_case(made.petition(), actor=house.clerk, at=AT, idempotency_key="k" * 32)
    assert one.number != two.number


def test_what_is_named_must_exist(house):
    missing = actions.open_case(made.petition(attachments=("a" * 64,)), actor=made.SOMEBODY, at=AT)
    assert (missing.code, missing.field) == ("not_found", "attachments")
    unit = actions.open_case(made.petition(office="nowhere"), actor=made.SOMEBODY, at=AT)
    assert (unit.code, unit.field) == ("unit_unknown", "office")
    accused = actions.open_case(made.accusing(unit="nowhere"), actor=made.SOMEBODY, at=AT)
    assert (accused.code, accused.field) == ("not_found", "accused")
    assert Case.objects.count() == 0
    assert store.head("case", "x") is None


def test_an_attachment_is_an_entry_of_its_own(house):
    StoredFile.objects.create(sha256="a" * 64, size=3, type="image/png", saved_at=AT)
    one = made.opened(attachments=("a" * 64,))
    entries = store.read("case", one.stream)
    assert [entry.code for entry in entries] == ["register", "material"]
    assert entries[1].facts["files"] == ["a" * 64]
    assert Attachment.objects.get().seq == 2


# ---------------------------------------------------------------- accusations


def test_an_accusation_is_sealed_and_counts_nowhere(house):
    one = actions.open_case(made.accusing(unit="zjj"), actor=made.SOMEBODY, at=AT)
    case = Case.objects.get(pk=one.case)
    assert (case.sealed, case.restricted) == (True, True)
    assert Accused.objects.get().unit_id == house.housing.pk
    assert Tally.objects.exclude(n=0).count() == 0
    assert made.forward(one.stream, "zjj", house.clerk) == performing.NOT_A_CASE
    head = made.person("head", house.office, "petition_office_head")
    assert made.forward(one.stream, "zjj", head).code == "unit_may_not_hold"


def test_nobody_barred_acts(house):
    one = actions.open_case(made.accusing(staff=house.clerk.pseudonym), actor=made.SOMEBODY, at=AT)
    assert made.forward(one.stream, "jtj", house.clerk) == performing.NOT_A_CASE


def test_an_accusation_of_the_office_leaves_the_house(house):
    one = actions.open_case(made.accusing(unit="xfj"), actor=made.SOMEBODY, at=AT)
    case = Case.objects.get(pk=one.case)
    assert " out_of_house " in case.marks
    assert [entry.code for entry in store.read("case", case.stream)] == ["register", "mark"]


# ---------------------------------------------------------------- moves


def test_a_move_changes_every_row_it_touches(house):
    one = made.opened()
    done = made.forward(one.stream, "zjj", house.clerk, later(1))
    assert done.version == 2
    case, track = Case.objects.get(), TrackRow.objects.get()
    assert (case.version, case.state, case.lead_id, case.next_clock) == (
        2,
        "forwarded",
        house.housing.pk,
        "C04",
    )
    assert (track.holder_id, track.state) == (house.housing.pk, "forwarded")
    running = DeadlineRow.objects.filter(open=True).order_by("clock")
    assert list(running.values_list("clock", "holder_id")) == [
        (clock, house.housing.pk) for clock in ("C03", "C04", "C05")
    ]
    parts = Involved.objects.filter(unit=house.housing).values_list("why", flat=True)
    assert sorted(parts) == ["held", "holder"]
    kept, wanted = counted()
    assert kept == wanted
    assert kept[house.housing.pk, "state", "forwarded"] == 1
    assert (house.office.pk, "state", "registered") not in kept


def test_a_refused_move_writes_nothing(house):
    one = made.opened()
    before = (store.head("case", one.stream), list(TrackRow.objects.values()), list(Tally.objects.values()))
    refused = actions.perform(one.stream, "investigate", {"track": "t1"}, actor=house.handler, at=AT)
    assert isinstance(refused, Refusal)
    assert refused.zh
    after = (store.head("case", one.stream), list(TrackRow.objects.values()), list(Tally.objects.values()))
    assert after == before


def test_who_saw_an_older_state_is_told_so(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    stale = made.forward(one.stream, "jtj", house.clerk, expected=1)
    assert stale.code == "changed_meanwhile"
    assert Case.objects.get().version == 2


def legal(stream):
    """Every move of the record could be made on what stood before it: nothing was decided on old news."""
    packs, known = book.packs(), None
    for entry in store.read("case", stream):
        move = packs.pack(entry.pack).moves[entry.code]
        track = known.track(entry.facts["track"]) if known and "track" in entry.facts else None
        if track is not None and move.start and track.state not in move.start:
            return False
        known = step(known, entry, packs)
    return True


def two_decide_on_the_same_state(house):
    one = made.opened()
    seen = [facts.load(one.stream, AT) for _ in range(2)]
    for known, unit in zip(seen, ("zjj", "jtj"), strict=True):
        drafts = performing.decide_move(known, "forward", {"track": "t1", "to": unit}, house.clerk, AT)
        performing.write(known, drafts, AT)
    return one.stream


def test_of_two_who_decided_on_the_same_state_the_second_decides_again(house):
    with pytest.raises(VersionConflict):
        two_decide_on_the_same_state(house)
    assert legal(Case.objects.get().stream)


def test_control_without_the_version_check_a_decision_on_old_news_stands(house, monkeypatch):
    append = store.append

    def unchecked(kind, stream, drafts, *, expected, **more):
        return append(kind, stream, drafts, expected=store.head(kind, stream).version, **more)

    monkeypatch.setattr(writing, "_lock", lambda known: False)
    monkeypatch.setattr(writing.store, "append", unchecked)
    stream = two_decide_on_the_same_state(house)
    assert not legal(stream)


def test_supported_claims_become_obligations(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    told = {"track": "t1", "avenue": "A6", "served_on": AT.date(), "means": "post", "proof": True}
    actions.perform(one.stream, "notify_receipt", told, actor=house.handler, at=AT)
    answer = {
        "track": "t1",
        "outcomes": [
            {"claim": "c1", "outcome": "support", "execute_by": "2026-10-20"},
            {"claim": "c2", "outcome": "reject"},
        ],
        "remedy": True,
        "facts": {"c1": "经查属实", "c2": "经查不实"},
        "basis": {"c1": "噪声污染防治法", "c2": "噪声污染防治法"},
        "opinion": {"c1": "停工", "c2": "已洒水"},
    }
    done = actions.perform(one.stream, "opinion", answer, actor=house.handler, at=later(30))
    assert not isinstance(done, Refusal), done
    owed = ObligationRow.objects.get()
    assert (owed.kind, owed.debtor, owed.due_on, owed.state) == (
        "execution",
        "zjj",
        date(2026, 10, 20),
        "due",
    )
    paper = {"track": "t1", "paper": "opinion", "served_on": date(2026, 9, 4), "means": "post", "proof": True}
    actions.perform(one.stream, "serve", paper, actor=house.handler, at=later(31))
    did = {"track": "t1", "claim": "c1", "done_on": date(2026, 9, 5), "evidence": True}
    actions.perform(one.stream, "execute", did, actor=house.handler, at=later(60))
    owed.refresh_from_db()
    case = Case.objects.get()
    assert (owed.state, owed.done_on) == ("done", date(2026, 9, 5))
    assert (case.answered, case.solved, case.last_progress_on) == (True, False, date(2026, 9, 5))
    kept, wanted = counted()
    assert kept == wanted


# ---------------------------------------------------------------- attaching, correcting


def test_an_attached_petition_keeps_its_number_and_its_code(house):
    one = made.opened()
    more = actions.attach(
        one.stream,
        made.petition("还是那个工地。", parties=(PartyInput("lead", "李四", "新城路14号"),)),
        actor=house.clerk,
        at=later(3),
        same_facts=True,
        idempotency_key="a" * 32,
    )
    assert not isinstance(more, Refusal), more
    assert more.number != one.number
    assert more.query_code != one.query_code
    assert (more.case, Case.objects.count(), Petition.objects.count()) == (one.case, 1, 2)
    assert facts.load(one.stream, later(3)).facts.petitions == (one.number, more.number)
    assert [(p.party, p.mark) for p in Party.objects.order_by("pk")] == [("p1", "甲"), ("p2", "乙")]
    again = actions.attach(
        one.stream,
        made.petition("还是那个工地。", parties=(PartyInput("lead", "李四", "新城路14号"),)),
        actor=house.clerk,
        at=later(9),
        same_facts=True,
        idempotency_key="a" * 32,
    )
    assert again.answer == more.answer
    assert verify.verify().failures == []


def test_new_facts_open_a_line_of_their_own(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    actions.attach(
        one.stream,
        made.petition("又挖断了水管。", claims=("修水管",)),
        actor=house.clerk,
        at=later(3),
        same_facts=False,
    )
    tracks = TrackRow.objects.order_by("track").values_list("track", "state", "holder_id")
    assert list(tracks) == [
        ("t1", "forwarded", house.housing.pk),
        ("t2", "registered", house.office.pk),
    ]
    kept, wanted = counted()
    assert kept == wanted


def test_a_correction_is_an_entry_and_the_old_one_stays(house):
    one = made.opened()
    done = actions.correct(
        one.stream, 1, "received_on", "2026-09-01", reason="邮戳", actor=house.clerk, at=later(1)
    )
    assert not isinstance(done, Refusal), done
    assert store.read("case", one.stream)[0].facts["received_on"] == "2026-09-03"
    assert Case.objects.get().received_on == date(2026, 9, 1)


# ---------------------------------------------------------------- when it is said to have happened


def test_an_arrival_may_be_dated_earlier(house):
    one = made.opened(received_at=AT - timedelta(days=10))
    assert one.deadlines[0]["due"] == "2026-09-08"


def test_a_units_own_act_may_not(house):
    one = made.opened()
    refused = made.forward(one.stream, "zjj", house.clerk, later(48), occurred_at=later(1))
    assert refused.code == "backdated"
    future = made.forward(one.stream, "zjj", house.clerk, later(1), occurred_at=later(48))
    assert future.code in ("in_future", "dated_in_future")


def test_paper_with_a_scan_may_and_a_form_cannot_claim_it(house):
    one = made.opened()
    claimed = actions.perform(
        one.stream,
        "forward",
        {"track": "t1", "to": "zjj", "scanned": True},
        actor=house.clerk,
        at=later(48),
        occurred_at=later(1),
    )
    assert claimed.code == "backdated"
    StoredFile.objects.create(sha256="b" * 64, size=3, type="application/pdf", saved_at=AT)
    done = made.forward(one.stream, "zjj", house.clerk, later(48), occurred_at=later(1), scan="b" * 64)
    assert not isinstance(done, Refusal), done
    assert Attachment.objects.get().purpose == "scan"
    assert store.read("case", one.stream)[1].facts["files"] == ["b" * 64]


def test_never_before_the_units_last_entry_and_no_service_without_proof(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    named = {"track": "t1", "handler": house.handler.pseudonym}
    actions.perform(one.stream, "name_handler", named, actor=house.handler, at=later(72))
    told = {"track": "t1", "avenue": "A6", "means": "post", "proof": True, "served_on": date(2026, 9, 4)}
    early = actions.perform(one.stream, "notify_receipt", told, actor=house.handler, at=later(100))
    assert early.code == "dated_too_early"
    told |= {"served_on": date(2026, 9, 6), "proof": False}
    bare = actions.perform(one.stream, "notify_receipt", told, actor=house.handler, at=later(100))
    assert bare.code == "service_without_proof"
    done = actions.perform(
        one.stream, "notify_receipt", told | {"proof": True}, actor=house.handler, at=later(100)
    )
    assert not isinstance(done, Refusal), done


# ---------------------------------------------------------------- caches


def test_rows_refold_to_what_they_were(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    case = Case.objects.get()
    before = {table.name: bulk.select(table, case.pk) for table in rows.TABLES}
    DeadlineRow.objects.filter(clock="C05").update(due=date(2030, 1, 1))
    TrackRow.objects.update(state="registered")
    Involved.objects.all().delete()
    assert actions.refresh(one.stream, AT)
    assert {table.name: bulk.select(table, case.pk) for table in rows.TABLES} == before


def test_a_wrong_tally_is_found_and_mended(house):
    made.forward(made.opened().stream, "zjj", house.clerk)
    assert tallies.compare() == []
    Tally.objects.filter(kind="state", key="forwarded").update(n=7)
    [wrong] = tallies.compare()
    assert (wrong.stored, wrong.counted) == (7, 1)
    assert tallies.rebuild() == [wrong]
    assert tallies.compare() == []


# ---------------------------------------------------------------- telling


def test_a_move_and_its_notices_are_one_transaction(house):
    one = made.opened()
    made.forward(one.stream, "zjj", house.clerk)
    told = {"track": "t1", "avenue": "A6", "served_on": AT.date(), "means": "post", "proof": True}
    actions.perform(one.stream, "notify_receipt", told, actor=house.handler, at=later(1))
    actions.perform(one.stream, "note", {"track": "t1", "text": "内部"}, actor=house.handler, at=later(2))
    rows_ = Outbox.objects.order_by("pk").values_list("kind", "to_ref")
    assert list(rows_) == [("work", "unit/zjj"), ("news", f"case/{one.stream}")]
    refused = actions.perform(one.stream, "notify_receipt", told, actor=house.handler, at=later(3))
    assert isinstance(refused, Refusal)
    assert Outbox.objects.count() == 2
