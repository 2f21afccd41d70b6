"""Following a matter: number and code once, then everything about one's own petition on one page."""

from __future__ import annotations

import mimetypes

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from openredress.cases import codes, following
from openredress.cases.models import Attachment, Case
from openredress.documents import store
from openredress.oversight import retaliation
from openredress.rules.facts import Refusal
from openredress.web import clock
from openredress.web.language import sentence, t
from openredress.web.public import bound, moves
from openredress.web.public.filing import go
from openredress.web.public.page import door, show, source, switching, throttle


@door
def follow(request: HttpRequest, number: str = "") -> HttpResponse:
    """Number and code open the matter. A wrong number and a wrong code get the same answer."""
    wrong, typed = "", number
    if request.method == "POST" and not switching(request):
        typed = request.POST.get("number", "").strip()[:40]
        code = request.POST.get("code", "")[:60]
        found = codes.opened(typed, code, source=source(request), at=clock.now(), throttle=throttle())
        if not isinstance(found, Refusal):
            bound.bind(request, found)
            return go("matter")
        wrong = sentence(found)
    elif number:
        already = bound.petition_of(request)
        if already is not None and already.number == number:
            return go("matter")
    return show(request, "follow.html", {"wrong": wrong, "number": typed, "form": "petition"})


@door
def matter(request: HttpRequest) -> HttpResponse:
    """Where it is, what happened, what is due by when, and what can be done now."""
    mine = bound.mine(request)
    if mine is None:
        return go("follow")
    names = following.unit_names(mine.known)
    facts = mine.known.facts
    open_tracks = [track for track in facts.tracks if not _ended(mine, track.state)]
    context = {
        "number": mine.petition.number,
        "sealed": facts.sealed,
        "withdrawn": facts.withdrawn,
        "holders": list(dict.fromkeys(names.get(track.holder, "") for track in open_tracks)),
        "stations": following.stations(mine.known, mine.petition, mine.actor.pseudonym, names),
        "waiting": following.waiting(mine.known),
        "lapses": mine.known.packs.pack(facts.pack).lapses,
        "on": mine.on,
        "names": names,
        "claims": moves.claims_of(mine),
        "looked": following.looked(mine.known, names),
        "alike": _alike(mine),
        "buttons": moves.buttons(mine),
        "lapsed": following.lapsed(mine.known, mine.on),
        "reports": retaliation.mine(mine.petition.pk),
        "shown_to_staff": mine.petition.code_shown,
    }
    return show(request, "matter.html", context)


def _ended(mine: bound.Mine, state: str) -> bool:
    found = mine.known.packs.pack(mine.known.facts.pack).states.get(state)
    return found is not None and found.terminal


def _alike(mine: bound.Mine) -> int:
    """How many other open petitions a person linked to this one; sealed ones are never counted."""
    links = mine.known.facts.links
    return Case.objects.filter(number__in=links, sealed=False).count() if links else 0


@door
def paper(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A paper of one's own matter, as a file to keep."""
    mine = bound.mine(request)
    if mine is None:
        return go("follow")
    names = following.unit_names(mine.known)
    seen = following.stations(mine.known, mine.petition, mine.actor.pseudonym, names)
    wanted = {one.ref: one.id for station in seen for one in station.papers}.get(ref)
    if wanted is None:
        raise Http404
    held = Attachment.objects.get(pk=wanted)
    try:
        stream = store.open_file(held.sha256)
    except FileNotFoundError:
        raise Http404 from None
    ending = mimetypes.guess_extension(held.type) or ""
    response = FileResponse(stream, as_attachment=True, filename=f"{mine.petition.number}-{held.seq}{ending}")
    response["Content-Type"] = held.type
    return response


@door
def end(request: HttpRequest) -> HttpResponse:
    """Stop following on this device."""
    if request.method == "POST":
        request.session.flush()
        messages.success(
            request, t("已退出，进度要用编号和查询码再打开", "Signed out; number and code open it again")
        )
    return go("home")


urls: list[URLPattern] = [
    path("follow", follow, name="follow"),
    path("follow/n/<str:number>", follow, name="follow-number"),
    path("matter", matter, name="matter"),
    path("matter/paper/<str:ref>", paper, name="paper"),
    path("matter/end", end, name="end"),
]
