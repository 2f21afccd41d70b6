"""`openredress backup` and `openredress restore`: an office copied without its keys, and put back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from openredress.config import backup, restoring
from openredress.config.cli import say
from openredress.config.clock import now
from openredress.config.commands.ledger import WrongUse, read_checkpoint


def register(subparsers: Any) -> None:
    """Add the two commands' words."""
    saving: argparse.ArgumentParser = subparsers.add_parser("backup", help=say("备份", "verified backup"))
    saving.add_argument("folder", type=Path, metavar="DIR", help=say("空目录", "an empty folder"))
    saving.set_defaults(func=run_backup)
    putting: argparse.ArgumentParser = subparsers.add_parser(
        "restore", help=say("恢复到空目录", "into an empty home")
    )
    putting.add_argument("folder", type=Path, metavar="DIR", nargs="?")
    putting.add_argument(
        "--keys", type=Path, metavar="FILE", help=say("backup-keys 存下的文件", "what backup-keys wrote")
    )
    putting.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help=say("外存的最新封存点", "the newest checkpoint kept outside"),
    )
    putting.add_argument(
        "--unlock",
        action="store_true",
        help=say("已恢复的单位：补上密钥或封存点", "an office restored earlier: bring what was missing"),
    )
    putting.set_defaults(func=run_restore)


def run_backup(args: argparse.Namespace) -> int:
    """Copy, verify, write the manifest. 2 when the folder is not empty or a copy fails."""
    try:
        made = backup.make(args.folder, now())
    except (backup.BackupError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(
        say(
            f"已备份到 {made.folder}：{made.files} 个文件，{made.size / 1e6:.1f} MB，已逐个校验。",
            f"Backed up to {made.folder}: {made.files} files, {made.size / 1e6:.1f} MB, each verified.",
        )
    )
    print(
        say(
            "备份不含密钥：请另用 backup-keys 存好；恢复时还需要外存的最新封存点。",
            "The keys are not in it: keep those of backup-keys apart. A restore also wants the newest "
            "checkpoint from outside.",
        )
    )
    return 0


def run_restore(args: argparse.Namespace) -> int:
    """0 done, 1 done with identities locked, 2 refused (nothing written)."""
    try:
        checkpoint = read_checkpoint(args.checkpoint) if args.checkpoint else None
        if args.unlock:
            again, after, locked = restoring.unlock(now(), key_file=args.keys, checkpoint=checkpoint)
        elif args.folder is None:
            print(say("请给出备份目录 DIR。", "Name the backup's folder DIR."), file=sys.stderr)
            return 2
        else:
            done = restoring.put_back(args.folder, now(), key_file=args.keys, checkpoint=checkpoint)
            again, after, locked = done.erased_again, done.after, done.locked
            print(say(f"已恢复 {done.made_at} 的备份。", f"The backup of {done.made_at} is back."))
    except (backup.BackupError, WrongUse, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if checkpoint is not None and not locked:
        print(
            say(
                f"按 {checkpoint['sealed_at']} 的封存点：{again} 处已删除的文字再次删除；"
                f"备份之后有 {after} 条已封存的记录不在这里。",
                f"By the checkpoint of {checkpoint['sealed_at']}: {again} erased texts erased again; "
                f"{after} sealed entries came after the backup and are not here.",
            )
        )
    if locked:
        print(locked, file=sys.stderr)
    print(
        say(
            "请运行 openredress ledger verify 和 openredress check。",
            "Now run `openredress ledger verify` and `check`.",
        )
    )
    return 1 if locked else 0
