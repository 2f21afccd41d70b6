"""How long `openredress up` takes to answer, and how much memory web and worker hold together.

usage: .venv/bin/python bench/start.py [--home DIR] [--rounds 5] [--pages 200]
Without --home a small city is made first. Prints wall and CPU seconds (CPU does not depend on what else
the machine does) and the PSS of all processes of `up`, from smaps_rollup, after the first answer and
after some pages. Exit code 1 when start > 1.5 s or web + worker > 250 MiB.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

START, MEMORY = 1.5, 250.0  # seconds, MiB


def processes(root: int) -> dict[int, str]:
    """Process id → command line of everything below `root`."""
    found: dict[int, str] = {}
    waiting = [root]
    while waiting:
        for path in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            for child in map(int, path.read_text().split()):
                found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
                waiting.append(child)
    return found


def pss(pid: int) -> float:
    """MiB that this process adds to the machine, shared pages counted by share."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu(pids: dict[int, str]) -> float:
    """CPU seconds used so far by these processes."""
    ticks = os.sysconf("SC_CLK_TCK")
    rows = [Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split() for pid in pids]
    return sum(int(row[11]) + int(row[12]) for row in rows) / ticks


def answer(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as got:
            return bool(got.status == 200)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def one(home: Path, pages: int) -> tuple[float, float, float, float]:
    """(wall seconds to the first answer, CPU seconds of all till then, PSS then, PSS after the pages)."""
    port = free_port()
    argv = [sys.executable, "-m", "openredress", "up", "--no-demo", "--port", str(port)]
    env = os.environ | {"OPENREDRESS_HOME": str(home)}
    began = time.monotonic()
    up = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answer(f"http://127.0.0.1:{port}/signin"):
            if up.poll() is not None or time.monotonic() - began > 60:
                raise SystemExit(f"up did not start ({up.poll()})")
            time.sleep(0.01)
        wall = time.monotonic() - began
        below = processes(up.pid)
        spent = cpu(below | {up.pid: "up"})
        while not any("worker" in line and pss(pid) > 20 for pid, line in processes(up.pid).items()):
            time.sleep(0.1)
        first = sum(pss(pid) for pid in processes(up.pid))
        for n in range(pages):
            answer(f"http://127.0.0.1:{port}{('/signin', '/', '/healthz/ready')[n % 3]}")
        time.sleep(1.5)
        below = processes(up.pid)
        for pid, line in below.items():
            print(f"    {pss(pid):6.1f} MiB  {line[:100]}")
        return wall, spent, first, sum(pss(pid) for pid in below)
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(timeout=20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=200)
    args = parser.parse_args()
    home = args.home
    if home is None:
        home = Path(tempfile.mkdtemp()) / "home"
        made = [sys.executable, "-m", "openredress", "demo", "--cases", "200"]
        subprocess.run(
            made, env=os.environ | {"OPENREDRESS_HOME": str(home)}, check=True, capture_output=True
        )
        one(home, 0)  # migrations and byte code are done once
    rows = [one(home, args.pages) for _ in range(args.rounds)]
    wall, spent = sorted(row[0] for row in rows), sorted(row[1] for row in rows)
    memory = max(row[3] for row in rows)
    load = os.getloadavg()[0]
    print(
        f"start: best {wall[0]:.2f} s, median {wall[len(wall) // 2]:.2f} s wall (load {load:.1f}); ", end=""
    )
    print(f"CPU of all processes {spent[0]:.2f} s best; goal {START} s")
    print(f"memory: PSS web + worker {memory:.0f} MiB at most; goal {MEMORY:.0f} MiB")
    return 1 if wall[0] > START or memory > MEMORY else 0


if __name__ == "__main__":
    sys.exit(main())
