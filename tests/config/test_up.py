"""`openredress up` from outside: serves, keeps its data, refuses what it cannot do, leaves nobody behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tests.config.homes import Home
from tests.web import serving

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("OPENREDRESS_DATABASE_URL")), reason="once is enough: in the SQLite pass"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    made = Home(tmp_path_factory.mktemp("up") / "home")
    assert made.run("init").returncode == 0
    return made


def log(home: Home, port: int) -> Path:
    return home.path.parent / f"up-{port}.log"


def up(home: Home, port: int, *more: str) -> subprocess.Popen:
    argv = [sys.executable, "-m", "openredress", "up", "--port", str(port), *more]
    with log(home, port).open("w") as out:
        return subprocess.Popen(argv, env=home.env, stdout=out, stderr=out)


def refused(home: Home, port: int, *more: str) -> tuple[int, str]:
    """Exit code and everything said by an `up` that ends by itself."""
    code = up(home, port, *more).wait(timeout=60)
    return code, log(home, port).read_text()


def below(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *below(child)]
    return found


def alive(pids: list[int]) -> list[int]:
    def state(pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
        except OSError:
            return "gone"

    return [pid for pid in pids if state(pid) not in ("gone", "Z", "X")]


def gone(pids: list[int], seconds: float = 15) -> bool:
    until = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < until:
        time.sleep(0.1)
    return not alive(pids)


def test_serves_until_told_to_stop_and_leaves_nobody(home):
    port = serving.free_port()
    process = up(home, port)
    serving.wait(f"http://127.0.0.1:{port}/healthz/ready", process)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/signin") as page:
        assert "工作人员登录" in page.read().decode()
    code, said = refused(home, serving.free_port())
    assert (code, "已有一个" in said) == (2, True)
    children = below(process.pid)
    assert len(children) >= 3  # the server, its page process, the job worker
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    assert gone(children)
    assert f"http://127.0.0.1:{port}" in log(home, port).read_text()


def test_nobody_outlives_a_killed_supervisor(home):
    port = serving.free_port()
    process = up(home, port)
    serving.wait(f"http://127.0.0.1:{port}/healthz/live", process)
    children = below(process.pid)
    process.kill()
    process.wait()
    assert gone(children)


def test_a_taken_port_is_said(home):
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        code, said = refused(home, one.getsockname()[1])
    assert (code, "--port" in said) == (2, True)


def test_no_office_no_service_and_no_city_over_something(tmp_path):
    empty = Home(tmp_path / "none")
    code, said = refused(empty, serving.free_port(), "--no-demo")
    assert (code, "openredress init" in said) == (2, True)
    assert not empty.path.exists()
    full = Home(tmp_path / "full")
    full.path.mkdir()
    (full.path / "mine.txt").write_text("x")
    assert refused(full, serving.free_port())[0] == 2
    assert [p.name for p in full.path.iterdir()] == ["mine.txt"]


def test_check_and_signin_link(home):
    found = home.run("check")
    assert (found.returncode, "✗" in found.stdout) in ((0, False), (1, True))
    (home.path / "keys" / "secret").chmod(0o644)
    loose = home.run("check")
    (home.path / "keys" / "secret").chmod(0o600)
    assert (loose.returncode, "chmod" in loose.stdout) == (1, True)
    made = home.run("signin-link", "system-admin")
    assert (made.returncode, bool(re.search(r"/signin/[\w-]{43}", made.stdout))) == (0, True)
    assert home.run("signin-link", "nobody").returncode == 2


def test_a_bad_mail_server_is_said(home):
    argv = [sys.executable, "-m", "openredress", "worker", "--once"]
    env = home.env | {"OPENREDRESS_MAIL_URL": "http://example.org"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, "OPENREDRESS_MAIL_URL" in done.stderr) == (2, True)
