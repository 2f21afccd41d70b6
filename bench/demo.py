"""The made-up city: how many cases and entries a second, for each size on a fresh home.

    .venv/bin/python bench/demo.py [--cases 10000 100000] [--postgres URL]

Prints seconds, cases/s, entries/s and the size of the database. Exits 1 when 100,000 cases take more than
ten minutes on SQLite, when there are fewer than six entries a case, or when one case was refused.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SECONDS_A_CASE = 600 / 100_000
ENTRIES_A_CASE = 6


def once(cases: int, url: str) -> bool:
    """Make one city and print its figures; whether it kept within the bounds."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        env = {**os.environ, "OPENREDRESS_HOME": str(home), "OPENREDRESS_LANGUAGE": "en"}
        if url:
            env["OPENREDRESS_DATABASE_URL"] = url
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "openredress", "demo", "--cases", str(cases)],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
        size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    found = re.search(r"units, (\d+) cases .*?, (\d+) entries", done.stdout)
    made, entries = (int(group) for group in found.groups()) if found else (0, 0)
    print(
        f"{cases} cases: {took:.1f} s, {made / took:.0f} cases/s, {entries / took:.0f} entries/s, "
        f"{entries / max(made, 1):.2f} entries a case, {size / 1e6:.0f} MB, exit {done.returncode}"
    )
    fast = bool(url) or took <= max(SECONDS_A_CASE * cases, 60)
    return done.returncode == 0 and fast and entries >= ENTRIES_A_CASE * made


def main() -> int:
    """Each size in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--postgres", default="", help="URL of an empty database; one size only")
    args = parser.parse_args()
    kept = [once(cases, args.postgres) for cases in args.cases]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
