"""The keyring on the disk."""

import os
import stat
import tarfile
from datetime import UTC, datetime

import pytest
from django.conf import settings

from openredress.ledger import keys
from openredress.ledger.signature import BadKey, public_keys

AT = datetime(2026, 9, 3, tzinfo=UTC)


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "HOME", tmp_path)
    return tmp_path


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_without_keys_everything_is_locked(empty_home):
    for ask in (lambda: keys.current("vault"), lambda: keys.by_id("vault-2026-01-abcd"), keys.public_pem):
        with pytest.raises(keys.KeysMissing, match="已锁定"):
            ask()
    assert keys.keyring().all("code") == ()


def test_first_start_makes_one_of_each_kind(empty_home):
    made = keys.ensure(AT)
    assert [name.rsplit("-", 1)[0] for name in made] == [f"{kind}-2026-01" for kind in keys.KINDS]
    assert keys.ensure(AT) == []
    assert mode(empty_home / "keys") == 0o700
    assert {mode(path) for path in (empty_home / "keys").iterdir()} == {0o600}
    assert keys.loose() == []
    (empty_home / "keys" / made[0]).chmod(0o640)
    assert keys.loose() == [str(empty_home / "keys" / made[0])]


def test_a_rotated_key_is_the_newest_and_the_old_one_stays(empty_home):
    keys.ensure(AT)
    old = keys.current("vault")
    new = keys.rotate("vault", AT)
    assert (keys.current("vault"), keys.by_id(old.id)) == (new, old)
    assert keys.keyring().all("vault") == (new, old)
    next_year = keys.rotate("vault", datetime(2027, 1, 1, tzinfo=UTC))
    assert next_year.id.startswith("vault-2027-01-")
    assert keys.current("vault") == next_year


def test_more_than_nine_rotations_in_a_year_keep_their_order(empty_home):
    made = [keys.rotate("code", AT) for _ in range(12)]
    assert keys.keyring().all("code") == tuple(reversed(made))


def test_only_four_kinds(empty_home):
    with pytest.raises(ValueError, match="vault, index, code, signing"):
        keys.rotate("master", AT)


def test_other_files_in_the_folder_are_no_keys(empty_home):
    keys.ensure(AT)
    (empty_home / "keys" / "secret").write_text("cookie key")
    (empty_home / "keys" / ".vault-2026-09-abcd.new").write_text("half written")
    assert len(keys.keyring().keys) == 4


def test_the_secret_is_not_in_the_repr(empty_home):
    keys.ensure(AT)
    key = keys.current("vault")
    assert key.secret.hex() not in repr(key)
    assert str(key.secret) not in repr(key)


def test_public_pem_has_all_signing_keys_and_no_secret(empty_home):
    keys.ensure(AT)
    first = keys.current("signing")
    second = keys.rotate("signing", AT)
    pem = keys.public_pem()
    assert [key.public_bytes_raw() for key in public_keys(pem.encode())] == [
        second.public().public_bytes_raw(),
        first.public().public_bytes_raw(),
    ]
    assert "PRIVATE" not in pem
    with pytest.raises(BadKey):
        public_keys(b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    with pytest.raises(BadKey):
        public_keys(b"")


def test_backup_and_back(empty_home, tmp_path_factory):
    keys.ensure(AT)
    kept = tmp_path_factory.mktemp("safe") / "keys.tar"
    assert len(keys.backup(kept)) == 4
    assert mode(kept) == 0o600
    with pytest.raises(FileExistsError):
        keys.backup(kept)
    before = keys.keyring()
    with tarfile.open(kept) as tar:
        assert {(member.name.split("/")[0], member.mode) for member in tar} == {("keys", 0o600)}
        other = tmp_path_factory.mktemp("other")
        tar.extractall(other, filter="data")
    settings.HOME = other
    assert keys.keyring() == before


def test_no_backup_of_nothing(empty_home):
    with pytest.raises(keys.KeysMissing):
        keys.backup(empty_home / "keys.tar")
