"""`ledger seal`, `ledger verify`, `keys` and `backup-keys` from the command line."""

import argparse
import json
import threading
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection

from openredress.config.commands import keys as keys_command
from openredress.config.commands import ledger as ledger_command
from openredress.documents.store import path_of
from openredress.ledger import keys, store
from openredress.ledger.report import still

from .attacks import attack, sql
from .test_store import draft, put
from .test_tamper import Scene

AT = datetime(2026, 9, 3, tzinfo=UTC)


@pytest.fixture
def office(own_database, tmp_path, monkeypatch):
    """A home with keys, one case with an attachment, and the public key put outside."""
    monkeypatch.setattr(settings, "HOME", tmp_path / "home")
    keys.ensure(AT)
    (tmp_path / "office.pem").write_text(keys.public_pem())
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of "foo"
    path_of(digest).parent.mkdir(parents=True)
    path_of(digest).write_text("foo")
    put(draft("register", {"files": [digest]}), draft(), draft(), draft(), stream="a1")
    put(draft("register"), draft(), stream="a2")
    return tmp_path


def run(*words):
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    ledger_command.register(subparsers)
    keys_command.register(subparsers)
    args = parser.parse_args([str(word) for word in words])
    return args.func(args)


def verified(capsys, *words):
    capsys.readouterr()
    code = run("ledger", "verify", "--json", *words)
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def test_seal_then_verify(office, capsys):
    out = office / "checkpoint.json"
    assert run("ledger", "seal", "--out", out) == 0
    made = json.loads(out.read_text())
    assert set(made) == {
        "v", "position", "count", "root", "previous", "sealed_at", "erasures", "key_id", "alg", "signature",
    }  # fmt: skip
    assert (made["position"], made["count"], made["previous"], made["erasures"]) == (6, 6, "", [])
    assert "封存到第 6 位" in capsys.readouterr().out
    code, report, err = verified(capsys, "--checkpoint", out, "--key", office / "office.pem")
    assert (code, err) == (0, "")
    assert {name: report[name] for name in ("ok", "cases", "entries", "failures")} == {
        "ok": True, "cases": 2, "entries": 6, "failures": [],
    }  # fmt: skip


def test_seals_are_linked_and_nothing_new_writes_nothing(office, capsys):
    out = office / "checkpoint.json"
    run("ledger", "seal", "--out", out)
    first = json.loads(out.read_text())
    out.unlink()
    assert run("ledger", "seal", "--out", out) == 0
    assert json.loads(out.read_text()) == first
    assert "没有新的记录" in capsys.readouterr().err
    put(draft(), stream="a3")
    run("ledger", "seal", "--out", out)
    second = json.loads(out.read_text())
    assert (second["position"], second["count"], second["previous"]) == (7, 1, first["root"])
    assert verified(capsys, "--checkpoint", out, "--key", office / "office.pem")[0] == 0


def test_what_was_altered_is_named(office, capsys):
    out = office / "checkpoint.json"
    run("ledger", "seal", "--out", out)
    capsys.readouterr()
    attack("entry edited", Scene(target="a1"))
    code, report, _ = verified(capsys, "--checkpoint", out, "--key", office / "office.pem")
    assert code == 1
    assert [(f["stream"], f["seq"], f["kind"]) for f in report["failures"]] == [
        ("case/a1", 2, "entry_altered")
    ]
    assert run("ledger", "verify") == 1
    assert "case/a1 第 2 条：内容被改动" in capsys.readouterr().out


def test_an_altered_attachment_is_named(office, capsys):
    next(path for path in (settings.HOME / "files").rglob("*") if path.is_file()).write_text("bar")
    code, report, _ = verified(capsys)
    assert (code, [f["kind"] for f in report["failures"]]) == (1, ["attachment_altered"])


def test_without_outside_help_it_says_what_it_cannot_see(office, capsys):
    assert "查不出来" in verified(capsys)[2]
    out = office / "checkpoint.json"
    run("ledger", "seal", "--out", out)
    capsys.readouterr()
    assert "没有给出外存的公钥" in verified(capsys, "--checkpoint", out)[2]


def test_wrong_files_are_wrong_use(office, capsys):
    wrong = office / "wrong.json"
    wrong.write_text("{}")
    assert run("ledger", "verify", "--checkpoint", wrong) == 2
    assert run("ledger", "verify", "--checkpoint", office / "none.json") == 2
    assert run("ledger", "verify", "--key", wrong) == 2


def test_no_seal_without_keys(office, capsys):
    for path in (settings.HOME / "keys").iterdir():
        path.unlink()
    assert run("ledger", "seal") == 2
    assert "已锁定" in capsys.readouterr().err
    assert sql("SELECT COUNT(*) FROM ledger_position") == [(0,)]


def test_rotation_is_on_record_and_old_seals_hold(office, capsys):
    out = office / "checkpoint.json"
    run("ledger", "seal", "--out", out)
    assert run("keys", "rotate") == 0
    (entry,) = store.read("system", "1")
    assert (entry.code, entry.facts) == (
        "key_rotated",
        {"kind": "signing", "key": keys.current("signing").id},
    )
    run("ledger", "seal")
    capsys.readouterr()
    assert run("keys", "public") == 0
    (office / "both.pem").write_text(capsys.readouterr().out)
    assert verified(capsys, "--checkpoint", out, "--key", office / "both.pem")[0] == 0


def test_backup_of_keys_says_it_is_not_encrypted(office, capsys):
    assert run("backup-keys", office / "keys.tar") == 0
    assert "没有加密" in capsys.readouterr().out
    assert run("backup-keys", office / "keys.tar") == 2


def test_verify_stops_no_writer(office):
    """The check reads one unchanging view; a write in its midst goes through and is not seen by it."""

    def write():
        put(draft(), stream="z")
        connection.close()

    with still():
        before = sql("SELECT COUNT(*) FROM ledger_entry")
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(timeout=20)
        assert not thread.is_alive()
        assert sql("SELECT COUNT(*) FROM ledger_entry") == before
    assert len(store.read("case", "z")) == 1
