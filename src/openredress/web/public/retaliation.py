"""Telling of retaliation: to people outside the handling line. The handling unit learns nothing of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from openredress.cases import following
from openredress.oversight import retaliation as desk
from openredress.rules.facts import Refusal
from openredress.web import clock
from openredress.web.language import sentence, t
from openredress.web.public import bound, limits
from openredress.web.public.filing import go
from openredress.web.public.page import door, show, source, switching


@door
def report(request: HttpRequest) -> HttpResponse:
    """What was done to the petitioner, which unit did it, and by when somebody gets in touch."""
    mine = bound.mine(request)
    if mine is None:
        return go("follow")
    wrong = ""
    names = following.unit_names(mine.known)
    typed = {"text": request.POST.get("text", ""), "unit": request.POST.get("unit", "")}
    if request.method == "POST" and not switching(request):
        at = clock.now()
        unit = typed["unit"] if typed["unit"] in names else ""
        made = limits.acting(source(request), at) or desk.report(
            mine.petition, typed["text"].replace("\r\n", "\n"), at=at, unit=unit
        )
        if not isinstance(made, Refusal):
            messages.success(
                request,
                t("已经收到，24 小时内会有人联系您", "Received: somebody gets in touch within 24 hours"),
            )
            return go("retaliation")
        wrong = sentence(made)
    contact, answer = desk.periods(mine.at)
    context = {
        "wrong": wrong, "typed": typed, "units": sorted(names.items()), "form": "report",
        "reports": desk.mine(mine.petition.pk), "contact": contact, "answer": answer,
    }  # fmt: skip
    return show(request, "retaliation.html", context)


urls: list[URLPattern] = [path("matter/retaliation", report, name="retaliation")]
