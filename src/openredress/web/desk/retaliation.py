"""The retaliation desk: 24 hours to a person, 5 working days to an answer, unknown to the handling unit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from openredress.oversight import retaliation as desk_of
from openredress.oversight.models import RetaliationReport
from openredress.rules.facts import Refusal
from openredress.web.desk.access import Desk, DeskRequest, frame
from openredress.web.desk.only import only
from openredress.web.frame import url
from openredress.web.language import sentence, t


def _shown(row: RetaliationReport, desk: Desk) -> dict[str, Any]:
    """A report with how its two periods stand; none of its words."""
    return {
        "row": row,
        "number": row.petition.number,
        "unit": row.unit.name if row.unit else "",
        "contact_late": row.contacted_at is None and desk.at > row.contact_due,
        "answer_late": row.answered_at is None and desk.on > row.answer_due,
        "days": (row.answer_due - desk.on).days,
    }


@only("retaliation")
def reports(request: DeskRequest) -> HttpResponse:
    """Reports that wait, the nearest day first, and what was answered."""
    desk = request.desk
    context = frame(
        request,
        "retaliation",
        waiting=[_shown(row, desk) for row in desk_of.waiting(desk.actor, desk.on)],
        answered=[_shown(row, desk) for row in desk_of.answered(desk.actor, desk.on)],
    )
    return render(request, "desk/retaliation.html", context)


@require_POST
@only("retaliation")
def opened(request: DeskRequest, ref: str) -> HttpResponse:
    """The words of one report; opening them is an entry on its own stream."""
    found = desk_of.read(ref, actor=request.desk.actor, at=request.desk.at)
    if isinstance(found, Refusal):
        raise Http404
    return _whole(request, *found)


def _whole(request: DeskRequest, row: RetaliationReport, words: str, why: str = "") -> HttpResponse:
    context = frame(
        request,
        "retaliation",
        **_shown(row, request.desk),
        words=words,
        why=why,
        typed=request.POST.get("text", ""),
        case=desk_of.case_of(row),
    )
    return render(request, "desk/retaliation_report.html", context, status=422 if why else 200)


@require_POST
@only("retaliation")
def contacted(request: DeskRequest, ref: str) -> HttpResponse:
    """A person got in touch."""
    desk = request.desk
    done = desk_of.contact(ref, actor=desk.actor, at=desk.at, note=request.POST.get("note", ""))
    if isinstance(done, Refusal):
        raise Http404
    messages.success(request, t("已记下：与反映人取得联系。", "Noted: somebody got in touch."))
    return HttpResponseRedirect(url("desk:retaliation"))


@require_POST
@only("retaliation")
def answered(request: DeskRequest, ref: str) -> HttpResponse:
    """Answer it. Upheld ones go to the discipline body and never into a unit's standing."""
    desk = request.desk
    upheld = request.POST.get("upheld")
    if desk_of.find(ref, desk.actor, desk.on) is None:
        raise Http404
    done: RetaliationReport | Refusal
    if upheld not in ("yes", "no"):
        done = Refusal("choose", "请选是否属实", "Say whether it is upheld", field="upheld")
    else:
        text = request.POST.get("text", "")
        done = desk_of.answer(ref, text, upheld=upheld == "yes", actor=desk.actor, at=desk.at)
    if isinstance(done, Refusal):
        again = desk_of.read(ref, actor=desk.actor, at=desk.at)
        if isinstance(again, Refusal):
            raise Http404
        return _whole(request, *again, why=sentence(done))
    messages.success(
        request, t("已答复，反映人凭查询码可见。", "Answered; the reporter sees it with the code.")
    )
    return HttpResponseRedirect(url("desk:retaliation"))


urls: list[URLPattern] = [
    path("retaliation", reports, name="retaliation"),
    path("retaliation/<str:ref>", opened, name="retaliation-report"),
    path("retaliation/<str:ref>/contact", contacted, name="retaliation-contact"),
    path("retaliation/<str:ref>/answer", answered, name="retaliation-answer"),
]
