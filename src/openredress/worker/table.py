"""Job kind → function. The one place where queued work meets what does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openredress.documents import store
from openredress.jobs import queue
from openredress.ledger import seal
from openredress.notices import outbox

_HALF_AN_HOUR = 1800.0


def seal_record(payload: dict[str, Any], at: datetime) -> None:
    """Sign a root over everything new. Putting it outside is `send_checkpoint`, told by the same row."""
    seal.seal(at)


def sweep_files(payload: dict[str, Any], at: datetime) -> None:
    """Remove files whose transaction never came to its end, once they are half an hour old."""
    store.sweep(store.orphans(at.timestamp() - _HALF_AN_HOUR))


def forget_done(payload: dict[str, Any], at: datetime) -> None:
    """Drop jobs done and notices sent long ago."""
    queue.purge(at)
    outbox.purge(at)


HANDLERS: dict[str, queue.Handler] = {
    "seal": seal_record,
    "sweep_files": sweep_files,
    "forget_done": forget_done,
}
