"""The doors ask the time here, once a request. `frozen` holds a moment still for two-world tests."""

from __future__ import annotations

import os
from datetime import UTC, datetime

frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC; the demo's day stands still when its home says so."""
    if frozen is not None:
        return frozen
    fixed = os.environ.get("OPENREDRESS_FROZEN_AT")
    return datetime.fromisoformat(fixed).astimezone(UTC) if fixed else datetime.now(UTC)
