"""A verified copy of an office, without its keys, and the way back into an empty place.

The manifest lists every file with its SHA-256; a copy that differs in one byte is refused with its name.
Keys travel apart (`backup-keys`), and so does the list of what was erased (each outside checkpoint):
a restore that lacks either starts with identities locked and says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from openredress import __version__

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"  # of the manifest, which holds those of the files


class BackupError(Exception):
    """Why a backup or restore stops; str() is the sentence for the user."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds."""

    folder: Path
    files: int
    size: int  # bytes


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_sqlite(target: Path) -> None:
    source = sqlite3.connect(settings.DATABASES["default"]["NAME"])
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        copy.close()
        source.close()
    if verdict != "ok":
        raise BackupError(f"数据库自检不通过：{verdict}。备份没有完成。")


def _postgres(tool: str, *arguments: str) -> None:
    row = settings.DATABASES["default"]
    if shutil.which(tool) is None:
        raise BackupError(f"缺少 {tool}：apt-get install postgresql-client")
    place = ["-h", row["HOST"], "-p", row["PORT"] or "5432", "-U", row["USER"], "-d", row["NAME"]]
    env = os.environ | {"PGPASSWORD": row["PASSWORD"]}
    done = subprocess.run([tool, *place, *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{tool} 没有成功：{done.stderr.strip()[-400:]}")


def _stored(home: Path) -> Iterator[Path]:
    root = home / "files"
    if root.is_dir():
        yield from (p for p in sorted(root.rglob("*")) if p.is_file() and not p.name.endswith(".part"))


def make(folder: Path, at: datetime) -> Made:
    """Copy database and attachments into an empty folder and write the manifest last.

    Raises BackupError when the folder is not empty or a copy does not verify.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} 不是空的。请给一个空目录，旧备份不会被覆盖。")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if connection.vendor == "sqlite":
        _copy_sqlite(folder / "openredress.sqlite3")
    else:
        _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={folder / 'openredress.dump'}")
    home = Path(settings.HOME)
    for path in _stored(home):
        target = folder / path.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        _sync(target)
    rows = [
        {"path": p.relative_to(folder).as_posix(), "sha256": _digest(p), "size": p.stat().st_size}
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    ]
    made = {"v": 1, "made_at": at.isoformat(), "version": __version__, "vendor": connection.vendor}
    manifest = made | {"files": rows}
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / SEAL).write_text(f"{_digest(path)}  {MANIFEST}\n")
    for one in (path, folder / SEAL, folder):
        _sync(one)
    return Made(folder, len(rows), sum((folder / str(row["path"])).stat().st_size for row in rows))


def examine(folder: Path) -> dict[str, Any]:
    """The manifest, after every file has been read and compared; BackupError names what is damaged."""
    try:
        if (folder / SEAL).read_text() != f"{_digest(folder / MANIFEST)}  {MANIFEST}\n":
            raise BackupError(
                f"{folder / MANIFEST} 与 {SEAL} 不符（被改动或损坏）。这份备份不能用，请换一份。"
            )
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        rows = {row["path"]: row for row in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{folder} 里的清单读不出来（{error}）。这份备份不能用，请换一份。") from error
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {MANIFEST, SEAL}
    if missing := sorted(set(rows) - found):
        raise BackupError(f"备份缺少 {missing[0]} 等 {len(missing)} 个文件，不能用于恢复。")
    if extra := sorted(found - set(rows)):
        raise BackupError(f"备份里多出 {extra[0]}，不在清单上，不能用于恢复。")
    for name, row in rows.items():
        if _digest(folder / name) != row["sha256"]:
            raise BackupError(f"备份中的 {name} 与清单不符（被改动或损坏），不能用于恢复。")
    return manifest


def put_back(folder: Path) -> dict[str, Any]:
    """Copy an examined backup into an empty home (or empty PostgreSQL database); returns its manifest."""
    manifest = examine(folder)
    home = Path(settings.HOME)
    if manifest["vendor"] != connection.vendor:
        raise BackupError(f"这份备份来自 {manifest['vendor']}，现在的数据库是 {connection.vendor}。")
    if connection.vendor == "postgresql" and connection.introspection.table_names():
        raise BackupError(f"数据库 {connection.settings_dict['NAME']} 不是空的。恢复只写入空的数据库。")
    kept = {"keys"}
    if home.exists() and any(p.name not in kept for p in home.iterdir()):
        raise BackupError(f"{home} 不是空的。恢复只写入空目录，请换一个 OPENREDRESS_HOME。")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if connection.vendor == "sqlite":
        shutil.copyfile(folder / "openredress.sqlite3", home / "openredress.sqlite3")
        _sync(home / "openredress.sqlite3")
    else:
        _postgres("pg_restore", "--no-owner", "--exit-on-error", str(folder / "openredress.dump"))
    for row in manifest["files"]:
        if row["path"].startswith("files/"):
            target = home / row["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / row["path"], target)
            _sync(target)
    return manifest
