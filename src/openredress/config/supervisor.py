"""`openredress up`: the web process and the worker live and die together under one lock.

This process imports no Django: it only starts, watches and restarts the others.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
QUICK = 2.0  # seconds; a child that lives shorter than this is restarted more slowly each time
SLOWEST = 30.0


@dataclass
class Child:
    """One process that must always be running."""

    name: str
    argv: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = 0.0
    again_at: float = 0.0
    deaths: int = field(default=0)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _start(child: Child) -> None:
    child.process = subprocess.Popen(child.argv, preexec_fn=_die_with_parent, start_new_session=True)
    child.started = time.monotonic()


def _clear_away(child: Child) -> None:
    """Whatever a child that died has left running of its own: it would go on serving beside the next."""
    assert child.process is not None
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, signal.SIGKILL)


def _look_after(child: Child) -> None:
    """Start it again when it has died, more slowly when it dies at once."""
    if child.process is not None and child.process.poll() is None:
        return
    moment = time.monotonic()
    if child.process is not None:
        _clear_away(child)
        lived = moment - child.started
        child.wait = min(SLOWEST, max(0.2, child.wait * 2)) if lived < QUICK else 0.0
        child.again_at = moment + child.wait
        child.deaths += 1
        print(f"{child.name}: {child.process.returncode}, +{child.wait:.1f} s", file=sys.stderr, flush=True)
        child.process = None
    if moment >= child.again_at:
        _start(child)


def children(host: str, port: int) -> list[Child]:
    """What runs in an office: one web process with two threads, and one worker."""
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", "1", "--blocking-threads", "2", "--no-ws", "--log-level", "warning",
        "--respawn-failed-workers", "openredress.config.wsgi:application",
    ]  # fmt: skip
    return [Child("web", web), Child("worker", [sys.executable, "-m", "openredress", "worker"])]


def hold_lock(home: Path) -> int:
    """Take the home's lock; OSError when another `up` holds it."""
    handle = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle


def taken(host: str, port: int) -> bool:
    """Whether somebody listens there already. Asked first: two servers would silently share the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError:
            return True
    return False


def ready(host: str, port: int, seconds: float = 30.0) -> bool:
    """Whether the web process answers within that time."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://{shown}:{port}/healthz/live", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return False


def run(host: str, port: int, when_ready: str = "") -> int:
    """Keep the children running until told to stop; returns 0."""
    flock = children(host, port)
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for child in flock:
        _start(child)
    if ready(host, port) and when_ready:
        print(when_ready, flush=True)
    while not stopping:
        for child in flock:
            _look_after(child)
        time.sleep(0.2)
    for child in flock:
        if child.process is not None:
            child.process.terminate()
    for child in flock:
        if child.process is not None:
            try:
                child.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.process.kill()
            _clear_away(child)
    return 0
