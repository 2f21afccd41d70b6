"""The conflict bar under a long seeded walk; how many questions were asked, and whether any told too much.

usage: .venv/bin/python bench/campaign_conflict.py [--steps 10000] [--walk 200] [--seed 1000]
Walks of `--walk` steps each, one seed after another. Exit code 1 at the first answer that differs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import scratch


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--walk", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1_000)
    args = parser.parse_args()
    with scratch.database() as vendor:
        return campaign(args.steps, args.walk, args.seed, vendor)


def campaign(steps: int, length: int, seed: int, vendor: str) -> int:
    """Walk until `steps` steps are made or something is found."""
    from django.db import transaction  # noqa: PLC0415 - after the set-up
    from tests.cases.conflict_walk import Found, Walk  # noqa: PLC0415

    from openredress.cases import similar  # noqa: PLC0415

    asked: Counter[str] = Counter()
    begun, done, cases, gone = time.perf_counter(), 0, 0, 0
    while done < steps:
        similar.forget()
        with transaction.atomic():
            walk = Walk(seed)
            try:
                while walk.steps < length and done < steps:
                    walk.step()
                    done += 1
                walk.ask_holders()
                for name in sorted(walk.people):
                    walk.ask(name)
            except Found as found:
                print(f"{vendor}: {found}")
                return 1
            finally:
                asked += walk.asked
                cases, gone = cases + len(walk.cases), gone + len(walk.gone)
                transaction.set_rollback(True)
        seed += 1
    seconds = time.perf_counter() - begun
    print(
        f"{vendor}: steps {done}  cases {cases}, out of the house {gone}  breaches 0  seconds {seconds:.0f}"
    )
    print("  ".join(f"{what} {n}" for what, n in sorted(asked.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
