"""Migrations are one line per app, complete, and can be walked back."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from tests.house.source import PACKAGE, ROOT

OURS = [app.label for app in apps.get_app_configs() if app.name.startswith("openredress")]


@pytest.mark.parametrize("label", OURS)
def test_numbered_without_gap_or_fork(label):
    loader = MigrationLoader(None)
    names = sorted(name for app, name in loader.disk_migrations if app == label)
    assert [int(re.match(r"\d{4}", n).group()) for n in names] == list(range(1, len(names) + 1))
    assert len(loader.graph.leaf_nodes(label)) == min(1, len(names))


@pytest.mark.django_db
def test_models_and_migrations_agree():
    out = io.StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)
    assert out.getvalue().strip() == "No changes detected"


def test_no_step_is_one_way():
    one_way = []
    for path in PACKAGE.rglob("migrations/0*.py"):
        for call in re.findall(
            r"migrations\.Run(?:Python|SQL)\(([^()]*(?:\([^()]*\)[^()]*)*)\)", path.read_text()
        ):
            if "," not in call:
                one_way.append(path.name)
    assert one_way == []


def test_walked_back_to_nothing_and_forward_again(tmp_path):
    env = os.environ | {"OPENREDRESS_HOME": str(tmp_path), "OPENREDRESS_DATABASE_URL": ""}
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command as c\n"
        "c('migrate', verbosity=0)\n"
        f"for label in {OURS[::-1]!r}: c('migrate', label, 'zero', verbosity=0)\n"
        "c('migrate', verbosity=0)\n"
    )
    env["DJANGO_SETTINGS_MODULE"] = "openredress.config.settings"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
