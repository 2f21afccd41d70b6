"""The worker's turn: scheduled work once a period, jobs and notices run, failures survived."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError

from openredress.jobs import queue
from openredress.jobs.models import Job
from openredress.ledger import keys
from openredress.ledger.models import Checkpoint
from openredress.notices import outbox
from openredress.notices.channels import FileChannel
from openredress.people import tree
from openredress.worker import loop, schedule
from openredress.worker.table import HANDLERS, ROUNDS

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.django_db


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    keys.ensure(AT)
    return tmp_path


def asked(at):
    schedule.ask_for_due(at, ZONE)
    return sorted(Job.objects.values_list("unique_key", flat=True))


def test_every_scheduled_kind_has_a_handler():
    assert {every.kind for every in schedule.SCHEDULE} - set(HANDLERS) - set(ROUNDS) == set()


def test_once_an_hour_and_once_a_night_in_the_office_zone():
    first = asked(AT)
    assert first == [
        "forget_done@2026-09-03",
        "place@2026-09-03",
        "retention@2026-09-03",
        "seal@2026-09-03T02",
        "sweep_files@2026-09-03",
    ]
    assert asked(AT + timedelta(minutes=47)) == first
    assert len(asked(AT + timedelta(minutes=48))) == 6
    # 03:00 in Shanghai is 19:00 the evening before in UTC
    night = datetime(2026, 9, 3, 18, 59, tzinfo=UTC)
    assert "sweep_files@2026-09-04" not in asked(night)
    assert "sweep_files@2026-09-04" in asked(night + timedelta(minutes=1))


def test_a_turn_seals_the_record(home):
    tree.add("lj", "临江市", by="system", at=AT)
    done = loop.turn(lambda: AT, loop.Post())
    assert {one.kind: one.state for one in done.ran} == {
        "seal": "done",
        "put_outside": "done",
        "place": "done",
        "retention": "done",
        "sweep_files": "done",
        "forget_done": "done",
    }
    assert Checkpoint.objects.get().position == 1
    outside = home / "checkpoints" / "checkpoint-000000000001.json"
    body = json.loads(outside.read_text())
    assert body["signature"]
    assert (body["position"], body["root"]) == (1, Checkpoint.objects.get().root)
    assert loop.turn(lambda: AT, loop.Post()).ran == ()


def test_without_a_yes_notices_are_dropped_and_with_one_sent(home):
    outbox.post("work", "file", "s1", at=AT)
    assert [one.state for one in loop.turn(lambda: AT, loop.Post()).sent] == ["dropped"]
    outbox.post("work", "file", "s1", at=AT)
    post = loop.Post({"file": FileChannel(home / "out")}, lambda *_: "desk", lambda *_: True)
    assert [one.state for one in loop.turn(lambda: AT, post).sent] == ["sent"]


def test_the_loop_outlives_a_database_that_goes_away(home):
    stop, turns, again = Event(), [], []

    def clock():
        turns.append(1)
        if len(turns) == 1:
            raise DatabaseError("gone")
        if len(turns) > 8:
            stop.set()
        return AT

    loop.run(stop, clock, pause=0.001, reconnect=lambda: again.append(1))
    assert len(turns) > 8
    assert again
    assert Job.objects.filter(state="done").count() == 5


def test_a_failing_job_does_not_stop_the_others(home):
    def broken(payload, at):
        raise ValueError

    queue.enqueue("broken", {}, at=AT - timedelta(days=1))
    queue.enqueue("fine", {}, at=AT)
    handlers = {"broken": broken, "fine": lambda payload, at: None, **HANDLERS}
    done = loop.turn(lambda: AT, loop.Post(), handlers)
    assert {one.kind: one.state for one in done.ran if one.kind in ("broken", "fine")} == {
        "broken": "again",
        "fine": "done",
    }
