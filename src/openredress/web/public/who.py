"""The last question, who you are, and the handing in. Identity goes from the form into the vault, never into
a draft: until then it lives in the page alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from openredress.cases import actions, intake
from openredress.cases.models import Petition
from openredress.cases.opening import Opened
from openredress.rules.facts import Actor, Refusal
from openredress.web import clock
from openredress.web.language import sentence, spoken, t
from openredress.web.models import Draft
from openredress.web.public import bound, drafts, guidance, limits
from openredress.web.public.filing import elsewhere, go, held, unit_name
from openredress.web.public.page import door, office, show, source, switching, today

PETITIONER = Actor("", "petitioner")
FIELDS = ("role", "name", "address", "phone", "id_number")
MOST = 60  # people on one form; more are named in an uploaded list and counted
# How the petitioner may be reached safely: code → what stands in the message to the handling unit.
CONTACT: dict[str, tuple[str, str]] = {
    "any": ("怎么联系都可以", "Any way is fine"),
    "portal": (
        "只在本网站留言，不打电话、不寄信、不上门",
        "Only here, by message: no calls, letters or visits",
    ),
    "phone": ("只打电话，不寄信、不上门", "Only by phone: no letters, no visits"),
    "evening": ("只在晚上打电话", "By phone, in the evening only"),
    "post": ("只寄信，不打电话", "Only by letter: no calls"),
}


@dataclass
class Form:
    """What is typed on the page, as typed."""

    confidentiality: str = "normal"
    people: list[dict[str, str]] = field(default_factory=lambda: [dict.fromkeys(FIELDS, "")])
    people_count: str = ""
    contact: str = "any"

    def parties(self) -> list[dict[str, str]]:
        """The people, as intake wants them; a line left empty is nobody."""
        found: list[dict[str, str]] = []
        for one in self.people:
            if any(one[key].strip() for key in FIELDS if key != "role"):
                role = one["role"] or ("joint" if found else "lead")
                found.append({**{key: one[key].strip() for key in FIELDS}, "role": role})
        return found


def typed(request: HttpRequest) -> Form:
    """The form as it came."""
    columns = {key: request.POST.getlist(key)[:MOST] for key in FIELDS}
    rows = max((len(column) for column in columns.values()), default=0)
    people = [
        {key: (column[n] if n < len(column) else "") for key, column in columns.items()} for n in range(rows)
    ]
    return Form(
        confidentiality=request.POST.get("confidentiality", "normal"),
        people=people or [dict.fromkeys(FIELDS, "")],
        people_count=request.POST.get("people_count", "").strip(),
        contact=request.POST.get("contact", "any"),
    )


def data_of(body: drafts.Body, form: Form) -> dict[str, Any]:
    """The petition as intake reads it."""
    anonymous = form.confidentiality == "anonymous"
    parties = [] if anonymous else form.parties()
    accused = []
    if body["misconduct"]:
        accused += [{"unit": body["accused_unit"]}] if body["accused_unit"] else []
        names = [body["accused_name"], "" if body["accused_unit"] else body["accused_typed"]]
        accused += [{"name": name} for name in names if name]
    count = form.people_count
    return {
        "channel": "web",
        "confidentiality": form.confidentiality,
        "parties": parties,
        "people_count": int(count) if count.isdigit() and int(count) else max(1, len(parties)),
        "about_misconduct": body["misconduct"],
        "accused": accused,
        "text": body["text"],
        "claims": [claim for claim in body["claims"] if claim],
        "place": body["place"],
        "category": "" if body["misconduct"] else body["category"],
        "attachments": [one["sha256"] for one in body["files"]],
        "language": spoken(),
    }


def _page(request: HttpRequest, draft: Draft, body: drafts.Body, form: Form, **more: Any) -> HttpResponse:
    on = today(request)
    context = {
        "step": 5, "steps": 5, "form": "petition", "draft": body, "code": drafts.code_of(draft),
        "who": form, "contacts": CONTACT, "accused_unit": unit_name(body["accused_unit"]),
        "expected": guidance.expected(on, office()), "problems": [], "wrong": {}, **more,
    }  # fmt: skip
    return show(request, "who.html", context)


@door
def who(request: HttpRequest) -> HttpResponse:
    """Name and address, or none; then it is handed in. The same draft becomes the same petition."""
    draft = held(request)
    if draft is None or (draft.number and request.method != "POST"):
        return elsewhere(draft) or go("start")
    body = drafts.body_of(draft)
    if request.method != "POST":
        return _page(request, draft, body, Form())
    form = typed(request)
    do = request.POST.get("do", "send")
    if do == "add" and len(form.people) < MOST:
        form.people.append({**dict.fromkeys(FIELDS, ""), "role": "joint"})
    if do.startswith("remove:") and do[7:].isdigit() and 0 < int(do[7:]) < len(form.people):
        del form.people[int(do[7:])]
    if do != "send" or switching(request):
        return _page(request, draft, body, form)
    return _send(request, draft, body, form)


def _send(request: HttpRequest, draft: Draft, body: drafts.Body, form: Form) -> HttpResponse:
    at = clock.now()
    petition = intake.check(data_of(body, form), pack=guidance.law(today(request)))
    if isinstance(petition, list):
        return _page(request, draft, body, form, **_explained(petition))
    if not draft.number and (refusal := limits.filing(source(request), request.POST.get("altcha", ""), at)):
        return _page(request, draft, body, form, problems=[("", sentence(refusal))])
    made = actions.open_case(petition, actor=PETITIONER, at=at, idempotency_key=body["key"])
    if isinstance(made, Refusal):
        if made.code != "key_used_for_another":
            return _page(request, draft, body, form, problems=[("", sentence(made))])
        messages.info(
            request,
            t(
                "这一份已经提交过，内容没有改变；要补充，请凭编号和查询码留言",
                "This was handed in before and is unchanged; add to it with its number and code",
            ),
        )
        return go("receipt")
    if not made.again:
        drafts.submitted(draft, made.number, at)
        _tell_contact(made, form, at)
    bound.bind(request, Petition.objects.get(pk=made.petition))
    return go("receipt")


def _tell_contact(made: Opened, form: Form, at: datetime) -> None:
    """How to reach the petitioner safely, as a message to whoever handles it."""
    if form.contact in CONTACT and form.contact != "any":
        text = f"联系方式：{CONTACT[form.contact][0]}。"
        actor = Actor(f"party/{made.stream[:10]}.p1", "petitioner")
        actions.perform(made.stream, "message", {"to": "unit", "text": text}, actor=actor, at=at)


_WHERE = {"text": "story", "place": "story", "claims": "claims", "category": "claims", "attachments": "files"}


def _explained(problems: list[Refusal]) -> dict[str, Any]:
    """Sentences beside the fields of this page, and links to the screens where the others are mended."""
    elsewhere_: list[tuple[str, str]] = []
    beside: dict[str, str] = {}
    for one in problems:
        first = one.field.split("[")[0].split(".")[0]
        if first == "parties" or first in ("people_count", "confidentiality"):
            beside[one.field] = sentence(one)
        else:
            elsewhere_.append((_WHERE.get(first, "accused" if first == "accused" else ""), sentence(one)))
    return {"problems": elsewhere_, "wrong": beside}


@door
def proof(request: HttpRequest) -> HttpResponse:
    """Work for the browser's script against spam; only the last screen asks for it."""
    return JsonResponse(limits.challenge(clock.now()))


urls: list[URLPattern] = [
    path("file/who", who, name="who"),
    path("file/proof", proof, name="proof"),
]
