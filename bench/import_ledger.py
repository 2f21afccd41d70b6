"""10,000 rows through `openredress import-ledger`, while another process registers petitions one by one.

    .venv/bin/python bench/import_ledger.py [--rows N] [--postgres URL]

Prints seconds, rows/s and how long the other writer's registrations took, alone and beside the import.
Exits 1 above 60 s for 10,000 rows or when another writer waited more than 200 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.importers.workbook.make_troubles import big_xlsx  # noqa: E402

SECONDS_A_ROW = 60 / 10_000
LONGEST_WAIT = 0.2

PREPARE = """
import django; django.setup()
from openredress.config.clock import now
from openredress.people import tree
root = tree.by_code("gov")
for n, name in enumerate(["住建局", "清河镇人民政府", "交通运输局", "自然资源局", "清河镇"]):
    tree.add(f"d{n}", name, by="system", at=now(), parent=root)
"""

WRITER = """
import django; django.setup()
import sys, time
from openredress.cases.actions import open_case
from openredress.cases.intake import PartyInput, PetitionInput
from openredress.config.clock import now
from openredress.rules.facts import Actor
who = Actor("partner/bench", "partner", unit="xfj", roles=frozenset({"partner"}))
n = 0
while True:
    n += 1
    one = PetitionInput(text=f"路灯第{n}次不亮", claims=("修好路灯",), office="xfj",
                        parties=(PartyInput(name="甲木", address=f"河东村{n}号"),))
    began = time.perf_counter()
    made = open_case(one, actor=who, at=now())
    took = time.perf_counter() - began
    assert hasattr(made, "number"), made
    print(f"{took:.4f}", flush=True)
    time.sleep(0.03)
"""


def _run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)[:80]}: {done.returncode}\n{done.stderr[-3000:]}")
    return done


def _fresh(url: str) -> str:
    """An empty PostgreSQL database beside the one that the URL names."""
    import psycopg  # noqa: PLC0415 - an optional extra

    name = f"bench_import_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.rsplit("/", 1)[0] + "/" + name


def _drop(url: str, made: str) -> None:
    import psycopg  # noqa: PLC0415 - an optional extra

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{made.rsplit("/", 1)[1]}" WITH (FORCE)')


def _measure(environment: dict[str, str], ledger: Path) -> tuple[float, float, int, list[float], list[float]]:
    with (ledger.parent / "writer.txt").open("w") as told:
        writer = subprocess.Popen([sys.executable, "-c", WRITER], cwd=ROOT, env=environment, stdout=told)
        try:
            time.sleep(6)
            alone = _times(ledger)
            before = _processor()
            began = time.perf_counter()
            done = _run(environment, "-m", "openredress", "import-ledger", str(ledger), "--json")
            took, processor = time.perf_counter() - began, _processor() - before
            if writer.poll() is not None:
                sys.exit("the other writer stopped")
        finally:
            writer.terminate()
            writer.wait()
    beside = _times(ledger)[len(alone) :]
    return took, processor, int(json.loads(done.stdout)["created"]), alone[1:], beside


def _processor() -> float:
    """Processor seconds of the commands that have ended, their helpers included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _times(ledger: Path) -> list[float]:
    lines = (ledger.parent / "writer.txt").read_text().split("\n")[:-1]
    return [float(line) for line in lines]


def _line(what: str, times: list[float]) -> str:
    ordered = sorted(times)
    p99 = ordered[int(len(ordered) * 0.99)] * 1000
    middle = statistics.median(ordered) * 1000
    longest = ordered[-1] * 1000
    return f"{what}: n={len(times)} median {middle:.1f} ms, p99 {p99:.1f} ms, longest {longest:.1f} ms"


def main() -> int:
    """Measure on SQLite, or on PostgreSQL when asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--postgres", default="")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.xlsx"
        ledger.write_bytes(big_xlsx(args.rows))
        made = _fresh(args.postgres) if args.postgres else ""
        environment = os.environ | {
            "OPENREDRESS_HOME": f"{folder}/home",
            "OPENREDRESS_DATABASE_URL": made,
            "DJANGO_SETTINGS_MODULE": "openredress.config.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
        }
        try:
            _run(environment, "-m", "openredress", "init", "--authority", "临江市")
            _run(environment, "-c", PREPARE)
            took, processor, created, alone, beside = _measure(environment, ledger)
        finally:
            if made:
                _drop(args.postgres, made)
    wait = max(beside) - statistics.median(alone)
    print(f"{'PostgreSQL' if made else 'SQLite'}: {created} of {args.rows} rows in {took:.1f} s")
    print(f"{created / took:.0f} rows/s, the command's start included; {processor:.1f} s of processor")
    print("load average {:.1f}, {:.1f}, {:.1f} on {} cores".format(*os.getloadavg(), os.cpu_count()))
    print(_line("another writer alone", alone))
    print(_line("another writer beside the import", beside))
    print(f"longest wait added: {wait * 1000:.0f} ms")
    good = created == args.rows and took <= args.rows * SECONDS_A_ROW and wait <= LONGEST_WAIT
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
