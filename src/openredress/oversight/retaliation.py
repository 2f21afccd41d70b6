"""The retaliation desk, outside the handling line: a person gets in touch within 24 hours, an answer comes
within 5 working days (house periods), and the handling unit learns nothing.

Each report has a stream of its own; no entry, row or notice of the case tells of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import get_default_timezone

from openredress.cases import conflict, reading
from openredress.cases.models import Case, Involved, Petition
from openredress.identity import keyring, vault
from openredress.lawbook import book
from openredress.ledger import gate, store
from openredress.notices import outbox
from openredress.oversight.models import RetaliationReport
from openredress.people import staff as people
from openredress.people.models import Staff, Unit
from openredress.people.record import record
from openredress.rules.clocks import explain
from openredress.rules.facts import Actor, Deadline, Refusal
from openredress.rules.lifecycle import DEFAULT_FAMILY

ROLE = "retaliation"
_OFFICERS = ("retaliation_officer", ROLE)  # as appointed, and as the packs say
MOST = 20_000  # characters
CONTACT, ANSWER = "H02", "H03"
_HANDLING = ("holder", "held", "opined", "reviewer", "territorial", "sender")

_EMPTY = Refusal(
    "text_missing",
    "请写明发生了什么",
    "Say what happened",
    article="信访工作条例第四十六条",
    field="text",
    what_to_do="写几句就可以",
    what_to_do_en="a few lines will do",
)
_LONG = Refusal("too_long", f"超过 {MOST} 字", f"More than {MOST} characters", field="text")
NOT_FOUND = Refusal("not_found", "没有这份反映", "There is no such report")
DONE = Refusal("done_before", "已经答复过", "It has been answered already")


@dataclass(frozen=True, slots=True)
class Told:
    """A report as its writer follows it."""

    ref: str
    text: str
    reported_at: datetime
    contact_due: datetime
    answer_due: date
    contacted_at: datetime | None
    answered_at: datetime | None
    answer: str


def stream_of(ref: str) -> str:
    """The report's own stream."""
    return f"system/r-{ref}"


def periods(at: datetime) -> tuple[Deadline, Deadline]:
    """When a person must have been in touch, and when the answer is due, for a report made at `at`."""
    local = at.astimezone(get_default_timezone())
    packs = book.packs()
    pack = packs.for_day(DEFAULT_FAMILY, local.date())
    calendar = packs.calendar(pack.calendar)
    contact = explain(pack.clocks[CONTACT], calendar, local)
    answer = explain(pack.clocks[ANSWER], calendar, local.date())
    if isinstance(contact, Refusal) or isinstance(answer, Refusal) or contact.due_at is None:
        raise LookupError("the pack lacks the periods of the retaliation desk")
    return contact, answer


def _sealed(ref: str, text: str) -> bytes:
    return vault.seal(ref, text.encode("utf-8", "replace"), *keyring.sealing())


def report(petition: Petition, text: str, *, at: datetime, unit: str = "") -> RetaliationReport | Refusal:
    """Take a petitioner's report. The same words again within the day are the same report.

    `unit` is the code of the unit complained of, if one is named. Raises `VaultLocked`.
    """
    if not text.strip():
        return _EMPTY
    if len(text) > MOST:
        return _LONG
    for earlier in RetaliationReport.objects.filter(petition=petition).order_by("-reported_at")[:5]:
        if (at - earlier.reported_at).days < 1 and _words(earlier) == text.strip():
            return earlier
    ref = vault.new_ref()
    contact, answer = periods(at)
    sealed = _sealed(ref, text.strip())
    row = RetaliationReport(
        ref=ref,
        petition=petition,
        unit=Unit.objects.filter(code=unit).first() if unit else None,
        sealed=sealed,
        reported_at=at,
        contact_due=contact.due_at or at,
        answer_due=answer.due,
    )
    facts = {
        "words": hashlib.sha256(sealed).hexdigest(),
        "contact_due": row.contact_due.isoformat(),
        "answer_due": answer.due.isoformat(),
    }

    def work() -> None:
        row.save(force_insert=True)
        record(stream_of(ref), "retaliation_report", facts, actor=f"party/{ref[:10]}.p1", at=at)
        for person in readers(row, at.astimezone(get_default_timezone()).date()):
            outbox.post("work", "smtp", person.pseudonym, at=at, once=f"retaliation@{ref}@{person.pk}")

    gate.write(work)
    return row


def _words(row: RetaliationReport) -> str:
    return vault.unseal(row.ref, bytes(row.sealed)).decode()


def mine(petition: int) -> tuple[Told, ...]:
    """What a petitioner reported, newest first, with the answers. Raises `VaultLocked`."""
    rows = RetaliationReport.objects.filter(petition=petition).order_by("-reported_at")
    return tuple(
        Told(
            row.ref,
            _words(row),
            row.reported_at,
            row.contact_due,
            row.answer_due,
            row.contacted_at,
            row.answered_at,
            vault.unseal(row.ref, bytes(row.answer)).decode() if row.answer else "",
        )
        for row in rows
    )


# ---------------------------------------------------------------- the desk


def _barred_paths(row: RetaliationReport) -> list[str]:
    """Units that handle or handled the case, and the one complained of, with all below them.

    The registering office receives reports, unless it is itself complained of or accused.
    """
    case = row.petition.case
    parts = Involved.objects.filter(case=case, why__in=_HANDLING).exclude(unit=case.office_id)
    paths = list(parts.values_list("unit__path", flat=True))
    if row.unit is not None:
        paths.append(row.unit.path)
    return paths


def may_read(actor: Actor, row: RetaliationReport, on: date) -> bool:
    """Whether this actor works at the retaliation desk and stands outside the line of this report."""
    if actor.kind != "staff":
        return False
    stands = conflict.standing(actor.pseudonym, on)
    if stands is None:
        return False
    held = {role for _, code, role in stands.posts if code == actor.unit}
    if ROLE not in reading.pack_roles(actor.roles & held):
        return False
    if stands.barred_by(conflict.charges(row.petition.case)) or row.petition.case.stream in stands.cases:
        return False
    barred = _barred_paths(row)
    units = [unit for unit, _, _ in stands.posts]
    own = Unit.objects.filter(pk__in=units).values_list("path", flat=True)
    return not any(path.startswith(bar) for path in own for bar in barred)


def readers(row: RetaliationReport, on: date) -> list[Staff]:
    """Officers of the desk who may read this report."""
    posts = people.active(on).select_related("staff", "unit").order_by("pk")
    found: dict[int, Staff] = {}
    for post in posts.filter(role__in=_OFFICERS):
        actor = people.actor_for(post.staff, on, post.unit.code)
        if post.staff.active and may_read(actor, row, on):
            found[post.staff_id] = post.staff
    return list(found.values())


def waiting(actor: Actor, on: date) -> list[RetaliationReport]:
    """Unanswered reports that this actor may read, the nearest day first."""
    rows = RetaliationReport.objects.filter(answered_at=None).order_by("answer_due", "reported_at")
    return _readable(actor, rows.select_related("petition__case", "unit"), on)


def answered(actor: Actor, on: date, limit: int = 50) -> list[RetaliationReport]:
    """Answered reports that this actor may read, newest first."""
    rows = RetaliationReport.objects.exclude(answered_at=None).order_by("-answered_at")
    return _readable(actor, rows.select_related("petition__case", "unit")[:limit], on)


def _readable(actor: Actor, rows: Iterable[RetaliationReport], on: date) -> list[RetaliationReport]:
    return [row for row in rows if may_read(actor, row, on)]


def find(ref: str, actor: Actor, on: date) -> RetaliationReport | None:
    """The report of that reference, when this actor may read it."""
    row = RetaliationReport.objects.filter(pk=ref).select_related("petition__case", "unit").first()
    return row if row is not None and may_read(actor, row, on) else None


def read(ref: str, *, actor: Actor, at: datetime) -> tuple[RetaliationReport, str] | Refusal:
    """The report with its words; that they were read is an entry. Raises `VaultLocked`."""
    row = find(ref, actor, _day(at))
    if row is None:
        return NOT_FOUND
    facts = {"unit": actor.unit or ""}
    gate.write(lambda: record(stream_of(ref), "retaliation_read", facts, actor=actor.pseudonym, at=at))
    return row, _words(row)


def contact(ref: str, *, actor: Actor, at: datetime, note: str = "") -> RetaliationReport | Refusal:
    """A person got in touch with the reporter. The first time counts; later ones are entries too."""
    row = find(ref, actor, _day(at))
    if row is None:
        return NOT_FOUND
    sealed = _sealed(ref, note.strip())
    facts = {"words": hashlib.sha256(sealed).hexdigest(), "late": at > row.contact_due}

    def work() -> None:
        record(stream_of(ref), "retaliation_contact", facts, actor=actor.pseudonym, at=at)
        RetaliationReport.objects.filter(pk=ref, contacted_at=None).update(contacted_at=at)

    gate.write(work)
    row.refresh_from_db()
    return row


def answer(ref: str, text: str, *, upheld: bool, actor: Actor, at: datetime) -> RetaliationReport | Refusal:
    """Answer the reporter. An upheld report is for the discipline body; it never enters a unit's standing."""
    row = find(ref, actor, _day(at))
    if row is None:
        return NOT_FOUND
    if not text.strip():
        return _EMPTY
    if row.answered_at is not None:
        return DONE
    sealed = _sealed(ref, text.strip())
    facts = {
        "words": hashlib.sha256(sealed).hexdigest(),
        "upheld": upheld,
        "late": _day(at) > row.answer_due,
    }

    def work() -> int:
        record(stream_of(ref), "retaliation_answer", facts, actor=actor.pseudonym, at=at)
        rows = RetaliationReport.objects.filter(pk=ref, answered_at=None)
        return rows.update(answered_at=at, answer=sealed, upheld=upheld)

    if not gate.write(work):
        return DONE
    row.refresh_from_db()
    return row


def case_of(row: RetaliationReport) -> Case:
    """The case that the reporter petitioned about."""
    return row.petition.case


def entries(ref: str) -> list[str]:
    """Codes of what stands on a report's own stream, oldest first."""
    kind, _, name = stream_of(ref).partition("/")
    return [entry.code for entry in store.read(kind, name)]


def _day(at: datetime) -> date:
    return at.astimezone(get_default_timezone()).date()
