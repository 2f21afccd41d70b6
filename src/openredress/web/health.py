"""Whether this process lives, and whether it can do its work. No detail that helps an attacker."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from openredress.ledger import keys, triggers


def live(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """200 when database, triggers and keys are in order; else 503 naming which is not."""
    looks = {}
    try:
        looks["triggers"] = not triggers.missing(connection)
        looks["database"] = True
    except DatabaseError:
        looks["database"] = looks["triggers"] = False
    try:
        looks["keys"] = bool(keys.current("vault"))
    except keys.KeysMissing:
        looks["keys"] = False
    good = all(looks.values())
    return JsonResponse({"ready": good, **looks}, status=200 if good else 503)


urls: list[URLPattern] = [path("healthz/live", live), path("healthz/ready", ready)]
