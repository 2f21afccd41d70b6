"""A PostgreSQL cluster of our own, to be killed: its own folder, its own port, its own processes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

PLACES = (
    "/usr/local/bin",
    "/usr/lib/postgresql/17/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/15/bin",
)


def tool(name: str) -> str | None:
    """Where a PostgreSQL server program lies, or None."""
    found = [shutil.which(name), *(f"{place}/{name}" for place in PLACES)]
    return next((path for path in found if path and Path(path).exists()), None)


def ready() -> str:
    """An empty string when a cluster can be made here, else what is missing."""
    if tool("initdb") is None or tool("postgres") is None:
        return "no initdb: apt-get install postgresql"
    if os.getuid() == 0 and "postgres" not in {row.pw_name for row in pwd.getpwall()}:
        return "PostgreSQL refuses root and there is no user postgres"
    return ""


class Cluster:
    """Start, kill with -9, start again. PostgreSQL refuses root, so then it runs as user postgres."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="openredress-pg-", dir="/tmp"))
        self.data = self.folder / "data"
        self.as_user: dict = {}
        if os.getuid() == 0:
            row = pwd.getpwnam("postgres")
            os.chown(self.folder, row.pw_uid, row.pw_gid)
            self.as_user = {"user": row.pw_uid, "group": row.pw_gid, "extra_groups": []}
        self._run(
            [
                tool("initdb"),
                "-D",
                self.data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-k",
                "--no-sync",
                "-E",
                "UTF8",
            ]
        )
        self.port = self._free_port()
        self.set(
            listen_addresses="127.0.0.1", port=self.port, unix_socket_directories="", max_connections=40,
            shared_buffers="64MB", synchronous_commit="on", fsync="on",
        )  # fmt: skip
        self.started: subprocess.Popen | None = None

    @staticmethod
    def _free_port() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def _run(self, words: Sequence) -> None:
        subprocess.run(
            list(map(str, words)), check=True, capture_output=True, cwd=self.folder, **self.as_user
        )

    def set(self, **settings) -> None:
        """Append to the configuration; the last word counts at the next start."""
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(lines)

    @property
    def url(self) -> str:
        """As OPENREDRESS_DATABASE_URL."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def connect(self) -> psycopg.Connection:
        """A connection of the judge's own."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)

    def start(self) -> float:
        """Start and wait until it answers; returns the seconds it took, recovery included."""
        begun = time.monotonic()
        log = (self.folder / "log").open("ab")
        self.started = subprocess.Popen(
            [tool("postgres"), "-D", str(self.data)],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder, **self.as_user,
        )  # fmt: skip
        log.close()
        while time.monotonic() - begun < 60:
            try:
                self.connect().close()
                return time.monotonic() - begun
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def kill(self) -> int:
        """SIGKILL to the postmaster and each of its children, by recorded id; returns how many they were."""
        assert self.started is not None
        head = self.started.pid
        os.kill(head, signal.SIGSTOP)  # so that it forks nobody while its children are written down
        victims = [head, *children(head)]
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.started.wait(timeout=20)
        # A restart is refused while an orphan still holds the shared memory.
        while any(alive(pid) for pid in victims):
            time.sleep(0.01)
        return len(victims)

    def stop(self) -> None:
        """An orderly end: what is in memory is written."""
        if self.started is not None and self.started.poll() is None:
            self.started.send_signal(signal.SIGINT)
            self.started.wait(timeout=60)

    def remove(self) -> None:
        """Kill it and remove its folder."""
        if self.started is not None and self.started.poll() is None:
            self.kill()
        shutil.rmtree(self.folder)


def children(pid: int) -> list[int]:
    """The direct children of a process (a backend has none)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = path.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(rest[1]) == pid:
            found.append(int(path.parent.name))
    return found


def alive(pid: int) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
