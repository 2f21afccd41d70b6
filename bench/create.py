"""Creates a second through the public API of the real server, and what each costs.

    python bench/create.py [--seconds 8] [--clients 1 4]

Makes an office in a fresh folder, serves it, hands petitions in, and prints for each number of clients:
creates a second, CPU milliseconds a create (all processes of the server), and beside them how many times a
second this disk can sync a file.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = "小区对面工地每晚施工到十一点以后，渣土车进出不断，老人和孩子无法休息，多次反映没有结果。"


def environment(home: Path) -> dict[str, str]:
    mine = {"OPENREDRESS_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    return os.environ | mine | {"DJANGO_SETTINGS_MODULE": "openredress.config.settings"}


def serve(home: Path) -> tuple[subprocess.Popen, int]:
    """A fresh office and its web process, as `openredress up` starts it; without a worker."""
    subprocess.run(
        [sys.executable, "-m", "openredress", "init"],
        env=environment(home),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    argv = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "2", "--no-ws", "--log-level", "warning",
        "openredress.config.wsgi:application",
    ]  # fmt: skip
    process = subprocess.Popen(argv, env=environment(home))
    for _ in range(400):
        try:
            if (
                ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "GET", "/healthz/live")[0]
                == 200
            ):
                return process, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server does not answer")


def ask(
    line: http.client.HTTPConnection, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, bytes]:
    line.request(method, path, body or None, headers)
    answer = line.getresponse()
    return answer.status, answer.read()


def petition(n: int) -> bytes:
    return json.dumps(
        {
            "channel": "web", "text": f"{TEXT}（{n}）", "claims": ["夜间停工", "路面洒水"],
            "place": "新城路", "people_count": 1,
            "parties": [{"role": "lead", "name": "张三", "address": "新城路12号", "phone": "13800138000"}],
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip


def tree(pid: int) -> list[int]:
    """The process and all its children."""
    found = [pid]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            found += tree(int(folder.name))
    return found


def cpu(pid: int) -> float:
    """Seconds of CPU that the server has used so far."""
    ticks = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def fsyncs(folder: Path, seconds: float = 2.0) -> float:
    """Syncs a second of a small append on this disk."""
    handle = os.open(folder / "sync", os.O_WRONLY | os.O_CREAT)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        os.write(handle, b"x" * 4096)
        os.fsync(handle)
        count += 1
    os.close(handle)
    return count / seconds


def load(port: int, clients: int, seconds: float) -> tuple[int, list[float]]:
    """Petitions acknowledged by so many clients in that time, and the seconds each took."""
    until, took, wrong = time.perf_counter() + seconds, [], []

    def one() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < until:
            began = time.perf_counter()
            head = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
            status, body = ask(line, "POST", "/api/v1/petitions", petition(len(took)), **head)
            took.append(time.perf_counter() - began)
            if status != 201:
                wrong.append(body)
                return

    threads = [threading.Thread(target=one) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(wrong[0].decode())
    return len(took), sorted(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="create-"))
    process, port = serve(folder / "home")
    try:
        load(port, 1, 1.0)  # warm
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for clients in args.clients:
            before, began = cpu(process.pid), time.perf_counter()
            done, took = load(port, clients, args.seconds)
            rate = done / (time.perf_counter() - began)
            cost = (cpu(process.pid) - before) / done * 1000
            print(
                f"{clients} clients: {rate:6.1f} creates/s  {cost:5.2f} ms CPU each  "
                f"p50 {took[len(took) // 2] * 1000:.1f} ms  p95 {took[int(len(took) * 0.95)] * 1000:.1f} ms"
            )
        print(f"this disk: {fsyncs(folder):.0f} fsyncs/s")
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
