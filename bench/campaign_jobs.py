"""Ten thousand jobs under two workers that are killed again and again, on both databases, with controls.

Prints jobs, kills, kills that landed in mid-job, effects lost and doubled. The control acknowledges apart
from the effect and must show doubled effects, else the campaign proves nothing. Exit 1 on any finding.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.jobs import killing

DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"


def one(name: str, url: str, jobs: int, kills: int, mode: str, slow: float) -> killing.Outcome:
    """Run one campaign and print its line."""
    with killing.Place(url) as place:
        outcome = killing.run(place, jobs=jobs, kills=kills, mode=mode, slow=slow)
    print(
        f"{name:<11} {mode:<5} jobs {outcome.jobs:>6}  "
        f"kills {outcome.kills:>3}  in mid-job {outcome.mid_job:>3}  "
        f"lost {outcome.jobs - outcome.effects:>3}  doubled {outcome.doubled:>3}  left {outcome.left:>3}  "
        f"{outcome.seconds:.0f} s  {outcome.jobs / outcome.seconds:.0f} jobs/s",
        flush=True,
    )
    return outcome


def main() -> int:
    """Both databases, the real thing and the control."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--postgres", default=os.environ.get("OPENREDRESS_TEST_POSTGRES_URL", DEFAULT))
    args = parser.parse_args()
    good = True
    for name, url in (("SQLite", ""), ("PostgreSQL", args.postgres)):
        real = one(name, url, args.jobs, args.kills, "same", 0.002)
        good &= (real.effects, real.doubled, real.left) == (args.jobs, 0, 0) and real.mid_job > 0
        control = one(name, url, max(args.jobs // 20, 200), 15, "apart", 0.01)
        good &= control.doubled > 0
    print("一切符合 / as it should be" if good else "不符 / FOUND SOMETHING")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
