"""Logs as JSON lines on stderr: time, level, route, status, milliseconds. Nothing that says who or what.

Other libraries' messages are not written, for they hold addresses, numbers or names; what remains of an
exception is its kind and the places in the code.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

OURS = "openredress"


def _places(record: logging.LogRecord) -> dict[str, Any]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    frames = traceback.extract_tb(record.exc_info[2])[-8:]
    places = [f"{'/'.join(f.filename.split('/')[-2:])}:{f.lineno} {f.name}" for f in frames]
    return {"exception": record.exc_info[0].__name__, "at": places}


class JsonLine(logging.Formatter):
    """One record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Our own constant messages and fields are written; of others only the logger's name."""
        row: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": str(record.msg) if record.name.startswith(OURS) else record.name,  # never the values
        }
        row |= getattr(record, "fields", {})
        return json.dumps(row | _places(record), ensure_ascii=False)
