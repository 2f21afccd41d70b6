"""What comes round: each period asks for its job once, however many workers look at the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from openredress.jobs import queue


@dataclass(frozen=True, slots=True)
class Every:
    """A job for each hour, or for each night from `hour` o'clock in the office's zone on."""

    kind: str
    period: str  # hour | night
    hour: int = 0


SCHEDULE: tuple[Every, ...] = (
    Every("seal", "hour"),
    Every("place", "night", 1),
    Every("retention", "night", 2),
    Every("sweep_files", "night", 3),
    Every("forget_done", "night", 4),
)


def period_of(every: Every, at: datetime, zone: ZoneInfo) -> str:
    """The name of the period that `at` lies in; it makes the job's unique key."""
    local = at.astimezone(zone)
    if every.period == "hour":
        return at.strftime("%Y-%m-%dT%H")
    return (local - timedelta(hours=every.hour)).date().isoformat()


def ask_for_due(at: datetime, zone: ZoneInfo, schedule: tuple[Every, ...] = SCHEDULE) -> None:
    """Put the jobs of the present periods into the queue, unless they are there or done already.

    A worker that was down catches up once for the present period, not for each that it missed.
    """
    with transaction.atomic():
        for every in schedule:
            key = f"{every.kind}@{period_of(every, at, zone)}"
            queue.enqueue(every.kind, {}, at=at, unique_key=key)
