"""Appending, reading back, versions and erasure."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DatabaseError, connection, transaction

from openredress.ledger import canonical, models, store, triggers
from openredress.rules.facts import Entry

EAST = timezone(timedelta(hours=8))
AT = datetime(2026, 9, 3, 2, 12, 0, 123456, UTC)
STREAM = "7qk4m2x9b0c1d2e3f4g5h6j7k8"


def draft(code="note", facts=None, words=None, **other):
    values = {
        "stream": "", "seq": 0, "code": code, "actor": "staff/3m9k2p7q4x",
        "occurred_at": datetime(2026, 9, 3, 10, 12, tzinfo=EAST), "recorded_at": AT, "pack": "",
        "facts": facts or {}, "words": words or {},
    }  # fmt: skip
    return Entry(**(values | other))


def put(*drafts, expected=0, stream=STREAM, kind="case"):
    with transaction.atomic():
        return store.append(kind, stream, drafts, expected=expected, recorded_at=AT)


pytestmark = pytest.mark.django_db


def test_what_is_read_is_what_was_written():
    put(
        draft("register", {"claims": [{"id": "c1"}], "n": 2}, {"text": "夜间施工"}),
        draft("forward", {"to": "a"}),
    )
    first, second = store.read("case", STREAM)
    assert (first.stream, first.seq, first.code, first.facts) == (
        f"case/{STREAM}", 1, "register", {"claims": [{"id": "c1"}], "n": 2},
    )  # fmt: skip
    assert first.occurred_at.isoformat() == "2026-09-03T10:12:00+08:00"
    assert (first.recorded_at, first.words) == (AT, {})
    assert (second.seq, second.facts) == (2, {"to": "a"})
    assert store.words_of("case", STREAM) == {1: {"text": "夜间施工"}}


def test_hash_is_the_one_of_the_decision():
    """The golden vectors' own entry, through the store, gives the vector's hash."""
    facts = {"number": "2026-7QK4M2-X", "channel": "letter"}
    done = put(draft("register", facts))
    row = models.Entry.objects.get()
    text = '{"channel":"letter","number":"2026-7QK4M2-X"}'
    expected = canonical.entry_hash(
        "case", STREAM, 1, "register", "staff/3m9k2p7q4x", "2026-09-03T10:12:00+08:00",
        "2026-09-03T02:12:00.123456Z", "", text, None, "",
    )  # fmt: skip
    assert (done[0].hash, row.hash, row.facts, row.id) == (expected, expected, text, done[0].entry_id)


def test_chain_goes_on():
    (one,) = put(draft())
    (two,) = put(draft(), expected=1)
    assert models.Entry.objects.get(seq=2).prev == one.hash
    assert store.head("case", STREAM) == (2, two.hash)
    assert two.entry_id > one.entry_id


@pytest.mark.parametrize("expected", [0, 2, 5])
def test_old_version_is_refused(expected):
    put(draft())
    with pytest.raises(store.VersionConflict):
        put(draft(), expected=expected)
    assert models.Entry.objects.count() == 1


def test_unknown_stream_at_a_version_is_refused():
    with pytest.raises(store.VersionConflict):
        put(draft(), expected=1)


def test_same_id_on_two_kinds_are_two_streams():
    put(draft(), stream="1", kind="unit")
    put(draft(), stream="1", kind="system")
    assert [e.stream for e in store.read("unit", "1")] == ["unit/1"]


@pytest.mark.parametrize("facts", [{"share": 0.5}, {"n": 2**60}, {"t": "\ud800"}, {1: 2}])
def test_facts_without_canonical_form_are_refused(facts):
    with pytest.raises(canonical.CanonicalError, match=f"case/{STREAM}#1 facts"):
        put(draft(facts=facts))
    assert models.Stream.objects.count() == 0


def test_nul_and_astral_text_survive():
    put(draft(facts={"a": "\x00𠮷"}, words={"b": "\x00😀"}))
    assert store.read("case", STREAM)[0].facts == {"a": "\x00𠮷"}
    assert store.words_of("case", STREAM) == {1: {"b": "\x00😀"}}


def test_many_streams_at_once():
    batches = [
        store.Batch("case", f"s{n}", [draft("register", {"n": n}, {"t": str(n)}), draft()])
        for n in range(700)
    ]
    with transaction.atomic():
        done = store.append_many(batches)
    assert (len(done), models.Entry.objects.count(), models.Words.objects.count()) == (700, 1400, 700)
    assert {stream: [e.facts for e in es] for stream, es in store.read_all("case")} == {
        f"s{n}": [{"n": n}, {}] for n in range(700)
    }
    with transaction.atomic():
        store.append_many([store.Batch("case", f"s{n}", [draft()], 2) for n in range(10)])
    assert store.head("case", "s3").version == 3
    found = store.words([done[5][0].entry_id, done[6][1].entry_id, done[7][0].entry_id])
    assert found == {done[5][0].entry_id: {"t": "5"}, done[7][0].entry_id: {"t": "7"}}


def test_one_old_version_among_many_refuses_all():
    put(draft(), stream="s1")
    with pytest.raises(store.VersionConflict), transaction.atomic():
        store.append_many([store.Batch("case", f"s{n}", [draft()]) for n in range(3)])
    assert models.Entry.objects.count() == 1


def test_a_stream_twice_in_a_call_is_refused():
    with pytest.raises(ValueError, match="twice"), transaction.atomic():
        store.append_many([store.Batch("case", "s", [draft()]), store.Batch("case", "s", [draft()], 1)])


def test_erasure_takes_words_and_leaves_facts():
    done = put(draft("register", {"n": 1}, {"text": "秘密"}), draft())
    before = store.read("case", STREAM)
    (by,) = put(draft("erase", {"entries": [1]}), expected=2)
    with transaction.atomic():
        assert store.erase_words([done[0].entry_id, done[1].entry_id], by) == 1
        assert store.erase_words([done[0].entry_id], by) == 0
    assert store.words_of("case", STREAM) == {}
    assert store.read("case", STREAM)[:2] == before
    assert store.erased("case", STREAM) == {1: by.hash}


def test_erasures_are_applied_again_after_a_restore():
    done = put(draft("register", {"n": 1}, {"text": "秘密"}))
    with transaction.atomic():
        assert store.reapply_erasures([done[0].hash, "0" * 64], "f" * 64, AT) == 1
    assert store.words_of("case", STREAM) == {}


CHANGES = [
    "UPDATE ledger_entry SET code = 'x'",
    "UPDATE ledger_entry SET code = code",
    "DELETE FROM ledger_entry",
    "DELETE FROM ledger_words",
    "UPDATE ledger_words SET body = '{}'",
    "DELETE FROM ledger_erasure",
    "UPDATE ledger_erasure SET by_hash = ''",
    "UPDATE ledger_position SET hash = ''",
    "DELETE FROM ledger_position",
    "UPDATE ledger_checkpoint SET root = ''",
    "DELETE FROM ledger_checkpoint",
    "DELETE FROM ledger_stream",
    "UPDATE ledger_stream SET version = 1",
    "UPDATE ledger_stream SET stream = 'other', version = version + 1",
]
SQLITE = [
    "REPLACE INTO ledger_entry SELECT * FROM ledger_entry",
    "INSERT OR REPLACE INTO ledger_words SELECT * FROM ledger_words",
    "REPLACE INTO ledger_checkpoint SELECT * FROM ledger_checkpoint",
]
POSTGRES = [f"TRUNCATE ledger_{t} CASCADE" for t in ("entry", "words", "position", "checkpoint", "stream")]
POSTGRES += [
    "SET LOCAL session_replication_role = replica; DELETE FROM ledger_entry",
    "INSERT INTO ledger_stream SELECT * FROM ledger_stream ON CONFLICT (id) DO UPDATE SET version = 0",
]


def fill():
    """A row in every protected table."""
    done = put(draft(words={"a": "b"}), draft(words={"c": "d"}), draft("erase"))
    with transaction.atomic():
        store.erase_words([done[0].entry_id], done[2])
    models.Position.objects.create(
        position=1, entry_id=done[0].entry_id, kind="case", stream=STREAM, seq=1, hash="a"
    )
    models.Checkpoint.objects.create(position=1, root="", sealed_at="", key_id="", body="", peaks="[]")
    connection.check_constraints()  # PostgreSQL: nothing left pending that would refuse in our stead


def try_all(statements):
    """The statements that went through."""
    through = []
    for statement in statements:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement) if ";" not in statement else [
                    cursor.execute(part) for part in statement.split(";")
                ]
                through.append(statement)
                transaction.set_rollback(True)
        except DatabaseError as error:
            assert "append-only" in str(error)  # noqa: PT017
    return through


def test_nothing_is_rewritten():
    fill()
    statements = CHANGES + (SQLITE if connection.vendor == "sqlite" else POSTGRES)
    assert try_all(statements) == []


def test_control_without_triggers_everything_is_rewritten():
    fill()
    triggers.remove(connection)
    own = (
        ["REPLACE INTO ledger_checkpoint SELECT * FROM ledger_checkpoint"]
        if connection.vendor == "sqlite"
        else POSTGRES
    )
    assert len(try_all(CHANGES + own)) > len(CHANGES) // 2
    assert len(triggers.missing(connection)) == 2 * len(triggers.guards())
    triggers.install(connection)
    assert triggers.missing(connection) == []


def test_protection_is_there_and_its_loss_is_named():
    assert triggers.missing(connection) == []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER ledger_entry_no_update")
            assert triggers.missing(connection) == ["ledger_entry_no_update"]
            cursor.execute(
                "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT 1; END"
            )
            assert triggers.missing(connection) == ["ledger_entry_no_update"]
            triggers.install(connection)
            cursor.execute("PRAGMA recursive_triggers=OFF")
            assert triggers.missing(connection) == ["PRAGMA recursive_triggers"]
            cursor.execute("PRAGMA recursive_triggers=ON")
        else:
            cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_no_change")
            assert triggers.missing(connection) == ["ledger_entry_no_change"]
            triggers.install(connection)
    assert triggers.missing(connection) == []


def test_words_go_only_when_their_erasure_is_on_record():
    done = put(draft(words={"a": "b"}), draft("erase"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        models.Words.objects.all().delete()
    with transaction.atomic():
        assert store.erase_words([done[0].entry_id], done[1]) == 1
