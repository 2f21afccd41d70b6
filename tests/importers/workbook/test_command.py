"""`openredress import-ledger` from outside, on a fresh home: acceptance of the troubled workbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from tests.importers.workbook.test_import import canaries_in
from tests.importers.workbook.trouble_files import EXPECTED, UNITS, put, wrong_cells

ROOT = Path(__file__).resolve().parents[3]
PREPARE = """
import django; django.setup()
import json, sys
from openredress.config.clock import now
from openredress.people import tree
root = tree.by_code("gov")
for n, (name, *short) in enumerate(json.loads(sys.argv[1])):
    if name != "临江市信访局":
        tree.add(f"d{n}", name, by="system", at=now(), parent=root, short=short[0] if short else "")
"""


class Home:
    """An office of its own, spoken to as a clerk does."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
            "DJANGO_SETTINGS_MODULE": "openredress.config.settings",
            "OPENREDRESS_HOME": str(folder),
            "OPENREDRESS_DATABASE_URL": url,
        }

    def run(self, *words: object, code: str = "") -> subprocess.CompletedProcess[str]:
        start = ["-c", code] if code else ["-m", "openredress"]
        command = [sys.executable, *start, *map(str, words)]
        return subprocess.run(
            command, cwd=self.folder.parent, env=self.environment, capture_output=True, text=True, check=False
        )

    def ledger(self, *words: object, exits: int) -> dict:
        done = self.run("import-ledger", *words, "--json")
        assert done.returncode == exits, done.stderr
        return json.loads(done.stdout)

    def files(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())


@pytest.fixture
def home(tmp_path, django_db_blocker) -> Iterator[Home]:
    row = connections.settings["default"]
    url, name = "", f"own_{os.getpid()}_command"
    with django_db_blocker.unblock():
        if row["ENGINE"].endswith("postgresql"):
            with connections["default"]._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}"')
            url = os.environ["OPENREDRESS_DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        yield Home(tmp_path / "home", url)
        if url:
            with connections["default"]._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_real_ledger_into_a_fresh_home(home, tmp_path):
    ledger, report = put(tmp_path, "troubles.xlsx"), tmp_path / "report.xlsx"
    assert home.run("init", "--authority", "临江市").returncode == 0
    assert home.run(json.dumps(UNITS), code=PREPARE).returncode == 0
    wanted = EXPECTED["troubles"]

    refused = home.ledger(ledger, exits=1)
    assert (refused["created"], refused["written"]) == (0, False)
    first = home.ledger(ledger, "--skip-bad", "--report", report, exits=1)
    assert (first["rows"], first["created"]) == (wanted["rows"], wanted["created"])
    assert wrong_cells(first["bad"], wanted["bad"]) == []
    assert first["not_imported"] == wanted["not_imported"]
    assert report.stat().st_size > 5_000

    second = home.ledger(ledger, "--skip-bad", exits=1)
    assert (second["created"], second["already_there"]) == (0, wanted["created"])
    third = home.ledger(put(tmp_path, "next_week.xlsx"), "--skip-bad", exits=1)
    assert (third["created"], third["changed"]) == (1, EXPECTED["next_week"]["changed"])
    assert [cell for one in third["proposals"] for cell in one["cells"]]

    assert home.folder.is_dir()
    assert canaries_in(home.files()) == []
    said = home.run("import-ledger", ledger, "--skip-bad")
    assert "不导入：本系统不记录" in said.stdout
    assert canaries_in((said.stdout + said.stderr).encode()) == []
    assert home.run("ledger", "verify").returncode == 0


def test_wrong_use_is_refused_with_two(home, tmp_path):
    ledger = put(tmp_path, "troubles.xls")
    if not home.environment["OPENREDRESS_DATABASE_URL"]:
        assert home.run("import-ledger", ledger).returncode == 2  # no office here yet
    assert home.run("init", "--authority", "临江市").returncode == 0
    for words in (
        ("absent.xlsx",),
        (ledger, "--unit", "没有的单位"),
        (ledger, "--report", ledger),
        (ledger, "--report", tmp_path / "report.pdf"),
    ):
        done = home.run("import-ledger", *words)
        assert done.returncode == 2, done.stdout
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr
    (tmp_path / "no.csv").write_text("你好,世界\n1,2\n", encoding="utf-8")
    nothing = home.run("import-ledger", tmp_path / "no.csv")
    assert nothing.returncode == 2
    assert "没有台账表头" in nothing.stderr
