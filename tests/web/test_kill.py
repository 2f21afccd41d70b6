"""Three rounds of kill -9 under load; `make campaign-kill` runs thirty."""

from __future__ import annotations

import random

from tests.web import killing, serving


def test_nothing_acknowledged_is_lost_or_doubled(city, tmp_path):
    done = killing.run(
        serving.copied(city, tmp_path / "home"), rounds=3, pause=1.0, seed=random.randrange(99)
    )
    assert done.good, done
    assert (done.kills.total(), done.mails > 0, done.files > 0) == (3, True, True)
