"""Kills a PostgreSQL cluster of its own with -9, thirty times, under eight writers of petitions.

    python bench/campaign_durability.py [--rounds 30] [--writers 8] [--seed 20260903] [--per-round 100]

Green: nothing that was acknowledged is lost or there twice, and the record verifies. Then the control:
the same with synchronous_commit=off must lose something, else the check has no teeth. Exit 1 when either
is not so, 2 when no cluster can be made here.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.durability.cluster import Cluster, ready  # noqa: E402
from tests.durability.kill import Outcome, Run  # noqa: E402


def main() -> int:
    """Run both, print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=20260903)
    parser.add_argument("--per-round", type=int, default=100, help="acknowledgements before each kill")
    args = parser.parse_args()
    if why := ready():
        print(why, file=sys.stderr)
        return 2
    cluster = Cluster()
    try:
        with tempfile.TemporaryDirectory(prefix="openredress-durability-") as folder:
            cluster.start()
            run = Run(cluster, Path(folder), args.writers)
            run.found()
            honest, careless = both(run, args)
    finally:
        cluster.remove()
    fine = not (honest.lost or honest.doubled or honest.failures)
    if honest.acknowledged < args.rounds * args.per_round:
        fine = False
    return 0 if fine and careless.lost else 1


def both(run: Run, args: argparse.Namespace) -> tuple[Outcome, Outcome]:
    """The honest run and the careless control, each printed as it ends."""
    honest = run.go("honest", args.rounds, args.seed, args.per_round)
    print(f"synchronous_commit=on : {honest.line()} (seed {args.seed}, {run.writers} writers)", flush=True)
    run.cluster.set(synchronous_commit="off", wal_writer_delay="10s")
    run.cluster.stop()
    run.cluster.start()
    careless = run.go("careless", max(3, args.rounds // 5), args.seed, min(args.per_round, 20))
    print(f"synchronous_commit=off: {careless.line()} (control, must lose)", flush=True)
    return honest, careless


if __name__ == "__main__":
    sys.exit(main())
