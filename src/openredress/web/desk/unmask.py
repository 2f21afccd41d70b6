"""Seeing an identity with a reason: who asked, who decides, what is still open; and the auditor's lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from openredress.cases import actions
from openredress.cases.models import Case, Party
from openredress.identity import unmask, vault
from openredress.identity.keyring import VaultLocked
from openredress.identity.models import IdentityRead, LookUp, UnmaskRequest
from openredress.ledger import gate
from openredress.people.errors import Refused
from openredress.rules.facts import Refusal
from openredress.web.desk import said
from openredress.web.desk.access import Desk, DeskRequest, frame
from openredress.web.desk.case import missing
from openredress.web.desk.menu import LINE
from openredress.web.desk.only import only
from openredress.web.frame import url
from openredress.web.language import sentence, t

APPROVE = ("head", "supervisor", "leader")  # a second person, who reads the case whole
MOST = 50
NAMES = {
    "name": ("姓名", "name"), "phone": ("电话", "phone"), "address": ("住址", "address"),
    "id_number": ("证件号码", "ID number"), "email": ("邮箱", "mail"), "org": ("单位", "organisation"),
}  # fmt: skip


def _fields(codes: str) -> str:
    return t("、", ", ").join(t(*NAMES[one]) for one in codes.split(",") if one in NAMES)


def _rows(requests: Iterable[UnmaskRequest], cases: dict[str, Case], desk: Desk) -> list[dict[str, Any]]:
    found = list(requests)
    people = said.staff_names({one.requester for one in found})
    units = said.unit_names_by_code(one.unit for one in found)
    marks = dict(Party.objects.filter(person__in=[one.person for one in found]).values_list("person", "mark"))
    return [
        {
            "request": one,
            "case": cases.get(one.subject),
            "fields": _fields(one.fields),
            "who": people.get(one.requester, one.requester),
            "unit": units.get(one.unit, one.unit),
            "mark": marks.get(one.person, ""),
            "state": _state(one, desk),
        }
        for one in found
    ]


def _state(one: UnmaskRequest, desk: Desk) -> str:
    """waiting | open | over | declined."""
    decision = getattr(one, "decision", None)
    if decision is None:
        return "waiting"
    if not decision.approved:
        return "declined"
    return "open" if decision.at <= desk.at < decision.expires_at else "over"


def _by_stream(desk: Desk, streams: Iterable[str]) -> dict[str, Case]:
    return {case.stream: case for case in desk.gate.searchable().filter(stream__in=set(streams))}


@only(*sorted(LINE))
def requests(request: DeskRequest) -> HttpResponse:
    """What I asked for, and what others ask that I may decide."""
    return _room(request)


def _room(request: DeskRequest, **more: Any) -> HttpResponse:
    desk = request.desk
    mine = list(_all().filter(requester=desk.actor.pseudonym)[:MOST])
    theirs = list(to_decide(desk)[:MOST])
    cases = _by_stream(desk, {one.subject for one in [*mine, *theirs]})
    context = frame(
        request,
        "identity",
        mine=_rows(mine, cases, desk),
        waiting=_rows(theirs, cases, desk),
        decides=bool(desk.gate.roles & set(APPROVE)),
        **more,
    )
    return render(request, "desk/identity.html", context)


def _all() -> QuerySet[UnmaskRequest]:
    return UnmaskRequest.objects.select_related("decision").order_by("-at", "-pk")


def to_decide(desk: Desk) -> QuerySet[UnmaskRequest]:
    """Undecided requests of others on cases that this person reads whole, for those who may approve."""
    if not desk.gate.roles & set(APPROVE):
        return _all().none()
    readable = desk.gate.searchable().values("stream")
    rows = _all().filter(decision=None, subject__in=readable)
    return rows.exclude(requester=desk.actor.pseudonym)


@require_POST
@only(*APPROVE)
def decide(request: DeskRequest, ref: str) -> HttpResponse:
    """A second person's yes or no."""
    desk = request.desk
    asked = to_decide(desk).filter(pk=ref).first()
    if asked is None:
        return missing(request)
    approved = request.POST.get("do") == "approve"
    try:
        gate.write(lambda: unmask.decide(asked, approver=desk.actor.pseudonym, approved=approved, at=desk.at))
    except Refused as no:
        messages.error(request, sentence(no.refusal))
    else:
        text = t("已同意，24 小时内有效。", "Approved; it holds 24 hours.")
        messages.success(request, text if approved else t("已拒绝。", "Declined."))
    return HttpResponseRedirect(url("desk:identity"))


@require_POST
@only(*sorted(LINE))
def view(request: DeskRequest, ref: str) -> HttpResponse:
    """The approved fields, this once on this page; the look is on the record and the petitioner sees it."""
    desk = request.desk
    asked = _all().filter(pk=ref, requester=desk.actor.pseudonym).first()
    case = desk.gate.searchable().filter(stream=asked.subject).first() if asked else None
    if asked is None or case is None:
        return missing(request)
    reader = vault.Reader.of(desk.actor)

    def work() -> dict[str, str]:
        shown = unmask.view(ref, reader=reader, at=desk.at)
        given = {
            "role": reader.role,
            "unit": desk.actor.unit,
            "purpose": "investigate",
            "reason": asked.reason,
        }
        done = actions.perform(case.stream, "identity_read", given, actor=desk.actor, at=desk.at)
        if isinstance(done, Refusal):
            raise Refused(done)
        return shown

    try:
        shown = gate.write(work)
    except VaultLocked:
        messages.error(request, t("身份信息已锁定：本机没有密钥。", "The vault is locked: keys are missing."))
        return HttpResponseRedirect(url("desk:identity"))
    except Refused as no:
        messages.error(request, sentence(no.refusal))
        return HttpResponseRedirect(url("desk:identity"))
    fields = [(t(*NAMES[key]), value) for key, value in shown.items() if key in NAMES]
    return _room(request, shown=fields, shown_case=case)


@only("audit")
def audit(request: DeskRequest) -> HttpResponse:
    """Who asked, who agreed, who opened and who looked up: everything but the identities themselves."""
    asked = list(_all()[:MOST])
    opened = list(IdentityRead.objects.order_by("-at", "-pk")[:MOST])
    looked = list(LookUp.objects.order_by("-at", "-pk")[:MOST])
    who = {one.requester for one in asked} | {one.reader for one in opened} | {one.reader for one in looked}
    who |= {one.decision.approver for one in asked if getattr(one, "decision", None)}
    units = {one.unit for one in asked} | {one.unit for one in opened} | {one.unit for one in looked}
    context = frame(
        request,
        "audit",
        asked=[
            {"row": one, "fields": _fields(one.fields), "state": _state(one, request.desk)} for one in asked
        ],
        opened=[{"row": one, "fields": _fields(one.fields)} for one in opened],
        looked=looked,
        people=said.staff_names(who),
        units=said.unit_names_by_code(units),
    )
    return render(request, "desk/audit.html", context)


urls: list[URLPattern] = [
    path("identity", requests, name="identity"),
    path("identity/<str:ref>/decide", decide, name="identity-decide"),
    path("identity/<str:ref>/view", view, name="identity-view"),
    path("audit", audit, name="audit"),
]
