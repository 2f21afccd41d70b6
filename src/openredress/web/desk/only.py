"""Rooms that only some roles enter: whoever holds another role gets the 403 page, signed-out ones sign in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from openredress.web.desk.access import DeskRequest, View, signed_in
from openredress.web.desk.menu import ADMIN


def roles_of(request: DeskRequest) -> frozenset[str]:
    """The pack's roles held at this unit today, and the administrator's role if that is what they are."""
    return request.desk.gate.roles | (request.desk.actor.roles & ADMIN)


def only(*roles: str) -> Callable[[View], View]:
    """Let in whoever holds one of these roles (of the pack, or `system`, `security`, `audit`)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def inside(request: DeskRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if roles_of(request).isdisjoint(roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return signed_in(inside)

    return wrap
