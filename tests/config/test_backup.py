"""Backup and restore: everything holds, the damaged is refused, the erased stays erased, identities wait."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
from tests.config.homes import Home, homes

from openredress.config import backup

WRITE = """
import sys, json
from io import BytesIO
from datetime import timedelta
from openredress.cases import actions
from openredress.config.clock import now
from openredress.documents import store
from tests.cases.made import SOMEBODY, petition
from tests.documents.samples import picture
document = store.save(BytesIO(picture()), "a.png", at=now())
out = []
for text in ("永远保存的来信。", "将要删除的来信：暗号芦花。"):
    files = (document.sha256,) if "永远" in text else ()
    done = actions.open_case(petition(text, attachments=files), actor=SOMEBODY, at=now())
    out.append({"stream": done.stream, "number": done.number, "receipt": done.receipt})
print(json.dumps(out))
"""
ERASE = """
import sys
from openredress.cases import actions
from openredress.config.clock import now
from tests.cases.made import SYSTEM
done = actions.erase(sys.argv[1], "sealed", actor=SYSTEM, at=now(), reason="保存期满")
assert done.entries, done
"""
LOOK = """
import json, sys
from openredress.identity import vault
from openredress.identity.models import Person
from openredress.ledger import store
words = [store.words_of("case", stream) for stream in sys.argv[1:]]
try:
    people = len(vault.for_machine(Person.objects.values_list("ref", flat=True)))
except vault.VaultLocked as error:
    people = str(error)
print(json.dumps({"words": [len(w) for w in words], "people": people, "held": Person.objects.count()}))
"""
PUBLIC = "key.pem"


class Scene:
    """An office with two petitions, a backup, then one of them erased and a checkpoint put outside."""

    def __init__(self, folder: Path, office: Home) -> None:
        self.folder, self.office = folder, office
        assert office.run("init").returncode == 0
        self.cases = json.loads(office.python(WRITE))
        self.streams = [one["stream"] for one in self.cases]
        assert office.run("ledger", "seal", "--out", str(folder / "old.json")).returncode == 0
        assert office.run("backup-keys", str(folder / "keys.tar")).returncode == 0
        (folder / PUBLIC).write_text(office.run("keys", "public").stdout)
        done = office.run("backup", str(folder / "backup"))
        assert done.returncode == 0, done.stderr
        office.python(ERASE, self.streams[1])
        assert office.run("ledger", "seal", "--out", str(folder / "new.json")).returncode == 0

    def look(self, home: Home) -> dict:
        return json.loads(home.python(LOOK, *self.streams))

    def restore(self, home: Home, *more: str, keys: bool = True) -> int:
        given = ["--keys", str(self.folder / "keys.tar")] if keys else []
        return home.run("restore", str(self.folder / "backup"), *given, *more).returncode


@pytest.fixture(scope="module")
def made(tmp_path_factory, django_db_blocker):
    folder = tmp_path_factory.mktemp("backup")
    with django_db_blocker.unblock(), homes(folder, "office", "whole", "bare", "second", "spare") as found:
        yield Scene(folder, found[0]), dict(zip(("whole", "bare", "second", "spare"), found[1:], strict=True))


def test_whole_with_keys_and_newest_checkpoint(made):
    scene, empty = made
    home = empty["whole"]
    assert scene.restore(home, "--checkpoint", str(scene.folder / "new.json")) == 0
    verify = home.run("ledger", "verify", "--json", "--key", str(scene.folder / PUBLIC))
    found = json.loads(verify.stdout)
    assert (verify.returncode, found["ok"], found["cases"]) == (0, True, 2)
    for one in scene.cases:
        receipt = scene.folder / f"{one['number']}.json"
        receipt.write_text(json.dumps(one["receipt"]))
        assert (
            home.run("receipt", "verify", str(receipt), "--key", str(scene.folder / PUBLIC)).returncode == 0
        )
    looked = scene.look(home)
    assert looked == {"words": [1, 0], "people": 1, "held": 1}
    assert home.run("tallies", "check").returncode == 0


def test_locked_until_keys_and_checkpoint_are_there(made):
    scene, empty = made
    home = empty["bare"]
    assert scene.restore(home, keys=False) == 1
    assert "已锁定" in scene.look(home)["people"]
    unlock = ["restore", "--unlock"]
    again = home.run(*unlock, "--keys", str(scene.folder / "keys.tar"))
    assert (again.returncode, "最新封存点" in again.stderr) == (1, True)
    looked = scene.look(home)  # the erased words are back, which is why nobody may open identities yet
    assert (looked["words"][1], "已锁定" in looked["people"]) == (1, True)
    forged = scene.folder / "forged.json"
    forged.write_text((scene.folder / "new.json").read_text().replace('"v": 1', '"v": 1, "x": 0'))
    assert home.run(*unlock, "--checkpoint", str(forged)).returncode == 2
    assert home.run(*unlock, "--checkpoint", str(scene.folder / "new.json")).returncode == 0
    assert scene.look(home) == {"words": [1, 0], "people": 1, "held": 1}


def test_a_checkpoint_older_than_the_backup_opens_nothing(made):
    scene, empty = made
    second, home = scene.folder / "later", empty["second"]
    assert scene.office.run("backup", str(second)).returncode == 0
    given = ["--keys", str(scene.folder / "keys.tar"), "--checkpoint", str(scene.folder / "old.json")]
    refused = home.run("restore", str(second), *given)
    assert (refused.returncode, "还旧" in refused.stderr) == (2, True)
    assert "已锁定" in scene.look(home)["people"]


def test_keys_are_never_in_a_backup(made):
    scene, _ = made
    secrets = [p.read_bytes().strip() for p in (scene.office.path / "keys").iterdir()]
    assert len(secrets) == 5
    for path in (scene.folder / "backup").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert [s for s in secrets if s in content or bytes.fromhex(s.decode()) in content] == []


def test_twenty_flipped_bits_are_each_refused_and_nothing_is_written(made, tmp_path):
    scene, empty = made
    dice, home = random.Random(20), empty["spare"]
    for n in range(20):
        copy = tmp_path / str(n)
        shutil.copytree(scene.folder / "backup", copy)
        files = sorted(p for p in copy.rglob("*") if p.is_file())
        path = files[n % len(files)]
        content = bytearray(path.read_bytes())
        place = dice.randrange(len(content) * 8)
        content[place // 8] ^= 1 << place % 8
        path.write_bytes(content)
        _examined(copy)
        shutil.rmtree(copy)
    shutil.copytree(scene.folder / "backup", tmp_path / "cut")
    next((tmp_path / "cut").glob("openredress.*")).unlink()
    refused = home.run("restore", str(tmp_path / "cut"))
    assert (refused.returncode, "缺少" in refused.stderr) == (2, True)
    assert not home.path.exists() or list(home.path.iterdir()) == []


def _examined(copy: Path) -> None:
    with pytest.raises(backup.BackupError):
        backup.examine(copy)


def test_control_an_untouched_copy_passes(made):
    scene, _ = made
    assert backup.examine(scene.folder / "backup")["v"] == 1


def test_never_over_something(made, tmp_path):
    scene, _ = made
    assert scene.restore(scene.office) == 2
    (tmp_path / "x").write_text("mine")
    assert scene.office.run("backup", str(tmp_path)).returncode == 2
    assert (tmp_path / "x").read_text() == "mine"
