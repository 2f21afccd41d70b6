"""Erasure takes words, identities, files and index text; facts stay, and so does every figure."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions, erasing, facts, queries, retention, search
from openredress.cases.models import Attachment, Case, Party, Petition, SearchText
from openredress.cases.policy import acting_as
from openredress.documents import store as files
from openredress.identity.models import BlindIndex, Person
from openredress.lawbook import book
from openredress.ledger import seal, store, verify
from openredress.rules.facts import Actor, Refusal

MARK = "锦绣河畔三期夜里打桩"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def house(db):
    return made.office()


def figures(stream, at=AT):
    """Everything that is counted: facts, deadlines, worklist."""
    known = facts.load(stream, at)
    with acting_as(Actor("system", "system"), at.date()) as gate:
        lines = list(queries.due(gate, at.date(), packs=book.packs()))
    return known.facts, known.deadlines, [replace(line, title="") for line in lines]


def erased_in(house, **given):
    one = made.opened(text=MARK, place="锦绣河畔", **given)
    made.forward(one.stream, "zjj", house.clerk)
    before = figures(one.stream)
    done = actions.erase(
        one.stream, "sealed", actor=made.SYSTEM, at=AT + timedelta(hours=1), reason="保存期满"
    )
    assert not isinstance(done, Refusal), done
    return one, before, done


def test_words_identities_files_and_index_go_and_figures_stay(house):
    document = files.save(BytesIO(PNG), "a.png", at=AT)
    one, before, done = erased_in(house, attachments=(document.sha256,))
    assert len(done.entries) == 1
    known, due, lines = figures(one.stream)
    assert replace(known, version=before[0].version, last_at=before[0].last_at) == before[0]
    assert (due, lines) == before[1:]
    assert store.words_of("case", one.stream).keys() == {4}  # the reason of the erasure itself
    assert (Person.objects.count(), BlindIndex.objects.count()) == (0, 0)
    assert Party.objects.get().person == ""
    assert Attachment.objects.get().erased
    assert files.verify(document.sha256) == "missing"
    assert SearchText.objects.count() == 0
    case = Case.objects.get()
    assert (case.title, case.summary, case.place) == (erasing.GONE, "", "")
    assert Petition.objects.get().redacted == ""
    assert verify.verify().failures == []


def test_erasing_again_writes_nothing(house):
    one, _, _ = erased_in(house)
    version = facts.load(one.stream, AT).version
    again = actions.erase(one.stream, "sealed", actor=made.SYSTEM, at=AT + timedelta(days=1))
    assert (again.entries, facts.load(one.stream, AT).version) == ((), version)


def test_only_who_may_erases(house):
    one = made.opened()
    refused = actions.erase(one.stream, "sealed", actor=house.clerk, at=AT)
    assert isinstance(refused, Refusal)
    assert Person.objects.count() == 1


def test_each_class_takes_its_own_words(house):
    one = made.opened(text=MARK)
    note = {"track": "t1", "text": "已转办"}
    made.forward(one.stream, "zjj", house.clerk)
    actions.perform(one.stream, "note", note, actor=house.handler, at=AT)
    actions.erase(one.stream, "staff_words", actor=made.SYSTEM, at=AT)
    assert store.words_of("case", one.stream).keys() == {1}
    assert Petition.objects.get().redacted
    actions.erase(one.stream, "petition_words", actor=made.SYSTEM, at=AT)
    assert store.words_of("case", one.stream) == {}
    assert Petition.objects.get().redacted == ""
    assert Person.objects.count() == 1


def test_a_shared_file_stays_until_its_last_case_lets_it_go(house):
    document = files.save(BytesIO(PNG), "a.png", at=AT)
    one, two = (made.opened(attachments=(document.sha256,)) for _ in range(2))
    actions.erase(one.stream, "attachments", actor=made.SYSTEM, at=AT)
    assert files.verify(document.sha256) == "ok"
    actions.erase(two.stream, "attachments", actor=made.SYSTEM, at=AT)
    assert files.verify(document.sha256) == "missing"
    assert erasing.left_over() == []


def ended(house, **given):
    """A case that was withdrawn: nothing is open any more."""
    one = made.opened(**given)
    told = {"via": "portal"}
    prefix = f"party/{one.stream[:10]}.p1"
    done = actions.perform(one.stream, "withdraw", told, actor=Actor(prefix, "petitioner"), at=AT)
    assert not isinstance(done, Refusal), done
    return one


def test_retention_finds_what_is_over_by_the_pack_and_nothing_before(house):
    one = ended(house)
    made.opened()  # still open: kept whatever the year
    packs = book.packs()
    day = AT.date()

    def classes(years, days=0):
        on = day.replace(year=day.year + years) + timedelta(days=days)
        return sorted(found.retention_class for found in retention.due(on, AT, packs))

    assert classes(5, -1) == []
    assert classes(5) == ["identity"]
    assert classes(9) == ["identity"]
    assert classes(10) == ["identity", "petition_words"]
    found = list(retention.due(day.replace(year=2031), AT, packs))
    assert [(row.stream, row.ended_on) for row in found] == [(one.stream, day)]
    made_, refused = retention.apply(found, AT)
    assert (made_, refused) == (1, [])
    assert list(retention.due(day.replace(year=2031), AT, packs)) == []
    assert Party.objects.get(case__stream=one.stream).person == ""


def test_a_restored_backup_is_erased_again(own_database, tmp_path):
    """The backup is older than the erasure; the checkpoint that lies outside knows of it."""
    if connection.vendor != "sqlite":
        pytest.skip("the same code; copying a PostgreSQL database back is the backup's own test")
    house = made.office()
    one = made.opened(text=MARK)
    made.forward(one.stream, "zjj", house.clerk)
    copy = sqlite3.connect(tmp_path / "backup.sqlite3")
    connection.connection.backup(copy)
    actions.erase(one.stream, "sealed", actor=made.SYSTEM, at=AT)
    outside = seal.seal(AT + timedelta(hours=1))
    body = seal.latest()
    assert outside is not None
    copy.backup(connection.connection)
    copy.close()
    assert MARK in str(store.words_of("case", one.stream))
    assert Person.objects.count() == 1
    went = retention.reapply(body["erasures"], body["root"], datetime(2026, 9, 5, tzinfo=UTC))
    assert went == 1
    assert store.words_of("case", one.stream) == {}
    assert (Person.objects.count(), SearchText.objects.count()) == (0, 0)
    assert Case.objects.get().title == erasing.GONE


def test_nothing_of_an_erased_case_stays_in_the_database_file(own_database, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps dead rows until its vacuum; the file is not ours to read")
    house = made.office()
    erased_in(house)
    search.purge()
    connection.close()
    held = b"".join(path.read_bytes() for path in tmp_path.glob("own.sqlite3*"))
    assert MARK.encode() not in held


def test_control_before_the_erasure_it_is_there(own_database, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("as above")
    made.office()
    made.opened(text=MARK)
    connection.close()
    held = b"".join(path.read_bytes() for path in tmp_path.glob("own.sqlite3*"))
    assert MARK.encode() in held
