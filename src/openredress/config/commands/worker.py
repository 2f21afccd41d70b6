"""`openredress worker`: run the background jobs until told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings

from openredress.config.cli import say
from openredress.config.clock import now
from openredress.worker import loop
from openredress.worker import post as outward


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "worker", help=say("运行后台作业", "run the background jobs")
    )
    parser.add_argument(
        "--once", action="store_true", help=say("做完到期的就退出", "do what is due, then leave")
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; the job at hand is brought to its end."""
    try:
        post = outward.made(Path(settings.HOME), settings.MAIL_URL, now)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if args.once:
        done = loop.turn(now, post)
        print(
            say(
                f"作业 {len(done.ran)} 个，通知 {len(done.sent)} 条",
                f"{len(done.ran)} jobs, {len(done.sent)} notices",
            )
        )
        return 1 if any(one.state == "dead" for one in done.ran) else 0
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    loop.run(stop, now, post)
    return 0
