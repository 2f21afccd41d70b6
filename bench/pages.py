"""The desk's pages through the real server, signed in as an ordinary handler: wall and CPU per call.

    python bench/pages.py --cases 10000 --cases 100000 [--home DIR] [--calls 60]

Each size gets a made-up city of its own (kept under --home, so that a second run is fast). Wall is taken at
the client; CPU is what /proc says of the web process and its children, divided by the calls of a round.
PostgreSQL: set OPENREDRESS_DATABASE_URL to an empty database and give one size.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

PASSWORD = "linjiang-demo"
WHO = "lj-rs-handler3"
TICK = os.sysconf("SC_CLK_TCK")
ROUND = 10  # calls whose CPU is taken together: the kernel counts in hundredths of a second
GOAL = 8.0  # milliseconds


@dataclass(frozen=True)
class Figures:
    """Milliseconds a call."""

    p50: float
    p95: float
    cpu_p50: float
    cpu_p95: float


class Desk:
    """One kept connection, signed in."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        page = self.get("/signin")[1]
        form = {"username": WHO, "password": PASSWORD, "csrfmiddlewaretoken": _token(page)}
        status, _ = self._ask("POST", "/signin", urlencode(form))
        assert status == 302, f"sign-in answered {status}"

    def get(self, address: str) -> tuple[int, str]:
        return self._ask("GET", address)

    def post(self, address: str, form: dict[str, str]) -> int:
        return self._ask("POST", address, urlencode(form))[0]

    def _ask(self, method: str, address: str, body: str | None = None) -> tuple[int, str]:
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Accept-Language": "zh-CN",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, address, body, headers)
        answer = self.line.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, text


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, "no form on the page"
    return found[1]


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "OPENREDRESS_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "openredress.config.settings",
    }


def made(base: Path, cases: int) -> Path:
    """A home with so many cases, made when it is not there yet."""
    home = base / f"city-{cases}"
    if not (home / "made").is_file():
        began = time.monotonic()
        argv = [sys.executable, "-m", "openredress", "demo", "--cases", str(cases)]
        subprocess.run(argv, env=_environment(home), check=True, stdout=subprocess.DEVNULL)
        (home / "made").write_text("made\n")
        print(f"made {cases} cases in {time.monotonic() - began:.0f} s", flush=True)
    return home


@contextmanager
def served(home: Path) -> Iterator[tuple[int, int]]:
    """(port, process id) of the running office."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    argv = [sys.executable, "-m", "openredress", "up", "--no-demo", "--port", str(port)]
    office = subprocess.Popen(
        argv, env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            try:
                line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                line.request("GET", "/healthz/ready")
                if line.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield port, office.pid
    finally:
        office.terminate()
        office.wait(30)


def _family(pid: int) -> list[int]:
    """The supervisor's web processes: all below it, without the worker."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
            if "worker" not in words:
                found += [child, *_family(child)]
    return found


def cpu(pid: int) -> float:
    """Seconds of CPU that the web processes have used."""
    used = 0
    for one in _family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        used += int(fields[11]) + int(fields[12])
    return used / TICK


def measure(desk: Desk, pid: int, address: str, calls: int) -> Figures:
    """Wall a call, CPU a call by rounds, after three calls that do not count."""
    for _ in range(3):
        assert desk.get(address)[0] == 200, address
    walls, cpus = [], []
    for _ in range(max(calls // ROUND, 2)):
        before = cpu(pid)
        for _ in range(ROUND):
            began = time.perf_counter()
            desk.get(address)
            walls.append((time.perf_counter() - began) * 1000)
        cpus.append((cpu(pid) - before) * 1000 / ROUND)
    return Figures(statistics.median(walls), _p95(walls), statistics.median(cpus), _p95(cpus))


def after_write(desk: Desk, address: str, case: str, rounds: int = 10) -> float:
    """Median wall of the first look after a note was written on the case."""
    walls = []
    for n in range(rounds):
        page = desk.get(f"/desk/case/{case}/move/note")[1]
        desk.post(
            f"/desk/case/{case}/move/note", {"csrfmiddlewaretoken": _token(page), "text": f"核对第{n}次"}
        )
        began = time.perf_counter()
        desk.get(address)
        walls.append((time.perf_counter() - began) * 1000)
    return statistics.median(walls)


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def pages(desk: Desk) -> tuple[dict[str, str], str]:
    """Name → address of what is measured, and the case that is looked at."""
    found = re.search(r'data-open="/desk/case/([^"]+)"', desk.get("/desk/worklist")[1])
    assert found, "the handler's list is empty"
    return {
        "worklist": "/desk/worklist",
        "case": f"/desk/case/{found[1]}",
        "search rare": f"/desk/search?q={quote('特殊工种提前退休')}",
        "search common": f"/desk/search?q={quote('反映')}",
        "search 2 chars": f"/desk/search?q={quote('工资')}",
        "statistics": "/desk/statistics",
    }, found[1]


def run(home: Path, cases: int, calls: int) -> dict[str, Figures]:
    """All pages at one size, printed line by line."""
    found = {}
    with served(home) as (port, pid):
        desk = Desk(port)
        addresses, case = pages(desk)
        for name, address in addresses.items():
            figures = found[name] = measure(desk, pid, address, calls)
            first = after_write(desk, address, case)
            print(
                f"{cases:>9,}  {name:<15} wall p50 {figures.p50:6.1f}  p95 {figures.p95:6.1f}  "
                f"CPU p50 {figures.cpu_p50:6.1f}  p95 {figures.cpu_p95:6.1f}  after a write {first:6.1f} ms"
                f"  {'ok' if figures.cpu_p95 <= GOAL else 'over'}",
                flush=True,
            )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, action="append", help="ordinary cases; again for another size")
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "openredress-bench")
    parser.add_argument("--calls", type=int, default=60)
    asked = parser.parse_args()
    sizes = asked.cases or [10_000, 100_000]
    asked.home.mkdir(parents=True, exist_ok=True)
    found = {size: run(made(asked.home, size), size, asked.calls) for size in sizes}
    small, large = found[min(sizes)], found[max(sizes)]
    good = all(one.cpu_p95 <= GOAL for figures in found.values() for one in figures.values())
    if len(sizes) > 1:
        for name, one in large.items():
            ratio = one.cpu_p95 / max(small[name].cpu_p95, 0.1)
            good = good and ratio <= 1.3
            print(f"{name:<15} CPU p95 at {max(sizes):,} is {ratio:.2f} × that at {min(sizes):,} (goal 1.30)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
