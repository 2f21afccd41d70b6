"""Kills workers for real and counts what became of the jobs. Used by the test and by the campaign."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).parents[2]
_PREPARE = """
import django, os; django.setup()
from datetime import UTC, datetime
from django.core.management import call_command
from django.db import connection, transaction
from openredress.jobs import queue
call_command("migrate", verbosity=0)
with connection.cursor() as c:
    c.execute("CREATE TABLE effects (n integer)")
with transaction.atomic():
    for n in range({jobs}):
        queue.enqueue("effect", {{"n": n}}, at=datetime(2026, 1, 1, tzinfo=UTC), unique_key=f"effect {{n}}")
"""
_COUNT = """
import django, json; django.setup()
from django.db import connection
from openredress.jobs.models import Job
with connection.cursor() as c:
    c.execute("SELECT n, count(*) FROM effects GROUP BY n")
    rows = c.fetchall()
print(json.dumps({"effects": len(rows), "doubled": sum(1 for r in rows if r[1] > 1),
    "done": Job.objects.filter(state="done").count(), "left": Job.objects.exclude(state="done").count()}))
"""


@dataclass(frozen=True)
class Outcome:
    """What was counted after the last worker had come to its end."""

    jobs: int
    effects: int
    doubled: int
    done: int
    left: int
    kills: int
    mid_job: int  # kills after a job had begun and before it was over, by the worker's own words
    seconds: float


class Place:
    """A database of its own, on SQLite or PostgreSQL."""

    def __init__(self, postgres_url: str = "") -> None:
        self.home = tempfile.mkdtemp(prefix="jobs-")
        self.postgres = postgres_url
        self.name = f"jobs_{os.getpid()}_{int(time.time() * 1000) % 10**8}"
        self.env = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "openredress.config.settings",
            "OPENREDRESS_HOME": self.home,
            "OPENREDRESS_DATABASE_URL": self._url(self.name) if postgres_url else "",
        }

    def _url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.postgres)._replace(path=f"/{name}"))

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def __enter__(self) -> Place:
        if self.postgres:
            self._admin(f"CREATE DATABASE {self.name}")
        return self

    def __exit__(self, *_: object) -> None:
        if self.postgres:
            self._admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def python(self, code: str) -> str:
        """Run a piece of code in a process of its own against this database."""
        return subprocess.run(
            [sys.executable, "-c", code], env=self.env, check=True, capture_output=True, text=True
        ).stdout

    def worker(self, mode: str, lease: float, slow: float, log: Path) -> subprocess.Popen[bytes]:
        """A worker process that writes its words to `log`."""
        command = [sys.executable, "-m", "tests.jobs.hard_worker", "--mode", mode]
        with log.open("wb") as out:
            return subprocess.Popen(
                [*command, f"--lease={lease}", f"--slow={slow}"],
                env=self.env,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
            )


def _killed_in_a_job(log: Path) -> bool:
    """Whether the last thing a dead worker said is that it had begun."""
    lines = log.read_text().splitlines()
    return bool(lines) and lines[-1].startswith("begin")


def run(
    place: Place, *, jobs: int, kills: int, mode: str = "same", seed: int = 1, slow: float = 0.002
) -> Outcome:
    """Two workers on `jobs` jobs; `kills` times one of them gets SIGKILL once it has worked a while."""
    dice, started = random.Random(seed), time.monotonic()
    place.python(_PREPARE.format(jobs=jobs))
    logs = Path(place.home) / "logs"
    logs.mkdir(exist_ok=True)
    count = 0

    def start() -> tuple[subprocess.Popen[bytes], Path]:
        nonlocal count
        count += 1
        log = logs / f"{count}.txt"
        return place.worker(mode, 1.0, slow, log), log

    workers = [start(), start()]
    killed = mid_job = 0
    while killed < kills:
        victim = dice.randrange(2)
        process, log = workers[victim]
        while process.poll() is None and log.stat().st_size < 200:
            time.sleep(0.01)
        if process.poll() is not None:
            break  # the work ran out before the kills did
        time.sleep(dice.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
        mid_job += _killed_in_a_job(log)
        workers[victim] = start()
    for process, log in workers:
        if process.wait(timeout=600):
            raise AssertionError(log.read_text()[-2000:])
    counted = json.loads(place.python(_COUNT))
    return Outcome(jobs=jobs, kills=killed, mid_job=mid_job, seconds=time.monotonic() - started, **counted)
