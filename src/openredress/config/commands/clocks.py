"""`openredress clocks explain`: one clock from one day, with its arithmetic. Needs no database."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, datetime
from typing import Any

from openredress.config.cli import say
from openredress.packs import calendars, load
from openredress.packs.reading import PackError
from openredress.rules.clocks import explain
from openredress.rules.facts import Deadline, Refusal
from openredress.rules.pack import Pack

BOUNDARY = ":"


class Wrong(Exception):
    """Something on the command line cannot be read; holds the sentence in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en


def register(subparsers: Any) -> None:
    """Add `clocks explain` to the command line."""
    parser = subparsers.add_parser("clocks", help=say("逐步解释一个时限", "explain one clock step by step"))
    actions = parser.add_subparsers(dest="action", required=True)
    one = actions.add_parser("explain", help=say("从起算日推到届满日", "from the start to the due day"))
    one.add_argument("--pack", required=True, help=say("如 cn_national_2022", "e.g. cn_national_2022"))
    one.add_argument("--clock", required=True, help=say("如 C05", "e.g. C05"))
    one.add_argument("--start", required=True, help=say("起算日 2026-08-03", "day it starts, 2026-08-03"))
    one.add_argument(
        "--length", help=say("由交办机关指定的期限：30 或者 10wd", "set by the sender: 30 or 10wd")
    )
    one.add_argument("--extend", default="0", help=say("延长，单位同该时限", "extension in the clock's unit"))
    one.add_argument(
        "--pause",
        action="append",
        default=[],
        metavar="FROM:TO",
        help=say("不计入的期间，首尾两日都在内", "days not counted, both ends inside"),
    )
    one.add_argument("--json", action="store_true", help=say("输出 JSON", "print JSON"))
    one.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Print the due day and its steps; 0 dated, 2 refused or unreadable."""
    try:
        pack = _pack(args.pack)
        clock = pack.clocks.get(args.clock)
        if clock is None:
            have = "、".join(pack.clocks)
            raise Wrong(
                f"{pack.id} 没有时限 {args.clock}；有 {have}。",
                f"{pack.id} has no clock {args.clock}: {have}.",
            )
        pauses = [_pause(text) for text in args.pause]
        extend = _number(args.extend)
        answer = explain(
            clock, calendars.builtin(pack.calendar), _start(args.start), args.length, extend, pauses
        )
    except Wrong as wrong:
        print(say(wrong.zh, wrong.en), file=sys.stderr)
        return 2
    if isinstance(answer, Refusal):
        print(_refused(answer), file=sys.stderr)
        return 2
    print(_json(answer, pack) if args.json else _text(answer))
    return 0


def _refused(refusal: Refusal) -> str:
    sentence = say(refusal.zh, refusal.en)
    if refusal.article and refusal.article not in sentence:
        return sentence + say(f"依据：{refusal.article}。", f" Basis: {refusal.article}.")
    return sentence


def _pack(pack_id: str) -> Pack:
    if pack_id not in load.BUILTIN:
        have = "、".join(load.BUILTIN)
        raise Wrong(f"没有法规包 {pack_id}；有 {have}。", f"No pack {pack_id}: {have}.")
    try:
        return load.builtin(pack_id)
    except PackError as error:
        raise Wrong(
            f"法规包 {pack_id} 不能使用：{error}", f"The pack {pack_id} cannot be used: {error}"
        ) from error


def _start(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        zh = f"日期“{text}”读不懂，请写成 2026-08-03（按小时的时限写 2026-08-03T10:00）。"
        raise Wrong(
            zh, f"Cannot read the day {text!r}: write 2026-08-03 (for hours 2026-08-03T10:00)."
        ) from None


def _pause(text: str) -> tuple[date, date]:
    try:
        opened, closed = text.split(BOUNDARY)
        return date.fromisoformat(opened), date.fromisoformat(closed)
    except ValueError:
        zh = f"不计入的期间“{text}”读不懂，请写成 2026-03-10:2026-03-15。"
        raise Wrong(zh, f"Cannot read the pause {text!r}: write 2026-03-10:2026-03-15.") from None


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Wrong(f"延长“{text}”不是整数。", f"The extension {text!r} is no whole number.") from None


def _text(d: Deadline) -> str:
    lines = [f"{d.clock}  {say(d.what, d.what_en)}  {d.article}"]
    lines += [f"  {step}" for step in (d.steps_en if say("", "en") else d.steps)]
    due = str(d.due) if d.due_at is None else d.due_at.isoformat(" ", "minutes")
    lines.append(
        say(f"届满：{due}", f"due: {due}") + (say("（暂定）", " (provisional)") if d.provisional else "")
    )
    if d.internal_due != d.due:
        lines.append(say(f"内部掌握：{d.internal_due}", f"internal: {d.internal_due}"))
    return "\n".join(lines)


def _json(d: Deadline, pack: Pack) -> str:
    body = {
        "pack": pack.id,
        "clock": d.clock,
        "what": say(d.what, d.what_en),
        "start": d.start.isoformat(),
        "due": d.due.isoformat(),
        "nominal": d.nominal.isoformat(),
        "internal_due": d.internal_due.isoformat(),
        "due_at": d.due_at.isoformat() if d.due_at is not None else None,
        "provisional": d.provisional,
        "steps": list(d.steps_en if say("", "en") else d.steps),
        "article": d.article,
        "basis": d.basis,
        "calendar": d.calendar,
    }
    return json.dumps(body, ensure_ascii=False, indent=1)
