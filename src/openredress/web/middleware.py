"""One small layer around every page: the language, no caching of what is personal, no prying features."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from openredress.ledger.keys import KeysMissing
from openredress.web import errors, language

COOKIE = "language"
METHODS = ("GET", "HEAD", "POST")
_log = logging.getLogger("openredress.web")


def chosen(request: HttpRequest) -> str:
    """The language asked for by address, cookie or browser, in that order; Chinese otherwise."""
    asked = request.GET.get("lang") or request.COOKIES.get(COOKIE)
    if asked in language.LANGUAGES:
        return str(asked)
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "zh"


class Frame:
    """Sets the request's language and the headers that every answer carries."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language.choose(chosen(request))
        response = self.get_response(request)
        if request.GET.get("lang") in language.LANGUAGES:
            response.set_cookie(COOKIE, language.spoken(), max_age=31536000, samesite="Lax")
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
        response.headers.setdefault("Content-Language", "zh-Hans" if language.spoken() == "zh" else "en")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Pages are read and sent, nothing else; the API says itself which methods each address has."""
        if view.__module__.startswith("openredress.web") and request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that does not answer, or keys that are not there, are said plainly."""
        if isinstance(exception, (OperationalError, InterfaceError)):
            _log.error("database does not answer", exc_info=exception)
            return errors.unavailable(request)
        if isinstance(exception, KeysMissing):
            _log.error("keys are missing")
            return errors.locked(request)
        return None
