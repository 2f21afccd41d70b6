"""Reads a system-call trace: was every acknowledgement on the disk before it was given?

A process kill keeps the page cache, so it cannot lose SQLite data and proves nothing. What counts is
the order of system calls: the petition's pages into the WAL, a completed fdatasync of the WAL after the
last such write, then the acknowledgement.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

STRACE = "/usr/bin/strace"
_CANARY = re.compile(r"canary-[\w]+-\d{6}-\d+")
_CALL = re.compile(r"^\d+\s+(?:<\.\.\. )?(\w+)(?:\(\d+<([^>]*)>)?")


@dataclass
class Seen:
    """What a trace shows."""

    acknowledged: int = 0
    syncs: int = 0  # completed fdatasyncs of the WAL
    bad: list[str] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.bad = []


def judge(lines: Iterable[str], notebook: str) -> Seen:
    """Follow the calls; `notebook` is the file that acknowledgements are written to."""
    seen, in_wal, synced = Seen(), set(), True
    waiting = ""  # the file of an fdatasync that has begun and not ended
    for line in lines:
        match = _CALL.match(line)
        if match is None:
            continue
        call, path = match[1], match[2] or ""
        if call in ("pwrite64", "write") and path.endswith("-wal"):
            in_wal.update(_CANARY.findall(line))
            synced = False
        elif call in ("fdatasync", "fsync"):
            path = path or waiting
            if "unfinished" in line:
                waiting = path
            elif path.endswith("-wal") and line.rstrip().endswith("= 0"):
                seen.syncs += 1
                synced = True
        elif call == "write" and path.endswith(notebook):
            seen.acknowledged += 1
            key = _CANARY.search(line)[0]
            if key not in in_wal:
                seen.bad.append(f"{key}: acknowledged before it was written")
            elif not synced:
                seen.bad.append(f"{key}: acknowledged before it was synced")
    return seen


def watch(home: Path, count: int, *options: str) -> Seen:
    """Run a writer under strace on the home's SQLite file and judge its trace."""
    trace, notebook = home / "trace", home / "acknowledged"
    trace.unlink(missing_ok=True)
    env = os.environ | {"OPENREDRESS_HOME": str(home), "OPENREDRESS_DATABASE_URL": ""}
    writer = [sys.executable, "-m", "tests.durability.writer", "--name", "w1", "--out", str(notebook)]
    subprocess.run(
        [STRACE, "-f", "-y", "-s", "4400", "-e", "trace=write,pwrite64,fdatasync,fsync", "-o", str(trace),
         *writer, "--count", str(count), *options],
        env=env, check=True, timeout=120,
    )  # fmt: skip
    with trace.open(encoding="latin-1") as lines:
        return judge(lines, notebook.name)
