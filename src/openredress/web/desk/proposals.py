"""Changed rows of an imported workbook: each a proposal, cell by cell, that a person accepts or declines."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from openredress.cases import proposals as record
from openredress.cases.models import Proposal
from openredress.lawbook import book
from openredress.rules.facts import Refusal
from openredress.web.desk.access import DeskRequest, frame
from openredress.web.desk.case import missing
from openredress.web.desk.only import only
from openredress.web.frame import url
from openredress.web.language import sentence, t

ROLES = ("clerk", "handler", "head")
MOST = 50


@only(*ROLES)
def proposals(request: DeskRequest) -> HttpResponse:
    """What waits, oldest first."""
    found = list(record.waiting(request.desk.gate.searchable())[: MOST + 1])
    rows = [
        {
            "proposal": one,
            "cells": record.preview(one),
            "moves": [_move(one, step["move"]) for step in one.moves if "move" in step],
            "stale": one.case.version != one.case_version,
        }
        for one in found[:MOST]
    ]
    context = frame(request, "proposals", rows=rows, more=len(found) > MOST)
    return render(request, "desk/proposals.html", context)


def _move(proposal: Proposal, name: str) -> str:
    move = book.packs().pack(proposal.case.pack).moves.get(name)
    return t(move.zh, move.en) if move else name


@require_POST
@only(*ROLES)
def decide(request: DeskRequest, pk: int) -> HttpResponse:
    """Accept, and the moves are made through the rules; or decline, and it is not proposed again."""
    desk = request.desk
    one = Proposal.objects.filter(pk=pk, case__in=desk.gate.searchable()).select_related("case").first()
    if one is None:
        return missing(request)
    made: object
    if request.POST.get("do") == "accept":
        made = record.accept(one, actor=desk.actor, at=desk.at)
        done = t(f"{one.case.number} 已按台账更新。", f"{one.case.number} is brought up to date.")
    else:
        made = record.decline(one, actor=desk.actor, at=desk.at)
        done = t(f"{one.case.number} 保持不变。", f"{one.case.number} stays as it is.")
    if isinstance(made, Refusal):
        messages.error(request, f"{one.case.number} {sentence(made)}")
    else:
        messages.success(request, done)
    return HttpResponseRedirect(url("desk:proposals"))


urls: list[URLPattern] = [
    path("proposals", proposals, name="proposals"),
    path("proposals/<int:pk>", decide, name="proposal-decide"),
]
