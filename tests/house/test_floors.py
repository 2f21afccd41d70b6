"""The floors hold, and the check would notice if they did not."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

from tests.house.source import ROOT, modules

LINT = str(Path(sysconfig.get_path("scripts")) / "lint-imports")


def _lint(config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, LINT, "--no-cache", "--config", str(config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_arrows_point_down():
    done = _lint(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout


def test_control_an_arrow_up_is_found(tmp_path):
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0][
        "layers"
    ]
    turned = list(reversed(layers))
    lines = "\n    ".join(turned)
    config = tmp_path / "importlinter.ini"
    config.write_text(
        "[importlinter]\nroot_package = openredress\n\n[importlinter:contract:1]\n"
        f"name = turned\ntype = layers\ncontainers = openredress\nlayers =\n    {lines}\n"
    )
    assert _lint(config).returncode == 1


def test_rules_stand_on_the_standard_library_alone():
    foreign = []
    for name, tree in modules("rules", "packs"):
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for full in names:
                top = full.split(".")[0]
                own = full.startswith(("openredress.rules", "openredress.packs"))
                if top not in sys.stdlib_module_names and not own:
                    foreign.append(f"{name}: {full}")
    assert foreign == []
