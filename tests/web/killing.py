"""`openredress up` under load while web and worker are killed: what was acknowledged, and what is there."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import secrets
import signal
import socketserver
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.documents.samples import picture
from tests.web import serving

CLIENTS = 3


class Box(socketserver.ThreadingTCPServer):
    """As much SMTP as a client needs; remembers each Message-ID as often as it came."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.seen: Counter[str] = Counter()


class _Talk(socketserver.StreamRequestHandler):
    server: Box

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the other side may be killed at any moment
            self._talk()

    def _talk(self) -> None:
        self.wfile.write(b"220 here\r\n")
        mail: list[str] | None = None
        for raw in self.rfile:
            line = raw.decode(errors="replace").rstrip("\r\n")
            if mail is not None:
                if line != ".":
                    mail.append(line)
                    continue
                found = re.search(
                    r"^Message-ID: <([0-9a-f]+)@", "\n".join(mail), re.IGNORECASE | re.MULTILINE
                )
                self.server.seen[found[1] if found else ""] += 1
                mail = None
                self.wfile.write(b"250 taken\r\n")
            elif line.upper() == "DATA":
                mail = []
                self.wfile.write(b"354 go on\r\n")
            elif line.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@dataclass
class Outcome:
    """What the campaign saw."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    retried: int = 0  # submits that were sent again because no answer came
    changed_answers: int = 0
    lost: int = 0
    doubled: int = 0
    unasked: int = 0  # petitions that nobody handed in
    files: int = 0
    files_lost: int = 0
    mails: int = 0
    mails_lost: int = 0
    mails_repeated: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        wrong = (
            self.lost + self.doubled + self.unasked + self.changed_answers + self.files_lost + self.mails_lost
        )
        return wrong == 0 and self.mails_repeated <= self.kills.total() and self.acknowledged > 0


class Clients:
    """Hand in petitions until stopped; each is sent again under its key until it is acknowledged."""

    def __init__(self, port: int) -> None:
        self.port, self.stop = port, threading.Event()
        self.numbers: dict[str, str] = {}  # key → number
        self.files: dict[str, str] = {}  # upload id → sha256
        self.retried = self.changed = 0
        self.refused: Counter[int] = Counter()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(CLIENTS)]

    def _ask(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            link.request("POST", path, body, headers)
            answer = link.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            link.close()

    def _surely(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict]:
        while True:
            try:
                status, answer = self._ask(path, body, headers)
                if status < 500:
                    return status, answer
            except (OSError, http.client.HTTPException, ValueError):
                pass
            with self.lock:
                self.retried += 1
            time.sleep(0.05)

    def _upload(self, dice: random.Random) -> list[str]:
        content = picture(size=(dice.randrange(10, 90), dice.randrange(10, 90)))
        edge = secrets.token_hex(12)
        body = (
            (
                f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
                f"Content-Type: image/png\r\n\r\n"
            ).encode()
            + content
            + f"\r\n--{edge}--\r\n".encode()
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        status, answer = self._surely("/api/v1/uploads", body, headers)
        if status != 201:
            self.refused[status] += 1
            return []
        with self.lock:
            self.files[answer["id"]] = answer["sha256"]
        return [answer["id"]]

    def _run(self, seed: int) -> None:
        dice = random.Random(seed)
        while not self.stop.is_set():
            key = secrets.token_hex(16)
            files = self._upload(dice) if dice.random() < 0.3 else []
            body = json.dumps(
                {
                    "channel": "web", "text": f"路灯不亮，夜里走路看不见。{key}", "claims": ["修好路灯"],
                    "parties": [{"role": "lead", "name": "王某", "address": "新城路12号"}],
                    "attachments": files,
                }
            ).encode()  # fmt: skip
            headers = {"Content-Type": "application/json", "Idempotency-Key": key}
            status, answer = self._surely("/api/v1/petitions", body, headers)
            if status != 201:
                self.refused[status] += 1
                time.sleep(0.2)
                continue
            with self.lock:
                self.numbers[key] = answer["number"]
            if dice.random() < 0.1 and self._surely("/api/v1/petitions", body, headers) != (status, answer):
                self.changed += 1


class Notices:
    """Puts one notice after another into the outbox, as moves do, until stopped."""

    def __init__(self, home: Path) -> None:
        self.home, self.stop = home, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        base = sqlite3.connect(self.home / "openredress.sqlite3", timeout=30, isolation_level=None)
        unit = base.execute(
            "SELECT u.code FROM people_appointment a JOIN people_unit u ON u.id = a.unit_id "
            "WHERE a.role = 'registry_clerk' LIMIT 1"
        ).fetchone()[0]
        while not self.stop.is_set():
            base.execute(
                "INSERT INTO notices_outbox (message_id, kind, channel, to_ref, language, made_at, "
                "send_after, state, attempts, lease, problem, authority) VALUES (?, 'work', 'smtp', ?, 'zh', "
                "datetime('now'), datetime('now'), 'ready', 0, '', '', 1)",
                (secrets.token_hex(13), f"unit/{unit}"),
            )
            time.sleep(0.03)
        base.close()


def _below(root: int) -> dict[str, int]:
    """The processes of `up` by what they are: server, its worker process, the job worker."""
    found: dict[str, int] = {}
    for path in Path(f"/proc/{root}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            line = Path(f"/proc/{child}/cmdline").read_text()
            found["worker" if "openredress\0worker" in line else "server"] = child
    for path in Path(f"/proc/{found.get('server', 0)}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            if "resource_tracker" not in Path(f"/proc/{child}/cmdline").read_text():
                found["page"] = child
    return found


def run(home: Path, rounds: int, pause: float = 1.0, seed: int = 1) -> Outcome:
    """Kill one of the three, at random, each round; then let everything come to rest and compare."""
    dice, outcome, port = random.Random(seed), Outcome(), serving.free_port()
    base = sqlite3.connect(home / "openredress.sqlite3")
    base.execute("UPDATE people_staff SET email = username || '@example.org'")
    base.commit()
    before = base.execute("SELECT COUNT(*) FROM cases_petition").fetchone()[0]
    base.close()
    box = Box()
    threading.Thread(target=box.serve_forever, daemon=True).start()
    mail = f"smtp://127.0.0.1:{box.server_address[1]}?from=office@example.org"
    argv = [sys.executable, "-m", "openredress", "up", "--no-demo", "--port", str(port)]
    log = (home / "up.log").open("wb")
    env = serving.environment(home, OPENREDRESS_MAIL_URL=mail)
    up = subprocess.Popen(argv, env=env, stdout=log, stderr=log)
    began = time.monotonic()
    try:
        serving.wait(f"http://127.0.0.1:{port}/healthz/live", up)
        clients = Clients(port)
        notices = Notices(home)
        for thread in (*clients.threads, notices.thread):
            thread.start()
        for _ in range(rounds):
            serving.wait(f"http://127.0.0.1:{port}/healthz/live", up)
            time.sleep(pause * (0.5 + dice.random()))
            _kill(up.pid, dice, outcome)
        time.sleep(pause)
        clients.stop.set()
        notices.stop.set()
        for thread in (*clients.threads, notices.thread):
            thread.join(timeout=60)
        _rest(home)
    finally:
        up.terminate()
        up.wait(timeout=30)
        box.shutdown()
        box.server_close()
        log.close()
    outcome.seconds = time.monotonic() - began
    _compare(home, clients, box, before, outcome)
    return outcome


def _kill(root: int, dice: random.Random, outcome: Outcome) -> None:
    there = _below(root)
    names = [name for name in ("server", "page", "worker") if name in there]
    if names:
        name = dice.choice([*names, "worker"]) if "worker" in names else dice.choice(names)
        try:
            os.kill(there[name], signal.SIGKILL)
            outcome.kills[name] += 1
        except ProcessLookupError:
            pass


def _rest(home: Path, seconds: float = 240) -> None:
    """Until no notice waits. Leases of killed workers would run two minutes more, so they are cut."""
    base = sqlite3.connect(home / "openredress.sqlite3", timeout=30, isolation_level=None)
    until = time.monotonic() + seconds
    time.sleep(2)
    base.execute("UPDATE notices_outbox SET leased_until = NULL WHERE state = 'ready'")
    while time.monotonic() < until:
        if not base.execute("SELECT COUNT(*) FROM notices_outbox WHERE state = 'ready'").fetchone()[0]:
            break
        time.sleep(0.3)
    base.close()


def _compare(home: Path, clients: Clients, box: Box, before: int, outcome: Outcome) -> None:
    base = sqlite3.connect(home / "openredress.sqlite3")
    found = Counter(row[0] for row in base.execute("SELECT number FROM cases_petition"))
    texts = Counter(
        key
        for (body,) in base.execute("SELECT body FROM ledger_words")
        for key in re.findall(r"看不见。([0-9a-f]{32})", body)
    )
    outcome.acknowledged, outcome.retried = len(clients.numbers), clients.retried
    outcome.changed_answers, outcome.refused = clients.changed, clients.refused
    outcome.lost = sum(found[number] == 0 for number in clients.numbers.values())
    outcome.doubled = sum(texts[key] > 1 or found[number] > 1 for key, number in clients.numbers.items())
    outcome.unasked = found.total() - before - len(clients.numbers)
    outcome.files = len(clients.files)
    for sha256 in clients.files.values():
        there = [p for p in (home / "files").rglob(f"*{sha256[4:]}*") if p.is_file()]
        outcome.files_lost += not any(hashlib.sha256(p.read_bytes()).hexdigest() == sha256 for p in there)
    rows = dict(base.execute("SELECT message_id, state FROM notices_outbox").fetchall())
    outcome.mails = sum(state == "sent" for state in rows.values())
    outcome.mails_lost = sum(
        state in ("sent", "ready", "dead") and not box.seen[key] for key, state in rows.items()
    )
    outcome.mails_repeated = sum(n - 1 for n in box.seen.values())
    base.close()
