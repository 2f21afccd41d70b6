"""Docs name every command, setting and path that exists, and none that does not."""

from __future__ import annotations

import re

from tests.house.source import PACKAGE, ROOT

from openredress.config.cli import COMMANDS

REFERENCE = ROOT / "docs" / "reference"


def test_every_command_is_in_the_reference():
    text = (REFERENCE / "commands.md").read_text()
    assert [name for name in COMMANDS if f"`openredress {name}" not in text] == []


def test_every_command_named_in_docs_exists():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        m for p in pages for m in re.findall(r"`(?:\.venv/bin/)?openredress ([a-z][a-z-]+)", p.read_text())
    }
    assert named - set(COMMANDS) == set()


def test_every_setting_is_in_the_reference():
    used = set()
    for path in [*PACKAGE.rglob("*.py"), ROOT / "Makefile", ROOT / ".ci" / "run"]:
        used |= set(re.findall(r"OPENREDRESS_[A-Z_]+[A-Z]", path.read_text()))
    text = (REFERENCE / "settings.md").read_text()
    assert sorted(name for name in used if f"`{name}`" not in text) == []


def test_the_tour_names_real_places():
    text = (ROOT / "docs" / "tour.md").read_text()
    named = re.findall(r"`([\w./-]+/[\w./-]*)`", text)
    missing = [p for p in named if not (ROOT / p).exists() and not (PACKAGE / p).exists()]
    assert named
    assert missing == []
