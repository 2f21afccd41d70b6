"""This door asks the time here, once a request. `frozen` holds a moment still for tests."""

from __future__ import annotations

from datetime import UTC, datetime

frozen: datetime | None = None  # never read from the environment: an office must not choose its time


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return frozen if frozen is not None else datetime.now(UTC)
