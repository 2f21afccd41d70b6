"""No signal receivers of our own but the one that reinstalls the ledger's triggers."""

from __future__ import annotations

import ast

from tests.house.source import modules

NAMED = "ledger"
SIGNALS = {
    "post_migrate", "pre_migrate", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed",
    "pre_init", "post_init", "request_started", "request_finished", "connection_created", "user_logged_in",
    "user_logged_out", "setting_changed",
}  # fmt: skip


def receivers(tree: ast.Module) -> list[str]:
    """`@receiver(...)` and `signal.connect(...)` of Django's signals."""
    found = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "connect"
        ):
            base = node.func.value
            owner = (
                base.id
                if isinstance(base, ast.Name)
                else base.attr
                if isinstance(base, ast.Attribute)
                else ""
            )
            if owner in SIGNALS:
                found.append(owner)
        if isinstance(node, ast.FunctionDef):
            found += ["receiver" for d in node.decorator_list if ast.unparse(d).startswith("receiver")]
    return found


def test_one_receiver_and_it_is_the_named_one():
    found = [(name.split("/")[0], signal) for name, tree in modules() for signal in receivers(tree)]
    assert found == [(NAMED, "post_migrate")]


def test_control_a_receiver_is_seen():
    tree = ast.parse("post_save.connect(f)\n@receiver(post_save)\ndef g(): ...")
    assert sorted(receivers(tree)) == ["post_save", "receiver"]
