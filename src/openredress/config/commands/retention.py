"""`openredress retention`: what the pack's periods say to erase, and with --apply its erasure."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.utils.timezone import get_default_timezone

from openredress.cases import retention
from openredress.config.cli import say
from openredress.config.clock import now
from openredress.lawbook import book


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "retention", help=say("到期应删除的文字与身份", "what retention says to erase")
    )
    parser.add_argument("--apply", action="store_true", help=say("执行删除", "erase it"))
    parser.add_argument(
        "--reapply",
        type=Path,
        metavar="CHECKPOINT",
        help=say(
            "恢复备份后，按外存封存点的删除清单再删一次",
            "after a restore: erase again what a checkpoint lists",
        ),
    )
    parser.add_argument("--json", action="store_true", help=say("以 JSON 输出", "print JSON"))
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """List or erase: 0 done, 1 when something was refused, 2 for an unreadable checkpoint."""
    if args.reapply is not None:
        return _reapply(args.reapply)
    moment = now()
    today = moment.astimezone(get_default_timezone()).date()
    found = list(retention.due(today, moment, book.packs()))
    if args.json:
        rows = [
            {
                "number": one.number,
                "class": one.retention_class,
                "ended_on": one.ended_on.isoformat(),
                "due_on": one.due_on.isoformat(),
            }
            for one in found
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for one in found:
            print(f"{one.number}  {one.retention_class}  {one.ended_on}  {one.due_on}")
        print(say(f"到期 {len(found)} 项。", f"{len(found)} due."), file=sys.stderr)
    if not args.apply:
        return 0
    made, refused = retention.apply(found, moment)
    for one, refusal in refused:
        print(f"{one.number}: {say(refusal.zh, refusal.en)}", file=sys.stderr)
    print(say(f"已删除 {made} 项。", f"{made} erased."), file=sys.stderr)
    return 1 if refused else 0


def _reapply(path: Path) -> int:
    try:
        checkpoint = json.loads(path.read_text(encoding="utf-8"))
        hashes, root = list(checkpoint["erasures"]), str(checkpoint["root"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(say(f"读不出封存点 {path}：{error}", f"Cannot read {path}: {error}"), file=sys.stderr)
        return 2
    went = retention.reapply(hashes, root, now())
    print(say(f"清单 {len(hashes)} 条，删去文字 {went} 条。", f"{len(hashes)} listed, {went} words erased."))
    return 0
