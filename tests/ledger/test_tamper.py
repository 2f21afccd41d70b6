"""Eight attacks by a superuser, two hands, sealed and unsealed: what finds which (decision 0002)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction

from openredress.ledger import keys, receipts, seal, store, verify

from .attacks import ATTACKS, attack, dump, protect, rechain, restore, sql, unprotect
from .test_store import AT, draft, put

DECISION = Path(__file__).parents[2] / "docs" / "decisions" / "0002-sealing-and-receipts.md"
SEALED_AT = datetime(2026, 9, 3, 3, 0, tzinfo=UTC)


@dataclass
class Scene:
    """A small office: sealed cases, cases of the hour after, receipts, a checkpoint put outside."""

    careful: bool = False
    target: str = ""
    other: str = ""
    file: str = ""
    backup: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    receipts: dict = field(default_factory=dict)
    checkpoint: dict = field(default_factory=dict)
    key: list = field(default_factory=list)

    def open_case(self, name):
        digest = f"{len(self.files):064x}"
        self.files[digest] = digest
        facts = {"number": name, "received_on": "2026-09-03", "files": [digest]}
        steps = [
            draft(code, {"track": "t1", "to": code}, {"note": code}) for code in ("forward", "note", "serve")
        ]
        first = put(draft("register", facts, {"text": f"{name} 夜间施工"}), *steps, stream=name)[0]
        self.receipts[name] = receipts.make(name, first, stream=f"case/{name}")

    def verify(self, outside=True):
        extra = {"checkpoint": self.checkpoint, "public": self.key} if outside else {}
        return verify.verify(files=self.files.get, **extra)


def build(when, careful):
    """`when` is sealed or unsealed: which case is attacked, and how old the restored backup is."""
    scene = Scene(careful=careful)
    keys.ensure(AT)
    scene.key = [key.public() for key in keys.keyring().all("signing")]
    put(draft("made"), stream="1", kind="system")
    if when == "sealed":
        scene.backup = dump()
    for name in ("a1", "a2", "a3"):
        scene.open_case(name)
    (by,) = put(draft("erase", {"entries": [2]}), stream="a3", expected=4)
    with transaction.atomic():
        store.erase_words([store.ids("case", "a3")[2]], by)
    scene.checkpoint = seal.seal(SEALED_AT).body
    if when == "unsealed":
        scene.backup = dump()
    for name in ("b1", "b2"):
        scene.open_case(name)
    scene.target, scene.other = ("a2", "a1") if when == "sealed" else ("b1", "b2")
    scene.file = next(iter(sorted(scene.files)[1 if when == "sealed" else 3 :]))
    return scene


@pytest.mark.parametrize("when", ["sealed", "unsealed"])
def test_the_untouched_record_verifies(db, when):
    scene = build(when, careful=False)
    report = scene.verify()
    assert (report.failures, report.cases, report.entries, report.unsealed) == ([], 5, 22, 8)
    assert (report.checkpoint, report.outside_key) == (True, True)
    for receipt in scene.receipts.values():
        assert verify.against_receipt(receipt, scene.key).ok
    assert scene.verify(outside=False).ok


KIND = {
    "entry edited": {"entry_altered"},
    "deleted in the middle": {"entry_missing"},
    "tail cut": {"tail_missing"},
    "whole case deleted": {"stream_missing"},
    "chain rewritten without the key": {"entry_altered", "chain_broken"},
    "entry moved to another case": {"moved"},
    "attachment altered": {"attachment_altered"},
}


@pytest.mark.parametrize("name", KIND)
def test_a_plain_hand_is_named_with_its_place(db, name):
    scene = build("sealed", careful=False)
    attack(name, scene)
    found = scene.verify().failures
    place = {
        "chain rewritten without the key": 1,
        "whole case deleted": 1,
        "attachment altered": 1,
        "tail cut": 4,
    }
    assert ("case/a2", place.get(name, 2)) in {(f.stream, f.seq) for f in found if f.kind in KIND[name]}
    assert KIND[name] <= {f.kind for f in found}
    assert {f.stream for f in found} <= {"case/a2", "case/a1"}


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("careful", [False, True], ids=["plain", "careful"])
def test_what_is_sealed_is_found_by_the_outside_checkpoint(db, name, careful):
    scene = build("sealed", careful)
    attack(name, scene)
    found = {f.kind for f in scene.verify().failures}
    assert found
    if name == "old backup restored":
        assert found == {"rolled_back"}
    elif careful:
        assert found & {"checkpoint_mismatch", "rolled_back"}


@pytest.mark.parametrize("name", ATTACKS)
def test_control_without_the_outside_checkpoint_a_careful_hand_is_not_found(db, name):
    scene = build("sealed", careful=True)
    attack(name, scene)
    assert scene.verify(outside=False).ok


def marks(when, name, careful):
    """Who finds it: the chain alone, the checkpoint, the receipt of the registration, or nobody."""
    scene = build(when, careful)
    attack(name, scene)
    row = [
        not scene.verify(outside=False).ok,
        not scene.verify().ok,
        not verify.against_receipt(scene.receipts[scene.target], scene.key).ok,
    ]
    return [*row, not any(row)]


@pytest.mark.parametrize("careful", [False, True], ids=["plain", "careful"])
@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("when", ["sealed", "unsealed"])
def test_the_decision_says_what_is_computed(db, when, name, careful):
    cells = " | ".join("●" if mark else "–" for mark in marks(when, name, careful))
    line = f"| {when} | {'careful' if careful else 'plain'} | {name} | {cells} |"
    assert line in DECISION.read_text(encoding="utf-8").splitlines(), line


def test_a_forged_checkpoint_is_not_believed(db):
    scene = build("sealed", careful=False)
    scene.checkpoint["root"] = "0" * 64
    assert {f.kind for f in scene.verify().failures} == {"checkpoint_mismatch"}


def test_a_checkpoint_of_another_key_is_not_believed(db):
    scene = build("sealed", careful=False)
    scene.key = [keys.rotate("signing", AT).public()]
    found = scene.verify().failures
    assert {f.kind for f in found} == {"checkpoint_mismatch"}


def test_a_rewriter_with_the_database_cannot_make_a_kept_checkpoint(db):
    """He leaves the old signature on a new root: the home's own public key is enough to see it."""
    scene = build("sealed", careful=True)
    unprotect()
    (body,) = sql("SELECT body FROM ledger_checkpoint")[0]
    sql("UPDATE ledger_checkpoint SET body = %s", body.replace('"count":14', '"count":13'))
    assert {f.kind for f in scene.verify(outside=False).failures} == {"checkpoint_mismatch"}


def test_erased_words_that_come_back_are_found(db):
    scene = build("sealed", careful=False)
    unprotect()
    entry_id = store.ids("case", "a3")[2]
    sql("INSERT INTO ledger_words (entry_id, salt, body) VALUES (%s, %s, %s)", entry_id, b"x" * 16, "{}")
    sql("DELETE FROM ledger_erasure")
    found = {(f.stream, f.seq, f.kind) for f in scene.verify().failures}
    assert found == {("case/a3", 2, "rolled_back"), ("case/a3", 2, "entry_altered")}


@pytest.mark.parametrize("by", ["0" * 64, "other"])
def test_words_removed_on_no_ground_are_found(db, by):
    scene = build("sealed", careful=False)
    entry_id = store.ids("case", "a1")[1]
    by = store.head("case", "a3").hash if by == "other" else by  # an `erase` entry, of another case
    unprotect()
    sql("DELETE FROM ledger_words WHERE entry_id = %s", entry_id)
    assert [f.kind for f in scene.verify().failures] == ["entry_altered"]
    sql("INSERT INTO ledger_erasure (entry_id, entry_hash, by_hash, recorded_at) "
        "SELECT id, hash, %s, '2026' FROM ledger_entry WHERE id = %s", by, entry_id)  # fmt: skip
    assert [(f.stream, f.seq, f.kind) for f in scene.verify().failures] == [("case/a1", 1, "entry_altered")]


def test_words_altered_are_found(db):
    scene = build("sealed", careful=False)
    unprotect()
    sql("UPDATE ledger_words SET body = '{}' WHERE entry_id = %s", store.ids("case", "a1")[2])
    assert [(f.stream, f.seq, f.kind) for f in scene.verify().failures] == [("case/a1", 2, "entry_altered")]


def test_erasure_leaves_the_check_green_and_the_facts_as_they_were(db):
    scene = build("sealed", careful=False)
    before = store.read("case", "a1")
    (by,) = put(draft("erase", {"entries": [1, 2, 3, 4]}), stream="a1", expected=4)
    with transaction.atomic():
        assert store.erase_words(store.ids("case", "a1").values(), by) == 4
    assert store.words_of("case", "a1") == {}
    assert store.read("case", "a1")[:4] == before
    assert scene.verify().ok
    assert verify.against_receipt(scene.receipts["a1"], scene.key).ok
    later = seal.seal(SEALED_AT).body
    scene.checkpoint = later
    assert scene.verify().ok
    assert len(later["erasures"]) == 1 + 4


def test_a_restored_backup_is_erased_again_from_the_checkpoint(db):
    scene = build("sealed", careful=False)
    saved = dump()
    (by,) = put(draft("erase", {"entries": [1]}), stream="a1", expected=4)
    with transaction.atomic():
        store.erase_words([store.ids("case", "a1")[1]], by)
    outside = seal.seal(SEALED_AT).body
    unprotect()
    with transaction.atomic():
        restore(saved)
    protect()
    assert 1 in store.words_of("case", "a1")
    with transaction.atomic():
        assert store.reapply_erasures(outside["erasures"], outside["root"], AT) == 1
    assert 1 not in store.words_of("case", "a1")
    scene.checkpoint = outside
    assert {f.kind for f in scene.verify().failures} == {"rolled_back"}  # it is older; nothing else is wrong


def test_rechaining_an_honest_record_changes_nothing(db):
    """Control of the attacker himself: his hashing is the ledger's, so what he hides is well hidden."""
    build("sealed", careful=True)
    before = {name: sorted(map(str, rows)) for name, rows in dump().items() if name != "checkpoint"}
    unprotect()
    with transaction.atomic():
        rechain()
    assert {name: sorted(map(str, rows)) for name, rows in dump().items() if name != "checkpoint"} == before
