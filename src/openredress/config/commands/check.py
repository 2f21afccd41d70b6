"""`openredress check`: is this office safe to run?"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from openredress.config import check
from openredress.config.cli import say
from openredress.config.clock import now


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "check", help=say("检查能否安全运行", "is this office safe to run")
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """0 all in order, 1 with findings and what to do about each."""
    found = list(check.findings(now()))
    if args.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            todo = f"　→ {one.what_to_do}" if one.what_to_do and not one.ok else ""
            print(f"{'✓' if one.ok else '✗'} {one.name}：{one.found}{todo}")
    return 0 if all(one.ok for one in found) else 1
