"""Nothing typed is lost: a form that could not be taken comes back filled in, to be sent again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

CARRIED = "kept."  # before the name of a field that waits for its writer to sign in again
GOAL = "kept-for"
SECRET = ("password", "code", "csrfmiddlewaretoken", "next", "username")


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form brought, except what must not be shown again."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not name.startswith((*SECRET, CARRIED, GOAL))
    ]


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What waits through the sign-in pages."""
    return [
        (name.removeprefix(CARRIED), value)
        for name, values in request.POST.lists()
        if name.startswith(CARRIED)
        for value in values
    ]


def page(
    request: HttpRequest, action: str, kept: list[tuple[str, str]], status: int, **more: Any
) -> HttpResponse:
    """The page that sends them again to `action` (an address in this house) at one press."""
    files = sorted(request.FILES)
    return render(
        request, "errors/again.html", {"action": action, "kept": kept, "files": files, **more}, status=status
    )
