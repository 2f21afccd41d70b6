"""Homes and databases for tests that run the command line: SQLite files, or databases made for the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connections
from tests.house.source import ROOT

POSTGRES = os.environ.get("OPENREDRESS_DATABASE_URL", "")


@dataclass(frozen=True)
class Home:
    """A folder and the database that goes with it."""

    path: Path
    url: str = ""

    @property
    def env(self) -> dict[str, str]:
        mine = {
            "OPENREDRESS_HOME": str(self.path),
            "OPENREDRESS_DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "openredress.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }
        return os.environ | mine

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`openredress …` here."""
        argv = [sys.executable, "-m", "openredress", *words]
        return subprocess.run(argv, env=self.env, capture_output=True, text=True, check=False)

    def python(self, script: str, *words: str) -> str:
        """A script with Django set up; its output."""
        argv = [sys.executable, "-c", "import django; django.setup()\n" + script, *words]
        done = subprocess.run(argv, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def homes(folder: Path, *names: str) -> Iterator[list[Home]]:
    """One home for each name, nothing in any of them; on PostgreSQL each with a database of its own."""
    if not POSTGRES:
        yield [Home(folder / name) for name in names]
        return
    parts = urlsplit(POSTGRES)
    made = {name: f"home_{os.getpid()}_{name}" for name in names}

    def run(sql: str) -> None:
        with connections["default"]._nodb_cursor() as cursor:
            cursor.execute(sql)

    for base in made.values():
        run(f'CREATE DATABASE "{base}"')
    try:
        yield [Home(folder / name, parts._replace(path=f"/{base}").geturl()) for name, base in made.items()]
    finally:
        for base in made.values():
            run(f'DROP DATABASE "{base}" WITH (FORCE)')
