"""A worker process for the kill tests: takes jobs until none is left, and says on stdout where it is.

`--mode same` is the real thing: the effect and the job's being done are one transaction. `--mode apart`
is the control: the effect is committed first and acknowledged after, as queues with a broker do.
The effect is a row in `effects`; a job that had two effects has two rows.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import django

django.setup()

from django.db import connection  # noqa: E402

from openredress.jobs import queue  # noqa: E402
from openredress.ledger import gate  # noqa: E402


def _say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def main() -> None:
    """Work until the queue is empty of due jobs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["same", "apart"], default="same")
    parser.add_argument("--lease", type=float, default=1.0)
    parser.add_argument("--slow", type=float, default=0.002)
    args = parser.parse_args()

    def effect(payload: dict, at: datetime) -> None:
        _say(f"begin {payload['n']}")
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO effects (n) VALUES (%s)", [payload["n"]])
        time.sleep(args.slow)  # long enough to be killed in

    lease = timedelta(seconds=args.lease)
    idle = 0
    while idle < 40:
        at = datetime.now(UTC)
        if args.mode == "same":
            done = queue.run_one({"effect": effect}, at, lease=lease, attempts=100)
            if done and done.state == "done":
                _say(f"end {done.id}")
        else:
            done = queue.claim(at, lease)
            if done:
                gate.write(partial(effect, done.payload, at))
                time.sleep(args.slow)
                gate.write(partial(queue.acknowledge, done, at))
                _say(f"end {done.payload['n']}")
        idle = 0 if done else idle + 1
        if not done:
            time.sleep(0.05)
    sys.exit(0)


if __name__ == "__main__":
    main()
