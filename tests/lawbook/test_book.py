"""Revisions of packs and calendars: immutable, on record, and read through a cache that never lies."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from openredress.lawbook import book
from openredress.lawbook.models import CalendarRevision, PackRevision
from openredress.packs import calendars, load

AT = datetime(2026, 9, 3, tzinfo=UTC)
LATER = AT + timedelta(days=30)


class Diary:
    """Stands where the caller writes entries."""

    def __init__(self):
        self.entries = []

    def __call__(self, code, facts, words):
        self.entries.append((code, dict(facts), dict(words)))


def changed(pack_id="example"):
    """The pack's files with one more comment: another hash, the same law."""
    files = load.builtin_files(pack_id)
    return files | {"pack.toml": files["pack.toml"] + "\n# 修订\n".encode()}


def changed_calendar():
    return calendars.builtin_file("cn").replace(b'version = "2026.1"', b'version = "2026.2"')


@pytest.mark.django_db
def test_an_empty_book_gives_the_shipped_law_and_writes_nothing():
    assert book.packs() is load.builtin_packs()
    assert PackRevision.objects.count() == 0


@pytest.mark.django_db
def test_seeding_records_what_ships_once():
    diary = Diary()
    done = book.seed(AT, diary)
    assert set(load.BUILTIN) <= set(done)
    assert [code for code, _, _ in diary.entries] == ["pack_revision"] * len(load.BUILTIN) + [
        "calendar_revision"
    ] * CalendarRevision.objects.count()
    _, facts, words = diary.entries[0]
    first = load.builtin(load.BUILTIN[0])
    assert facts == {"pack": first.id, "family": first.family, "hash": first.hash, "applies": "new_cases"}
    assert words == {"reason": book.SHIPPED}
    assert book.seed(LATER, diary) == []
    assert len(diary.entries) == len(done)


@pytest.mark.django_db
def test_the_seeded_book_is_the_shipped_law():
    book.seed(AT)
    for pack_id in load.BUILTIN:
        shipped = load.builtin(pack_id)
        assert book.packs().pack(shipped.hash).id == pack_id
    assert book.packs().calendar("cn") == calendars.builtin("cn")
    assert book.check() == []


@pytest.mark.django_db
def test_reading_again_is_one_small_query(django_assert_num_queries):
    book.seed(AT)
    first = book.packs()
    with django_assert_num_queries(1):
        assert book.packs() is first


@pytest.mark.django_db
def test_a_revision_is_seen_at_once_and_was_not_known_before():
    book.seed(AT)
    before = book.packs()
    row = book.add_pack(changed(), applies="new_cases", at=LATER, reason="改一处注释", enter=None)
    assert book.packs() is not before
    assert book.packs().pack(row.hash).id == "example"
    with pytest.raises(KeyError):
        book.packs(known_at=AT).pack(row.hash)
    assert book.packs(known_at=LATER).pack(row.hash).id == "example"
    assert book.packs(known_at=AT - timedelta(days=900)).calendar("cn").id == "cn"


@pytest.mark.django_db
def test_a_refold_revision_answers_for_the_old_hash():
    book.seed(AT)
    old = load.builtin("example").hash
    row = book.add_pack(changed(), applies="refold", at=LATER, reason="更正", enter=None)
    assert book.packs().pack(old).hash == row.hash


@pytest.mark.django_db
def test_a_calendar_revision():
    diary = Diary()
    book.seed(AT)
    book.add_calendar(changed_calendar(), applies="new_clocks", at=LATER, reason="新一年", enter=diary)
    assert [(code, facts["version"], words) for code, facts, words in diary.entries] == [
        ("calendar_revision", "2026.2", {"reason": "新一年"})
    ]
    assert book.packs().calendar("cn").version == "2026.2"
    assert book.packs().calendar("cn", AT).version == "2026.1"
    assert book.packs(known_at=AT).calendar("cn").version == "2026.1"


@pytest.mark.django_db
def test_a_first_revision_of_ones_own_does_not_stand_alone():
    book.add_calendar(changed_calendar(), applies="new_clocks", at=AT, reason="新一年", enter=None)
    assert PackRevision.objects.count() == len(load.BUILTIN)
    assert book.packs().calendar("cn").version == "2026.2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wish",
    [{"applies": "everything"}, {"reason": " "}, {"files": None}],
    ids=["applies", "reason", "same again"],
)
def test_refused(wish):
    book.seed(AT)
    given = {"files": changed(), "applies": "new_cases", "reason": "理由"} | wish
    files = given.pop("files") or load.builtin_files("example")
    with pytest.raises(book.LawbookError):
        book.add_pack(files, at=AT, enter=None, **given)


@pytest.mark.django_db
def test_a_bad_pack_is_refused_with_its_place():
    with pytest.raises(load.PackError, match=r"pack\.toml"):
        book.add_pack(
            load.builtin_files("example") | {"pack.toml": b"x = 1"},
            applies="refold",
            at=AT,
            reason="r",
            enter=None,
        )
    assert PackRevision.objects.count() == 0


@pytest.mark.django_db
def test_an_entry_that_cannot_be_written_takes_the_revision_with_it():
    def broken(code, facts, words):
        raise RuntimeError("ledger")

    book.seed(AT)
    with pytest.raises(RuntimeError):
        book.add_pack(changed(), applies="refold", at=AT, reason="r", enter=broken)
    assert PackRevision.objects.count() == len(load.BUILTIN)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["packrevision", "calendarrevision"])
@pytest.mark.parametrize("verb", ["UPDATE lawbook_{} SET reason = 'x'", "DELETE FROM lawbook_{}"])
def test_revisions_are_immutable(table, verb):
    book.seed(AT)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format(table))


@pytest.mark.django_db
def test_control_an_altered_blob_is_found():
    book.seed(AT)
    PackRevision.objects.create(
        pack="forged", family="f", hash="0" * 64, applies="refold", recorded_at=AT, reason="r",
        blob='{"pack.toml": "x"}',
    )  # fmt: skip
    assert book.check() == ["forged"]


def test_another_process_revision_is_seen(own_database):
    book.seed(AT)
    assert book.packs().calendar("cn").version == "2026.1"

    def add():
        book.add_calendar(changed_calendar(), applies="new_clocks", at=LATER, reason="新一年", enter=None)
        connection.close()

    thread = threading.Thread(target=add)
    thread.start()
    thread.join()
    assert book.packs().calendar("cn").version == "2026.2"
