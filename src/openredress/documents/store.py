"""Files by what they hold: `files/ab/cdef…` under the home, durable before anybody is told so."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from openredress.documents.intake import LIMITS, Limits, inspect, sanitised, too_big
from openredress.documents.models import StoredFile

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """A kept file: its content's hash, bytes, media type as found, and its cleaned name."""

    sha256: str
    size: int
    type: str
    name: str


def root() -> Path:
    """Where files lie."""
    return Path(settings.HOME) / "files"


def path_of(sha256: str) -> Path:
    """The place of one content."""
    return root() / sha256[:2] / sha256[2:]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> None:
    """Make a folder so that its own name survives a power cut too."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _receive(stream: BinaryIO, limits: Limits) -> tuple[Path, str, int]:
    """Copy to a temporary file beside the goal, counting: (temporary path, sha256, size), on disk."""
    incoming = root() / "incoming"
    _make_folder(incoming)
    temporary = incoming / secrets.token_hex(16)
    digest, size = hashlib.sha256(), 0
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > limits.bytes:
                    raise too_big(limits)
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary, digest.hexdigest(), size


def save(
    stream: BinaryIO, declared_name: str, *, at: datetime, limits: Limits = LIMITS, authority: int = 1
) -> Document:
    """Keep a file: temp → fsync → rename → fsync folder → row, in the caller's transaction.

    The order is the promise: once the caller's commit is answered, the bytes are on disk. A content
    that is here already is kept once. Raises `Refused` with the sentence for the petitioner when the
    type, the structure or the size is not allowed; nothing of it stays.
    """
    temporary, sha256, size = _receive(stream, limits)
    try:
        media_type = inspect(temporary, declared_name, limits)
        goal = path_of(sha256)
        _make_folder(goal.parent)
        # Also over an equal file: an altered one of that name is thereby healed.
        os.replace(temporary, goal)
        _sync_folder(goal.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    StoredFile.objects.update_or_create(
        sha256=sha256,
        defaults={"erased_at": None},
        create_defaults={"size": size, "type": media_type, "saved_at": at, "authority": authority},
    )
    return Document(sha256, size, media_type, sanitised(declared_name, media_type))


def open_file(sha256: str) -> BufferedReader:
    """The bytes, for reading. Raises FileNotFoundError."""
    return path_of(sha256).open("rb")


def verify(sha256: str) -> str:
    """`ok`, `altered` or `missing`: the bytes on disk against their hash."""
    try:
        with open_file(sha256) as held:
            found = hashlib.file_digest(held, "sha256").hexdigest()
    except FileNotFoundError:
        return "missing"
    return "ok" if found == sha256 else "altered"


def verify_all() -> Iterator[tuple[str, str]]:
    """(sha256, state) of every file that should be here."""
    for sha256 in StoredFile.objects.filter(erased_at=None).values_list("sha256", flat=True).iterator():
        yield sha256, verify(sha256)


def erase(sha256: str, *, at: datetime) -> None:
    """Remove the bytes when retention says so; the row stays and tells. Erasing again is no error.

    The caller has made sure that no other case refers to this content.
    """
    path_of(sha256).unlink(missing_ok=True)
    if path_of(sha256).parent.is_dir():
        _sync_folder(path_of(sha256).parent)
    StoredFile.objects.filter(sha256=sha256, erased_at=None).update(erased_at=at)


@dataclass(frozen=True, slots=True)
class Orphans:
    """What does not match: rows whose file is gone, files that no row knows, half-received ones."""

    rows_without_file: tuple[str, ...]
    files_without_row: tuple[str, ...]
    unfinished: tuple[str, ...]


def orphans(older_than: float) -> Orphans:
    """Compare rows and files in both directions.

    Files changed after `older_than` (seconds of the epoch) are left out: their transaction may still
    be on its way to its commit.
    """
    known = set(StoredFile.objects.filter(erased_at=None).values_list("sha256", flat=True))
    held = {"".join(path.parts[-2:]): path for path in root().glob("??/*")}
    settled = {sha256 for sha256, path in held.items() if path.stat().st_mtime < older_than}
    incoming = (path for path in (root() / "incoming").glob("*") if path.stat().st_mtime < older_than)
    return Orphans(
        rows_without_file=tuple(sorted(known - set(held))),
        files_without_row=tuple(sorted(settled - known)),
        unfinished=tuple(sorted(path.name for path in incoming)),
    )


def sweep(found: Orphans, *, still_wanted: Callable[[Iterable[str]], set[str]] = lambda _: set()) -> int:
    """Remove files without row and half-received ones; returns how many. Rows are never removed."""
    wanted = still_wanted(found.files_without_row)
    doomed = [path_of(sha256) for sha256 in found.files_without_row if sha256 not in wanted]
    doomed += [root() / "incoming" / name for name in found.unfinished]
    for path in doomed:
        path.unlink(missing_ok=True)
    return len(doomed)
