"""Is this office safe to run? Each line says what was looked at, what was found and what to do."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from openredress.lawbook import book
from openredress.ledger import keys as keyring
from openredress.ledger import triggers
from openredress.people.models import AdminRole

SPACE = 0.10  # of the disk must be free


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `ok` False means: do what `what_to_do` says before opening the doors."""

    name: str
    ok: bool
    found: str
    what_to_do: str = ""


def _triggers() -> Finding:
    lost = triggers.missing(connection)
    return Finding(
        "不可改写的触发器", not lost, "、".join(lost) or "齐全", "运行 openredress up 或 migrate 重新安装"
    )


def _durable() -> Finding:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            journal = str(cursor.fetchone()[0])
            cursor.execute("PRAGMA synchronous")
            level = int(cursor.fetchone()[0])
            return Finding("先落盘再答复", journal == "wal" and level >= 2, f"{journal}, synchronous={level}")
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        commit, fsync = cursor.fetchone()
        good = commit in ("on", "remote_apply", "remote_write", "local") and fsync == "on"
        return Finding("先落盘再答复", good, f"synchronous_commit={commit}, fsync={fsync}", "两项都设为 on")


def _migrated() -> Finding:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Finding("数据库结构", not plan, f"{len(plan)} 步未执行" if plan else "最新", "运行 openredress up")


def _keys() -> Finding:
    folder = Path(settings.HOME) / "keys"
    if not folder.is_dir():
        return Finding("密钥", False, "没有 keys 目录：身份处于锁定状态", "用 backup-keys 存下的文件放回密钥")
    if why := keyring.locked():
        return Finding("密钥", False, why, "openredress restore --unlock")
    loose = [p.name for p in [folder, *folder.iterdir()] if stat.S_IMODE(p.stat().st_mode) & 0o077]
    return Finding("密钥只有本用户可读", not loose, "、".join(loose) or "是", f"chmod -R go-rwx {folder}")


def _administrators() -> Finding:
    roles = sorted(AdminRole.objects.values_list("role", flat=True))
    wanted = {"system", "security", "audit"}
    return Finding("三员分立", wanted <= set(roles), "、".join(roles) or "没有", "给缺的管理员指定不同的人")


def _calendar(at: datetime) -> Finding:
    year = at.year + 1 if at.month >= 10 else at.year
    calendar = book.packs().calendar("cn", at)
    known = year in calendar.known_years
    return Finding(
        f"{year} 年工作日历",
        known,
        "已导入" if known else "没有，跨年期限为暂定",
        "openredress calendar import",
    )


def _space() -> Finding:
    usage = shutil.disk_usage(settings.HOME)
    share = usage.free / usage.total
    return Finding("磁盘余量", share > SPACE, f"{share:.0%}", "清理或扩容，低于 10% 会停止收件")


def _home() -> Finding:
    mode = stat.S_IMODE(os.stat(settings.HOME).st_mode)
    return Finding("数据目录权限", not mode & 0o007, oct(mode), f"chmod o-rwx {settings.HOME}")


def findings(at: datetime) -> Iterator[Finding]:
    """Look at everything in turn; a look that fails is itself a finding."""
    looks: list[Callable[[], Finding]] = [
        _migrated, _triggers, _durable, _keys, _administrators, lambda: _calendar(at), _space, _home,
    ]  # fmt: skip
    for look in looks:
        try:
            yield look()
        except Exception as error:  # a broken look must not hide the others
            yield Finding(
                getattr(look, "__name__", "look").strip("_"), False, f"{type(error).__name__}: {error}"
            )
