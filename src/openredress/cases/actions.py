"""The only writers of cases. Each decides first, then locks, rechecks the version and writes.

What may be done is asked of the rules; who may know of a case is asked of the policy. A refusal is data,
never an exception; an exception means that nothing was written.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.timezone import get_default_timezone

from openredress.cases import codes, facts, prepare, tallies, timing, units, writing
from openredress.cases.batch import BatchResult, CaseDraft, MoveDraft, append_batch
from openredress.cases.facts import Known
from openredress.cases.intake import PetitionInput, body_digest
from openredress.cases.models import Petition
from openredress.cases.papers import deadline_papers
from openredress.documents.models import StoredFile
from openredress.lawbook import book
from openredress.ledger import gate, receipts
from openredress.ledger.store import Appended, VersionConflict
from openredress.people.models import Staff, Unit
from openredress.rules.facts import Actor, Deadline, Entry, Refusal
from openredress.rules.lifecycle import decide, pack_for

__all__ = [
    "BatchResult", "CaseDraft", "Done", "MoveDraft", "Opened", "append_batch", "open_case", "perform",
    "refresh",
]  # fmt: skip

TRIES = 12  # decide again after losing a race; each time somebody else has got something done
PUBLIC = "public"


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


@dataclass(frozen=True, slots=True)
class Done:
    """A move that was made."""

    stream: str
    version: int
    entries: tuple[Appended, ...]
    deadlines: tuple[Deadline, ...]


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
    packs = book.packs()
    made = prepare.prepare(
        petition, office=office, actor=actor, packs=packs, at=at, zone=_zone(), family=family
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
        tallies.apply(counted, 1)

    try:
        gate.write(work)
    except IntegrityError:
        # Somebody committed the same key a moment before; anything else is a fault and is raised.
        before = _answered_before(key, digest, scope)
        if before is None:
            raise
        return before
    return _opened(new.case_id, made.stream, new.petition_id, new.answer, code)


def _codes_of(made: prepare.Prepared) -> set[str]:
    return writing.rows.codes(made.facts, made.deadlines) | set(made.facts.accused_units)


def _stored_key(scope: str, key: str) -> str:
    return hashlib.sha256(f"{scope}\0{key}".encode()).hexdigest()


def _zone() -> Any:
    return get_default_timezone()


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
    found = Petition.objects.select_related("case").filter(idempotency_key=key).first()
    if found is None:
        return None
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
    query = Unit.objects.filter(active=True)
    found = (query.filter(code=code) if code else query.filter(kind="office").order_by("level", "pk")).first()
    if found is None:
        return Refusal(
            "unit_unknown",
            f"没有单位“{code}”" if code else "还没有信访工作机构",
            f"There is no unit “{code}”" if code else "There is no petition office yet",
            field="office",
            what_to_do="核对单位代码",
            what_to_do_en="check the unit's code",
        )
    return prepare.Office(found.code, direct=found.kind != "office")


def _unknown_references(petition: PetitionInput) -> Refusal | None:
    named = {one.unit for one in petition.accused if one.unit}
    people = {one.staff for one in petition.accused if one.staff}
    missing = named - set(units.ids(named))
    if people:
        missing |= people - set(
            Staff.objects.filter(pseudonym__in=people).values_list("pseudonym", flat=True)
        )
    if missing:
        return _not_found("accused", "被反映的单位或人员", "accused", missing)
    return unknown_files("attachments", petition.attachments)


def _not_found(field: str, zh: str, en: str, missing: set[str]) -> Refusal:
    names = ", ".join(sorted(missing))[:200]
    return Refusal(
        "not_found",
        f"{zh}不存在：{names}",
        f"No such {en}: {names}",
        field=field,
        what_to_do="核对后重新提交",
        what_to_do_en="check and send again",
    )


def unknown_files(field: str, wanted: Sequence[str]) -> Refusal | None:
    """A refusal when one of these files was never uploaded or has been erased."""
    if not wanted:
        return None
    held = StoredFile.objects.filter(sha256__in=wanted, erased_at=None).values_list("sha256", flat=True)
    missing = set(wanted) - set(held)
    return _not_found(field, "附件", "file", missing) if missing else None


NOT_A_CASE = Refusal(
    "no_such_case",
    "没有这件信访事项",
    "There is no such case",
    what_to_do="核对编号",
    what_to_do_en="check the number",
)


def changed(known: Known, expected: int) -> Refusal:
    """Somebody else wrote to the case since it was read."""
    return Refusal(
        "changed_meanwhile",
        f"本案已有新的办理记录（第 {expected + 1} 至 {known.version} 条），本次操作没有保存",
        f"Entries {expected + 1} to {known.version} were written meanwhile; nothing of this was saved",
        what_to_do="看过新的记录后再办",
        what_to_do_en="read the new entries, then decide again",
    )


BUSY = Refusal(
    "too_busy",
    "本案正被多人同时办理，本次操作没有保存",
    "Many people are writing to this case at once; nothing of this was saved",
    what_to_do="请稍后再试",
    what_to_do_en="try again shortly",
)

# These need more than an entry: parties, files or erased rows go with them.
_OWN_ACTION = {"register": "open_case", "attach": "attach", "erase": "erase"}


def perform(
    case_stream: str,
    move: str,
    given: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    expected: int | None = None,
    scan: str | None = None,
) -> Done | Refusal:
    """Make one move on a case.

    `expected` is the version the actor saw: another one by now is a Refusal (`changed_meanwhile`);
    without it the move is decided anew on what it finds. `scan` is the SHA-256 of the uploaded scan of
    the paper that an act of the past was done on. `at` and `occurred_at` are aware.
    """
    if move in _OWN_ACTION:
        raise ValueError(f"{move}: use cases.actions.{_OWN_ACTION[move]}")
    for _ in range(TRIES):
        known = facts.load(case_stream, at)
        if known is None:
            return NOT_A_CASE
        if expected is not None and known.version != expected:
            return changed(known, expected)
        drafts = _decide(known, move, given, actor, at, occurred_at, scan)
        if isinstance(drafts, Refusal):
            return drafts
        try:
            return write(known, drafts, at, purpose="scan" if scan else "material")
        except VersionConflict:
            continue
    return BUSY


def _decide(
    known: Known,
    move: str,
    given: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None,
    scan: str | None,
) -> tuple[Entry, ...] | Refusal:
    zone = _zone()
    local, happened = at.astimezone(zone), (occurred_at or at).astimezone(zone)
    # Only a file that lies in the store makes an act "scanned"; a form cannot claim it.
    asked = {key: value for key, value in given.items() if key != "scanned"} | (
        {"scanned": True} if scan else {}
    )
    drafts = decide(
        known.facts, move, asked, actor, known.packs, local, occurred_at=happened, deadlines=known.deadlines
    )
    if isinstance(drafts, Refusal):
        return drafts
    track = known.facts.track(str(drafts[0].facts.get("track", "")))
    definition = pack_for(known.facts, track, known.packs, happened).moves[move]
    refusal = timing.check(
        known.facts, definition, asked, actor, at=local, occurred_at=happened, scanned=bool(scan)
    )
    files = [*drafts[0].facts.get("files", ()), *([scan] if scan else ())]
    if refusal := refusal or unknown_files("files", files):
        return refusal
    if scan:
        first = drafts[0]
        with_scan = {**first.facts, "files": [*first.facts.get("files", ()), scan]}
        return (facts.replace(first, facts=with_scan), *drafts[1:])
    return drafts


def write(known: Known, drafts: Sequence[Entry], at: datetime, *, purpose: str = "material") -> Done:
    """Write decided drafts to an existing case. Raises VersionConflict when somebody wrote first."""
    after = known.after(drafts, at)
    wanted = writing.rows.codes(after.facts, after.deadlines)

    def work() -> list[Appended]:
        return writing.write_entries(known, after, drafts, units.ids(wanted), at, purpose=purpose)

    appended = gate.write(work)
    return Done(known.stream, after.version, tuple(appended), after.deadlines)


def refresh(case_stream: str, at: datetime) -> bool:
    """Refold a case and bring its rows and tallies up to date, without an entry; False when there is none.

    For a changed calendar or pack, and when a declared tie makes a case restricted.
    """
    for _ in range(TRIES):
        known = facts.load(case_stream, at)
        if known is None:
            return False
        try:
            write(known, (), at)
            return True
        except VersionConflict:
            continue
    return False
