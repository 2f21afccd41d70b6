"""Who is signed in and for how long: 30 minutes without a step, 8 hours in all, whatever the cookie says."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest

from openredress.people.models import Staff

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
_RENEWED = 60.0  # seconds: a page writes the session at most once a minute
BEGAN, SEEN, MUST = "began", "seen", "must"


def begin(request: HttpRequest, at: datetime, must: str = "") -> None:
    """Start counting; `must` names the page that comes before any other ("password", "second-factor")."""
    request.session[BEGAN] = request.session[SEEN] = at.timestamp()
    request.session[MUST] = must


def person(request: HttpRequest, at: datetime) -> Staff | None:
    """The member of staff behind this request, or None; one whose time is up is signed out."""
    user = request.user
    if not isinstance(user, Staff):
        return None
    moment = at.timestamp()
    began, seen = request.session.get(BEGAN, 0.0), request.session.get(SEEN, 0.0)
    if not user.active or moment - seen > IDLE.total_seconds() or moment - began > LONGEST.total_seconds():
        logout(request)
        return None
    if moment - seen > _RENEWED:
        request.session[SEEN] = moment
    return user


def must(request: HttpRequest) -> str:
    """The page that this person has to pass first, or an empty string."""
    return str(request.session.get(MUST, ""))
