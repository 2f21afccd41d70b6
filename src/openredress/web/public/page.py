"""How every page of the portal is shown: large type, language, neutral titles, nothing kept in caches."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import get_default_timezone

from openredress.cases.throttle import Throttle
from openredress.ledger.keys import KeysMissing
from openredress.people.models import Unit
from openredress.web import clock, language
from openredress.web.language import t
from openredress.web.middleware import COOKIE

METHODS = ("GET", "HEAD", "POST")
LARGE = "large"
SOURCE = "source"
YEAR = 31536000
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def throttle() -> Throttle:
    """The office's small store of counters."""
    return Throttle(Path(settings.HOME) / "throttle.sqlite3")


def source(request: HttpRequest) -> str:
    """Whom a limit counts for: the session, never the address of the caller."""
    if SOURCE not in request.session:
        request.session[SOURCE] = secrets.token_hex(16)  # outlives the new keys that a session is given
    return str(request.session[SOURCE])


def today(request: HttpRequest) -> Any:
    """The office's day."""
    return clock.now().astimezone(get_default_timezone()).date()


def office() -> Unit | None:
    """The petition office that receives what is filed here; the same that intake chooses."""
    return Unit.objects.filter(active=True, kind="office").order_by("level", "pk").first()


def large(request: HttpRequest) -> bool:
    """Whether the reader asked for large type."""
    asked = request.GET.get(LARGE) or request.POST.get(LARGE) or request.COOKIES.get(LARGE)
    return asked == "1"


def switching(request: HttpRequest) -> bool:
    """Whether a form was sent only to change type size or language: keep what is typed, check nothing."""
    return request.method == "POST" and bool({LARGE, "lang"} & set(request.POST))


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page of the portal. `form` in the context lets the header's switches send that form along."""
    spoken = request.POST.get("lang", "")
    if spoken in language.LANGUAGES:
        language.choose(spoken)
    found = office()
    frame = {
        "office_name": found.name if found else t("信访服务", "Petition service"),
        "here": request.path,
        "large": large(request),
        "notices": get_messages(request),
        "form": "",
    }
    response = render(request, f"public/{template}", frame | dict(context or {}), status=status)
    if spoken in language.LANGUAGES:
        response.set_cookie(COOKIE, spoken, max_age=YEAR, samesite="Lax")
    if LARGE in request.GET or LARGE in request.POST:
        response.set_cookie(LARGE, "1" if large(request) else "0", max_age=YEAR, samesite="Lax")
    response["Cache-Control"] = "no-store"
    return response


def door(view: View[P]) -> View[P]:
    """A room of the portal: without the office's keys it says so instead of failing."""

    @wraps(view)
    def inside(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if any("\0" in value for values in request.POST.lists() for value in values[1]):
            return show(request, "broken.html", status=400)
        try:
            return view(request, *args, **kwargs)
        except KeysMissing:
            return show(request, "locked.html", status=503)

    return inside
