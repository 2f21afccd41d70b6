"""Filing, one question a screen. Each screen saves the draft before it asks the next question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from openredress.cases import intake
from openredress.documents import store
from openredress.ledger import gate
from openredress.people import tree
from openredress.people.errors import Refused
from openredress.people.models import Unit
from openredress.rules.facts import Refusal
from openredress.web import clock
from openredress.web.language import sentence, t
from openredress.web.models import Draft
from openredress.web.public import drafts, guidance, limits
from openredress.web.public.page import door, office, show, source, switching, throttle, today

DRAFT = "draft"  # in the session: which draft is being written
STEPS = ("start", "story", "claims", "files", "who")
Body = drafts.Body


def _steps(now: str) -> dict[str, Any]:
    at = STEPS.index(now) + 1
    return {"step": at, "steps": len(STEPS), "form": "petition"}


def held(request: HttpRequest) -> Draft | None:
    """The draft of this session."""
    return drafts.by_ref(str(request.session.get(DRAFT, "")), clock.now())


def go(name: str) -> HttpResponse:
    """The way to another screen of the portal."""
    return HttpResponseRedirect(reverse(f"public:{name}"))


def elsewhere(draft: Draft | None) -> HttpResponse | None:
    """Where a screen sends whoever has no draft, or has handed it in already; None: go on."""
    if draft is None:
        return go("start")
    return go("receipt") if draft.number else None


def _wrong(data: Mapping[str, Any], *fields: str) -> list[Refusal]:
    """What intake would refuse of these fields, before anything else is asked."""
    found = intake.check(data, pack=None)
    if not isinstance(found, list):
        return []
    return [one for one in found if one.field.split("[")[0] in fields]


def _screen(
    request: HttpRequest, name: str, draft: Draft | None, body: Body, more: Mapping[str, Any]
) -> HttpResponse:
    code = drafts.code_of(draft) if draft is not None else ""
    return show(request, f"{name}.html", _steps(name) | {"draft": body, "code": code} | dict(more))


# ---------------------------------------------------------------- 1: is it about an official's misconduct?


@door
def start(request: HttpRequest) -> HttpResponse:
    """Is it about misconduct? The answer begins the draft, or changes it."""
    draft = held(request)
    if draft is not None and draft.number:
        if request.method == "GET" and "again" not in request.GET:
            return go("receipt")
        draft = None  # the earlier one is handed in; this is another
    body = drafts.body_of(draft) if draft is not None else drafts.empty()
    if request.method != "POST" or switching(request):
        return _screen(request, "start", draft, body, {})
    answer = request.POST.get("misconduct", "")
    if answer not in ("yes", "no"):
        return _screen(request, "start", draft, body, {"wrong": t("请选一项", "Choose one")})
    body["misconduct"] = answer == "yes"
    if draft is None:
        if refusal := limits.drafting(source(request), clock.now()):
            return _screen(request, "start", None, body, {"wrong": sentence(refusal)})
        draft = drafts.start(body, clock.now())
        request.session[DRAFT] = draft.ref
    else:
        drafts.save(draft, body, clock.now())
    return go("accused" if body["misconduct"] else "story")


@door
def accused(request: HttpRequest) -> HttpResponse:
    """Whom it is about: the unit found by its name, the person in words."""
    draft = held(request)
    if draft is None or draft.number:
        return elsewhere(draft) or go("start")
    body = drafts.body_of(draft)
    likely: tuple[str, ...] = ()
    if request.method == "POST":
        typed = request.POST.get("unit", "").strip()[:120]
        picked = request.POST.get("picked", "")
        body["accused_name"] = request.POST.get("name", "").strip()[:200]
        unit = tree.by_name(picked if picked and typed == body["accused_typed"] else typed)
        asked_before = bool(typed) and typed == body["accused_typed"]
        body["accused_typed"], body["accused_unit"] = typed, unit.code if unit else ""
        drafts.save(draft, body, clock.now())
        if not switching(request) and (not typed or unit is not None or asked_before):
            return go("story")
        likely = tree.nearest(typed) if typed and unit is None else ()
    return show(
        request,
        "accused.html",
        _steps("start") | {"draft": body, "code": drafts.code_of(draft), "likely": likely},
    )


# ---------------------------------------------------------------- 2: what happened


@door
def story(request: HttpRequest) -> HttpResponse:
    """What happened, in the petitioner's own words; on disk before anything else is asked."""
    draft = held(request)
    if draft is None or draft.number:
        return elsewhere(draft) or go("start")
    body = drafts.body_of(draft)
    wrong: list[Refusal] = []
    if request.method == "POST":
        body["text"] = request.POST.get("text", "").replace("\r\n", "\n")
        body["place"] = request.POST.get("place", "").strip()
        drafts.save(draft, body, clock.now())
        if not switching(request):
            wrong = _wrong({"text": body["text"], "place": body["place"]}, "text", "place")
            if not wrong:
                return go("claims")
    return _screen(request, "story", draft, body, {"wrong": wrong})


# ---------------------------------------------------------------- 3: what is asked


@door
def claims(request: HttpRequest) -> HttpResponse:
    """What is asked: one line each, lines added and removed by buttons that need no script."""
    draft = held(request)
    if draft is None or draft.number:
        return elsewhere(draft) or go("start")
    body = drafts.body_of(draft)
    wrong: list[Refusal] = []
    if request.method == "POST":
        lines = request.POST.getlist("claim")[: intake.CLAIMS]
        body["claims"] = [line.strip() for line in lines]
        body["category"] = request.POST.get("category", "")[:40]
        do = request.POST.get("do", "next")
        if do == "add" and len(body["claims"]) < intake.CLAIMS:
            body["claims"].append("")
        if do.startswith("remove:") and do[7:].isdigit() and int(do[7:]) < len(body["claims"]):
            del body["claims"][int(do[7:])]
        said = [line for line in body["claims"] if line]
        keep = do != "next" or switching(request)
        drafts.save(draft, body if keep else body | {"claims": said}, clock.now())
        if do != "next" and not switching(request):
            return go("claims")  # so that the way back never meets a form sent before
        if not keep:
            wrong = _wrong({"claims": said}, "claims")
            if not wrong:
                return go("files")
    on = today(request)
    text = "\n".join([body["text"], *body["claims"]])
    more = {
        "wrong": wrong,
        "lines": body["claims"] or [""],
        "choices": guidance.choices(on),
        "guess": None if body["misconduct"] else guidance.guess(text, on, body["category"]),
        "expected": guidance.expected(on, office()),
    }
    return _screen(request, "claims", draft, body, more)


# ---------------------------------------------------------------- 4: files


def _keep(stream: BinaryIO, name: str, at: datetime) -> store.Document:
    stream.seek(0)  # a transaction that is tried again reads it anew
    return store.save(stream, name, at=at)


def keep_files(request: HttpRequest, at: datetime) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Files of a form: those kept, and (name, why) of those refused. One bad file spoils no other."""
    good: list[dict[str, Any]] = []
    bad: list[tuple[str, str]] = []
    for file in request.FILES.getlist("file")[: intake.FILES]:
        name = str(file.name or "")
        if refusal := limits.uploading(source(request), at):
            bad.append((name[:80], sentence(refusal)))
            continue
        try:
            kept = gate.write(partial(_keep, cast(BinaryIO, file.file), name, at))
        except Refused as refused:
            bad.append((name[:80], sentence(refused.refusal)))
            continue
        good.append({"sha256": kept.sha256, "name": kept.name, "size": kept.size, "type": kept.type})
    return good, bad


@door
def files(request: HttpRequest) -> HttpResponse:
    """Photos and papers. A refused one is named with its reason; the petition goes on without it."""
    draft = held(request)
    if draft is None or draft.number:
        return elsewhere(draft) or go("start")
    body = drafts.body_of(draft)
    bad: list[tuple[str, str]] = []
    if request.method == "POST":
        do = request.POST.get("do", "next")
        if do.startswith("remove:"):
            body["files"] = [one for one in body["files"] if one["sha256"] != do[7:]]
        good, bad = keep_files(request, clock.now())
        known = {one["sha256"] for one in body["files"]}
        body["files"] += [one for one in good if one["sha256"] not in known]
        body["files"] = body["files"][: intake.FILES]
        drafts.save(draft, body, clock.now())
        if not bad and not switching(request):
            return go("who" if do == "next" else "files")
    return _screen(request, "files", draft, body, {"bad": bad})


# ---------------------------------------------------------------- drafts


@door
def resume(request: HttpRequest) -> HttpResponse:
    """Go on with a draft by its code."""
    wrong = ""
    if request.method == "POST" and not switching(request):
        found = drafts.find(
            request.POST.get("code", ""), source=source(request), at=clock.now(), throttle=throttle()
        )
        if not isinstance(found, Refusal):
            request.session[DRAFT] = found.ref
            body = drafts.body_of(found)
            return go("story" if not body["text"] else "claims" if not body["claims"] else "files")
        wrong = sentence(found)
    return show(request, "draft.html", {"wrong": wrong, "form": "petition"})


@door
def discard(request: HttpRequest) -> HttpResponse:
    """Delete the draft now, at its writer's wish."""
    draft = held(request)
    if request.method == "POST" and draft is not None and not draft.number:
        gate.write(lambda: Draft.objects.filter(pk=draft.pk, number="").delete())
        request.session.pop(DRAFT, None)
        messages.success(request, t("草稿已删除", "The draft is deleted"))
    return go("home")


def unit_name(code: str) -> str:
    """The name of a unit, or nothing."""
    found = Unit.objects.filter(code=code).values_list("name", flat=True).first() if code else None
    return found or ""


urls: list[URLPattern] = [
    path("file/", start, name="start"),
    path("file/accused", accused, name="accused"),
    path("file/story", story, name="story"),
    path("file/claims", claims, name="claims"),
    path("file/files", files, name="files"),
    path("draft/", resume, name="draft"),
    path("draft/discard", discard, name="discard"),
]
