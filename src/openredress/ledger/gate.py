"""The one gate of writers: SQLite lets one write at a time, so they queue here instead of polling.

SQLite's own busy handler sleeps and tries again, and a writer can lose that race for seconds. Behind
the gate a waiter sleeps in the kernel until it is its turn. PostgreSQL needs no gate.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection, transaction

T = TypeVar("T")

ATTEMPTS = 4  # the first try and three more
_PASSING = {"40P01", "40001"}  # deadlock, serialization failure


@contextmanager
def _locked(path: str) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)  # a child forked meanwhile shares the handle and must not hold it
        os.close(handle)


def _place() -> str:
    """The database file, or an empty string where nothing needs a gate."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return ""  # an open transaction already holds SQLite's write lock; waiting here would be a deadlock
    name = str(connection.settings_dict["NAME"])
    return "" if "memory" in name or name.startswith("file:") else name


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one's turn to write. Who just left stands behind whoever waits at the outer door."""
    place = _place()
    if not place:
        yield
        return
    outer = _locked(place + ".door")
    outer.__enter__()
    try:
        inner = _locked(place + ".gate")
        inner.__enter__()
    finally:
        outer.__exit__(None, None, None)
    try:
        yield
    finally:
        inner.__exit__(None, None, None)


def write(work: Callable[[], T]) -> T:
    """Run `work` in one transaction of its own, at its turn; again (3×) after a deadlock.

    Inside a transaction that is already open it only makes a savepoint: retrying is the caller's then.
    `work` must therefore have no effect outside the database.
    """
    nested = connection.in_atomic_block
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with turn(), transaction.atomic():
                return work()
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", "")
            if nested or attempt == ATTEMPTS or state not in _PASSING:
                raise
            time.sleep(0.01 * attempt)
    raise AssertionError("unreachable")
