"""The real server on a home of its own: granian in a process, a free port, and a browser before it."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.house.source import ROOT

PASSWORD = "linjiang-demo"
CASES = 60
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass(frozen=True)
class Server:
    """A running office. `url` has no slash at its end."""

    url: str
    home: Path
    process: subprocess.Popen


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def environment(home: Path, **more: str) -> dict[str, str]:
    """For a process on that home: SQLite, whatever the tests themselves run on."""
    mine = {"OPENREDRESS_HOME": str(home), "OPENREDRESS_DATABASE_URL": "", "PYTHONPATH": str(ROOT / "src")}
    return os.environ | mine | {"DJANGO_SETTINGS_MODULE": "openredress.config.settings"} | more


def command(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`openredress …` on that home."""
    argv = [sys.executable, "-m", "openredress", *words]
    return subprocess.run(argv, env=environment(home, **more), capture_output=True, text=True, check=False)


def made_city(shared: Path) -> Path:
    """A demo home made once for all processes of a test run; copy it, do not write to it."""
    home, lock = shared / "city", shared / "city.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (home / "made").is_file():
            shutil.rmtree(home, ignore_errors=True)
            done = command(home, "demo", "--cases", str(CASES), "--seed", "1")
            assert done.returncode == 0, done.stdout + done.stderr
            (home / "made").touch()
    return home


def copied(city: Path, target: Path) -> Path:
    """A home to write to, with its own copy of everything."""
    shutil.copytree(city, target)
    target.chmod(0o700)
    return target


@contextmanager
def serving(home: Path, **more: str) -> Iterator[Server]:
    """The web process alone (no worker) until the block ends."""
    port = free_port()
    argv = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "2", "--no-ws", "--log-level", "warning",
        "openredress.config.wsgi:application",
    ]  # fmt: skip
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(argv, env=environment(home, **more), stdout=log, stderr=log, cwd=ROOT)
    try:
        wait(f"http://127.0.0.1:{port}/healthz/live", process)
        yield Server(f"http://127.0.0.1:{port}", home, process)
    finally:
        process.terminate()
        process.wait(timeout=10)
        log.close()


def wait(url: str, process: subprocess.Popen, seconds: float = 60) -> float:
    """Seconds until that address answers 200."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        assert process.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"{url}: no answer in {seconds} s")


def sign_in(page, server: Server, username: str, password: str = PASSWORD) -> None:
    """Through the form, in a browser."""
    page.goto(f"{server.url}/signin")
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("form.sheet button")
    page.wait_for_url(f"{server.url}/desk/**")
