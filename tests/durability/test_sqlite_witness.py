"""SQLite: every acknowledgement after a completed fdatasync of what it promises."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .witness import STRACE, judge, watch

COUNT = 12

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("OPENREDRESS_DATABASE_URL")), reason="runs once, in the pass on SQLite"
)
needs_strace = pytest.mark.skipif(not Path(STRACE).exists(), reason=f"no {STRACE}: apt-get install strace")


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    home = tmp_path_factory.mktemp("office") / "home"
    env = os.environ | {"OPENREDRESS_HOME": str(home), "OPENREDRESS_DATABASE_URL": ""}
    subprocess.run(
        [sys.executable, "-m", "openredress.config.cli", "init"], env=env, check=True, capture_output=True
    )
    return home


@needs_strace
def test_each_acknowledgement_was_synced_before(founded):
    seen = watch(founded, COUNT)
    assert (seen.acknowledged, seen.bad) == (COUNT, [])
    assert seen.syncs >= COUNT


@needs_strace
def test_control_synchronous_normal_is_red(founded):
    seen = watch(founded, COUNT, "--synchronous", "NORMAL")
    assert seen.acknowledged == COUNT
    assert len(seen.bad) >= COUNT - 1
    assert all(line.endswith("before it was synced") for line in seen.bad)


@needs_strace
def test_control_acknowledging_before_the_commit_is_red(founded):
    seen = watch(founded, COUNT, "--acknowledge-early")
    assert len(seen.bad) == COUNT
    assert all(line.endswith("before it was written") for line in seen.bad)


WAL = '1 pwrite64(4</h/o.sqlite3-wal>, "canary-a-000001-9", 4096, 0) = 4096'
SYNC = "1 fdatasync(4</h/o.sqlite3-wal>) = 0"
SAID = '1 write(5</h/acknowledged>, "canary-a-000001-9", 9) = 9'


@pytest.mark.parametrize(
    ("lines", "bad"),
    [
        ([WAL, SYNC, SAID], 0),
        ([WAL, SAID, SYNC], 1),
        ([SAID, WAL, SYNC], 1),
        ([WAL, SYNC, WAL, SAID], 1),
        (
            [WAL, "1 fdatasync(4</h/o.sqlite3-wal> <unfinished ...>", "1 <... fdatasync resumed>) = 0", SAID],
            0,
        ),
        (
            [WAL, "1 fdatasync(4</h/o.sqlite3-wal> <unfinished ...>", SAID, "1 <... fdatasync resumed>) = 0"],
            1,
        ),
        ([WAL, "1 fdatasync(4</h/o.sqlite3-wal>) = -1 EIO (Input/output error)", SAID], 1),
        ([WAL, "1 fdatasync(4</h/o.sqlite3>) = 0", SAID], 1),
    ],
)
def test_the_judge(lines, bad):
    assert len(judge(lines, "acknowledged").bad) == bad
