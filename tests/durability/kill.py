"""Writers, a killer, and the count afterwards: what is acknowledged and gone, what is there twice."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .cluster import Cluster

CHECK = """
import django; django.setup()
from openredress.ledger import verify
report = verify.verify()
print(len(report.failures), report.entries)
"""


@dataclass
class Outcome:
    """The figures of a run."""

    rounds: int = 0
    killed: int = 0  # processes
    acknowledged: int = 0
    lost: int = 0  # acknowledged and not there, or with another entry
    doubled: int = 0  # one submit registered twice, or one number given to two
    repeated: int = 0  # answered on a repeated submit, after the first answer was cut off
    failures: int = 0  # of `ledger verify` afterwards
    recovery: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def line(self) -> str:
        """For people."""
        return (
            f"rounds {self.rounds}, processes killed {self.killed}, acknowledged {self.acknowledged}, "
            f"lost {self.lost}, doubled {self.doubled}, answered on a repeated submit {self.repeated}, "
            f"ledger verify findings {self.failures}, "
            f"recovery median {statistics.median(self.recovery):.2f} s, max {max(self.recovery):.2f} s, "
            f"{self.seconds:.0f} s in all"
        )


class Run:
    """One office on one cluster, written to by several processes while it is killed again and again."""

    def __init__(self, cluster: Cluster, folder: Path, writers: int) -> None:
        self.cluster, self.folder, self.writers = cluster, folder, writers
        self.home = folder / "home"
        self.env = os.environ | {"OPENREDRESS_HOME": str(self.home), "OPENREDRESS_DATABASE_URL": cluster.url}
        self.env["DJANGO_SETTINGS_MODULE"] = "openredress.config.settings"

    def found(self) -> None:
        """Keys, tables, law, units: `openredress init` on the cluster."""
        command = [sys.executable, "-m", "openredress.config.cli", "init"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]

    def go(self, name: str, rounds: int, seed: int, least: int = 1) -> Outcome:
        """Kill `rounds` times, each time after at least `least` further acknowledgements; then count."""
        begun, outcome, chance = time.monotonic(), Outcome(rounds=rounds), random.Random(seed)
        stop = self.folder / f"{name}.stop"
        started = [self._writer(name, number, stop) for number in range(self.writers)]
        try:
            for _ in range(rounds):
                self._wait_for(name, self._acknowledged(name) + least)
                time.sleep(chance.uniform(0.05, 0.6))
                outcome.killed += self.cluster.kill()
                outcome.recovery.append(self.cluster.start())
        finally:
            stop.touch()
            for process in started:
                process.wait(timeout=60)
        self._count(name, outcome)
        outcome.seconds = time.monotonic() - begun
        return outcome

    def _writer(self, name: str, number: int, stop: Path) -> subprocess.Popen:
        words = ["--name", f"{name}{number}", "--out", str(self._notebook(name, number)), "--stop", str(stop)]
        return subprocess.Popen([sys.executable, "-m", "tests.durability.writer", *words], env=self.env)

    def _notebook(self, name: str, number: int) -> Path:
        return self.folder / f"{name}-{number}.acknowledged"

    def _lines(self, name: str) -> list[str]:
        books = [self._notebook(name, number) for number in range(self.writers)]
        return [line for book in books if book.exists() for line in book.read_text().splitlines()]

    def _acknowledged(self, name: str) -> int:
        return len(self._lines(name))

    def _wait_for(self, name: str, count: int) -> None:
        limit = time.monotonic() + 60
        while self._acknowledged(name) < count:
            if time.monotonic() > limit:
                raise TimeoutError(f"{self._acknowledged(name)} of {count} acknowledged")
            time.sleep(0.02)

    def _count(self, name: str, outcome: Outcome) -> None:
        """By SQL of the judge's own: petitions by number, their first entry, and every text by its canary."""
        said = [json.loads(line) for line in self._lines(name)]
        with self.cluster.connect() as judge:
            there = dict(judge.execute(
                "SELECT p.number, e.hash FROM cases_petition p JOIN cases_case c ON c.id = p.case_id "
                "JOIN ledger_entry e ON e.kind = 'case' AND e.stream = c.stream AND e.seq = 1"
            ).fetchall())  # fmt: skip
            texts = judge.execute("SELECT body FROM ledger_words WHERE body LIKE '%canary-%'").fetchall()
        outcome.acknowledged = len(said)
        outcome.repeated = sum(row["again"] for row in said)
        outcome.lost = sum(there.get(row["number"]) != row["entry"] for row in said)
        numbers = Counter(row["number"] for row in said)
        keys = Counter(row["key"] for row in said)
        marks = Counter(json.loads(body)["text"].split()[-1] for (body,) in texts)
        outcome.doubled = sum(count - 1 for counter in (numbers, keys, marks) for count in counter.values())
        checked = subprocess.run(
            [sys.executable, "-c", CHECK], env=self.env, check=True, capture_output=True, text=True
        )
        outcome.failures = int(checked.stdout.split()[0])
