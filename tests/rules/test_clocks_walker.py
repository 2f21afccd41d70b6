"""Engine against oracle on made-up ledgers: they agree always, and a spoilt engine is found out."""

from __future__ import annotations

import random
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.oracles import ledger_maker
from tests.rules.clock_ledgers import by_oracle, china, cut, differences

from openredress.rules import clock_running
from openredress.rules.clock_running import Running
from openredress.rules.clocks import Replay

CHINA = china()
SEEDED = 400  # ledgers for each spoilt engine


@settings(
    max_examples=5000, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(tape=st.binary(min_size=12, max_size=180), at=st.integers(0, 9999), whole=st.booleans())
def test_engine_and_walker_agree_on_5000_ledgers(tape, at, whole):
    ledger = ledger_maker.make(tape)
    assert differences(ledger, CHINA, None if whole else cut(ledger, at)) == []


def ledgers():
    seeds = random.Random(20261123)
    return [ledger_maker.make(seeds.randbytes(200)) for _ in range(SEEDED)]


def found_out(replay):
    return sum(bool(differences(ledger, CHINA, None, replay)) for ledger in ledgers())


def test_the_seeded_ledgers_agree_too():
    assert found_out(Replay) == 0


def test_control_restarting_on_rerouting_is_found_out():
    class Restarts(Replay):
        def may_begin(self, line, clock, selector, begins, entry):
            return True

    assert found_out(Restarts) > 0


def test_control_counting_the_first_day_is_found_out(monkeypatch):
    honest = clock_running.count_days
    monkeypatch.setattr(
        clock_running, "count_days", lambda c, s, n, u, first, r, skips: honest(c, s, n, u, "same", r, skips)
    )
    for law in china().laws.values():
        clock_running.Index.of(law).sums.clear()
    assert sum(bool(differences(ledger, china())) for ledger in ledgers()) > 0


def test_control_believing_every_extension_is_found_out(monkeypatch):
    monkeypatch.setattr(Running, "_in_time", lambda self, day, recorded: True)
    assert found_out(Replay) > 0


def test_control_giving_used_time_back_is_found_out():
    class Generous(Replay):
        def _resume(self, line, running, entry):
            before = running.ended
            super()._resume(line, running, entry)
            if before is not None and running.ended is None:
                running.start = max(running.start, entry.occurred_at.toordinal())
                running._counted = None

    assert found_out(Generous) > 0


def test_the_ledgers_reach_what_is_hard():
    """They pause, extend, reopen, re-route, uphold objections, divert and return; by count."""
    seen = dict.fromkeys(
        ("reopen", "extend", "hearing_close", "divert_returned", "decide_objection", "split"), 0
    )
    states, years = set(), set()
    for ledger in ledgers():
        years.add(ledger[0]["day"].year)
        for entry in ledger:
            code = "split" if entry["facts"].get("claims") and entry["code"] == "forward" else entry["code"]
            if code in seen:
                seen[code] += 1
        states |= {found["state"] for found in by_oracle(ledger, date(2026, 6, 1)).values()}
    assert min(seen.values()) > 20, seen
    assert states == {"running", "paused", "met", "met_late", "lapsed", "expired", "stopped", "exempt"}
    assert min(years) == 2005
    assert max(years) == 2027
