"""Counters as plain text for a machine on this host. No label ever names a case, a person or a unit."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from threading import Lock

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from openredress.jobs.models import Job
from openredress.notices.models import Outbox

LOCAL = ("127.0.0.1", "::1")
_answers: dict[tuple[str, int], int] = defaultdict(int)
_spent: dict[str, float] = defaultdict(float)
_lock = Lock()
_log = logging.getLogger("openredress.web")


def count(route: str, status: int, milliseconds: float) -> None:
    """One answer of this process."""
    with _lock:
        _answers[route, status] += 1
        _spent[route] += milliseconds


def _lines() -> Iterator[str]:
    with _lock:
        answers, spent = sorted(_answers.items()), sorted(_spent.items())
    yield "# TYPE openredress_answers_total counter"
    for (route, status), n in answers:
        yield f'openredress_answers_total{{route="{route}",status="{status}"}} {n}'
    yield "# TYPE openredress_answer_milliseconds_total counter"
    for route, took in spent:
        yield f'openredress_answer_milliseconds_total{{route="{route}"}} {took:.1f}'
    for name, model in (("jobs", Job), ("messages", Outbox)):
        yield f"# TYPE openredress_{name} gauge"
        for state in ("ready", "dead"):
            yield f'openredress_{name}{{state="{state}"}} {model.objects.filter(state=state).count()}'
    yield f'openredress_database{{vendor="{connection.vendor}"}} 1'


class Lines:
    """Outermost: counts, times and logs each answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        took = (time.perf_counter() - began) * 1000
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "unmatched"
        count(route, response.status_code, took)
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        fields = {"route": route, "status": response.status_code, "ms": round(took, 1)}
        _log.log(level, "request", extra={"fields": fields})
        return response


def metrics(request: HttpRequest) -> HttpResponse:
    """Only for this host itself; anybody else, or anything passed on by a proxy, finds nothing here."""
    passed_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if request.META.get("REMOTE_ADDR") not in LOCAL or passed_on:
        raise Http404
    return HttpResponse("\n".join(_lines()) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


urls: list[URLPattern] = [path("metrics", metrics, name="metrics")]
