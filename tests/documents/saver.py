"""Saves one file and writes `acknowledged` to stdout; run under strace to see what came in which order."""

from __future__ import annotations

import io
import os
import sys

import django

django.setup()

from datetime import UTC, datetime  # noqa: E402

from openredress.documents import store  # noqa: E402
from openredress.ledger import gate  # noqa: E402

if "no-fsync" in sys.argv:
    os.fsync = lambda handle: None

saved = gate.write(
    lambda: store.save(
        io.BytesIO(b"%PDF-1.4 trailer %%EOF"), "a.pdf", at=datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
    )
)
os.write(1, f"acknowledged {saved.sha256}\n".encode())
