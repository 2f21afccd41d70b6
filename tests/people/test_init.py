"""`openredress init` from outside: an empty office in an empty home, and a refusal anywhere else."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LOOK = """
import django, json; django.setup()
from datetime import UTC, datetime
from django.db import connection
from openredress.ledger import store, triggers
from openredress.lawbook.models import PackRevision
from openredress.people import signin
from openredress.people.models import AdminRole, Unit
first = store.read("system", "1")[0]
tokens = {tokens}
staff = [signin.use(t, at=datetime.now(UTC)) for t in tokens]
print(json.dumps({{
    "first": [first.seq, first.code, first.facts],
    "units": list(Unit.objects.order_by("pk").values_list("code", "name", "kind")),
    "signed_in": [AdminRole.objects.get(staff=one).role for one in staff],
    "again": [signin.use(t, at=datetime.now(UTC)) for t in tokens],
    "packs": PackRevision.objects.count() > 0,
    "triggers": triggers.missing(connection),
}}))
"""


@pytest.fixture
def run(tmp_path):
    """Run the command, or a piece of code, against a home of its own."""
    env = {
        **os.environ,
        "OPENREDRESS_HOME": str(tmp_path / "home"),
        "OPENREDRESS_DATABASE_URL": "",
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "openredress.config.settings",
    }

    def call(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, *words], env=env | more, capture_output=True, text=True)

    return call


def test_an_office_ready_to_work(run, tmp_path):
    made = run("-m", "openredress", "init", "--authority", "临江市")
    assert (made.returncode, made.stderr) == (0, "")
    tokens = re.findall(r"http://127\.0\.0\.1:8000/signin/(\S+)", made.stdout)
    assert len(set(tokens)) == 3
    home = tmp_path / "home"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home / "keys").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(home.stat().st_mode) == stat.S_IMODE((home / "keys").stat().st_mode) == 0o700
    looked = run("-c", _LOOK.format(tokens=tokens))
    assert looked.returncode == 0, looked.stderr
    seen = json.loads(looked.stdout)
    seq, code, facts = seen["first"]
    assert (seq, code, facts["authority"], facts["made_up"]) == (1, "office_founded", 1, False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", facts["go_live"])
    assert seen["units"] == [["gov", "临江市", "authority"], ["xfj", "临江市信访局", "office"]]
    assert seen["signed_in"] == ["system", "security", "audit"]
    assert seen["again"] == [None, None, None]
    assert (seen["packs"], seen["triggers"]) == (True, [])
    done = run("-m", "openredress", "worker", "--once")
    assert (done.returncode, done.stdout) == (0, "作业 6 个，通知 0 条\n")
    again = run("-m", "openredress", "init", OPENREDRESS_LANGUAGE="en")
    assert again.returncode == 2
    assert "Not empty" in again.stderr


def test_refused_in_a_home_that_holds_anything(run, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "note").write_text("mine")
    refused = run("-m", "openredress", "init")
    assert refused.returncode == 2
    assert "这里不是空的" in refused.stderr
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["note"]
