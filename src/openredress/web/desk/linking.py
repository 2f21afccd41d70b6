"""Linking two cases, and taking it back: nothing moves, each petitioner keeps number, clock and answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.cases import actions
from openredress.cases.models import Case, DeadlineRow
from openredress.importers.workbook import control
from openredress.ledger import gate
from openredress.rules.facts import Refusal
from openredress.web.desk import casefile
from openredress.web.desk.access import DeskRequest, frame, signed_in
from openredress.web.desk.case import missing
from openredress.web.desk.casefile import CaseFile
from openredress.web.frame import url
from openredress.web.language import sentence, t

NO_SUCH = Refusal(
    "no_such_case",
    "没有这件信访事项，或不在您能查看的范围内",
    "There is no such case, or not one that you may see",
    field="other",
    what_to_do="核对编号",
    what_to_do_en="check the number",
)


@signed_in
def links(request: DeskRequest, number: str) -> HttpResponse:
    """What is linked; a number typed is shown beside this case before anything is written."""
    file = casefile.load(request.desk, number)
    if not isinstance(file, CaseFile):
        return missing(request)
    if request.method != "POST":
        return _page(request, file)
    other = request.desk.gate.case(request.POST.get("other", ""))
    readable = other is not None and request.desk.gate.reads(other) == "whole"
    do = request.POST.get("do", "preview")
    if do == "unlink":
        return _write(request, file, other if readable else None, "unlink")
    if other is None or not readable or other.pk == file.case.pk:
        return _page(request, file, no=NO_SUCH)
    if do == "link":
        return _write(request, file, other, "link")
    return _page(request, file, other=other)


def _page(
    request: DeskRequest, file: CaseFile, *, other: Case | None = None, no: Refusal | None = None
) -> HttpResponse:
    kinds = file.pack.vocab.get("links", {})
    context = frame(
        request,
        "cases",
        case=file.case,
        linked=casefile.linked(request.desk, file.known.facts.links),
        kinds=[(code, t(one.zh, one.en)) for code, one in kinds.items()],
        typed={name: request.POST.get(name, "") for name in ("other", "kind", "reason")},
        other=other,
        sides=[_side(one) for one in (file.case, other)] if other is not None else [],
        why=sentence(no) if no else "",
    )
    return render(request, "desk/links.html", context, status=422 if no else 200)


def _side(case: Case) -> dict[str, Any]:
    """A case as it will stand afterwards: just as it stands now."""
    rows = DeadlineRow.objects.filter(case=case, open=True).order_by("due")
    return {
        "case": case,
        "petitions": case.petitions.count(),
        "due": list(rows.values_list("due", "what", "article")[:5]),
    }


def _control_words(phrase: str) -> Refusal:
    return Refusal(
        "control_words",
        f"理由里有本系统不记录的内容：{phrase}",
        f"The reason holds what is not recorded here: {phrase}",
        field="reason",
        what_to_do="删去后再提交",
        what_to_do_en="cut it and send again",
    )


def _write(request: DeskRequest, file: CaseFile, other: Case | None, move: str) -> HttpResponse:
    """An entry on this case, and on the other one where this unit may write there too."""
    reason = request.POST.get("reason", "").strip()
    if phrase := control.load().phrase(reason):
        return _page(request, file, other=other, no=_control_words(phrase))
    named = other.number if other is not None else request.POST.get("other", "").strip().upper()
    given = {"reason": reason} if reason else {}
    kind = {"kind": request.POST.get("kind", "")} if move == "link" else {}

    def work() -> Refusal | None:
        desk = request.desk
        first = actions.perform(
            file.case.stream, move, {"other": named, **given, **kind}, actor=desk.actor, at=desk.at
        )
        if isinstance(first, Refusal):
            return first
        if other is not None:  # refused there: the link stands on this side, and can be taken back here
            back = {"other": file.case.number, **given, **kind}
            actions.perform(other.stream, move, back, actor=desk.actor, at=desk.at)
        return None

    no = gate.write(work)
    if no is not None:
        return _page(request, file, other=other, no=no)
    done = (
        t("已关联，随时可以解除。", "Linked; it can be taken back.")
        if move == "link"
        else t("已解除关联。", "Unlinked.")
    )
    messages.success(request, done)
    return HttpResponseRedirect(url("desk:links", file.case.number))


urls: list[URLPattern] = [path("case/<str:number>/links", links, name="links")]
