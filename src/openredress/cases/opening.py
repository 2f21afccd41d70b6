"""Arrivals: a petition opens a case or is attached to one, and a lost query code is given anew.

Answered only after the commit; the same submit again gets the identical answer.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection

from openredress.cases import (
    attaching,
    codes,
    conflict,
    facts,
    numbers,
    prepare,
    rows,
    tallies,
    units,
    writing,
)
from openredress.cases.intake import PetitionInput, body_digest
from openredress.cases.models import Case, Petition
from openredress.cases.papers import deadline_papers
from openredress.cases.performing import (
    BUSY,
    NOT_A_CASE,
    TRIES,
    as_in_pack,
    decide_move,
    not_found,
    office_zone,
    perform,
    unknown_files,
    write,
)
from openredress.lawbook import book
from openredress.ledger import gate, receipts
from openredress.ledger.store import VersionConflict
from openredress.people.models import Staff
from openredress.rules.facts import Actor, Refusal

PUBLIC = "public"
NUMBER_DRAWS = 8  # one in ten thousand is taken in a large office; eight in a row never


@dataclass(frozen=True, slots=True)
class Opened:
    """A registered petition: everything the 201 says, and where it lies."""

    case: int
    stream: str
    petition: int
    number: str
    query_code: str
    receipt: dict[str, Any]
    deadlines: tuple[dict[str, Any], ...]
    answer: dict[str, Any]
    again: bool = False  # the same submit came before; this is its answer


def scope_of(actor: Actor) -> str:
    """Whose idempotency keys may not meet: one for the public, one for each partner and member of staff."""
    return PUBLIC if actor.kind == "petitioner" else actor.pseudonym


def open_case(
    petition: PetitionInput,
    *,
    actor: Actor,
    at: datetime,
    idempotency_key: str | None = None,
    family: str = "",
) -> Opened | Refusal:
    """Register one petition as a new case; answered only once it is committed.

    The same key with the same body gives the identical answer again, with another body a Refusal
    (`key_used_for_another`). `at` is aware. Raises KeysMissing without the office's keys.
    """
    scope = scope_of(actor)
    key = _stored_key(scope, idempotency_key) if idempotency_key else secrets.token_hex(32)
    digest = body_digest(petition)
    if idempotency_key and (before := _answered_before(key, digest, scope)) is not None:
        return before
    office = _office(petition, actor)
    if isinstance(office, Refusal):
        return office
    if refusal := _unknown_references(petition):
        return refusal
    for _ in range(NUMBER_DRAWS):
        opened = _register(petition, office, actor, at, family, (scope, key, digest))
        if opened is not None:
            return opened
    raise IntegrityError("every number drawn was taken")


def _register(
    petition: PetitionInput,
    office: prepare.Office,
    actor: Actor,
    at: datetime,
    family: str,
    submit: tuple[str, str, str],
) -> Opened | Refusal | None:
    """Prepare and write one case; None when the number that it drew was taken."""
    scope, key, digest = submit
    packs = book.packs()
    made = prepare.prepare(
        petition,
        office=office,
        actor=as_in_pack(actor),
        packs=packs,
        at=at,
        zone=office_zone(),
        family=family,
        digest=digest,
    )
    if isinstance(made, Refusal):
        return made
    code = codes.derive(scope, key, digest)
    new = writing.New(
        case=made,
        arrival=writing.Arrival(codes.stored(code), key, code_shown=actor.kind == "staff"),
        answering=lambda one: _answer(one, at),
    )

    def work() -> None:
        ids = units.ids(_codes_of(made))
        counted = writing.insert_cases([new], packs, ids, authority=1, recorded_at=at)
        if new.case.facts.sealed:
            _place(new, at)  # writes tallies of its own: none, for a sealed case enters none
        tallies.apply(counted, 1)

    try:
        gate.write(work)
    except IntegrityError:
        # Somebody committed the same key a moment before, or bears the number; anything else is a fault.
        before = _answered_before(key, digest, scope)
        if before is None and not numbers.taken(made.number):
            raise
        return before
    return _opened(new.case_id, made.stream, new.petition_id, new.answer, code)


def _place(new: writing.New, at: datetime) -> None:
    """Take a case that accuses somebody from hands that may not hold it, in the transaction that opened it.

    One level up where everybody at the office is barred; out of the house where its head, a leader or an
    administrator is accused: then it is marked, and nobody here reads it any more.
    """
    case = Case.objects.select_related("office").get(pk=new.case_id)
    on = at.astimezone(office_zone()).date()
    holding = conflict.holder_for(case, case.office, on)
    if holding.unit is not None and holding.unit.pk == case.office_id:
        return
    move, given = "forward", {"track": "t1", "to": holding.unit.code if holding.unit else ""}
    if holding.unit is None:
        move, given = "mark", {"mark": conflict.OUT_OF_HOUSE}
    hand = Actor("system", "system", unit=case.office.code, roles=frozenset({"system"}))
    known = facts.load(new.case.stream, at)
    if known is None:
        raise LookupError(new.case.stream)
    drafts = decide_move(known, move, given, hand, at)
    if isinstance(drafts, Refusal):
        raise ValueError(f"{move}: {drafts.en}")
    write(known, drafts, at)


def _codes_of(made: prepare.Prepared) -> set[str]:
    return rows.codes(made.facts, made.deadlines) | set(made.facts.accused_units)


def _stored_key(scope: str, key: str) -> str:
    return hashlib.sha256(f"{scope}\0{key}".encode()).hexdigest()


def _answer(new: writing.New, at: datetime) -> str:
    """The 201 without the query code, as text, so that a repeated submit gets the same bytes."""
    made = new.case
    receipt = receipts.make(made.number, new.appended[0], stream=f"case/{made.stream}")
    return json.dumps(
        {
            "number": made.number,
            "received_at": made.received_at.isoformat(timespec="seconds"),
            "receipt": receipt,
            "deadlines": deadline_papers(made.deadlines),
        },
        ensure_ascii=False,
    )


def _opened(case: int, stream: str, petition: int, answer: str, code: str, *, again: bool = False) -> Opened:
    given = json.loads(answer)
    whole = {"number": given["number"], "query_code": code, **given}
    return Opened(
        case=case,
        stream=stream,
        petition=petition,
        number=given["number"],
        query_code=code,
        receipt=given["receipt"],
        deadlines=tuple(given["deadlines"]),
        answer=whole,
        again=again,
    )


def _answered_before(key: str, digest: str, scope: str) -> Opened | Refusal | None:
    """The answer that this key got before, a refusal when it came with another body, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM cases_petition WHERE idempotency_key = %s", [key])
        row = cursor.fetchone()
    if row is None:
        return None
    found = Petition.objects.select_related("case").get(pk=row[0])
    if found.body_digest != digest:
        return Refusal(
            "key_used_for_another",
            "这个提交编号已用于另一份内容",
            "This Idempotency-Key was used for another body",
            field="Idempotency-Key",
            what_to_do="新的内容请用新的提交编号",
            what_to_do_en="use a new key for a new petition",
        )
    code = codes.again(found, scope)
    return _opened(found.case_id, found.case.stream, found.pk, found.answer, code, again=True)


def _office(petition: PetitionInput, actor: Actor) -> prepare.Office | Refusal:
    """Where it arrived: the named unit, the registering clerk's own, else the authority's petition office."""
    code = petition.office or (actor.unit if actor.kind == "staff" else "") or ""
    found = units.receiving(code)
    if found is None:
        return Refusal(
            "unit_unknown",
            f"没有单位“{code}”" if code else "还没有信访工作机构",
            f"There is no unit “{code}”" if code else "There is no petition office yet",
            field="office",
            what_to_do="核对单位代码",
            what_to_do_en="check the unit's code",
        )
    return prepare.Office(found[0], direct=found[1] != "office")


def _unknown_references(petition: PetitionInput) -> Refusal | None:
    named = {one.unit for one in petition.accused if one.unit}
    people = {one.staff for one in petition.accused if one.staff}
    missing = named - set(units.ids(named))
    if people:
        missing |= people - set(
            Staff.objects.filter(pseudonym__in=people).values_list("pseudonym", flat=True)
        )
    if missing:
        return not_found("accused", "被反映的单位或人员", "accused", missing)
    return unknown_files("attachments", petition.attachments)


def attach(
    case_stream: str,
    petition: PetitionInput,
    *,
    actor: Actor,
    at: datetime,
    same_facts: bool,
    idempotency_key: str | None = None,
) -> Opened | Refusal:
    """Attach a further petition to a case: its own number and code, the case's clocks.

    With other facts its claims open a track of their own; with the same facts they only are on file.
    """
    scope = scope_of(actor)
    key = _stored_key(scope, idempotency_key) if idempotency_key else secrets.token_hex(32)
    digest = body_digest(petition)
    if idempotency_key and (before := _answered_before(key, digest, scope)) is not None:
        return before
    if refusal := _unknown_references(petition):
        return refusal
    local = at.astimezone(office_zone())
    number, code = attaching.draw_number(local), codes.derive(scope, key, digest)
    for _ in range(TRIES):
        known = facts.load(case_stream, at)
        if known is None:
            return NOT_A_CASE
        who = attaching.party_of(actor, case_stream)
        drafts = attaching.decide_attach(known, petition, number, as_in_pack(who), local, same_facts)
        if isinstance(drafts, Refusal):
            return drafts
        try:
            made = attaching.write_attach(
                known, drafts, petition, number,
                digest=digest, code=code, key=key, shown=actor.kind == "staff", at=at,
            )  # fmt: skip
        except VersionConflict:
            continue
        except IntegrityError:
            before = _answered_before(key, digest, scope)
            if before is None and numbers.taken(number):
                number = attaching.draw_number(local)
                continue
            if before is None:
                raise
            return before
        return _opened(known.case_id, case_stream, made.petition_id, made.answer, code)
    return BUSY


def reissue_code(number: str, *, actor: Actor, at: datetime, identity_seen: bool) -> str | Refusal:
    """A new query code for a petition whose code was lost, given at a counter against identity.

    The old code stops at once. The code has then been seen by staff, so alone it confirms nothing.
    """
    petition = Petition.objects.select_related("case").filter(number=number).first()
    if petition is None:
        return NOT_A_CASE
    if actor.kind != "staff" or not identity_seen:
        return Refusal(
            "identity_needed",
            "补发查询码须在窗口核对身份证件",
            "A code is reissued at a counter, against identity",
            what_to_do="核对证件后再补发",
            what_to_do_en="see the identity document first",
        )
    reading = {"role": next(iter(sorted(actor.roles)), "staff"), "unit": actor.unit, "purpose": "register"}

    def work() -> str | Refusal:
        made = perform(petition.case.stream, "identity_read", reading, actor=actor, at=at)
        if isinstance(made, Refusal):
            return made
        return attaching.reissue(petition, secrets.token_hex(32), shown=True)

    return gate.write(work)
