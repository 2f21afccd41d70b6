"""Likely repeats of what is being registered: by its text, and by the person only with a logged look-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openredress.cases import prepare
from openredress.cases.intake import PetitionInput
from openredress.cases.models import Case, Party
from openredress.identity import lookup
from openredress.identity.keyring import VaultLocked
from openredress.identity.redaction import KnownStrings, redact
from openredress.identity.vault import Reader
from openredress.ledger import gate
from openredress.people.errors import Refused
from openredress.web.desk.access import DeskRequest
from openredress.web.desk.letter import Typed
from openredress.web.language import sentence, t

TOKEN = "registration"  # in the session: the registration in progress that allows a look-up
BY_TEXT, BY_PERSON = 5, 5
KINDS = (("id_number", "id"), ("phone", "phone"))


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up by person gave: readable cases, or the sentence why not."""

    cases: tuple[Case, ...] = ()
    why: str = ""


def context(request: DeskRequest, form: Typed, made: PetitionInput, found: Found | None) -> dict[str, Any]:
    """What the second page shows of likely repeats. Of an accusation nothing is looked for."""
    if made.about_misconduct:
        return {"likes": (), "by_person": (), "lookup_why": "", "looked": False, "may_look": False}
    persons = [prepare.person_of(party, made.region) for party in made.parties]
    text = redact(made.text, KnownStrings.of(persons)).text
    likes = request.desk.gate.similar(made.title, text, BY_TEXT)
    known = {like.case.pk for like in likes}
    more = [case for case in found.cases if case.pk not in known] if found else []
    both = {case.pk for case in found.cases} if found else set()
    return {
        "likes": likes,
        "by_person": more,
        "same_person": both,
        "lookup_why": found.why if found else "",
        "looked": found is not None,
        "may_look": any(form.who[key] for key, _ in KINDS),
    }


def by_person(request: DeskRequest, form: Typed) -> Found:
    """Cases of whoever has this ID or phone: each look-up is logged and counted; never a sealed case."""
    desk = request.desk
    reader = Reader.of(desk.actor)
    refs: list[str] = []
    wanted = [(kind, form.who[key]) for key, kind in KINDS if form.who[key]]
    if not wanted:
        return Found(why=t("先填证件号码或电话。", "Fill in the ID number or phone first."))
    try:
        for kind, value in wanted:
            refs += _look(request, reader, kind, value)
    except Refused as no:
        return Found(why=sentence(no.refusal))
    except VaultLocked:
        return Found(why=t("身份信息已锁定：本机没有密钥。", "The vault is locked: keys are missing."))
    streams = Party.objects.filter(person__in=refs).values("case")
    cases = desk.gate.searchable().filter(pk__in=streams, sealed=False).order_by("-pk")[:BY_PERSON]
    return Found(tuple(cases))


def _look(request: DeskRequest, reader: Reader, kind: str, value: str) -> list[str]:
    desk = request.desk

    def visible(refs: list[str]) -> list[str]:
        readable = desk.gate.searchable().filter(sealed=False)
        mine = Party.objects.filter(person__in=refs, case__in=readable)
        return list(mine.values_list("person", flat=True))

    def work() -> list[str]:
        return lookup.find(
            kind, value, reader=reader, registration=_token(request, reader), at=desk.at, visible=visible
        )

    try:
        return gate.write(work)
    except Refused as no:
        if no.refusal.code != "registration_needed":
            raise
        request.session.pop(TOKEN, None)  # the two hours are over: the letter is still being registered
        return gate.write(work)


def _token(request: DeskRequest, reader: Reader) -> str:
    if TOKEN not in request.session:
        request.session[TOKEN] = lookup.open_registration(reader, request.desk.at)
    return str(request.session[TOKEN])


def close(request: DeskRequest) -> None:
    """The petition is saved: no more look-ups for it."""
    token = request.session.pop(TOKEN, "")
    if token:
        gate.write(lambda: lookup.close_registration(token, request.desk.at))
