"""`openredress init`: an empty office in an empty home."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from openredress.config import office
from openredress.config.cli import say
from openredress.config.clock import now
from openredress.people.roles import ROLES
from openredress.people.signin import path

_DOOR = "http://127.0.0.1:8000"


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "init", help=say("在空目录里建立一个空的单位", "an empty office in an empty home")
    )
    parser.add_argument(
        "--authority",
        default="本机关",
        metavar="NAME",
        help=say("机关名称，如 临江市", "name of the authority"),
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Found the office and print three links that work once. 2 when something is here already."""
    if here := office.what_is_here():
        print(
            say(
                f"这里不是空的：{here}。init 只在空目录里建立单位；请换一个 OPENREDRESS_HOME。",
                f"Not empty: {here}. init founds an office in an empty home; set another OPENREDRESS_HOME.",
            ),
            file=sys.stderr,
        )
        return 2
    at = now()
    office.prepare(at)
    made = office.found(args.authority.strip() or "本机关", at=at)
    print(
        say(
            f"已建立：{made.authority.name}，信访工作机构 {made.petition_office.name}（代码 xfj）。",
            f"Founded: {made.authority.name}; its petition office is {made.petition_office.name} (xfj).",
        )
    )
    print(
        say(
            "三员登录链接，各限用一次，72 小时内有效，请分别交给三个人：",
            "Sign-in links of the three administrators; each works once, within 72 hours, for one person:",
        )
    )
    for role, token in made.tokens.items():
        print(f"  {say(ROLES[role].zh, ROLES[role].en)}  {_DOOR}{path(token)}")
    print(
        say(
            "请运行 openredress backup-keys 文件，把密钥另存到别处；没有密钥，身份信息无法恢复。",
            "Run `openredress backup-keys FILE` now and keep it elsewhere: without keys identities are lost.",
        )
    )
    return 0
