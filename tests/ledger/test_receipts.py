"""Receipts offline: the honest one holds, every change of it does not."""

import base64
import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openredress.ledger import keys, receipts, signature
from openredress.ledger.store import Appended

from .golden_check import canonical as by_hand

AT = datetime(2026, 9, 3, tzinfo=UTC)
ENTRY = Appended(1, "ab" * 32, 7, "2026-09-03T02:12:00.123456Z")
CHECKPOINT = {
    "v": 1, "position": 9, "count": 2, "root": "cd" * 32, "previous": "",
    "sealed_at": "2026-09-03T03:00:00.000000Z", "erasures": [],
}  # fmt: skip


@pytest.fixture
def key():
    keys.ensure(AT)
    return keys.current("signing")


def checkpoint(key, **changes):
    return signature.sign(CHECKPOINT | changes, key.id, key.private())


def test_an_honest_receipt_verifies(key):
    receipt = receipts.make("2026-7QK4M2-X", ENTRY, stream="case/abc")
    assert list(receipt) == [
        "v", "number", "seq", "entry_hash", "recorded_at", "stream", "key_id", "alg", "signature",
    ]  # fmt: skip
    assert receipts.verify(receipt, [key.public()]).ok
    other = keys.rotate("signing", AT)
    assert receipts.verify(receipt, [other.public(), key.public()]).ok


def test_what_is_signed_is_the_canonical_object(key):
    """By a hand that shares no code with ours."""
    receipt = receipts.make("2026-7QK4M2-X", ENTRY)
    body = {name: value for name, value in receipt.items() if name != "signature"}
    key.public().verify(base64.b64decode(receipt["signature"]), by_hand(body).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "2026-7QK4M2-Y"), ("seq", 2), ("entry_hash", "ac" * 32), ("key_id", "other"), ("v", 2),
        ("recorded_at", "2026-09-02T02:12:00.123456Z"), ("alg", "none"), ("extra", 1), ("signature", ""),
        ("signature", "!"), ("signature", None), ("seq", True), ("seq", 1.0), ("number", "\ud800"),
    ],
)  # fmt: skip
def test_any_change_is_found(key, field, value):
    receipt = receipts.make("2026-7QK4M2-X", ENTRY) | {field: value}
    assert not receipts.verify(receipt, [key.public()]).ok


@pytest.mark.parametrize(
    "field", ["v", "number", "seq", "entry_hash", "recorded_at", "key_id", "alg", "signature"]
)
def test_a_receipt_without_a_field_is_none(key, field):
    receipt = receipts.make("2026-7QK4M2-X", ENTRY)
    del receipt[field]
    assert not receipts.verify(receipt, [key.public()]).ok


def test_an_embedded_key_is_never_trusted(key):
    forger = Ed25519PrivateKey.generate()
    pem = forger.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    body = {"v": 1, "number": "2026-7QK4M2-X", "seq": 1, "entry_hash": "ab" * 32, "public_key": pem,
            "recorded_at": ENTRY.recorded_at}  # fmt: skip
    forged = signature.sign(body, key.id, forger)
    assert not receipts.verify(forged, [key.public()]).ok
    assert receipts.verify(forged, [forger.public_key()]).ok  # control: only the key from outside decides
    assert not receipts.verify(forged, []).ok


def test_with_a_checkpoint(key):
    receipt = receipts.make("2026-7QK4M2-X", ENTRY)
    public = [key.public()]
    assert "必" not in receipts.verify(receipt, public).zh
    for changes, word in [
        ({}, "应在封存点之内"),
        ({"sealed_at": "2026-09-03T02:00:00.000000Z"}, "尚不在其内"),
        ({"erasures": [ENTRY.hash]}, "依法删除"),
    ]:
        verdict = receipts.verify(receipt, public, checkpoint(key, **changes))
        assert verdict.ok
        assert word in verdict.notes[0][0]
    assert not receipts.verify(receipt, public, checkpoint(key) | {"position": 10}).ok


def run(*words, home):
    env = {"PATH": os.environ["PATH"], "OPENREDRESS_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "openredress.config.cli", *map(str, words)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_on_a_machine_with_no_office(key, tmp_path):
    """Honest 0, forged 1, no key 2; with neither database nor keys, and nothing is made there."""
    receipt = receipts.make("2026-7QK4M2-X", ENTRY)
    home, file, pem = tmp_path / "none", tmp_path / "receipt.json", tmp_path / "office.pem"
    pem.write_text(key.pem())
    file.write_text(json.dumps({"number": "2026-7QK4M2-X", "receipt": receipt}))
    sealed = tmp_path / "checkpoint.json"
    sealed.write_text(json.dumps(checkpoint(key)))
    honest = run("receipt", "verify", file, "--key", pem, "--checkpoint", sealed, home=home)
    assert (honest.returncode, "回执真实" in honest.stdout) == (0, True), honest.stderr
    assert run("receipt", "verify", file, home=home).returncode == 2
    assert run("receipt", "verify", file, "--key", file, home=home).returncode == 2
    file.write_text(json.dumps(receipt | {"recorded_at": "2026-09-01T00:00:00.000000Z"}))
    forged = run("receipt", "verify", file, "--key", pem, home=home)
    assert (forged.returncode, "签名不符" in forged.stdout) == (1, True)
    assert not home.exists()
