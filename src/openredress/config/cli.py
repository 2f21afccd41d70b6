"""`openredress`: one table of commands; each lives in its own module under `commands/`.

Exit codes everywhere: 0 done, 1 findings or bad data, 2 wrong use or refused.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import django
from django.db import connection


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table: where the command lives and what it needs before it runs."""

    module: str
    zh: str
    en: str
    needs: str  # nothing | django | home


COMMANDS: dict[str, Command] = {
    "up": Command("up", "运行：网页和后台作业", "serve pages and jobs", "nothing"),
    "init": Command("init", "在空目录里建立一个空的单位", "an empty office in an empty home", "django"),
    "demo": Command("demo", "建立虚构的临江市", "the made-up city of Linjiang", "django"),
    "import-ledger": Command("import_ledger", "导入信访台账", "import a workbook of cases", "home"),
    "due": Command("due", "待办，最近到期在前", "what is due, nearest first", "home"),
    "clocks": Command("clocks", "逐步解释一个时限", "explain one clock step by step", "nothing"),
    "ledger": Command("ledger", "校验、封存办理记录", "verify or seal the record", "home"),
    "receipt": Command("receipt", "校验回执", "verify a receipt offline", "nothing"),
    "keys": Command("keys", "公钥、轮换密钥", "public keys, rotation", "django"),
    "backup-keys": Command("keys", "另存密钥", "save the keys apart", "django"),
    "backup": Command("backup", "备份（不含密钥）", "verified backup, without the keys", "home"),
    "restore": Command("backup", "恢复到空目录", "put a backup into an empty home", "django"),
    "check": Command("check", "检查能否安全运行", "is this office safe to run", "home"),
    "signin-link": Command("signin_link", "给人一个一次性登录链接", "a one-time sign-in link", "home"),
    "calendar": Command("calendar", "导入新一年的工作日历", "import a new year's days", "home"),
    "tallies": Command("tallies", "重算并核对计数", "rebuild and compare the tallies", "home"),
    "retention": Command("retention", "到期应删除的文字与身份", "what retention says to erase", "home"),
    "worker": Command("worker", "运行后台作业", "run the background jobs", "home"),
}


def say(zh: str, en: str) -> str:
    """The sentence in the user's language."""
    return en if os.environ.get("OPENREDRESS_LANGUAGE") == "en" else zh


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name.ljust(width)}  {say(row.zh, row.en)}" for name, row in COMMANDS.items()]
    head = say("用法：openredress 命令 [选项]", "usage: openredress COMMAND [options]")
    return "\n".join([head, "", *lines])


def _home_missing() -> str:
    """A sentence when there is no office to work on, else an empty string. Django is set up."""
    if os.environ.get("OPENREDRESS_DATABASE_URL"):
        if "ledger_entry" in connection.introspection.table_names():
            return ""
        return say(
            "数据库是空的，还没有单位。请先运行 openredress init 或 openredress demo。",
            "The database is empty: no office yet. Run `openredress init` or `openredress demo` first.",
        )
    home = Path(os.environ.get("OPENREDRESS_HOME", "var")).resolve()
    if (home / "openredress.sqlite3").is_file():
        return ""
    return say(
        f"{home} 里还没有单位。请先运行 openredress init（空的单位）或 openredress demo（虚构的城市）。",
        f"No office in {home} yet. Run `openredress init` (an empty one) or `openredress demo` first.",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    if not args or args[0] in ("-h", "--help"):
        print(_overview())
        return 0 if args else 2
    row = COMMANDS.get(args[0])
    if row is None:
        print(say(f"没有命令 {args[0]}。", f"No command {args[0]}.") + "\n" + _overview(), file=sys.stderr)
        return 2
    if row.needs != "nothing":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openredress.config.settings")
        django.setup()
    asks_help = any(word in ("-h", "--help") for word in args)
    if row.needs == "home" and not asks_help and (missing := _home_missing()):
        print(missing, file=sys.stderr)
        return 2
    module = importlib.import_module(f"openredress.config.commands.{row.module}")
    parser = argparse.ArgumentParser(prog="openredress")
    module.register(parser.add_subparsers(dest="command", required=True))
    parsed = parser.parse_args(args)
    try:
        code = int(parsed.func(parsed))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`): nothing is wrong, and nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
