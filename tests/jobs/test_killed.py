"""A worker killed in mid-job loses nothing, and no effect happens twice. Real SIGKILLs, both databases."""

from __future__ import annotations

import os

import pytest
from tests.jobs import killing

HERE = os.environ.get("OPENREDRESS_DATABASE_URL", "")  # the database this run is about; empty: SQLite
JOBS, KILLS = 1000, 8


def test_nothing_lost_nothing_twice(capsys):
    with killing.Place(HERE) as place:
        outcome = killing.run(place, jobs=JOBS, kills=KILLS)
    with capsys.disabled():
        print(f"\n{'PostgreSQL' if HERE else 'SQLite'}: {outcome}")
    assert outcome.kills >= 5
    assert outcome.mid_job >= 1
    assert (outcome.effects, outcome.doubled) == (JOBS, 0)
    assert (outcome.done, outcome.left) == (JOBS, 0)


def test_control_acknowledged_apart_from_the_effect_some_happen_twice():
    with killing.Place(HERE) as place:
        for seed in (1, 2, 3):
            outcome = killing.run(place, jobs=200, kills=8, mode="apart", seed=seed, slow=0.01)
            if outcome.doubled:
                break
            place.python(
                "import django; django.setup()\nfrom django.db import connection\n"
                "from openredress.jobs.models import Job\nJob.objects.all().delete()\n"
                "connection.cursor().execute('DROP TABLE effects')"
            )
    assert outcome.doubled >= 1


@pytest.mark.skipif(not HERE, reason="one database at a time")
def test_the_postgresql_half_ran_on_postgresql():
    with killing.Place(HERE) as place:
        code = "import django; django.setup(); from django.db import connection; print(connection.vendor)"
        assert place.python(code).strip() == "postgresql"
