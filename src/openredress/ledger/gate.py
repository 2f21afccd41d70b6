"""The one gate of writers: SQLite lets one write at a time, so they queue here instead of polling.

SQLite's own busy handler sleeps and tries again, and a writer can lose that race for seconds. Here each
takes a number under the door's lock and then sleeps in the kernel until whoever has the number before is
through: strictly in turn, between threads and processes. The locks are the kernel's, so a writer that is
killed holds nobody up. PostgreSQL needs no gate.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection, transaction

T = TypeVar("T")

ATTEMPTS = 4  # the first try and three more
_PASSING = {"40P01", "40001"}  # deadlock, serialization failure
_FLOCK = "hhqqi4x"  # struct flock: type, whence, start, length, pid
_NUMBER = struct.Struct("<q")


def _byte(handle: int, kind: int, place: int) -> None:
    """Lock or free one byte for this handle; waits for whoever holds it."""
    fcntl.fcntl(handle, fcntl.F_OFD_SETLKW, struct.pack(_FLOCK, kind, os.SEEK_SET, place, 1, 0))


def _take_number(handle: int) -> int:
    """The next number, its own byte locked before anybody can wait for it."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        held = os.pread(handle, _NUMBER.size, 0)
        mine = _NUMBER.unpack(held)[0] if len(held) == _NUMBER.size else _NUMBER.size
        _byte(handle, fcntl.F_WRLCK, mine)
        os.pwrite(handle, _NUMBER.pack(mine + 1), 0)
        return mine
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def _in_turn(path: str) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        mine = _take_number(handle)
        _byte(handle, fcntl.F_WRLCK, mine - 1)
        try:
            yield
        finally:
            # Said aloud, not left to the close: a child forked meanwhile shares the handle.
            _byte(handle, fcntl.F_UNLCK, mine - 1)
            _byte(handle, fcntl.F_UNLCK, mine)
    finally:
        os.close(handle)


@contextmanager
def _alone(path: str) -> Iterator[None]:
    """Where the kernel knows no such locks (macOS): one at a time, in no sure order."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _place() -> str:
    """The database file, or an empty string where nothing needs a gate."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return ""  # an open transaction already holds SQLite's write lock; waiting here would be a deadlock
    name = str(connection.settings_dict["NAME"])
    return "" if "memory" in name or name.startswith("file:") else name


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one's turn to write; free where no gate is needed."""
    place = _place()
    if not place:
        yield
        return
    gate = _in_turn if hasattr(fcntl, "F_OFD_SETLKW") else _alone
    with gate(place + ".gate"):
        yield


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
