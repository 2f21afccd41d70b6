"""A calendar to subscribe to: number and due day, nothing else. Its address is a secret of one person."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from openredress.cases.models import TrackRow
from openredress.cases.policy import acting_as
from openredress.people import staff as people
from openredress.web import clock
from openredress.web.desk.access import DeskRequest, frame, signed_in
from openredress.web.frame import url
from openredress.web.language import t
from openredress.web.models_desk import FeedToken

MOST = 500


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@signed_in
def feeds(request: DeskRequest) -> HttpResponse:
    """Whether one has a calendar's address, and how to make or revoke it."""
    made = FeedToken.objects.filter(staff=request.desk.staff).first()
    return render(request, "desk/feeds.html", frame(request, "worklist", made=made))


@require_POST
@signed_in
def change(request: DeskRequest) -> HttpResponse:
    """Make a new address (the old one ends), shown this once; or revoke it."""
    mine = FeedToken.objects.filter(staff=request.desk.staff)
    if request.POST.get("revoke"):
        mine.delete()
        return HttpResponseRedirect(url("desk:feeds"))
    token = secrets.token_urlsafe(24)
    made, _ = FeedToken.objects.update_or_create(
        staff=request.desk.staff, defaults={"digest": digest(token), "made_at": request.desk.at}
    )
    address = request.build_absolute_uri(f"{reverse('desk:calendar')}?token={token}")
    return render(request, "desk/feeds.html", frame(request, "worklist", made=made, address=address))


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """The feed: open deadlines of the tracks on which the person is named, asked of their gate each time."""
    token = request.GET.get("token", "")
    found = FeedToken.objects.filter(digest=digest(token)).select_related("staff").first() if token else None
    if found is None or not found.staff.active:
        return HttpResponse("404", status=404, content_type="text/plain")
    at = clock.now()
    on = localdate(at)
    rows: set[tuple[str, date]] = set()
    for actor in people.actors_for(found.staff, on):
        with acting_as(actor, on) as gate:
            mine = TrackRow.objects.filter(handler=actor.pseudonym, open=True).values("case")
            due = gate.deadlines().filter(case__in=mine, open=True, holder__isnull=False)
            rows.update(due.order_by("due", "pk").values_list("case__number", "due")[:MOST])
    answer = HttpResponse(
        ics(sorted(rows, key=lambda row: (row[1], row[0])), at), content_type="text/calendar; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="due.ics"'
    return answer


def ics(rows: Iterable[tuple[str, date]], at: datetime) -> str:
    """RFC 5545: one whole-day event a deadline, its summary the number alone."""
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//OpenRedress//due//ZH", "CALSCALE:GREGORIAN"]
    for number, due in rows:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}-{due:%Y%m%d}@openredress",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{due:%Y%m%d}",
            f"DTEND;VALUE=DATE:{due + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{number} {t('到期', 'due')}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


urls: list[URLPattern] = [
    path("calendar.ics", calendar, name="calendar"),
    path("feeds", feeds, name="feeds"),
    path("feeds/change", change, name="feeds-change"),
]
