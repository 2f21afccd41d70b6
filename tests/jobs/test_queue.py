"""Claiming, leases, retries and unique keys, step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from openredress.jobs import queue
from openredress.jobs.models import Job

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def nothing(payload, at):
    """A handler that does nothing."""


def broken(payload, at):
    Job.objects.filter(kind="marker").update(problem="touched")
    raise ValueError("张三 13812340001")


def test_in_order_when_due_and_once():
    seen = []
    for n, minutes in ((1, 5), (2, 0), (3, 60)):
        queue.enqueue("k", {"n": n}, at=AT, run_after=AT + timedelta(minutes=minutes))
    handlers = {"k": lambda payload, at: seen.append(payload["n"])}
    later = AT + timedelta(minutes=10)
    while queue.run_one(handlers, later):
        pass
    assert seen == [2, 1]
    assert Job.objects.get(state="ready").payload == {"n": 3}


def test_no_commit_no_job():
    with transaction.atomic():
        queue.enqueue("k", {}, at=AT)
        transaction.set_rollback(True)
    assert Job.objects.count() == 0


def test_a_unique_key_asks_once_even_after_it_is_done():
    queue.enqueue("k", {"n": 1}, at=AT, unique_key="a")
    queue.enqueue("k", {"n": 2}, at=AT, unique_key="a")
    assert queue.run_one({"k": nothing}, AT).state == "done"
    queue.enqueue("k", {"n": 3}, at=AT, unique_key="a")
    assert queue.run_one({"k": nothing}, AT) is None
    assert [job.payload for job in Job.objects.all()] == [{"n": 1}]


def test_held_is_not_given_away_and_free_after_the_lease():
    queue.enqueue("k", {}, at=AT)
    first = queue.claim(AT)
    assert queue.claim(AT + queue.LEASE - timedelta(seconds=1)) is None
    second = queue.claim(AT + queue.LEASE)
    assert (second.id, second.attempts) == (first.id, 2)
    with pytest.raises(queue.LeaseLost):
        queue.acknowledge(first, AT + queue.LEASE)
    queue.acknowledge(second, AT + queue.LEASE)


def test_whoever_comes_back_late_leaves_no_effect():
    queue.enqueue("k", {}, at=AT)
    queue.enqueue("marker", {}, at=AT, run_after=AT + timedelta(days=9))

    def slow(payload, at):
        Job.objects.filter(kind="marker").update(problem="late effect")
        queue.claim(at + queue.LEASE)  # meanwhile another worker takes it over

    assert queue.run_one({"k": slow}, AT).state == "lost"
    assert Job.objects.get(kind="marker").problem == ""


def test_failing_rolls_back_waits_longer_and_dies():
    queue.enqueue("marker", {}, at=AT, run_after=AT + timedelta(days=9))
    queue.enqueue("k", {}, at=AT)
    at, waits, states = AT, [], []
    while (ran := queue.run_one({"k": broken}, at)) is not None:
        states.append(ran.state)
        job = Job.objects.get(kind="k")
        waits.append((job.run_after - at).total_seconds())
        at = job.run_after
        if ran.state == "dead":
            break
    assert states == ["again"] * 7 + ["dead"]
    assert waits[:7] == [30, 60, 120, 240, 480, 960, 1920]
    assert Job.objects.get(kind="marker").problem == ""
    assert queue.run_one({"k": broken}, at + timedelta(days=1)) is None


def test_the_reason_kept_quotes_nobody():
    queue.enqueue("k", {}, at=AT)
    assert queue.run_one({"k": broken}, AT).problem == "ValueError"
    assert Job.objects.get().problem == "ValueError"


def test_a_job_that_kills_its_worker_each_time_dies_too():
    queue.enqueue("k", {}, at=AT)
    at = AT
    for _ in range(queue.ATTEMPTS):
        assert queue.claim(at) is not None
        at += queue.LEASE
    assert queue.run_one({"k": nothing}, at).state == "dead"


def test_without_a_handler_it_waits():
    queue.enqueue("unheard", {}, at=AT)
    assert queue.run_one({}, AT).state == "again"


def test_done_long_ago_is_forgotten_and_dead_is_not():
    queue.enqueue("k", {}, at=AT)
    queue.run_one({"k": nothing}, AT)
    queue.enqueue("k", {}, at=AT)
    Job.objects.filter(state="ready").update(state="dead")
    assert queue.purge(AT + queue.KEPT) == 0
    assert queue.purge(AT + queue.KEPT + timedelta(seconds=1)) == 1
    assert Job.objects.get().state == "dead"


def test_a_round_is_done_when_walked_and_walked_again_when_it_failed():
    walked = []

    def walk(payload, at):
        walked.append(payload["n"])
        if len(walked) == 1:
            raise ValueError

    queue.enqueue("walk", {"n": 7}, at=AT)
    assert queue.run_one({}, AT, rounds={"walk": walk}).state == "again"
    later = Job.objects.get().run_after
    assert queue.run_one({}, later, rounds={"walk": walk}).state == "done"
    assert walked == [7, 7]
