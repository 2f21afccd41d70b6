"""`openredress receipt verify`: a receipt against a key from outside, without any database."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from openredress.config.cli import say
from openredress.ledger import receipts
from openredress.ledger.signature import BadKey, public_keys


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "receipt", help=say("校验回执", "verify a receipt offline")
    )
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("verify", help=say("离线核对一张回执", "check one receipt offline"))
    check.add_argument("file", type=Path, metavar="FILE", help=say("回执文件（JSON）", "the receipt (JSON)"))
    check.add_argument(
        "--key",
        type=Path,
        metavar="K",
        help=say("单位公布的公钥（PEM）", "the public key the office gave out"),
    )
    check.add_argument("--checkpoint", type=Path, metavar="FILE", help=say("外存的封存点", "a checkpoint"))
    check.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """0 genuine, 1 forged or altered, 2 no key or a file that cannot be read."""
    if args.key is None:
        print(
            say(
                "需要 --key：单位在网站或公告栏公布的公钥。回执自带的密钥不能证明它自己。",
                "--key is needed: the public key that the office gives out. No receipt proves itself.",
            ),
            file=sys.stderr,
        )
        return 2
    try:
        public = public_keys(args.key.read_bytes())
        receipt = _object(args.file)
        checkpoint = _object(args.checkpoint) if args.checkpoint else None
    except (OSError, BadKey, ValueError) as error:
        print(say(f"文件不能用：{error}", f"A file is of no use: {error}"), file=sys.stderr)
        return 2
    verdict = receipts.verify(receipt, public, checkpoint)
    print(say(verdict.zh, verdict.en))
    for zh, en in verdict.notes:
        print(say(zh, en))
    if verdict.ok:
        number, seq, time = receipt["number"], receipt["seq"], receipt["recorded_at"]
        print(say(f"{number}，第 {seq} 条，记录于 {time}", f"{number}, entry {seq}, recorded {time}"))
    return 0 if verdict.ok else 1


def _object(path: Path) -> dict[str, Any]:
    """A JSON object; the receipt may lie inside the answer to a submission, under `receipt`."""
    found = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(found, dict) and isinstance(found.get("receipt"), dict):
        found = found["receipt"]
    if not isinstance(found, dict):
        raise ValueError(say(f"{path} 里不是一个 JSON 对象", f"{path} holds no JSON object"))
    return found
