"""The worker: asks the clock, runs what is due, sends what waits, until it is told to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from zoneinfo import ZoneInfo

from django.db import DatabaseError, close_old_connections
from django.utils.timezone import get_default_timezone

from openredress.jobs import queue
from openredress.notices import outbox
from openredress.notices.channels import Channel
from openredress.worker import schedule
from openredress.worker.table import HANDLERS, ROUNDS

log = logging.getLogger("openredress.worker")


def _nobody(channel: str, to_ref: str) -> str | None:
    return None


def _never(kind: str, to_ref: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Post:
    """How notices leave: channels, who a reference is, and whether it may still be told.

    The default drops everything: a notice without the gate's yes is not sent.
    """

    channels: Mapping[str, Channel] = field(default_factory=dict)
    resolve: outbox.Resolve = _nobody
    allow: outbox.Allow = _never


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of the loop did."""

    ran: tuple[queue.Ran, ...]
    sent: tuple[outbox.Sent, ...]


def turn(
    clock: Callable[[], datetime],
    post: Post,
    handlers: Mapping[str, queue.Handler] = HANDLERS,
    most: int = 200,
) -> Turn:
    """Ask for scheduled work, then run at most `most` jobs and send at most `most` notices."""
    schedule.ask_for_due(clock(), ZoneInfo(str(get_default_timezone())))
    ran: list[queue.Ran] = []
    sent: list[outbox.Sent] = []
    while len(ran) < most and (one := queue.run_one(handlers, clock(), rounds=ROUNDS)):
        ran.append(one)
        if one.state != "done":
            log.warning("job %s %s: %s %s", one.id, one.kind, one.state, one.problem)
    while len(sent) < most and (
        notice := outbox.send_one(post.channels, clock(), resolve=post.resolve, allow=post.allow)
    ):
        sent.append(notice)
        if notice.state != "sent":
            log.warning("notice %s: %s %s", notice.message_id, notice.state, notice.problem)
    return Turn(tuple(ran), tuple(sent))


def run(
    stop: Event,
    clock: Callable[[], datetime],
    post: Post | None = None,
    handlers: Mapping[str, queue.Handler] = HANDLERS,
    pause: float = 1.0,
    reconnect: Callable[[], None] = close_old_connections,
) -> None:
    """Turn after turn until `stop` is set. A database that goes away is waited for, not died of."""
    while not stop.is_set():
        try:
            done = turn(clock, post or Post(), handlers)
        except DatabaseError as error:
            log.warning("database: %s", type(error).__name__)
            reconnect()
            stop.wait(5 * pause)
            continue
        if not done.ran and not done.sent:
            reconnect()
            stop.wait(pause)
