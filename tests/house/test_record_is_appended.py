"""No way in the code to change or remove a line of the record."""

from __future__ import annotations

import ast
import re

from tests.house.source import modules

TABLES = (
    "Entry",
    "Position",
    "Checkpoint",
    "Erasure",
    "Words",
    "PackRevision",
    "CalendarRevision",
    "Revision",
)
CHANGING = {"update", "delete", "bulk_update", "update_or_create", "save"}
SQL = re.compile(
    r"(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE(\s+TABLE)?)\s+\"?(ledger_(?!stream)|lawbook_)",
    re.IGNORECASE,
)
# Words are erased by law; the database lets a row go only when its erasure is on record.
ERASING = {"ledger/store.py", "ledger/erasure.py", "ledger/triggers.py"}


def changes(tree: ast.Module) -> list[str]:
    """ORM calls and SQL that would alter the append-only tables."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            chain = ast.unparse(node.func.value)
            if re.match(rf"(\w+\.)*({'|'.join(TABLES)})\.objects", chain):
                found.append(f"{chain}.{node.func.attr}")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
            found.append(node.value[:60])
    return found


def test_no_update_path_to_the_ledger():
    found = {name: changes(tree) for name, tree in modules() if name not in ERASING}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_control_an_update_is_seen():
    tree = ast.parse("Entry.objects.filter(seq=1).update(code='x')\nq = 'DELETE FROM ledger_entry'")
    assert len(changes(tree)) == 2
