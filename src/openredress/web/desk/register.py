"""Registering a letter, a visit, a call or pasted chat text: one form, one look at repeats.

The words are on disk before anything is checked; identity waits in the page until it goes into the vault.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.cases import actions, codes, intake
from openredress.cases.intake import PetitionInput
from openredress.cases.models import Petition
from openredress.cases.opening import Opened
from openredress.cases.performing import office_zone
from openredress.documents import store
from openredress.ledger import gate
from openredress.people.errors import Refused
from openredress.people.models import Unit
from openredress.rules.facts import Refusal
from openredress.rules.routing import Query, RouteProposal, routes
from openredress.web.desk import kept, letter, repeats
from openredress.web.desk.access import DeskRequest, frame
from openredress.web.desk.letter import Typed
from openredress.web.desk.only import only
from openredress.web.frame import url
from openredress.web.language import sentence, t
from openredress.web.models import Draft
from openredress.web.public import guidance
from openredress.web.public.receipt import follow_address, qr

KIND = "letter"
DRAFT, SHOWN = "letter", "letter-shown"  # in the session: what is being written; whose code may be shown once
UNITS_MOST = 400


def _begun(request: DeskRequest) -> tuple[Draft, kept.Body] | None:
    ref = request.POST.get("draft") or str(request.session.get(DRAFT, ""))
    return kept.held(ref, KIND, request.desk.actor.pseudonym, request.desk.at)


@only("clerk")
def register(request: DeskRequest) -> HttpResponse:
    """The form; `check` shows likely repeats, `save` registers."""
    begun = _begun(request)
    if request.method != "POST":
        return _blank(request, begun)
    if begun is not None and begun[0].number:
        return _receipt_of(request, begun[0].number)
    form = letter.typed(request)
    letter.split_chat(form, request.desk.at.astimezone(office_zone()))
    draft, body = _durable(request, begun, form)
    bad = _files(request, draft, body, form)
    do = request.POST.get("do", "check")
    if do == "discard":
        kept.drop(draft)
        request.session.pop(DRAFT, None)
        return HttpResponseRedirect(url("desk:register"))
    made = letter.checked(form, office_zone(), guidance.law(request.desk.on), request.desk.at)
    if do.startswith("remove:") or bad:
        return _page(request, draft, form, bad=bad)
    if isinstance(made, list):
        return _page(request, draft, form, wrong=made)
    if do == "save":
        return _save(request, draft, body, form, made)
    found = repeats.by_person(request, form) if do == "lookup" else None
    return _page(request, draft, form, made=made, found=found)


def _blank(request: DeskRequest, begun: tuple[Draft, kept.Body] | None) -> HttpResponse:
    form = Typed()
    resumed = begun is not None and not begun[0].number
    if begun is not None and resumed:
        form.about.update({key: str(begun[1]["about"].get(key, "")) for key in letter.ABOUT})
        form.files = list(begun[1].get("files", []))
    else:
        local = request.desk.at.astimezone(office_zone())
        form.about["received_at"] = local.strftime("%Y-%m-%dT%H:%M")
    return _page(request, begun[0] if begun and resumed else None, form, resumed=resumed)


def _durable(
    request: DeskRequest, begun: tuple[Draft, kept.Body] | None, form: Typed
) -> tuple[Draft, kept.Body]:
    """The words on disk before anything else happens to them."""
    if begun is None:
        body: kept.Body = {"about": form.about, "files": []}
        draft = kept.begin(KIND, request.desk.actor.pseudonym, body, request.desk.at)
        request.session[DRAFT] = draft.ref
        again = kept.held(draft.ref, KIND, request.desk.actor.pseudonym, request.desk.at)
        assert again is not None
        return again
    draft, body = begun
    form.files = list(body.get("files", []))
    kept.save(draft, body | {"about": form.about}, request.desk.at)
    return draft, body | {"about": form.about}


def _files(request: DeskRequest, draft: Draft, body: kept.Body, form: Typed) -> list[tuple[str, str]]:
    """Keep the scans of this press; (name, why) of those refused."""
    bad: list[tuple[str, str]] = []
    before = [one["sha256"] for one in form.files]
    do = request.POST.get("do", "")
    if do.startswith("remove:"):
        form.files = [one for one in form.files if one["sha256"] != do[7:]]
    for file in request.FILES.getlist("file")[: intake.FILES]:
        name, stream = str(file.name or ""), cast(BinaryIO, file.file)
        try:
            held = gate.write(lambda stream=stream, name=name: store.save(stream, name, at=request.desk.at))  # type: ignore[misc]
        except Refused as no:
            bad.append((name[:80], sentence(no.refusal)))
            continue
        if held.sha256 not in {one["sha256"] for one in form.files}:
            form.files.append({"sha256": held.sha256, "name": held.name, "size": held.size})
    if [one["sha256"] for one in form.files] != before:
        body["files"] = form.files
        kept.save(draft, body, request.desk.at)
    return bad


# ------------------------------------------------------------------ the page


def _page(
    request: DeskRequest,
    draft: Draft | None,
    form: Typed,
    *,
    wrong: Sequence[Refusal] = (),
    bad: Sequence[tuple[str, str]] = (),
    made: PetitionInput | None = None,
    found: repeats.Found | None = None,
    refused: Refusal | None = None,
    resumed: bool = False,
) -> HttpResponse:
    on = request.desk.on
    pack = guidance.law(on)
    by_field = {letter.beside(one): sentence(one) for one in reversed(wrong)}
    context = frame(
        request,
        "register",
        draft=draft.ref if draft is not None else "",
        about=form.about,
        who=form.who,
        files=form.files,
        heads=form.heads,
        resumed=resumed,
        wrong=by_field,
        others_wrong=[sentence(one) for one in wrong if not letter.beside(one)],
        bad=bad,
        refused=sentence(refused) if refused else "",
        channels=letter.channel_choices(),
        categories=[(code, t(zh, en)) for code, zh, en in guidance.choices(on)],
        purposes=[(code, t(one.zh, one.en)) for code, one in pack.vocab.get("purposes", {}).items()],
        units=_unit_names(),
        second=made is not None,
    )
    if made is not None:
        context |= repeats.context(request, form, made, found)
        context |= {
            "routes": proposed(form, pack),
            "expected": guidance.expected(_came(request, made), _own(request)),
        }
    status = 422 if wrong or bad or refused else 200
    return render(request, "desk/register.html", context, status=status)


def _came(request: DeskRequest, made: PetitionInput) -> Any:
    return (made.received_at or request.desk.at).astimezone(office_zone()).date()


def _own(request: DeskRequest) -> Unit | None:
    return Unit.objects.filter(code=request.desk.actor.unit or "").first()


def _unit_names() -> list[str]:
    names = list(
        Unit.objects.filter(active=True).order_by("path").values_list("name", flat=True)[: UNITS_MOST + 1]
    )
    return names if len(names) <= UNITS_MOST else []


def proposed(form: Typed, pack: Any) -> tuple[RouteProposal, ...]:
    """Where it might go, nearest first: a proposal with its article, never a decision."""
    about = form.about
    act = "suggestion" if about["purpose"] == "suggestion" else ""
    query = Query(category=about["category"], act=act, accused=bool(about["misconduct"]))
    return routes(query, pack)[:2]


# ------------------------------------------------------------------ saving


def _save(
    request: DeskRequest, draft: Draft, body: kept.Body, form: Typed, made: PetitionInput
) -> HttpResponse:
    desk = request.desk
    to = request.POST.get("as", "new")
    number = request.POST.get("attach_to", "").strip() if to == "other" else to
    opened: Opened | Refusal
    if to == "new":
        opened = actions.open_case(made, actor=desk.actor, at=desk.at, idempotency_key=body["key"])
    else:
        opened = _attach(request, number, made, body["key"])
    if isinstance(opened, Refusal):
        return _page(request, draft, form, made=made, refused=opened)
    repeats.close(request)
    kept.finished(draft, opened.number, desk.at)
    request.session.pop(DRAFT, None)
    request.session[SHOWN] = opened.number
    return HttpResponseRedirect(url("desk:registered", opened.number))


def _attach(request: DeskRequest, number: str, made: PetitionInput, key: str) -> Opened | Refusal:
    """A further petition on a case that this clerk reads whole; an accusation always is a case of its own."""
    desk = request.desk
    if made.about_misconduct:
        return Refusal(
            "accusation_apart",
            "检举控告单独登记、密封，不并入其他事项",
            "An accusation is a sealed case of its own",
            article="信访工作条例第三十条",
            what_to_do="选“作为新事项登记”",
            what_to_do_en="register it as a new case",
        )
    case = desk.gate.case(number) if number else None
    may = desk.gate.may("attach", case) if case is not None else no_such_case()
    if case is None or may is not True:
        return no_such_case() if may is True else may
    same = request.POST.get("same_facts", "") == "yes"
    return actions.attach(
        case.stream, made, actor=desk.actor, at=desk.at, same_facts=same, idempotency_key=key
    )


def no_such_case() -> Refusal:
    """What is said of a number that opens no case here."""
    return Refusal(
        "no_such_case",
        "没有这件信访事项，或不在您能查看的范围内",
        "There is no such case, or not one that you may see",
        field="attach_to",
        what_to_do="核对编号，或作为新事项登记",
        what_to_do_en="check the number, or register a new case",
    )


# ------------------------------------------------------------------ the receipt


def _receipt_of(request: DeskRequest, number: str) -> HttpResponse:
    messages.info(request, t("这一份已经登记过，没有重复登记。", "This was registered before; not again."))
    return HttpResponseRedirect(url("desk:registered", number))


@only("clerk")
def registered(request: DeskRequest, number: str) -> HttpResponse:
    """The receipt to be printed and given: the code stands on it this once and nowhere after."""
    petition = Petition.objects.select_related("case", "office").filter(number=number).first()
    once = request.session.get(SHOWN) == number
    if petition is None or not (once or request.desk.gate.case(number)):
        raise Http404
    if once:
        del request.session[SHOWN]
    case = request.desk.gate.case(number)
    address = follow_address(request, number)
    answer = json.loads(petition.answer) if petition.answer else {}
    context = frame(
        request,
        "register",
        number=number,
        code=codes.again(petition, request.desk.actor.pseudonym) if once else "",
        deadlines=answer.get("deadlines", []),
        receipt=answer.get("receipt", {}),
        received_at=petition.received_at,
        sealed=petition.case.sealed,
        attached_to=petition.case.number if petition.case.number != number and case else "",
        case=case,
        address=address,
        qr=qr(address),
        office_name=petition.office.name,
    )
    return render(request, "desk/registered.html", context)


urls: list[URLPattern] = [
    path("register", register, name="register"),
    path("register/<str:number>", registered, name="registered"),
]
