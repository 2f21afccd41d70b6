"""Many writers at once on both databases: creates a second, CPU a create, the longest waits, and the counts.

    python bench/campaign_concurrency.py [--seconds 8] [--only sqlite|postgresql] [--postgres URL]

Prints beside each figure how many times a second this disk really syncs, for that is the ceiling of durable
commits. Exit 1 when a deadlock got through, a tally differs, or the record does not verify.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
LONGEST_WAIT = 0.5  # seconds at p99.9


@dataclass(frozen=True)
class Told:
    """What one writer did."""

    waits: list[float]
    cpu: float
    errors: list[str]
    refused: int = 0


def begin(env: dict[str, str]) -> None:
    """Speak to the database of this run."""
    os.environ.update(env)
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    import django  # noqa: PLC0415  # settings are read from the environment set above

    django.setup()


def creating(env: dict[str, str], until: float, seed: int) -> Told:
    """Open cases until the time is over."""
    begin(env)
    from tests.cases import made  # noqa: PLC0415

    from openredress.cases import actions  # noqa: PLC0415

    actions.open_case(made.petition(), actor=made.SOMEBODY, at=AT)  # loads the law once, as a server has
    waits, errors, cpu, n = [], [], time.process_time(), 0
    while time.time() < until:
        began = time.perf_counter()
        try:
            petition = made.petition(f"第{seed}-{n}件：新城路工地夜里施工，孩子睡不好，请求处理。")
            actions.open_case(petition, actor=made.SOMEBODY, at=AT, idempotency_key=f"{seed:08d}-{n:024d}")
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}"[:200])
        waits.append(time.perf_counter() - began)
        n += 1
    return Told(waits, time.process_time() - cpu, errors)


def forwarding(env: dict[str, str], until: float, seed: int) -> Told:
    """Send cases away and have them come back, in one order or the other."""
    begin(env)
    from openredress.cases import actions, facts  # noqa: PLC0415
    from openredress.cases.models import Case  # noqa: PLC0415
    from openredress.people import staff  # noqa: PLC0415
    from openredress.people.models import Appointment  # noqa: PLC0415
    from openredress.rules.facts import Refusal  # noqa: PLC0415

    hands = {
        a.unit.code: staff.actor_for(a.staff, AT.date())
        for a in Appointment.objects.select_related("unit", "staff")
    }
    streams = list(Case.objects.order_by("pk").values_list("stream", flat=True)[:40])
    streams = streams[::-1] if seed % 2 else streams
    facts.load(streams[0], AT)  # loads the law once, as a server has
    waits, errors, refused, cpu, n = [], [], 0, time.process_time(), 0
    while time.time() < until:
        stream, to = streams[n % len(streams)], ("zjj", "jtj")[(n + seed) % 2]
        upheld = {"track": "t1", "upheld": True, "how": "review", "reason": "确属转错"}
        steps = [("forward", {"track": "t1", "to": to}, "xfj")]
        steps += [("object", {"track": "t1", "reason": "不属职责"}, unit) for unit in ("zjj", "jtj")]
        steps += [("decide_objection", upheld, "xfj")]
        for move, given, unit in steps:
            began = time.perf_counter()
            try:
                done = actions.perform(stream, move, given, actor=hands[unit], at=AT + timedelta(minutes=1))
                refused += isinstance(done, Refusal)
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}"[:200])
            waits.append(time.perf_counter() - began)
        n += 1
    return Told(waits, time.process_time() - cpu, errors, refused)


def founding(env: dict[str, str], folder: str) -> None:
    """Tables, keys, a small office."""
    begin(env)
    from django.core.management import call_command  # noqa: PLC0415
    from tests.cases import made  # noqa: PLC0415

    Path(folder).mkdir(exist_ok=True)
    call_command("migrate", verbosity=0)
    made.office()
    for _ in range(40):
        made.opened()


def judging(env: dict[str, str]) -> dict[str, Any]:
    """Tallies against a recount by hand, and the chain."""
    begin(env)
    from django.db import connection  # noqa: PLC0415
    from tests.cases import recount  # noqa: PLC0415

    from openredress.ledger import verify  # noqa: PLC0415

    def execute(sql: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    report = verify.verify()
    return {
        "equal": recount.tallies_kept(execute) == recount.tallies_by_rows(execute),
        "cases": report.cases,
        "entries": report.entries,
        "failures": len(report.failures),
    }


def fsync_rate(folder: Path, seconds: float = 1.0) -> float:
    """How often this disk syncs a small append in a second."""
    path, n, until = folder / "fsync", 0, time.perf_counter() + seconds
    with path.open("ab", buffering=0) as out:
        while time.perf_counter() < until:
            out.write(b"x" * 4096)
            os.fdatasync(out.fileno())
            n += 1
    path.unlink()
    return n / seconds


def together(
    what: Any, env: dict[str, str], writers: int, seconds: float, pool: Any, shift: int = 0
) -> list[Told]:
    """Run so many writers for so long."""
    until = time.time() + seconds + 3  # they import for a while
    return list(pool.starmap(what, [(env, until, shift + n) for n in range(writers)]))


def line(name: str, told: list[Told], seconds: float, syncs: float) -> None:
    """One line of figures."""
    waits = sorted(wait for one in told for wait in one.waits)
    span = max(sum(one.waits) for one in told)

    def at(share: float) -> float:
        return waits[min(len(waits) - 1, int(share * len(waits)))] * 1000

    cpu = sum(one.cpu for one in told) / len(waits) * 1000
    print(
        f"{name:<42} {len(waits) / span:8.0f}/s  cpu {cpu:5.2f} ms  p50 {at(0.5):6.1f}  p99 {at(0.99):6.1f}  "
        f"p99.9 {at(0.999):6.1f}  max {waits[-1] * 1000:6.1f} ms  errors {sum(len(o.errors) for o in told)}  "
        f"(disk {syncs:.0f} fdatasync/s)",
        flush=True,
    )
    for error in {text for one in told for text in one.errors}:
        print("   ", error)


@contextmanager
def database(vendor: str, url: str) -> Iterator[dict[str, str]]:
    """A fresh home, and on PostgreSQL a fresh database, thrown away afterwards."""
    folder = tempfile.mkdtemp(prefix="openredress-bench-", dir=os.environ.get("BENCH_DIR"))
    env = {
        "OPENREDRESS_HOME": folder,
        "OPENREDRESS_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "openredress.config.settings",
    }
    name = f"openredress_bench_{os.getpid()}"
    if vendor == "postgresql":
        subprocess.run(["psql", "-qX", url, "-c", f"CREATE DATABASE {name}"], check=True)
        env["OPENREDRESS_DATABASE_URL"] = f"{url.rsplit('/', 1)[0]}/{name}"
    try:
        yield env
    finally:
        if vendor == "postgresql":
            subprocess.run(["psql", "-qX", url, "-c", f"DROP DATABASE {name} WITH (FORCE)"], check=True)
        shutil.rmtree(folder)


def campaign(vendor: str, args: argparse.Namespace) -> bool:
    """All figures of one database; whether everything held."""
    held = True
    with database(vendor, args.postgres) as env, get_context("spawn").Pool(8) as pool:
        pool.apply(founding, (env, env["OPENREDRESS_HOME"]))
        syncs = fsync_rate(Path(env["OPENREDRESS_HOME"]))
        for writers in (1, 4):
            told = together(creating, env, writers, args.seconds, pool, shift=writers * 10)
            line(f"{vendor} create, {writers} writers", told, args.seconds, syncs)
            held &= not any(one.errors for one in told)
        told = together(forwarding, env, 8, args.seconds, pool)
        line(f"{vendor} forward both ways, 8 writers", told, args.seconds, syncs)
        waits = sorted(wait for one in told for wait in one.waits)
        worst = waits[int(0.999 * len(waits))]
        found = pool.apply(judging, (env,))
    print(
        f"{vendor}: {found['cases']} cases, {found['entries']} entries; "
        f"tallies equal a recount: {found['equal']}; record verifies: {found['failures'] == 0}; "
        f"p99.9 {worst * 1000:.0f} ms (at most {LONGEST_WAIT * 1000:.0f})"
    )
    held &= not any(one.errors for one in told) and found["equal"] and not found["failures"]
    return held and worst <= LONGEST_WAIT


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument(
        "--postgres",
        default=os.environ.get(
            "OPENREDRESS_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
        ),
    )
    args = parser.parse_args()
    vendors = [args.only] if args.only else ["sqlite", "postgresql"]
    held = [campaign(vendor, args) for vendor in vendors]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
