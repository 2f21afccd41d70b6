"""`openredress up`: bring the home up to date, then serve pages and jobs until told to stop."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from openredress.config import supervisor
from openredress.config.cli import say

PACKAGE = Path(__file__).resolve().parents[2]
STAMP = "schema"
SIGN_INS = "sign-ins.txt"  # of a made-up city only; real offices have no accounts to show


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser("up", help=say("运行", "serve pages and jobs"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--no-demo",
        action="store_true",
        help=say("空目录里不建虚构的城市", "no made-up city in an empty home"),
    )
    parser.set_defaults(func=run)


def _schema() -> str:
    """A digest of the migrations on disk: unchanged means there is nothing to migrate."""
    names = sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.glob("*/migrations/0*.py"))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _founded(home: Path) -> bool:
    if os.environ.get("OPENREDRESS_DATABASE_URL"):
        return (home / "keys").is_dir()
    return (home / "openredress.sqlite3").is_file()


def _make_city(home: Path) -> int:
    """The demo, beside the home and then renamed: one that was broken off is never taken for a city."""
    making = home.with_name(home.name + ".making")
    if making.exists():
        shutil.rmtree(making)
    code = subprocess.call(
        [sys.executable, "-m", "openredress", "demo"], env=os.environ | {"OPENREDRESS_HOME": str(making)}
    )
    if code == 0:
        (making / STAMP).write_text(_schema())
        if home.exists():
            home.rmdir()
        making.rename(home)
    return code


def _prepare(home: Path, *, demo: bool) -> int:
    """Migrate an existing office, or make the city in an empty home; 2 when there is nothing to serve."""
    if not _founded(home):
        if home.exists() and any(home.iterdir()):
            print(
                say(
                    f"{home} 不是空的，也不是一个单位。请换一个 OPENREDRESS_HOME。",
                    f"{home} is not empty and not an office. Set another OPENREDRESS_HOME.",
                ),
                file=sys.stderr,
            )
            return 2
        if demo:
            return _make_city(home)
        print(
            say(
                f"{home} 里还没有单位。请先运行 openredress init。",
                f"No office in {home} yet. Run `openredress init` first.",
            ),
            file=sys.stderr,
        )
        return 2
    stamp, schema = home / STAMP, _schema()
    if not (stamp.is_file() and stamp.read_text() == schema):
        argv = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"]
        if code := subprocess.call(argv):
            return code
        stamp.write_text(schema)
    return 0


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C. 2 when the home is empty, in use or cannot be prepared."""
    home = Path(os.environ.get("OPENREDRESS_HOME", "var")).resolve()
    os.environ["OPENREDRESS_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openredress.config.settings")
    if supervisor.taken(args.host, args.port):
        print(
            say(
                f"{args.host}:{args.port} 不能用：已被占用，或不是本机地址。请用 --port 换一个端口。",
                f"{args.host}:{args.port} is in use or not of this machine. Choose another with --port.",
            ),
            file=sys.stderr,
        )
        return 2
    fresh = not _founded(home)
    if code := _prepare(home, demo=not args.no_demo):
        return code
    try:
        supervisor.hold_lock(home)
    except OSError:
        print(
            say(f"{home} 已有一个 openredress up 在运行。", f"Another openredress up serves {home} already."),
            file=sys.stderr,
        )
        return 2
    shown = f"http://{args.host}:{args.port}"
    lines = [say(f"已就绪：{shown}　停止请按 Ctrl-C", f"Ready: {shown}   stop with Ctrl-C")]
    if (home / SIGN_INS).is_file() and not fresh:
        lines += [
            (home / SIGN_INS).read_text().rstrip(),
            say(f"登录：{shown}/signin", f"Sign in: {shown}/signin"),
        ]
    return supervisor.run(args.host, args.port, "\n".join(lines))
