"""`openredress keys public|rotate` and `backup-keys`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.db import connection

from openredress.config.cli import say
from openredress.config.clock import now
from openredress.identity import rotate as vault
from openredress.ledger import gate, keys
from openredress.people.record import record, system_stream


def register(subparsers: Any) -> None:
    """Add the words of both commands."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "keys", help=say("公钥、轮换密钥", "public keys, rotation")
    )
    actions = parser.add_subparsers(dest="action", required=True)
    public = actions.add_parser("public", help=say("印出签名公钥（PEM）", "print the public keys (PEM)"))
    public.set_defaults(func=run_public)
    rotate = actions.add_parser("rotate", help=say("启用一把新密钥", "a new key for new data"))
    rotate.add_argument("kind", nargs="?", choices=keys.KINDS, default="signing")
    rotate.set_defaults(func=run_rotate)
    backup: argparse.ArgumentParser = subparsers.add_parser(
        "backup-keys", help=say("另存密钥", "save the keys apart")
    )
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.set_defaults(func=run_backup)


def run_public(args: argparse.Namespace) -> int:
    """Print every public signing key, newest first; 2 when there is none."""
    try:
        print(keys.public_pem(), end="")
    except keys.KeysMissing as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def run_rotate(args: argparse.Namespace) -> int:
    """Make a new key, put the change on record, and bring the vault under it. 2 when there was none yet."""
    if not keys.keyring().all(args.kind):
        print(keys.KeysMissing(args.kind), file=sys.stderr)
        return 2
    at = now()
    key = keys.rotate(args.kind, at)
    print(
        say(
            f"新密钥 {key.id}；旧的留着，供以前的数据用。",
            f"New key {key.id}; the old ones stay for old data.",
        )
    )
    if "ledger_stream" in connection.introspection.table_names():
        facts = {"kind": key.kind, "key": key.id}
        gate.write(lambda: record(system_stream(), "key_rotated", facts, actor="system", at=at))
        if args.kind in ("vault", "index"):
            done = vault.rotate_all()
            print(say(f"已换密钥的身份：{done}", f"identities brought under it: {done}"))
    print(say("请再运行 backup-keys 另存密钥。", "Run backup-keys again now."))
    return 0


def run_backup(args: argparse.Namespace) -> int:
    """Write a plain tar that only the owner may read; 2 when there are no keys or the file is there."""
    try:
        names = keys.backup(args.file)
    except keys.KeysMissing as error:
        print(error, file=sys.stderr)
        return 2
    except FileExistsError:
        print(say(f"{args.file} 已存在，不覆盖。", f"{args.file} is there already."), file=sys.stderr)
        return 2
    print(
        say(
            f"{len(names)} 个密钥文件 → {args.file}（仅所有者可读）",
            f"{len(names)} key files → {args.file} (0600)",
        )
    )
    print(
        say(
            "此文件没有加密：请放到与备份分开、上锁的地方。谁拿到它和备份，就能读出全部身份。",
            "Not encrypted: lock it away, apart from every backup. With both, all identities can be read.",
        )
    )
    return 0
