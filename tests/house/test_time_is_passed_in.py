"""Below the doors nobody asks what time it is."""

from __future__ import annotations

import ast

from tests.house.source import modules

DOORS = ("config", "web", "api", "worker", "__main__.py")
ASKING = {
    *(("datetime", name) for name in ("now", "today", "utcnow")),
    *(("timezone", name) for name in ("now", "localdate", "localtime")),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}


def asks(tree: ast.Module) -> list[str]:
    """Calls that read the clock; time.monotonic and perf_counter only measure and are fine."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            base = node.func.value
            owner = (
                base.id
                if isinstance(base, ast.Name)
                else base.attr
                if isinstance(base, ast.Attribute)
                else ""
            )
            if (owner, node.func.attr) in ASKING and not (node.func.attr == "localtime" and node.args):
                found.append(f"{owner}.{node.func.attr} at line {node.lineno}")
        if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            found.append(f"{node.arg} at line {node.value.lineno}")
    return found


def test_only_the_doors_ask_the_clock():
    found = {name: asks(tree) for name, tree in modules() if name.split("/")[0] not in DOORS}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_control_a_question_is_seen():
    tree = ast.parse("from datetime import datetime\nx = datetime.now()\nf = DateField(auto_now=True)")
    assert len(asks(tree)) == 2
