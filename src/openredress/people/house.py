"""House settings: decisions of the office about itself, each an entry on the system's stream."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from openredress.ledger.models import Entry
from openredress.people.errors import refuse
from openredress.people.record import record, system_stream

CHANGED = "house_setting"
ALLOWED: dict[str, tuple[str, ...]] = {  # the first is the default
    "password_profile": ("asvs", "dengbao"),
    "second_factor": ("optional", "administrators", "everyone"),
}


def setting(name: str, authority: int = 1) -> str:
    """What the office decided last, or the default. `name` is one of `ALLOWED`."""
    kind, _, stream = system_stream(authority).partition("/")
    rows = Entry.objects.filter(kind=kind, stream=stream, code=CHANGED).order_by("-seq")
    for facts in rows.values_list("facts", flat=True):
        row = json.loads(facts)
        if row.get("name") == name and row.get("value") in ALLOWED[name]:
            return str(row["value"])
    return ALLOWED[name][0]


@transaction.atomic
def change(name: str, value: str, *, by: str, at: datetime, authority: int = 1) -> None:
    """Decide anew and write `house_setting` on the system stream. Raises `Refused` for unknown values."""
    if value not in ALLOWED.get(name, ()):
        raise refuse(
            "no_such_setting", f"“{name}”不能设为“{value}”", f"“{name}” cannot be “{value}”", field=name
        )
    if setting(name, authority) != value:
        facts = {"name": name, "value": value}
        record(system_stream(authority), CHANGED, facts, actor=by, at=at, authority=authority)
