"""`openredress calendar import FILE`: a new year's working days, with a preview of who moves and why."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from openredress.cases import recalendar
from openredress.cases.recalendar import Moved
from openredress.config.cli import say
from openredress.config.clock import now
from openredress.lawbook import book
from openredress.packs import calendars
from openredress.packs.reading import PackError
from openredress.people.models import Unit

_SHOWN = 50


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "calendar", help=say("导入新一年的工作日历", "import a new year's days")
    )
    parser.add_argument("action", choices=["import"], help=say("导入", "import"))
    parser.add_argument("file", type=Path, metavar="FILE", help=say("日历文件（TOML）", "a calendar in TOML"))
    parser.add_argument(
        "--dry-run", action="store_true", help=say("只看哪些时限会变", "only show which clocks would move")
    )
    parser.add_argument("--reason", default="", help=say("依据，如通知文号", "on what basis"))
    parser.add_argument("--json", action="store_true", help=say("以 JSON 输出", "print JSON"))
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Preview and, without --dry-run, record and re-date: 0 done, 1 a bad file, 2 an unreadable one."""
    try:
        given = args.file.read_bytes()
    except OSError as error:
        print(say(f"读不了 {args.file}：{error}", f"Cannot read {args.file}: {error}"), file=sys.stderr)
        return 2
    try:
        name = str(tomllib.loads(given.decode()).get("id", ""))
        blob = recalendar.merged(recalendar.newest(name), given)
        calendar = calendars.load(blob, args.file.name)
    except (PackError, ValueError, KeyError, FileNotFoundError) as error:
        print(say(f"日历不能用：{error}", f"The calendar cannot be used: {error}"), file=sys.stderr)
        return 1
    moment, packs = now(), book.packs()
    since = recalendar.first_change(packs.calendar(calendar.id), calendar)
    moved = list(recalendar.preview(calendar, packs, moment))
    _tell(moved, args.json, calendar.version)
    if args.dry_run or since is None:
        return 0
    reason = args.reason or f"{args.file.name} {calendar.version}"
    recalendar.take(blob, calendar, since, reason=reason, actor="system", at=moment)
    if not args.json:
        print(say("已登记；后台作业随即重新计算。", "Recorded; a background job dates the clocks anew."))
    return 0


def _tell(moved: list[Moved], as_json: bool, version: str) -> None:
    names = dict(Unit.objects.filter(code__in={row.holder for row in moved}).values_list("code", "name"))
    if as_json:
        rows = [
            {**asdict(row), "before": row.before.isoformat(), "after": row.after.isoformat()} for row in moved
        ]
        print(json.dumps({"version": version, "moved": rows}, ensure_ascii=False, indent=1))
        return
    for row in moved[:_SHOWN]:
        holder = names.get(row.holder, row.holder)
        print(f"{row.number} {row.track} {row.clock} {holder} {row.before} → {row.after}  {row.step}")
    print(say(f"{version}：{len(moved)} 个时限会变。", f"{version}: {len(moved)} clocks move."))
