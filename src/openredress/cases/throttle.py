"""Counting wrong guesses, in a small store of its own: reading a case writes nothing to the record."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from openredress.rules.facts import Refusal

WINDOW = timedelta(hours=1)
Bucket = tuple[str, int]  # name, failures allowed within the window

_TABLE = """
CREATE TABLE IF NOT EXISTS failure (bucket TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS failure_bucket ON failure (bucket, at);
"""


class Throttle:
    """Failures by bucket. Losing the file only forgets them, so it is not synced to disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _store(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        store = sqlite3.connect(self.path, timeout=5, isolation_level=None)
        try:
            store.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _TABLE)
            yield store
        finally:
            store.close()

    def locked(self, buckets: Sequence[Bucket], at: datetime) -> Refusal | None:
        """Why nobody may try now, or None."""
        since = (at - WINDOW).timestamp()
        with self._store() as store:
            for name, allowed in buckets:
                rows = store.execute(
                    "SELECT at FROM failure WHERE bucket = ? AND at > ? ORDER BY at DESC LIMIT ?",
                    (name, since, allowed),
                ).fetchall()
                if len(rows) == allowed:
                    minutes = max(1, int((rows[-1][0] - since) // 60) + 1)
                    return _refusal(minutes)
        return None

    def failed(self, buckets: Sequence[Bucket], at: datetime) -> None:
        """Count one wrong guess in each bucket; what is older than a day is forgotten."""
        moment = at.timestamp()
        with self._store() as store:
            store.execute("BEGIN IMMEDIATE")
            store.execute("DELETE FROM failure WHERE at < ?", ((at - timedelta(days=1)).timestamp(),))
            store.executemany("INSERT INTO failure VALUES (?, ?)", [(name, moment) for name, _ in buckets])
            store.execute("COMMIT")


def _refusal(minutes: int) -> Refusal:
    return Refusal(
        "too_many_guesses",
        f"查询码错误次数过多，请 {minutes} 分钟后再试",
        f"Too many wrong codes; try again in {minutes} minutes",
        field="query_code",
        what_to_do="核对回执；遗失查询码可凭身份证明到窗口补发 / "
        "compare with the receipt; a lost code is reissued at a counter",
    )
