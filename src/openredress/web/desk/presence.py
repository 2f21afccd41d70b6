"""Two who have a case open see each other: a small row each, renewed while the page stands open."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from openredress.people.models import Staff
from openredress.web.desk import casefile
from openredress.web.desk.access import DeskRequest, signed_in
from openredress.web.desk.casefile import CaseFile
from openredress.web.language import t
from openredress.web.models_desk import Presence

THERE = timedelta(seconds=60)  # three polls


def others(staff: Staff, case_id: int, at: datetime) -> list[tuple[str, str]]:
    """(name, move they are writing or nothing) of colleagues who have the case open."""
    rows = (
        Presence.objects.filter(case=case_id, at__gt=at - THERE).exclude(staff=staff).order_by("staff__name")
    )
    return list(rows.values_list("staff__name", "move"))


def left(staff: Staff, case_id: int) -> None:
    """Somebody has closed the form."""
    Presence.objects.filter(staff=staff, case=case_id).delete()


@require_POST
@signed_in
def present(request: DeskRequest, number: str) -> HttpResponse:
    """Say that one is here, and see who else is. Nothing of it enters any record."""
    desk = request.desk
    file = casefile.load(desk, number)
    if not isinstance(file, CaseFile):
        return HttpResponse(status=404)
    writing = request.POST.get("writing", "")[:30]
    case_id, pack = file.case.pk, file.pack
    Presence.objects.update_or_create(
        staff=desk.staff, case=case_id, defaults={"move": writing, "at": desk.at}
    )
    seen = [
        (name, t(pack.moves[move].zh, pack.moves[move].en) if move in pack.moves else "")
        for name, move in others(desk.staff, case_id, desk.at)
    ]
    version = request.POST.get("expected", "")
    moved_on = version.isdigit() and int(version) != file.known.version
    return render(request, "desk/_present.html", {"seen": seen, "moved_on": moved_on, "case": file.case})


urls: list[URLPattern] = [path("case/<str:number>/presence", present, name="presence")]
