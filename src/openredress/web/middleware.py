"""One small layer around every page: the language, no caching of what is personal, no prying features."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from openredress.web import language

COOKIE = "language"


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
