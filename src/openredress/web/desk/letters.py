"""Papers of a case: what may be issued now, what it still lacks, the list of issued ones, their service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from openredress.cases import letter_values as saying
from openredress.cases import letters
from openredress.documents import store as documents
from openredress.documents.letters.render import render as put_on_paper
from openredress.identity.keyring import VaultLocked
from openredress.importers.workbook import control
from openredress.people import staff as people
from openredress.people.errors import Refused
from openredress.rules.facts import Refusal
from openredress.rules.pack import Content, Letter
from openredress.web.desk import casefile
from openredress.web.desk.access import DeskRequest, frame, signed_in
from openredress.web.desk.case import missing as not_found
from openredress.web.desk.casefile import CaseFile
from openredress.web.desk.forms import Option, Widget
from openredress.web.frame import url
from openredress.web.language import sentence, t

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_OWN = ("csrfmiddlewaretoken", "expected", "track", "addressed", "confirmed", "look")
_MOST = 4_000  # characters of one text
_LONG = ("信访事项", "程序", "延长理由", "查询方式")
# What the writer adds to each paper; the rest comes from the record.
_ASKED = {
    "where": ("去向", "查询方式"),
    "receipt_notice": ("avenue", "来自", "信访事项", "程序", "承办人", "联系方式", "办理期限"),
    "extension": ("days", "approver", "延长理由"),
    "opinion": ("复查机关",),
}
_LABELS = {
    "avenue": ("途径", "Avenue"),
    "days": ("延长天数", "Days of extension"),
    "approver": ("批准人", "Approver"),
    "去向": ("去向", "Where it went"),
    "查询方式": ("查询方式", "How to ask about it"),
    "来自": ("来自", "From whom it came"),
    "信访事项": ("信访事项", "The matters"),
    "程序": ("程序", "The procedure"),
    "承办人": ("承办人", "Who handles it"),
    "联系方式": ("联系方式", "How to reach them"),
    "办理期限": ("办理期限", "By when"),
    "延长理由": ("延长理由", "Why"),
    "复查机关": ("复查机关", "Where review is asked"),
}


class Issuable(NamedTuple):
    """A paper that may be issued now."""

    kind: str
    name: str
    article: str
    track: str
    written: bool


def _named(request: DeskRequest, file: CaseFile) -> bool:
    """Whether the name may stand on a paper that this person issues; else it goes by number."""
    found = request.desk.gate.identity_access(file.case, serving=True)
    return found == "press"


@require_GET
@signed_in
def papers(request: DeskRequest, number: str) -> HttpResponse:
    """The papers of a case."""
    file = casefile.load(request.desk, number)
    if not isinstance(file, CaseFile):
        return not_found(request)
    return render(request, "desk/letters.html", frame(request, "cases", **_list(request, file)))


def _list(request: DeskRequest, file: CaseFile) -> dict[str, object]:
    now = [
        Issuable(one.id, t(one.zh, one.en), one.article, track.id, one.written)
        for one, track in letters.issuable(file.known, request.desk.actor, request.desk.at)
    ]
    means = [(code, t(term.zh, term.en)) for code, term in file.pack.vocab["means"].items()]
    return {
        "case": file.case, "now": now, "lines": letters.lines(file.known), "means": means,
        "today": request.desk.on.isoformat(), "tracks": len(file.known.facts.tracks),
        "named": _named(request, file),
    }  # fmt: skip


@signed_in
def letter(request: DeskRequest, number: str, kind: str) -> HttpResponse:
    """The form of one paper; a POST shows it (`look`) or issues it."""
    file = casefile.load(request.desk, number)
    if not isinstance(file, CaseFile):
        return not_found(request)
    track = request.POST.get("track") or request.GET.get("track", "")
    found = [
        (one, its)
        for one, its in letters.issuable(file.known, request.desk.actor, request.desk.at)
        if one.id == kind and (not track or its.id == track)
    ]
    if not found:
        return not_found(request)
    one, its = found[0]
    typed = {name: str(value)[:_MOST].strip() for name, value in request.POST.items() if name not in _OWN}
    if request.method != "POST":
        return _form(request, file, one, its.id, typed)
    no = _control(typed)
    if no is None and request.POST.get("look") and one.written:
        return _look(request, file, one, its.id, typed)
    made = no or _issue(request, file, one, its.id, typed)
    if isinstance(made, Refusal):
        return _form(request, file, one, its.id, typed, made)
    messages.success(
        request,
        t(f"已制发：{made.number}。下一步：送达并上传凭证。", f"Issued: {made.number}. Next: serve it."),
    )
    return HttpResponseRedirect(url("desk:letters", file.case.number))


def _control(typed: Mapping[str, str]) -> Refusal | None:
    for name, text in typed.items():
        if phrase := control.load().phrase(text):
            zh, en = _LABELS.get(name, (name, name))
            return Refusal(
                "control_words",
                f"“{zh}”里有本系统不记录的内容：{phrase}",
                f"“{en}” holds what this system does not record: {phrase}",
                field=name,
                what_to_do="删去后再提交",
                what_to_do_en="cut it and send again",
            )
    return None


def _issue(
    request: DeskRequest, file: CaseFile, one: Letter, track: str, typed: Mapping[str, str]
) -> letters.Issued | Refusal:
    desk, expected = request.desk, request.POST.get("expected", "")
    version = int(expected) if expected.isdecimal() else None
    party = request.POST.get("addressed") or "p1"
    try:
        if one.written:
            return letters.issue(
                file.case.stream, one.id, track, typed, actor=desk.actor, at=desk.at, addressed=party,
                named=_named(request, file), expected=version,
            )  # fmt: skip
        held = _kept(request, "paper")
        return letters.issue_upload(
            file.case.stream, one.id, track, held, request.POST.getlist("confirmed"), actor=desk.actor,
            at=desk.at, addressed=party, expected=version,
        )  # fmt: skip
    except Refused as no:
        return no.refusal
    except VaultLocked:
        return Refusal(
            "vault_locked", "身份信息已锁定：本机没有密钥", "The vault is locked: keys are missing"
        )


def _kept(request: DeskRequest, name: str) -> str:
    """The hash of an uploaded file, kept; empty when none came. Raises `Refused`."""
    one = request.FILES.get(name)
    if not isinstance(one, UploadedFile):
        return ""
    with transaction.atomic():
        return documents.save(one.file, one.name or "", at=request.desk.at).sha256  # type: ignore[arg-type]


def _look(
    request: DeskRequest, file: CaseFile, one: Letter, track: str, typed: Mapping[str, str]
) -> HttpResponse:
    """The working copy as it would be, without number and without a name; nothing is written or read."""
    desk = request.desk
    made = letters.draft(file.known, one.id, track, typed, actor=desk.actor, at=desk.at, named=False)
    if isinstance(made, Refusal):
        return _form(request, file, one, track, typed, made)
    try:
        body = put_on_paper(one.id, made.copy)
    except Refused as no:
        return _form(request, file, one, track, typed, no.refusal)
    answer = HttpResponse(body, content_type=WORD)
    answer["Content-Disposition"] = f'attachment; filename="{file.case.number}-{one.id}.docx"'
    return answer


def _form(
    request: DeskRequest,
    file: CaseFile,
    one: Letter,
    track: str,
    typed: Mapping[str, str],
    no: Refusal | None = None,
) -> HttpResponse:
    desk = request.desk
    widgets: list[Widget] = []
    lacking: tuple[Content, ...] = ()
    if one.written:
        made = letters.draft(file.known, one.id, track, typed, actor=desk.actor, at=desk.at, named=False)
        if isinstance(made, Refusal):
            no = no or made
            made = letters.draft(file.known, one.id, track, {}, actor=desk.actor, at=desk.at, named=False)
        if not isinstance(made, Refusal):
            lacking = made.missing
            widgets = [
                _widget(name, made, file, desk.actor.unit or "", desk.on, typed) for name in _ASKED[one.id]
            ]
    context = frame(
        request, "cases", case=file.case, letter=one, name=t(one.zh, one.en), track=track, widgets=widgets,
        lacking=[(t(each.zh, each.en), each.article) for each in lacking],
        no=no, why=sentence(no) if no else "",
        version=file.known.version, named=_named(request, file), parties=casefile.parties(file.case),
        addressed=request.POST.get("addressed", "p1"), confirmed=request.POST.getlist("confirmed"),
    )  # fmt: skip
    return render(request, "desk/letter.html", context, status=422 if no else 200)


def _widget(
    name: str, made: letters.Draft, file: CaseFile, unit: str, on: date, typed: Mapping[str, str]
) -> Widget:
    """One thing to fill in, with what the record already says."""
    asked = {one.zh for one in made.writing.letter.contents} - {"信访事项"}  # empty: as registered
    label, must = t(*_LABELS[name]), name in asked
    if name == "avenue":
        terms = made.writing.pack.vocab["avenues"].items()
        options = tuple(Option(code, t(one.zh, one.en), typed.get(name) == code) for code, one in terms)
        return Widget(name, label, "select", True, options=options)
    if name == "approver":
        rows = people.active(on).filter(unit__code=unit, role="unit_head", staff__active=True)
        held = dict(rows.order_by("staff__name").values_list("staff__pseudonym", "staff__name"))
        options = tuple(Option(code, who, typed.get(name) == code) for code, who in held.items())
        return Widget(
            name, label, "select", True, options=options, hint=t("由本单位负责人批准", "the head approves")
        )
    if name == "days":
        return Widget(
            name, label, "number", True, value=typed.get(name, ""), hint=t("最多30日", "30 at most")
        )
    shown = typed.get(name) or _known(name, made)
    return Widget(name, label, "area" if name in _LONG else "line", must, value=shown)


def _known(name: str, made: letters.Draft) -> str:
    if name == "复查机关":
        return saying.review_body(made.writing)
    # Free words of the petitioner stay out of the form: the original takes them from the record itself.
    return "" if name == "信访事项" else str(made.copy.get(name) or "")


@require_POST
@signed_in
def serve(request: DeskRequest, number: str, seq: int) -> HttpResponse:
    """Record the service of an issued paper with its proof."""
    file = casefile.load(request.desk, number)
    if not isinstance(file, CaseFile):
        return not_found(request)
    desk = request.desk
    try:
        on = date.fromisoformat(request.POST.get("served_on", ""))
        made = letters.serve(
            file.case.stream, seq, served_on=on, means=request.POST.get("means", ""),
            proof=_kept(request, "proof"), actor=desk.actor, at=desk.at,
        )  # fmt: skip
        no = made if isinstance(made, Refusal) else None
    except ValueError:
        no = Refusal("bad_day", "送达日期看不懂", "The day of service cannot be read", field="served_on")
    except Refused as refused:
        no = refused.refusal
    if no is not None:
        context = frame(
            request, "cases", **_list(request, file), why=sentence(no), tried=seq, typed=request.POST
        )
        return render(request, "desk/letters.html", context, status=422)
    messages.success(request, t("送达已记入经过。", "The service is on the record."))
    return HttpResponseRedirect(url("desk:letters", file.case.number))


@require_GET
@signed_in
def copy(request: DeskRequest, number: str, seq: int) -> HttpResponse:
    """The working copy of an issued paper: nobody named."""
    file = casefile.load(request.desk, number)
    held = letters.working_copy(file.case, seq) if isinstance(file, CaseFile) else None
    if not isinstance(file, CaseFile) or held is None:
        return not_found(request)
    try:
        with documents.open_file(held.sha256) as body:
            answer = HttpResponse(body.read(), content_type=held.type)
    except FileNotFoundError:
        return not_found(request)
    answer["Content-Disposition"] = f'attachment; filename="{file.case.number}-{seq}.docx"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


urls: list[URLPattern] = [
    path("case/<str:number>/letters", papers, name="letters"),
    path("case/<str:number>/letters/<str:kind>", letter, name="letter"),
    path("case/<str:number>/letters/<int:seq>/serve", serve, name="letter-serve"),
    path("case/<str:number>/letters/<int:seq>/copy", copy, name="letter-copy"),
]
