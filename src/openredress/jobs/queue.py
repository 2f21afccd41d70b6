"""Leased jobs. The effect of a job and its being done are one transaction, so it happens once or not yet.

A worker takes a job for a while (the lease). Killed before the commit it leaves nothing behind, and the
job is free again when the lease runs out; killed after it, the job is done. Whoever comes back late finds
the lease gone and rolls back.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db import connection

from openredress.jobs.models import Job
from openredress.ledger import gate

Handler = Callable[[dict[str, Any], datetime], None]

NO_ROUNDS: Mapping[str, Handler] = MappingProxyType({})
LEASE = timedelta(minutes=5)
ATTEMPTS = 8
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
KEPT = timedelta(days=90)  # how long a done job is remembered, and with it its unique key


class LeaseLost(Exception):
    """The job was given to another worker meanwhile: its effect must not be committed here."""


@dataclass(frozen=True, slots=True)
class Held:
    """A job that this worker may run until its lease runs out."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    lease: str


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a job: done | again | dead | lost, with the kind of error, never its text."""

    id: int
    kind: str
    state: str
    problem: str = ""


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    at: datetime,
    run_after: datetime | None = None,
    unique_key: str | None = None,
    authority: int = 1,
) -> None:
    """Ask for work to be done, in the caller's transaction: no commit, no job.

    A job with the same `unique_key`, waiting or done in the last 90 days, makes this one superfluous.
    """
    job = Job(
        kind=kind,
        payload=dict(payload),
        run_after=run_after or at,
        unique_key=unique_key,
        made_at=at,
        authority=authority,
    )
    Job.objects.bulk_create([job], ignore_conflicts=unique_key is not None)


_CLAIM = """
UPDATE jobs_job SET lease = %s, leased_until = %s, attempts = attempts + 1 WHERE id = (
  SELECT id FROM jobs_job WHERE state = 'ready' AND run_after <= %s
    AND (leased_until IS NULL OR leased_until <= %s)
  ORDER BY run_after, id LIMIT 1 {skip}) RETURNING id, kind, payload, attempts"""


def claim(at: datetime, lease: timedelta = LEASE) -> Held | None:
    """Take the next job that is due and free, or None. Two workers never take the same one."""
    mine = secrets.token_hex(8)
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    adapt = connection.ops.adapt_datetimefield_value
    until, now = adapt(at + lease), adapt(at)

    def take() -> Held | None:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM.format(skip=skip), [mine, until, now, now])
            row = cursor.fetchone()
        if row is None:
            return None
        payload = json.loads(row[2]) if isinstance(row[2], str) else row[2]
        return Held(row[0], row[1], payload, row[3], mine)

    return gate.write(take)


def acknowledge(held: Held, at: datetime) -> None:
    """Mark the job done inside the effect's transaction. Raises `LeaseLost` if it is no longer ours."""
    mine = Job.objects.filter(pk=held.id, lease=held.lease, state="ready")
    if not mine.update(state="done", done_at=at, leased_until=None, problem=""):
        raise LeaseLost(held.id)


def _give_back(held: Held, at: datetime, problem: str, attempts: int) -> Ran:
    dead = held.attempts >= attempts
    wait = min(_FIRST_WAIT * 2 ** (held.attempts - 1), _LONGEST_WAIT)

    def write() -> None:
        Job.objects.filter(pk=held.id, lease=held.lease, state="ready").update(
            state="dead" if dead else "ready",
            run_after=at + wait,
            lease="",
            leased_until=None,
            problem=problem,
        )

    gate.write(write)
    return Ran(held.id, held.kind, "dead" if dead else "again", problem)


def run_one(
    handlers: Mapping[str, Handler],
    at: datetime,
    *,
    rounds: Mapping[str, Handler] = NO_ROUNDS,
    lease: timedelta = LEASE,
    attempts: int = ATTEMPTS,
) -> Ran | None:
    """Take and run one job; None when nothing is due.

    A handler writes only to the database. It fails: all of it is rolled back and tried again later,
    after 30 seconds, then twice as long each time; after `attempts` tries it is dead and waits for a
    human. A job that keeps killing its worker counts its tries at the claim, so it dies too.

    `rounds` are long walks over the whole record, which must not hold the one write lock meanwhile: they
    run outside a transaction, write in short ones of their own, and do no harm when walked again.
    """
    held = claim(at, lease)
    if held is None:
        return None
    handler = handlers.get(held.kind) or rounds.get(held.kind)
    if handler is None:
        return _give_back(held, at, "no handler of this kind", attempts)
    if held.attempts > attempts:
        return _give_back(held, at, "the worker died each time", attempts)

    def effect() -> None:
        handler(held.payload, at)
        acknowledge(held, at)

    try:
        if held.kind in rounds:
            handler(held.payload, at)
            gate.write(lambda: acknowledge(held, at))
        else:
            gate.write(effect)
    except LeaseLost:
        return Ran(held.id, held.kind, "lost", "the lease ran out")
    except Exception as error:  # whatever a handler raises, the worker lives on
        # Only the kind of error: its text may quote a petition.
        return _give_back(held, at, type(error).__name__, attempts)
    return Ran(held.id, held.kind, "done")


def purge(at: datetime) -> int:
    """Forget jobs done long ago; dead ones stay until somebody looks. Returns how many went."""
    return Job.objects.filter(state="done", done_at__lt=at - KEPT).delete()[0]
