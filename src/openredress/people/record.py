"""Every change of units, roles and ties is an entry: on the unit's stream, or on the system's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.utils.timezone import get_default_timezone

from openredress.ledger import store
from openredress.rules.facts import Entry, Json


def record(
    stream: str,
    code: str,
    facts: Mapping[str, Json],
    *,
    actor: str,
    at: datetime,
    words: Mapping[str, Json] | None = None,
    authority: int = 1,
) -> None:
    """Append one entry to `stream` ("unit/<code>" or "system/<authority>") in the caller's transaction.

    `at` is aware. No pack governs these steps, so the entry's pack is empty.
    """
    kind, _, stream_id = stream.partition("/")
    head = store.head(kind, stream_id)
    version = head.version if head else 0
    entry = Entry(
        stream=stream,
        seq=version + 1,
        code=code,
        actor=actor,
        occurred_at=at.astimezone(get_default_timezone()).replace(microsecond=0),
        recorded_at=at.astimezone(UTC),
        pack="",
        facts=facts,
        words=words or {},
    )
    store.append(kind, stream_id, [entry], expected=version, recorded_at=at, authority=authority)


def system_stream(authority: int = 1) -> str:
    """The stream of an authority as a whole."""
    return f"system/{authority}"
