"""`openredress up`: bring the home up to date, then serve pages and jobs until told to stop."""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from openredress.config import supervisor
from openredress.config.cli import say

PACKAGE = Path(__file__).resolve().parents[2]
STAMP = "schema"


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


def _prepare(home: Path, *, demo: bool) -> int:
    """Migrate an existing office, or make the city in an empty home; 2 when there is nothing to serve."""
    founded = bool(os.environ.get("OPENREDRESS_DATABASE_URL")) or (home / "openredress.sqlite3").is_file()
    if not founded:
        if not demo:
            print(
                say(
                    f"{home} 里还没有单位。请先运行 openredress init。",
                    f"No office in {home} yet. Run `openredress init` first.",
                ),
                file=sys.stderr,
            )
            return 2
        return subprocess.call([sys.executable, "-m", "openredress", "demo"])
    stamp, schema = home / STAMP, _schema()
    if not (stamp.is_file() and stamp.read_text() == schema):
        code = subprocess.call([sys.executable, "-m", "django", "migrate", "--verbosity", "0"])
        if code:
            return code
        stamp.write_text(schema)
    return 0


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C. 2 when the home is empty, in use or cannot be prepared."""
    home = Path(os.environ.get("OPENREDRESS_HOME", "var")).resolve()
    os.environ["OPENREDRESS_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openredress.config.settings")
    if code := _prepare(home, demo=not args.no_demo):
        return code
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        supervisor.hold_lock(home)
    except OSError:
        print(
            say(f"{home} 已有一个 openredress up 在运行。", f"Another openredress up serves {home} already."),
            file=sys.stderr,
        )
        return 2
    shown = f"http://{args.host}:{args.port}"
    return supervisor.run(args.host, args.port, say(f"已就绪：{shown}　停止请按 Ctrl-C", f"Ready: {shown}"))
