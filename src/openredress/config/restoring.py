"""After the files are back: keys, what was erased since, and whether identities may be opened at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command

from openredress.cases import retention
from openredress.config import backup
from openredress.ledger import gate, keys, seal, signature
from openredress.people.record import record, system_stream

NO_KEYS = (
    "恢复时没有给出密钥，身份信息已锁定。请运行 openredress restore --unlock --keys 文件 --checkpoint 文件。"
)
NO_CHECKPOINT = (
    "恢复时没有给出外存的最新封存点，备份之后依法删除的内容可能又回来了，身份信息已锁定。"
    "请运行 openredress restore --unlock --checkpoint 文件。"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a restore. `locked` is the sentence why identities are locked, or empty."""

    made_at: str
    erased_again: int
    after: int  # sealed entries that the checkpoint knows and the backup does not hold
    locked: str


def put_back(
    folder: Path, at: datetime, *, key_file: Path | None, checkpoint: Mapping[str, Any] | None
) -> Restored:
    """Restore into an empty home. Raises backup.BackupError before anything is written when it may not be."""
    backup.examine(folder)
    if key_file is not None:
        _take(key_file)
    manifest = backup.put_back(folder)
    Path(settings.HOME).chmod(0o700)
    keys.lock(NO_KEYS)  # a restore that is broken off from here on leaves identities locked
    _secret()
    call_command("migrate", verbosity=0, skip_checks=True)
    Session.objects.all().delete()  # nobody stays signed in across a restore
    again, after, locked = unlock(at, key_file=None, checkpoint=checkpoint)
    return Restored(str(manifest["made_at"]), again, after, locked)


def _take(key_file: Path) -> None:
    try:
        keys.put_back(key_file)
    except ValueError as error:
        raise backup.BackupError(f"密钥文件不能用：{error}") from error


def _secret() -> None:
    """Forms and cookies need one; the saved keys bring the old one back."""
    path = keys.folder() / "secret"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_hex(32) + "\n")


def unlock(
    at: datetime, *, key_file: Path | None, checkpoint: Mapping[str, Any] | None
) -> tuple[int, int, str]:
    """Take keys and checkpoint; identities open only with both. (erased again, entries lost, why locked).

    Raises BackupError for a checkpoint that this office did not sign or that is older than the backup.
    """
    if key_file is not None:
        _take(key_file)
    if not keys.keyring().all("signing"):
        keys.lock(NO_KEYS)
        return 0, 0, NO_KEYS
    if checkpoint is None:
        keys.lock(NO_CHECKPOINT)
        return 0, 0, NO_CHECKPOINT
    after = _newer(checkpoint)
    facts = {"checkpoint": dict(checkpoint)}  # whole and signed: what is erased again now rests on it
    gate.write(lambda: record(system_stream(), "restored", facts, actor="system", at=at))
    again = retention.reapply(checkpoint.get("erasures", ()), str(checkpoint["root"]), at)
    keys.unlock()
    return again, after, ""


def _newer(checkpoint: Mapping[str, Any]) -> int:
    """How many sealed entries the checkpoint is ahead of this record. Raises BackupError."""
    own = [key.public() for key in keys.keyring().all("signing")]
    if not signature.holds(checkpoint, own):
        raise backup.BackupError("封存点不是用本单位的密钥签署的，或已被改动。请给外存的原件。")
    kept = seal.latest()
    position = int(kept["position"]) if kept else 0
    if int(checkpoint["position"]) < position:
        raise backup.BackupError(
            f"封存点（第 {checkpoint['position']} 位）比备份（第 {position} 位）还旧。请给外存的最新一个。"
        )
    return int(checkpoint["position"]) - position
