"""Many at once: one petition for one key, no lost count, no deadlock that anybody sees."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection, models
from tests.cases import made, recount
from tests.cases.made import AT

from openredress.cases import actions, codes, tallies, writing
from openredress.cases.models import Case, Petition
from openredress.ledger import gate, verify
from openredress.rules.facts import Refusal


def together(works: list[Callable[[], object]]) -> list[object]:
    """Run all at the same moment, each in a thread with a connection of its own; answers in order."""
    start = threading.Barrier(len(works))
    answers: list[object] = [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        try:
            start.wait()
            answers[place] = work()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def submit(key="k" * 32):
    return actions.open_case(made.petition(), actor=made.SOMEBODY, at=AT, idempotency_key=key)


def _connections():
    """How many may be open at once: as many as are asked for, or what a shared server has left."""
    if connection.vendor == "sqlite":
        return 100
    [[most]] = execute("SELECT current_setting('max_connections')::int - 15")
    [[used]] = execute("SELECT COUNT(*) FROM pg_stat_activity")
    return max(10, min(100, most - used))


def test_a_hundred_submits_of_one_key_make_one_petition(own_database):
    made.office()
    at_once = _connections()
    answers = [
        one for start in range(0, 100, at_once) for one in together([submit] * min(at_once, 100 - start))
    ]
    assert [one for one in answers if not isinstance(one, actions.Opened)] == []
    assert {repr(one.answer) for one in answers} == {repr(answers[0].answer)}
    assert sum(not one.again for one in answers) == 1
    assert (Petition.objects.count(), Case.objects.count()) == (1, 1)
    assert verify.verify().failures == []


def test_control_without_the_unique_key_one_submit_makes_several(own_database, monkeypatch):
    made.office()
    loose = models.CharField(max_length=80, null=True)
    loose.set_attributes_from_name("idempotency_key")
    with connection.schema_editor() as editor:
        editor.alter_field(Petition, Petition._meta.get_field("idempotency_key"), loose)
    # One key gives one code, and that is unique too: a second protection, taken away here as well.
    monkeypatch.setattr(codes, "stored", lambda code, secret=None: secrets.token_hex(32))
    together([submit] * 24)
    assert Petition.objects.count() > 1


def forward_both_ways(streams, house, rounds, at=AT):
    """A job for a writer: send cases away and have them come back, and say how often it was refused."""

    def work():
        done = 0
        for turn in range(rounds):
            for stream in streams:
                moment = at + timedelta(minutes=turn)
                there = made.forward(stream, "zjj" if turn % 2 else "jtj", house.clerk, moment)
                done += not isinstance(there, Refusal)
                for unit, hand in (("zjj", house.handler), ("jtj", house.other)):
                    given = {"track": "t1", "reason": f"不属{unit}职责"}
                    actions.perform(stream, "object", given, actor=hand, at=moment)
                    given = {"track": "t1", "upheld": True, "how": "review", "reason": "确属转错"}
                    back = actions.perform(stream, "decide_objection", given, actor=house.clerk, at=moment)
                    done += not isinstance(back, Refusal)
        return done

    return work


def test_eight_writers_forward_both_ways(own_database):
    house = made.office()
    streams = [made.opened().stream for _ in range(4)]
    orders = [streams, streams[::-1]] * 4
    answers = together([forward_both_ways(order, house, 2) for order in orders])
    assert [one for one in answers if not isinstance(one, int)] == []
    assert recount.tallies_kept(execute) == recount.tallies_by_rows(execute)
    assert tallies.compare() == []
    holders = {case.stream: case.tracks.get().holder.code for case in Case.objects.all()}
    waiting = recount.holders_by_record(execute)
    moved = {stream: unit for stream, unit in holders.items() if unit != "xfj"}
    assert {stream: waiting[stream] for stream in moved} == moved
    assert verify.verify().failures == []
    for case in Case.objects.all():
        assert case.version == verify.store.head("case", case.stream).version


def test_control_tallies_read_and_written_back_lose_counts(own_database, monkeypatch):
    """The way counters are usually kept: read, add, write. Two who read before either wrote lose a count."""
    house = made.office()
    streams = [made.opened().stream for _ in range(2)]
    read = {row[:3]: row[3] for row in execute("SELECT unit_id, kind, key, n FROM cases_tally")}
    monkeypatch.setattr(
        writing.tallies,
        "apply",
        lambda delta, authority: [_put(*key, read.get(key, 0) + n) for key, n in delta.items()],
    )
    for stream in streams:
        made.forward(stream, "zjj", house.clerk)
    assert recount.tallies_kept(execute) != recount.tallies_by_rows(execute)


def _put(unit, kind, key, n):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_tally (authority, unit_id, kind, key, n) VALUES (1, %s, %s, %s, %s) "
            "ON CONFLICT (authority, unit_id, kind, key) DO UPDATE SET n = excluded.n",
            [unit, kind, key, n],
        )


def test_a_deadlock_is_tried_again(own_database):
    """Two writers take two rows in opposite order; both get through in the end."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: no deadlock can happen")
    house = made.office()
    first, second = made.opened().case, made.opened().case
    met = threading.Barrier(2, timeout=5)

    def lock(order):
        tried = []

        def work():
            tried.append(1)
            Case.objects.select_for_update().get(pk=order[0])
            if len(tried) == 1:
                met.wait()
            Case.objects.select_for_update().get(pk=order[1])
            return len(tried)

        return lambda: gate.write(work)

    answers = together([lock((first, second)), lock((second, first))])
    assert sorted(answers) == [1, 2]
    assert house.clerk.unit == "xfj"


def test_the_gate_lets_everybody_through_in_turn(own_database):
    """Nobody waits while another passes twice and again: the longest wait is near the mean."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no gate")
    made.office()
    order: list[int] = []

    def writer(name):
        def work():
            for _ in range(15):
                gate.write(lambda: (order.append(name), time.sleep(0.002)))

        return work

    together([writer(name) for name in range(6)])
    assert len(order) == 90
    places = [[at for at, who in enumerate(order) if who == name] for name in range(6)]
    waits = [later - earlier for own in places for earlier, later in pairwise(own)]
    assert max(waits) <= 12, waits
