"""`openredress due`: the worklist in the terminal, nearest day first.

Restricted cases are not listed here: a terminal has no signed-in person who may know of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.utils.timezone import get_default_timezone

from openredress.cases import queries
from openredress.cases.policy import acting_as
from openredress.cases.queries import Due
from openredress.config.cli import say
from openredress.config.clock import now
from openredress.lawbook import book
from openredress.people import tree
from openredress.people.models import Unit
from openredress.rules.facts import Actor

_WIDTHS = (13, 30, 26, 24, 10, 9, 18, 16)


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "due", help=say("待办，最近到期在前", "what is due, nearest first")
    )
    parser.add_argument("--unit", metavar="U", help=say("单位代码或名称", "a unit's code or name"))
    parser.add_argument("--json", action="store_true", help=say("以 JSON 输出", "print JSON"))
    parser.add_argument(
        "--limit",
        type=int,
        default=200,
        metavar="N",
        help=say("表格最多显示几行", "rows of the table at most"),
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Print what is due: 0 done, 2 when there is no such unit."""
    unit = _unit(args.unit)
    if args.unit and unit is None:
        near = "、".join(tree.nearest(args.unit)) or "—"
        print(
            say(f"没有单位“{args.unit}”；最接近的：{near}。", f"No unit “{args.unit}”; nearest: {near}."),
            file=sys.stderr,
        )
        return 2
    today = now().astimezone(get_default_timezone()).date()
    with acting_as(Actor("system", "system"), today) as gate:
        hidden = set(gate.restricted_cases().values_list("stream", flat=True))
        listed = queries.due(gate, today, packs=book.packs(), unit=unit, english=say("", "en") == "en")
        lines = [line for line in listed if line.stream not in hidden]
    if args.json:
        print(json.dumps([_as_json(line) for line in lines], ensure_ascii=False, indent=1))
    else:
        _table(lines, args.limit)
    return 0


def _unit(wanted: str | None) -> Unit | None:
    if not wanted:
        return None
    return tree.by_code(wanted.strip().lower()) or tree.by_name(wanted)


def _as_json(line: Due) -> dict[str, Any]:
    return {
        "number": line.number,
        "title": line.title,
        "track": line.track,
        "clock": line.clock,
        "what": line.what,
        "article": line.article,
        "due": line.due.isoformat(),
        "days_left": line.days_left,
        "holder": line.holder,
        "handler": line.handler,
        "next_move": line.next_move,
        "late": line.late,
        "provisional": line.provisional,
    }


def width(text: str) -> int:
    """Columns that a text takes in a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def fit(text: str, columns: int) -> str:
    """The text cut and padded to so many columns."""
    if width(text) > columns:
        kept = ""
        for char in text:
            if width(kept + char) > columns - 1:
                break
            kept += char
        text = kept + "…"
    return text + " " * (columns - width(text))


def _table(lines: Sequence[Due], limit: int) -> None:
    head = say(
        "编号|事项|时限|依据|到期|剩余|承办单位|下一步",
        "number|title|clock|article|due|left|holder|next move",
    ).split("|")
    print(" ".join(map(fit, head, _WIDTHS)).rstrip())
    for line in lines[:limit]:
        left = say(f"{line.days_left}天", f"{line.days_left}d")
        if line.late:
            left = say(f"逾{-line.days_left}天", f"late {-line.days_left}")
        elif line.provisional:
            left += say("暂定", " prov.")  # beyond the known calendar
        cells = (
            line.number, line.title, f"{line.clock} {line.what}", line.article,
            line.due.isoformat(), left, line.holder, line.next_move,
        )  # fmt: skip
        print(" ".join(map(fit, cells, _WIDTHS)).rstrip())
    late = sum(line.late for line in lines)
    shown = min(limit, len(lines))
    print(
        say(
            f"共 {len(lines)} 项，逾期 {late} 项，显示 {shown} 项。",
            f"{len(lines)} in all, {late} late, {shown} shown.",
        )
    )
