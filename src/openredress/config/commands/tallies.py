"""`openredress tallies check`: recount from the rows and compare with the kept counts."""

from __future__ import annotations

import argparse
import json
from typing import Any

from openredress.cases import tallies
from openredress.config.cli import say
from openredress.people.models import Unit


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "tallies", help=say("重算并核对计数", "rebuild and compare the tallies")
    )
    parser.add_argument("action", choices=["check"], help=say("核对", "compare"))
    parser.add_argument("--repair", action="store_true", help=say("改正不符的计数", "mend what differs"))
    parser.add_argument("--json", action="store_true", help=say("以 JSON 输出", "print JSON"))
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Compare, and with --repair mend: 0 when all agreed, 1 when some did not."""
    wrong = tallies.rebuild() if args.repair else tallies.compare()
    names = dict(Unit.objects.filter(pk__in={row.unit for row in wrong}).values_list("pk", "name"))
    rows = [
        {
            "unit": names.get(row.unit, str(row.unit)),
            "kind": row.kind,
            "key": row.key,
            "stored": row.stored,
            "counted": row.counted,
        }
        for row in wrong
    ]
    if args.json:
        print(json.dumps({"ok": not rows, "differences": rows}, ensure_ascii=False, indent=1))
        return 1 if rows else 0
    for row in rows:
        print(
            say(
                f"{row['unit']} {row['kind']} {row['key']}：记为 {row['stored']}，实为 {row['counted']}",
                f"{row['unit']} {row['kind']} {row['key']}: kept {row['stored']}, counted {row['counted']}",
            )
        )
    if not rows:
        print(say("计数全部相符。", "All counts agree."))
    elif args.repair:
        print(say(f"已改正 {len(rows)} 处。", f"{len(rows)} mended."))
    return 1 if rows else 0
