"""Job kind → function. The one place where queued work meets what does it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.timezone import get_default_timezone

from openredress.cases import erasing, placing, recalendar, retention, search
from openredress.documents import store
from openredress.jobs import queue
from openredress.lawbook import book
from openredress.ledger import seal
from openredress.notices import outbox

_HALF_AN_HOUR = 1800.0


def seal_record(payload: dict[str, Any], at: datetime) -> None:
    """Sign a root over everything new; putting it outside is a job of its own, asked for in one breath."""
    if made := seal.seal(at):
        queue.enqueue("put_outside", {}, at=at, unique_key=f"put_outside@{made.position}")


def put_outside(payload: dict[str, Any], at: datetime) -> None:
    """Write the newest checkpoint beside the others, under its position; writing it again changes nothing.

    The folder is meant to be a mount or a synchronised place that this machine's administrator cannot
    rewrite: a checkpoint proves nothing while it lies only where the record lies.
    """
    body = seal.latest()
    if body is None:
        return
    folder = Path(settings.HOME) / "checkpoints"
    folder.mkdir(mode=0o700, exist_ok=True)
    goal = folder / f"checkpoint-{body['position']:012d}.json"
    draft = folder / f".{goal.name}"
    with draft.open("w", encoding="utf-8") as out:
        json.dump(body, out, ensure_ascii=False, sort_keys=True)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(goal)


def sweep_files(payload: dict[str, Any], at: datetime) -> None:
    """Remove files whose transaction never came to its end, once they are half an hour old."""
    store.sweep(store.orphans(at.timestamp() - _HALF_AN_HOUR))


def forget_done(payload: dict[str, Any], at: datetime) -> None:
    """Drop jobs done and notices sent long ago."""
    queue.purge(at)
    outbox.purge(at)


def erase_due(payload: dict[str, Any], at: datetime) -> None:
    """Erase what the packs' periods say; what the rules refuse stays and is found again the next night."""
    day = at.astimezone(get_default_timezone()).date()
    retention.apply(list(retention.due(day, at, book.packs())), at)


def redate(payload: dict[str, Any], at: datetime) -> None:
    """Date the running clocks anew after a calendar was imported."""
    recalendar.redate(payload, at)


def purge_index(payload: dict[str, Any], at: datetime) -> None:
    """Rewrite the search index after an erasure."""
    search.purge()


def place(payload: dict[str, Any], at: datetime) -> None:
    """Mark cases from which somebody came to be barred, and move those whose holder may hold them no more."""
    placing.mend(at)


HANDLERS: dict[str, queue.Handler] = {
    "seal": seal_record,
    "put_outside": put_outside,
    "sweep_files": sweep_files,
    "forget_done": forget_done,
}

# Long walks over the whole record: outside a transaction, harmless when walked again.
ROUNDS: dict[str, queue.Handler] = {
    "retention": erase_due,
    "place": place,
    recalendar.JOB: redate,
    erasing.PURGE: purge_index,
}
