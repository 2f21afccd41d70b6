"""`openredress signin-link`: for whoever runs the machine, when nobody can let a person in at the desk."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.db import transaction

from openredress.config.cli import say
from openredress.config.clock import now
from openredress.ledger import gate
from openredress.people import signin
from openredress.people.models import SecondFactor, Staff
from openredress.people.record import record, system_stream


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "signin-link", help=say("给人一个一次性登录链接", "a one-time sign-in link")
    )
    parser.add_argument("username", metavar="NAME", help=say("登录名", "sign-in name"))
    parser.add_argument(
        "--reset-second-factor",
        action="store_true",
        help=say("同时重置第二因素", "reset the second factor too"),
    )
    parser.add_argument("--door", default="http://127.0.0.1:8000", metavar="URL")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Print a link that works once; it is put on the system's record that one was given. 2 for nobody."""
    person = Staff.objects.filter(username=args.username, active=True).first()
    if person is None:
        print(say(f"没有登录名“{args.username}”。", f"No sign-in name “{args.username}”."), file=sys.stderr)
        return 2
    at = now()

    def work() -> str:
        with transaction.atomic():
            if args.reset_second_factor:
                SecondFactor.objects.filter(staff=person).delete()
            facts = {"staff": person.pseudonym, "second_factor_reset": bool(args.reset_second_factor)}
            record(system_stream(person.authority), "sign_in_link_given", facts, actor="system", at=at)
            return signin.make_link(person, at=at)

    token = gate.write(work)
    print(f"{args.door.rstrip('/')}{signin.path(token)}")
    print(
        say(
            "限用一次，72 小时内有效；用后须设置新口令。",
            "Works once, within 72 hours; a new password follows.",
        )
    )
    return 0
