"""`openredress demo`: the made-up city of Linjiang in an empty home."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.timezone import get_default_timezone

from openredress.config import office
from openredress.config.cli import say
from openredress.config.clock import now
from openredress.importers.demo import run as demo
from openredress.importers.demo.draft import DAYS, HARD
from openredress.importers.demo.founding import PASSWORD

_MOST = 2_000_000
_SHOWN = (
    ("lj-xf-clerk1", "市信访局登记员", "clerk of the petition office"),
    ("lj-xf-supervisor4", "市信访局督查员", "supervisor"),
    ("lj-zj-handler2", "市住建局承办人", "handler, housing department"),
    ("bj-rs-handler2", "滨江区人社局承办人", "handler, a district's labour department"),
    ("lj-leader1", "市政府包案领导", "case leader"),
    ("lj-reviewer3", "市政府复查复核员", "reviewer"),
    ("system-admin", "系统管理员", "system administrator"),
    ("security-admin", "安全管理员", "security administrator"),
    ("audit-admin", "审计管理员", "audit administrator"),
)


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "demo", help=say("建立虚构的临江市", "the made-up city of Linjiang")
    )
    parser.add_argument(
        "--cases",
        type=int,
        default=2_000,
        metavar="N",
        help=say("普通案件数", "ordinary cases (default 2000)"),
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help=say("种子", "the same seed, the same city")
    )
    parser.add_argument(
        "--today", type=date.fromisoformat, metavar="D", help=say("当作今天的日子", "the day taken for today")
    )
    parser.set_defaults(func=run)


class _Progress:
    """One line on stderr, renewed twice a second; a plain line each five seconds when it is no terminal."""

    def __init__(self) -> None:
        self.began = self.last = time.monotonic()

    def __call__(self, done: int, of: int, entries: int) -> None:
        moment = time.monotonic()
        shown = sys.stderr.isatty()
        if done < of and moment - self.last < (0.5 if shown else 5):
            return
        self.last = moment
        rate = round(entries / max(moment - self.began, 0.001))
        line = say(f"案件 {done}/{of}，每秒 {rate} 条记录", f"cases {done}/{of}, {rate} entries/s")
        sys.stderr.write(f"\r{line}   " if shown else f"{line}\n")
        if shown and done >= of:
            sys.stderr.write("\n")
        sys.stderr.flush()


def _refuse(zh: str, en: str) -> int:
    print(say(zh, en), file=sys.stderr)
    return 2


def run(args: argparse.Namespace) -> int:
    """Make the city. 2 when something is here already, 1 when the rules refused a made-up case."""
    if not 0 <= args.cases <= _MOST:
        return _refuse(f"--cases 应在 0 到 {_MOST} 之间。", f"--cases lies between 0 and {_MOST}.")
    if here := office.what_is_here():
        return _refuse(
            f"这里不是空的：{here}。demo 只在空目录里建立城市；请换一个 OPENREDRESS_HOME。",
            f"Not empty: {here}. demo needs an empty home; set another OPENREDRESS_HOME.",
        )
    at, zone = now(), get_default_timezone()
    today = args.today or at.astimezone(zone).date()
    if today > at.astimezone(zone).date():
        return _refuse("--today 不能晚于今天。", "--today cannot lie in the future.")
    office.prepare(at)
    began = time.monotonic()
    made = demo.make(cases=args.cases, seed=args.seed, today=today, zone=zone, at=at, progress=_Progress())
    _report(made, time.monotonic() - began)
    for refused in made.result.refused[:20]:
        print(f"#{refused.index}: {say(refused.refusal.zh, refused.refusal.en)}", file=sys.stderr)
    return 1 if made.result.refused else 0


def _report(made: demo.Made, seconds: float) -> None:
    result = made.result
    rate = round(result.entries / max(seconds, 0.001))
    print(
        say(
            f"虚构的临江市：{len(made.city.units)} 个单位，{result.cases} 件（其中疑难 {HARD} 件），"
            f"{result.entries} 条办理记录，历时 {DAYS} 天。用时 {seconds:.1f} 秒，每秒 {rate} 条记录。",
            f"Made-up Linjiang: {len(made.city.units)} units, {result.cases} cases ({HARD} hard ones), "
            f"{result.entries} entries over {DAYS} days; {seconds:.1f} s, {rate} entries/s.",
        )
    )
    lines = [say(f"登录名如下，口令都是 {PASSWORD}：", f"Sign-ins; the password is {PASSWORD} for all:")]
    lines += [f"  {username:<20} {say(zh, en)}" for username, zh, en in _SHOWN]
    print("\n".join(lines))
    (Path(settings.HOME) / "sign-ins.txt").write_text("\n".join(lines) + "\n")  # `up` shows them again
