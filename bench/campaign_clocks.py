"""Many seeded ledgers through the engine and the day walker: how many differ, in how many seconds.

usage: .venv/bin/python bench/campaign_clocks.py [--n 100000] [--seed 1] [--processes 2]
Exit code 1 when one differs; its tape is printed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.oracles import ledger_maker
from tests.rules.clock_ledgers import by_engine, china, cut, differences

BATCH = 500


def batch(task: tuple[int, int]) -> tuple[int, Counter[str], list[str]]:
    """(deadlines compared, their clocks, tapes that differ) of one batch."""
    seed, size = task
    dice, book = random.Random(seed), china()
    seen: Counter[str] = Counter()
    bad: list[str] = []
    for _ in range(size):
        tape = dice.randbytes(dice.randrange(20, 260))
        ledger = ledger_maker.make(tape)
        known = None if dice.random() < 0.5 else cut(ledger, dice.randrange(10_000))
        if differences(ledger, book, known):
            bad.append(f"{tape.hex()}:{known or ''}")
        seen.update(clock for _, clock, _ in by_engine(ledger, book, known))
    return sum(seen.values()), seen, bad


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    begun = time.perf_counter()
    sizes = [BATCH] * (args.n // BATCH) + ([args.n % BATCH] if args.n % BATCH else [])
    tasks = [(args.seed * 1_000_000 + i, size) for i, size in enumerate(sizes)]
    compared, clocks, bad = 0, Counter(), []
    with Pool(args.processes) as pool:
        for count, seen, differing in pool.imap_unordered(batch, tasks):
            compared += count
            clocks += seen
            bad += differing
    seconds = time.perf_counter() - begun
    print(f"ledgers {args.n}  deadlines {compared}  differences {len(bad)}  seconds {seconds:.1f}")
    print("  ".join(f"{clock} {n}" for clock, n in sorted(clocks.items())))
    for tape in bad[:5]:
        print("differs:", tape)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
