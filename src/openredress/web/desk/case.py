"""The case page, and what is asked from it: identities with a logged press, likely repeats, files."""

from __future__ import annotations

import mimetypes

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from openredress.cases import actions
from openredress.cases.models import Case
from openredress.documents import store as documents
from openredress.identity import unmask, vault
from openredress.identity.keyring import VaultLocked
from openredress.people.errors import Refused
from openredress.rules.facts import Refusal
from openredress.web.desk import casefile, said
from openredress.web.desk.access import DeskRequest, frame, signed_in
from openredress.web.desk.casefile import CaseFile
from openredress.web.desk.worklist import onward, tags
from openredress.web.frame import url
from openredress.web.language import sentence, t

FIELDS = ("name", "phone")
ASKABLE = ("name", "phone", "address", "id_number", "email", "org")
SANDBOX = "sandbox; default-src 'none'"
_PURPOSES = ("contact", "serve", "investigate", "review")
_OF_THE_OFFICE = ("copy", "evidence")  # files that the office made; others are the petitioner's own


def missing(request: DeskRequest) -> HttpResponse:
    """What whoever is barred gets, and whoever asks for what does not exist: the same page."""
    return render(request, "desk/missing.html", frame(request, "cases"), status=404)


@signed_in
def case_page(request: DeskRequest, number: str) -> HttpResponse:
    """One case: claims first, then the record; clocks, petitioners, likely repeats beside."""
    found = casefile.load(request.desk, number)
    if found is None:
        return missing(request)
    if isinstance(found, Case):
        return _part(request, found)
    if found.case.number != number:
        return HttpResponseRedirect(url("desk:case", found.case.number))
    return _whole(request, found)


def _whole(request: DeskRequest, file: CaseFile, **more: object) -> HttpResponse:
    facts, case, desk = file.known.facts, file.case, request.desk
    running, ended = file.clocks
    pressable = [one for one in file.moves if not one.why]
    first = _first(file)
    units = {hop.unit for track in facts.tracks for hop in track.hops}
    context = frame(
        request,
        "cases",
        file=file,
        case=case,
        facts=facts,
        title=case.title,
        tags=tags(case.marks, facts.people_count, len(facts.petitions), len(units), file.pack),
        channel=said.channel(facts.channel),
        pack_name=t(file.pack.zh, file.pack.en),
        stations=[(track, said.state(file.known.packs, facts.pack, track.state)) for track in facts.tracks],
        names=file.names,
        running=running,
        ended=ended,
        late=file.late,
        first=first,
        quick=_quick(pressable, first),
        for_track=[one for one in file.moves if one.move.track],
        for_case=[one for one in file.moves if not one.move.track],
        parties=casefile.parties(case),
        files=casefile.attachments(case),
        of_the_office=_OF_THE_OFFICE,
        linked=casefile.linked(desk, facts.links),
        access=_access(file),
        purposes=[(code, said.term(file.pack, "reading_purposes", code)) for code in _PURPOSES],
        article=said.article,
        move_href=said.move_href,
        **more,
    )
    return render(request, "desk/case.html", context)


def _first(file: CaseFile) -> casefile.Pressable | None:
    """The button that most likely comes next: never one that only a person may think of."""
    open_ones = {(one.move.track, one.move.move): one for one in file.moves if not one.why}
    for track in file.known.facts.tracks:
        found = open_ones.get((track.id, onward(track.state)))
        if found is not None:
            return found
    return next((one for one in open_ones.values() if one.move.leads and not one.move.by_hand), None)


_OFTEN = (
    "extend",
    "mediate",
    "convert",
    "object",
    "divert_returned",
    "name_handler",
    "investigate",
    "execute",
    "settle",
)


def _quick(pressable: list[casefile.Pressable], first: casefile.Pressable | None) -> list[casefile.Pressable]:
    """Two more buttons beside the first: what is done most often from here."""
    ranked = [one for name in _OFTEN for one in pressable if one.move.move == name and one is not first]
    return ranked[:2]


def _access(file: CaseFile) -> str:
    """`press`, `request`, or nothing."""
    found = file.desk.gate.identity_access(file.case, serving=file.serving())
    return found if isinstance(found, str) else ""


def _part(request: DeskRequest, case: Case) -> HttpResponse:
    """A case that has left the unit: its number, where it is, and what this unit owed."""
    context = frame(request, "cases", case=case, owed=casefile.own_part(request.desk, case))
    return render(request, "desk/case_part.html", context)


# ------------------------------------------------------------------ identities


@require_POST
@signed_in
def identity(request: DeskRequest, number: str) -> HttpResponse:
    """Name and phone on one logged press; or the request that a second person decides."""
    file = casefile.load(request.desk, number)
    if not isinstance(file, CaseFile):
        return missing(request)
    access = _access(file)
    if access == "press":
        shown = _press(request, file)
        if isinstance(shown, str):
            messages.error(request, shown)
            return HttpResponseRedirect(url("desk:case", file.case.number))
        return _whole(request, file, identities=shown)
    if access == "request":
        return _ask(request, file)
    return missing(request)


def _press(request: DeskRequest, file: CaseFile) -> dict[str, dict[str, str]] | str:
    """Mark → fields, read once and logged twice: on the case's record and in the vault's log."""
    desk, purpose = request.desk, request.POST.get("purpose", "contact")
    if purpose not in _PURPOSES:
        purpose = "contact"
    people = {one.person: one for one in casefile.parties(file.case) if one.person}
    if not people:
        return t("本案没有可查看的身份信息。", "There is no identity to see on this case.")
    given = {"role": vault.Reader.of(desk.actor).role, "unit": desk.actor.unit, "purpose": purpose}
    done = actions.perform(file.case.stream, "identity_read", given, actor=desk.actor, at=desk.at)
    if isinstance(done, Refusal):
        return sentence(done)
    try:
        words = said.term(file.pack, "reading_purposes", purpose)
        read = vault.read_many(
            list(people), vault.Reader.of(desk.actor), file.case.stream, words, desk.at, fields=FIELDS
        )
    except VaultLocked:
        return t(
            "身份信息已锁定：本机没有密钥。请联系系统管理员恢复密钥。",
            "The vault is locked: keys are missing.",
        )
    except Refused as no:
        return sentence(no.refusal)
    return {people[ref].mark: fields for ref, fields in read.items()}


def _ask(request: DeskRequest, file: CaseFile) -> HttpResponse:
    desk, fields = request.desk, [one for one in request.POST.getlist("fields") if one in ASKABLE]
    people = [one.person for one in casefile.parties(file.case) if one.person]
    try:
        for person in people:
            unmask.ask(
                person,
                reader=vault.Reader.of(desk.actor),
                subject=file.case.stream,
                fields=fields,
                reason=request.POST.get("reason", ""),
                at=desk.at,
            )
    except Refused as no:
        messages.error(request, sentence(no.refusal))
    else:
        text = t("已提出查看申请，须由第二人批准。", "Asked: a second person has to approve.")
        messages.success(request, text)
    return HttpResponseRedirect(url("desk:case", file.case.number))


# ------------------------------------------------------------------ likely repeats


@signed_in
def similar(request: DeskRequest, number: str) -> HttpResponse:
    """Cases like this one; a person judges. Asked for after the page is there, for it reads many texts."""
    file = casefile.load(request.desk, number)
    if not isinstance(file, CaseFile):
        return missing(request)
    found = request.desk.gate.similar(file.case.title, file.case.summary, 6)
    known = {file.case.number, *file.known.facts.links}
    likes = [one for one in found if one.case.number not in known][:5]
    context = {"likes": likes, "case": file.case}
    if request.headers.get("HX-Request"):
        return render(request, "desk/_similar.html", context)
    return render(request, "desk/similar.html", frame(request, "cases", **context))


# ------------------------------------------------------------------ files


@signed_in
def attachment(request: DeskRequest, number: str, ref: str) -> HttpResponse:
    """A file of the case, never shown inside the page. The petitioner's own count as an identity read."""
    file = casefile.load(request.desk, number)
    if not isinstance(file, CaseFile):
        return missing(request)
    found = next((one for one in casefile.attachments(file.case) if one.ref == ref), None)
    if found is None:
        return missing(request)
    if found.purpose not in _OF_THE_OFFICE:
        no = _logged(request, file)
        if no:
            messages.error(request, no)
            return HttpResponseRedirect(url("desk:case", file.case.number))
    try:
        body = documents.open_file(found.sha256)
    except FileNotFoundError:
        return missing(request)
    ending = mimetypes.guess_extension(found.type) or ""
    name = f"{file.case.number}-{found.ref}{ending}"
    answer = FileResponse(body, as_attachment=True, filename=name, content_type=found.type)
    answer["Content-Security-Policy"] = SANDBOX
    answer["X-Content-Type-Options"] = "nosniff"
    return answer  # type: ignore[return-value]


def _logged(request: DeskRequest, file: CaseFile) -> str:
    """Write the read of an original on the record, or say why it may not be opened."""
    desk = request.desk
    if request.method != "POST" or _access(file) != "press":
        return t(
            "来件原件含有身份信息：承办人按“下载（留痕）”查看，其他人先申请查看身份。",
            "An original holds identity: the handler opens it with a logged press; others ask first.",
        )
    given = {"role": vault.Reader.of(desk.actor).role, "unit": desk.actor.unit, "purpose": "investigate"}
    done = actions.perform(file.case.stream, "identity_read", given, actor=desk.actor, at=desk.at)
    return sentence(done) if isinstance(done, Refusal) else ""


def by_number(request: DeskRequest, wanted: str) -> str | None:
    """The address of a readable case of that number, its own or of a petition attached to it."""
    found = request.desk.gate.case(wanted)
    return url("desk:case", found.number) if found is not None else None


urls: list[URLPattern] = [
    path("case/<str:number>", case_page, name="case"),
    path("case/<str:number>/identity", identity, name="case-identity"),
    path("case/<str:number>/similar", similar, name="case-similar"),
    path("case/<str:number>/file/<str:ref>", attachment, name="case-file"),
]
