"""PostgreSQL killed with -9 under writers: nothing acknowledged is lost, nothing is there twice.

A smoke of three rounds; `make campaign-durability` runs thirty.
"""

import os

import pytest

from .cluster import Cluster, ready
from .kill import Run

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(bool(ready()), reason=ready() or "a cluster can be made"),
    pytest.mark.skipif(
        not os.environ.get("OPENREDRESS_DATABASE_URL"), reason="runs once, in the pass on PostgreSQL"
    ),
]

SEED = 20260903


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    cluster = Cluster()
    try:
        cluster.start()
        made = Run(cluster, tmp_path_factory.mktemp("durability"), writers=4)
        made.found()
        yield made
    finally:
        cluster.remove()


def test_nothing_acknowledged_is_lost_or_doubled(run):
    outcome = run.go("honest", rounds=3, seed=SEED, least=8)
    print(outcome.line(), "seed", SEED)
    assert (outcome.lost, outcome.doubled, outcome.failures) == (0, 0, 0)
    assert outcome.acknowledged >= 24


def test_control_without_synchronous_commit_acknowledged_petitions_are_lost(run):
    """Last: what it loses stays lost."""
    run.cluster.set(synchronous_commit="off", wal_writer_delay="10s")
    run.cluster.stop()
    run.cluster.start()
    outcome = run.go("careless", rounds=4, seed=SEED, least=8)
    print(outcome.line(), "seed", SEED)
    assert outcome.lost > 0
