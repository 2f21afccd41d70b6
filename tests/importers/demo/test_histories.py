"""What happens to the made-up cases: every move lawful, every state filled, the same for the same seed."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.importers.demo import cases

from openredress.importers.demo import hard
from openredress.packs.load import builtin
from openredress.rules.facts import Refusal

N = 2_000


@pytest.fixture(scope="module")
def decided():
    made = cases.world(N)
    return [cases.decided(made, n, one) for n, one in enumerate(cases.drafts(N))]


def test_the_rules_refuse_nothing(decided):
    refused = [(n, one.code, one.field) for n, one in enumerate(decided) if isinstance(one, Refusal)]
    assert refused == []


def test_every_state_of_the_lifecycle_is_there(decided):
    states = {track.state for case in decided for track in case.facts.tracks}
    assert states == set(builtin("cn_national_2022").states)


def test_hard_cases_rest_where_they_were_led(decided):
    hards = decided[N:]
    assert len(hards) == 198
    assert [case.facts.tracks[0].state for case in hards] == [hard.station(n) for n in range(198)]
    assert all("hard" in case.facts.marks for case in hards)
    assert set(hard.STATIONS) == set(builtin("cn_national_2022").states)
    assert sum(len(case.drafts) for case in hards) / 198 > 15


def test_six_entries_a_case(decided):
    assert sum(len(case.drafts) for case in decided[:N]) / N >= 6


def test_offices_behave_as_in_life(decided):
    on = cases.TODAY
    moves = Counter(entry.code for case in decided[:N] for entry in case.drafts)
    late = sum(any(d.late(on) for d in case.deadlines if d.holder_kind == "unit") for case in decided[:N])
    assert 0.05 < late / N < 0.45
    wanted = (
        "object",
        "press",
        "reopen",
        "request_review",
        "divert",
        "withdraw",
        "settle",
        "supervise",
        "link",
    )
    assert [move for move in wanted if moves[move] < 5] == []


def test_nothing_lies_outside_the_two_years(decided):
    made = cases.world(N)
    moments = [entry.occurred_at for case in decided for entry in case.drafts]
    assert min(moments).date() >= made.first_day
    assert max(moments).date() < cases.TODAY


def test_predicted_numbers_are_those_drawn(decided):
    made = cases.world(N)
    for n in (0, 7, N - 1, N + 5):
        case = decided[n]
        assert made.names(n, case.drafts[0].occurred_at.year) == (case.stream, case.number)


def test_the_same_seed_gives_the_same_city():
    def made(seed):
        cases.drafts.cache_clear()
        cases.world.cache_clear()
        world = cases.world(40, seed)
        return cases.digest([cases.decided(world, n, one) for n, one in enumerate(cases.drafts(40, seed))])

    assert made(3) == made(3)
    assert made(3) != made(4)
