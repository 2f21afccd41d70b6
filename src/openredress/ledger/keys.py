"""The office's keys: vault, index, code and signing, one file each in `$OPENREDRESS_HOME/keys`.

A key is named `<kind>-<year>-<number in that year>-<4 hex>`; the name goes into each ciphertext and
signature, and no key is ever deleted by the program. Backups never hold them; `backup-keys` does.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import tarfile
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

KINDS = ("vault", "index", "code", "signing")
IDENTITY = ("vault", "index")  # what a locked home does without
SIZE = 32
_NAME = re.compile(rf"({'|'.join(KINDS)})-(\d{{4}})-(\d{{2,}})-[0-9a-f]{{4}}")


class KeysMissing(Exception):
    """The keyring lacks a key: what needs it stays locked until `keys/` is put back."""

    def __init__(self, what: str) -> None:
        lost = f"{folder()} 里没有密钥 {what}：身份信息已锁定。请把 backup-keys 另存的密钥放回。"
        super().__init__(locked() or lost)
        self.what = what


@lru_cache(maxsize=8)
def _private(secret: bytes) -> Ed25519PrivateKey:
    """Making it out of its seed costs more than signing with it."""
    return Ed25519PrivateKey.from_private_bytes(secret)


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `secret` is 32 raw bytes; for signing, the Ed25519 seed."""

    id: str
    kind: str
    secret: bytes = field(repr=False)

    def private(self) -> Ed25519PrivateKey:
        """The signing key."""
        return _private(self.secret)

    def public(self) -> Ed25519PublicKey:
        """What outsiders check signatures with."""
        return self.private().public_key()

    def pem(self) -> str:
        """The public half in PEM, with the key's name on the line above."""
        text = self.public().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return f"# {self.id}\n{text}"


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys found, newest first within each kind."""

    keys: tuple[Key, ...]

    def all(self, kind: str) -> tuple[Key, ...]:
        """Every key of a kind, newest first; empty when locked."""
        return tuple(key for key in self.keys if key.kind == kind)

    def newest(self, kind: str) -> Key:
        """The key that new things are made with. Raises KeysMissing."""
        for key in self.keys:
            if key.kind == kind:
                return key
        raise KeysMissing(kind)

    def by_id(self, key_id: str) -> Key:
        """The key of that name. Raises KeysMissing."""
        for key in self.keys:
            if key.id == key_id:
                return key
        raise KeysMissing(key_id)


def folder() -> Path:
    """Where the keys lie."""
    return Path(settings.HOME) / "keys"


def _marker() -> Path:
    return Path(settings.HOME) / "locked"


def locked() -> str:
    """Why identities are locked although keys may be there (after a restore), or an empty string."""
    try:
        return _marker().read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def lock(why: str) -> None:
    """Hide the identity keys from every process of this home until `unlock`; `why` is the sentence shown."""
    _marker().write_text(why + "\n", encoding="utf-8")


def unlock() -> None:
    """Show the identity keys again."""
    _marker().unlink(missing_ok=True)


_cached: tuple[Path, int, Keyring] | None = None


def keyring() -> Keyring:
    """The keyring as it lies on the disk; read again when the folder changed (a rotation elsewhere)."""
    global _cached
    place = folder()
    try:
        changed = place.stat().st_mtime_ns
    except FileNotFoundError:
        return Keyring(())
    if _cached is None or _cached[:2] != (place, changed):
        _cached = (place, changed, _load(place))
    whole = _cached[2]
    if _marker().exists():
        return Keyring(tuple(key for key in whole.keys if key.kind not in IDENTITY))
    return whole


def _load(place: Path) -> Keyring:
    found = []
    for path in place.iterdir():
        if match := _NAME.fullmatch(path.name):
            secret = bytes.fromhex(path.read_text().strip())
            found.append((match[2], int(match[3]), Key(path.name, match[1], secret)))
    found.sort(key=lambda row: (row[0], row[1], row[2].id), reverse=True)
    return Keyring(tuple(key for _, _, key in found))


def current(kind: str) -> Key:
    """The newest key of a kind. Raises KeysMissing."""
    return keyring().newest(kind)


def by_id(key_id: str) -> Key:
    """The key of that name. Raises KeysMissing."""
    return keyring().by_id(key_id)


def public_pem() -> str:
    """All public signing keys, newest first. Raises KeysMissing."""
    current("signing")
    return "".join(key.pem() for key in keyring().all("signing"))


def ensure(at: datetime) -> list[str]:
    """Make the kinds of which there is no key yet; returns the names made.

    Only for a new home: over an existing record whose keys are lost it would hide the loss.
    """
    return [rotate(kind, at).id for kind in KINDS if not keyring().all(kind)]


def rotate(kind: str, at: datetime) -> Key:
    """Make a new newest key of a kind; the older ones stay for what they made. `at` gives the year."""
    if kind not in KINDS:
        raise ValueError(f"{kind}: {', '.join(KINDS)}")
    same_year = [key for key in keyring().all(kind) if key.id.split("-")[1] == f"{at.year:04d}"]
    number = max((int(key.id.split("-")[2]) for key in same_year), default=0) + 1
    key = Key(f"{kind}-{at.year:04d}-{number:02d}-{secrets.token_hex(2)}", kind, secrets.token_bytes(SIZE))
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.chmod(0o700)
    _write_durably(place / key.id, (key.secret.hex() + "\n").encode())
    return key


def _write_durably(path: Path, content: bytes) -> None:
    """0600, on the disk before it has its name: a key that signed must not vanish in a power cut."""
    draft = path.with_name(f".{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    os.rename(draft, path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def loose() -> list[str]:
    """Key files and the folder itself when others than the owner may read them; empty is good."""
    place = folder()
    if not place.is_dir():
        return []
    return [str(path) for path in [place, *sorted(place.iterdir())] if path.stat().st_mode & 0o077]


def put_back(source: Path) -> list[str]:
    """Take the keys of a `backup` file into the keyring; returns their names. ValueError when it is none."""
    try:
        with tarfile.open(source) as tar:
            members = [one for one in tar.getmembers() if one.isfile()]
            content = {one.name: _content(tar, one) for one in members}
    except (tarfile.TarError, OSError) as error:
        raise ValueError(f"{source}: {error}") from error
    names = {path: path.removeprefix("keys/") for path in content}
    known = [name for name in names.values() if _NAME.fullmatch(name)]
    if not known or any(not (_NAME.fullmatch(n) or n == "secret") for n in names.values()):
        raise ValueError(f"{source}: 不是 backup-keys 写出的文件 / not a file of backup-keys")
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    folder().chmod(0o700)
    for path, name in names.items():
        _write_durably(folder() / name, content[path])
    return sorted(known)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    handle = tar.extractfile(member)
    return handle.read(4096) if handle else b""


def backup(target: Path) -> list[str]:
    """Write all key files into a plain tar (0600, not encrypted) that must not exist; returns their names.

    Raises KeysMissing when there is nothing to save, FileExistsError when the target is there.
    """
    names = sorted(path.name for path in folder().glob("*") if path.is_file()) if folder().is_dir() else []
    if not keyring().keys:
        raise KeysMissing("*")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in names:
            tar.add(folder() / name, arcname=f"keys/{name}")
    if target.exists():
        raise FileExistsError(str(target))
    _write_durably(target, packed.getvalue())
    return names
