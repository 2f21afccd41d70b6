"""Fifty submits of one petition at the same moment: one petition, fifty equal answers."""

from __future__ import annotations

import threading

from django.db import connections
from tests.api.conftest import Caller
from tests.cases import made

from openredress.api import clock
from openredress.cases.models import Case, Petition
from openredress.ledger import store

THREADS = 50


def test_one_petition_however_often_it_is_sent(own_database, monkeypatch, settings):
    settings.ROOT_URLCONF = "openredress.api.urls"
    monkeypatch.setattr(clock, "frozen", made.AT)
    made.office()
    start, answers = threading.Barrier(THREADS), []

    def send() -> None:
        caller = Caller()
        start.wait()
        answer = caller.create(key="k" * 32)
        answers.append((answer.status_code, answer.content))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == THREADS
    assert set(answers) == {(201, answers[0][1])}
    assert (Petition.objects.count(), Case.objects.count()) == (1, 1)
    assert len(store.read("case", Case.objects.get().stream)) == 1
