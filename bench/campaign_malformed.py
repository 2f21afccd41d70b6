"""Malformed requests against the real server: no 5xx, and memory that does not grow.

    python bench/campaign_malformed.py [--requests 20000] [--seed 1]

Makes an office in a fresh folder, serves it, and sends damaged petitions, moves, uploads and raw bytes.
Prints the answers by status and the server's memory along the way; exit 1 on any 5xx or growing memory.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from create import petition, serve, tree

VALUES = (
    None, True, -1, 2**53, 2**70, 1.5, "", "x", "长" * 3000, "\ud800", "\x00", [], {}, [[]], [{}],
    {"a": {"b": []}},
)  # fmt: skip
PATHS = (
    "petitions", "petitions/2026-AAAAAA-A", "petitions/{x}", "petitions/{x}/moves/{x}", "cases", "cases/{x}",
    "cases/{x}/moves/{x}", "uploads", "reference/{x}", "openapi.json", "{x}", "petitions/{x}/attachments/{x}",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW")
MEDIA = (
    "application/json",
    "text/plain",
    "application/json; charset=gbk",
    "multipart/form-data; boundary=x",
    "",
)


def junk(rng: random.Random, most: int = 60) -> bytes:
    return bytes(rng.randrange(256) for _ in range(rng.randrange(most)))


def field(rng: random.Random) -> bytes:
    """A petition with one field of another kind, or one field more."""
    body = json.loads(petition(rng.randrange(10**6)))
    name = rng.choice([*body, "attachments", "accused", "received_at", "unknown", "office", "region"])
    body[name] = rng.choice(VALUES)
    if rng.random() < 0.3 and isinstance(body["parties"], list):
        body["parties"] = [{rng.choice(("name", "role", "address", "x")): rng.choice(VALUES)}]
    return json.dumps(body).encode()


def damaged(rng: random.Random) -> bytes:
    """A petition with bytes cut out, changed or put in."""
    raw = bytearray(petition(rng.randrange(10**6)))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(raw))
        raw[at : at + rng.randrange(4)] = junk(rng, 5)
    return bytes(raw)


def deep(rng: random.Random) -> bytes:
    n = rng.choice((20, 500, 20_000))
    return b'{"text":' + rng.choice((b"[", b'{"a":')) * n


BODIES: tuple[Callable[[random.Random], bytes], ...] = (field, field, damaged, deep, junk)


def one(rng: random.Random, line: http.client.HTTPConnection) -> int:
    """Send one request by the client; the status."""
    seen = quote(junk(rng, 12), safe="") or "x"
    path = "/api/v1/" + rng.choice(PATHS).replace("{x}", seen)
    method = "POST" if rng.random() < 0.6 else rng.choice(METHODS)
    if rng.random() < 0.5:
        path, method = "/api/v1/petitions", "POST"
    headers = {
        "Content-Type": rng.choice(MEDIA) if rng.random() < 0.3 else "application/json",
        "Idempotency-Key": rng.choice(("", "short", "k" * 300, f"{rng.getrandbits(128):032x}", "é" * 30)),
        "X-Query-Code": rng.choice(("", "AAAA-AAAA-AAAA-AAAA", "é", "x" * 5000)),
        "Authorization": rng.choice(("", "Bearer x", "Bearer ort_" + "a" * 43, "Basic é")),
        "Accept-Language": rng.choice(("", "en", "zh;q=x", "en;q=9" * 300)),
    }
    if rng.random() < 0.6:
        headers["Idempotency-Key"] = f"{rng.getrandbits(128):032x}"
    path += rng.choice(("", "", "?a=%00", "?limit=-1", "?%ff=%ff"))
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    line.request(method, path, rng.choice(BODIES)(rng), sent)
    answer = line.getresponse()
    answer.read()
    return answer.status


def raw(rng: random.Random, port: int) -> int:
    """Send bytes that are hardly HTTP; the status, or 0 where the server hung up."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        head = b"POST /api/v1/petitions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        length = rng.choice((b"Content-Length: 99999999999\r\n", b"Content-Length: -1\r\n",
                             b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n", b""))  # fmt: skip
        try:
            line.sendall(head + length + b"Connection: close\r\n\r\n" + junk(rng, 40))
            line.shutdown(socket.SHUT_WR)
            answer = line.recv(64)
        except OSError:
            return 0
    parts = answer.split()
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def memory(pid: int) -> float:
    """PSS of the server's processes in MiB."""
    total = 0
    for each in tree(pid):
        rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        total += next(int(row.split()[1]) for row in rollup.splitlines() if row.startswith("Pss:"))
    return total / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng, seen, sizes = random.Random(args.seed), Counter(), []
    folder = Path(tempfile.mkdtemp(prefix="malformed-"))
    process, port = serve(folder / "home")
    try:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for n in range(args.requests):
            if n % max(1, args.requests // 10) == 0:
                sizes.append(memory(process.pid))
            if rng.random() < 0.02:
                seen[raw(rng, port)] += 1
                continue
            try:
                seen[one(rng, line)] += 1
            except (OSError, http.client.HTTPException):
                seen[0] += 1
                line.close()
        sizes.append(memory(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder)
    print("answers:", dict(sorted(seen.items())), "(0: connection closed)")
    print("MiB PSS:", " ".join(f"{size:.0f}" for size in sizes))
    flat = sizes[-1] <= sizes[len(sizes) // 3] * 1.15 + 5
    wrong = sum(count for status, count in seen.items() if status >= 500)
    print(f"{args.requests} requests, {wrong} answered 5xx, memory {'flat' if flat else 'GROWING'}")
    return 1 if wrong or not flat else 0


if __name__ == "__main__":
    sys.exit(main())
