"""The copy of the template that transactional tests stand on."""

import threading

import pytest
from django.db import connection, transaction

from openredress.ledger import store, triggers

from .test_store import AT, draft, put


@pytest.mark.parametrize("again", [1, 2])
def test_a_copy_is_empty_protected_and_committed_to(own_database, again):
    assert triggers.missing(connection) == []
    assert store.head("case", "a") is None
    put(draft(), stream="a")
    seen = []

    def other():
        seen.append(len(store.read("case", "a")))
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert seen == [1]


def test_of_many_writers_on_one_version_one_wins(own_database):
    put(draft(), stream="a")
    start, results = threading.Barrier(6), []

    def write(number):
        start.wait()
        try:
            with transaction.atomic():
                store.append("case", "a", [draft(facts={"n": number})], expected=1, recorded_at=AT)
            results.append("won")
        except store.VersionConflict:
            results.append("lost")
        connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["lost"] * 5 + ["won"]
    assert [entry.seq for entry in store.read("case", "a")] == [1, 2]


def test_of_many_writers_of_one_new_stream_one_wins(own_database):
    start, results = threading.Barrier(6), []

    def write():
        start.wait()
        try:
            put(draft(), stream="new")
            results.append("won")
        except store.VersionConflict:
            results.append("lost")
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["lost"] * 5 + ["won"]
