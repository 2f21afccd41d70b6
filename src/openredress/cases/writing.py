"""Putting what was decided into the tables, in one transaction: ledger, rows, deadlines, index, tallies.

Order of locks, the same for every writer: the case's row, its stream, its own rows, the tallies last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from openredress.cases import bulk, conflict, rows, search, tallies
from openredress.cases.facts import Known
from openredress.cases.prepare import Prepared, mark
from openredress.documents.models import StoredFile
from openredress.identity import vault
from openredress.ledger import canonical, store
from openredress.ledger.store import Appended, VersionConflict
from openredress.people.models import Staff
from openredress.rules.facts import CaseFacts, Entry
from openredress.rules.pack import Packs

_CASE = (
    "id", "authority", "stream", "number", "title", "summary", "place", "mode", "language", "registered_at",
    *rows.CASE_COLUMNS,
)  # fmt: skip
_PETITION = (
    "id", "authority", "case_id", "number", "seq", "channel", "office_id", "received_at", "recorded_at",
    "confidentiality", "redacted", "idempotency_key", "body_digest", "code_digest", "code_shown", "answer",
)  # fmt: skip
_OWED = (
    "obligation", "seq", "track", "kind", "debtor_kind", "debtor", "unit_id", "due_on", "basis", "state",
    "done_on", "evidence",
)  # fmt: skip
_ATTACHMENT = (
    "authority", "case_id", "petition_id", "seq", "upload", "sha256", "size", "type", "purpose", "erased",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a petition's row needs beside the case: who may ask with which code, and what was answered."""

    code_digest: str
    idempotency_key: str | None = None
    code_shown: bool = False


@dataclass(slots=True)
class New:
    """A new case on its way into the tables, and afterwards its ids."""

    case: Prepared
    arrival: Arrival
    ledger_key: str = ""
    ledger: str = ""
    ledger_digest: str = ""
    ledger_cells: Mapping[str, Any] = field(default_factory=dict)
    case_id: int = 0
    petition_id: int = 0
    appended: Sequence[Appended] = ()
    answer: str = ""
    answering: Callable[[New], str] | None = None  # makes the answer once the entry has its hash


def restricted(facts: CaseFacts) -> bool:
    """Whether the case counts nowhere openly, as far as anybody knows now."""
    accuses = bool(facts.accused_units or facts.accused_staff)
    return conflict.is_restricted(facts.stream.partition("/")[2], sealed=facts.sealed, accuses=accuses)


def insert_cases(
    new: Sequence[New], packs: Packs, ids: Mapping[str, int], *, authority: int, recorded_at: datetime | None
) -> tallies.Tallies:
    """Write new cases with all their rows; what they add to the tallies is the answer, not yet applied.

    `recorded_at` None keeps each draft's own (a made-up home). In the caller's transaction. Raises
    IntegrityError when an idempotency key, a number or a ledger row is already there.
    """
    for one, case_id in zip(new, bulk.reserve("cases_case", len(new)), strict=True):
        one.case_id = case_id
    for one, petition_id in zip(new, bulk.reserve("cases_petition", len(new)), strict=True):
        one.petition_id = petition_id
    batches = [store.Batch("case", one.case.stream, one.case.drafts) for one in new]
    for one, done in zip(
        new, store.append_many(batches, recorded_at=recorded_at, authority=authority), strict=True
    ):
        one.appended = done
        if one.answering is not None:
            one.answer = one.answering(one)
    made = [_rows_of(one, packs, ids) for one in new]
    _insert_case_rows(new, made, authority)
    _insert_arrivals(new, ids, authority)
    _insert_parties(new, authority)
    _insert_accused(new, ids, authority)
    _insert_ledger_rows(new, authority)
    for one in new:
        _attach_files(
            one.case_id,
            one.petition_id,
            one.case.drafts,
            one.appended,
            authority=authority,
            purpose="material",
        )
    search.index_many([(one.case_id, _searchable(one.case)) for one in new])
    total: tallies.Tallies = Counter()
    for each in made:
        total.update(each.tallies)
    return total


def _searchable(case: Prepared) -> str:
    return "\n".join([case.title, case.place, case.text])


def _rows_of(one: New, packs: Packs, ids: Mapping[str, int]) -> rows.CaseRows:
    case, facts = one.case, one.case.facts
    # Nobody can have declared a tie to a case that did not exist.
    hidden = facts.sealed or bool(facts.accused_units or facts.accused_staff)
    return rows.make(facts, case.deadlines, packs, ids, progress=case.progress, restricted=hidden)


def _insert_case_rows(new: Sequence[New], made: Sequence[rows.CaseRows], authority: int) -> None:
    cases = []
    for one, each in zip(new, made, strict=True):
        case = one.case
        head = (
            one.case_id, authority, case.stream, case.number, case.title, case.text[:400], case.place,
            case.petition.mode[:20], case.petition.language, bulk.adapt(case.recorded_at),
        )  # fmt: skip
        cases.append((*head, *each.case))
    bulk.insert("cases_case", _CASE, cases)
    for table in rows.TABLES:
        flat = [
            (authority, one.case_id, *row)
            for one, each in zip(new, made, strict=True)
            for row in each.tables[table.name].values()
        ]
        bulk.insert(table.name, ("authority", "case_id", *table.columns), flat)
    owed = [
        (authority, "case", one.case.stream, *row)
        for one, each in zip(new, made, strict=True)
        for row in each.owed
    ]
    bulk.insert("cases_obligationrow", ("authority", "stream_kind", "stream_id", *_OWED), owed)


def _insert_arrivals(new: Sequence[New], ids: Mapping[str, int], authority: int) -> None:
    bulk.insert(
        "cases_petition",
        _PETITION,
        [
            (
                one.petition_id,
                authority,
                one.case_id,
                one.case.number,
                1,
                one.case.petition.channel,
                ids[one.case.facts.office],
                bulk.adapt(one.case.received_at),
                bulk.adapt(one.case.recorded_at),
                one.case.petition.confidentiality,
                one.case.text,
                one.arrival.idempotency_key,
                one.case.digest,
                one.arrival.code_digest,
                one.arrival.code_shown,
                one.answer,
            )
            for one in new
        ],
    )


def _insert_parties(new: Sequence[New], authority: int) -> None:
    persons = [person for one in new for person in one.case.persons]
    refs = iter(vault.put_many(persons, authority=authority))
    parties = [
        (authority, one.case_id, one.petition_id, f"p{n + 1}", mark(n), party.role, next(refs))
        for one in new
        for n, party in enumerate(one.case.petition.parties)
    ]
    insert_party_rows(parties)


def insert_party_rows(parties: Sequence[bulk.Row]) -> None:
    """(authority, case id, petition id, p1 …, 甲 …, role, vault reference) into the table."""
    columns = ("authority", "case_id", "petition_id", "party", "mark", "role", "person")
    bulk.insert("cases_party", columns, parties)


def _insert_accused(new: Sequence[New], ids: Mapping[str, int], authority: int) -> None:
    wanted = {name for one in new for name in one.case.facts.accused_staff}
    staff = dict(Staff.objects.filter(pseudonym__in=wanted).values_list("pseudonym", "pk")) if wanted else {}
    found: list[bulk.Row] = []
    for one in new:
        facts = one.case.facts
        found += [(authority, one.case_id, ids[code], None) for code in sorted(facts.accused_units)]
        found += [(authority, one.case_id, None, staff[name]) for name in sorted(facts.accused_staff)]
    bulk.insert("cases_accused", ("authority", "case_id", "unit_id", "staff_id"), found)


def _insert_ledger_rows(new: Sequence[New], authority: int) -> None:
    from_ledger = [one for one in new if one.ledger_key]
    columns = ("authority", "case_id", "key", "ledger", "digest", "cells")
    found = [
        (
            authority,
            one.case_id,
            one.ledger_key,
            one.ledger[:120],
            one.ledger_digest,
            canonical.canonical_text(one.ledger_cells),
        )
        for one in from_ledger
    ]
    bulk.insert("cases_ledgerrow", columns, found)


def _attach_files(
    case_id: int,
    petition_id: int | None,
    drafts: Sequence[Entry],
    appended: Sequence[Appended],
    *,
    authority: int,
    purpose: str,
) -> None:
    named = [
        (done.seq, sha256)
        for draft, done in zip(drafts, appended, strict=True)
        for sha256 in draft.facts.get("files") or ()
        if draft.code != "erase"  # names the files that went
    ]
    if not named:
        return
    held = StoredFile.objects.in_bulk([sha256 for _, sha256 in named])
    found = [
        (
            authority, case_id, petition_id, seq, sha256[:40], sha256, held[sha256].size,
            held[sha256].type[:80], purpose, False,
        )
        for seq, sha256 in named
    ]  # fmt: skip
    bulk.insert("cases_attachment", _ATTACHMENT, found)


def write_entries(
    known: Known, after: Known, drafts: Sequence[Entry], ids: Mapping[str, int], at: datetime, *, purpose: str
) -> list[Appended]:
    """Append to an existing case and bring its rows up to date; tallies last. In the caller's transaction.

    Raises VersionConflict when somebody wrote first.
    """
    was_restricted = _lock(known)
    wanted = rows.make(
        after.facts,
        after.deadlines,
        after.packs,
        ids,
        progress=after.progress,
        restricted=restricted(after.facts),
    )
    appended: list[Appended] = []
    if drafts:
        appended = store.append(
            "case", known.stream, drafts, expected=known.version, recorded_at=at, authority=known.authority
        )
        _attach_files(known.case_id, None, drafts, appended, authority=known.authority, purpose=purpose)
    delta = replace_rows(known.case_id, known.stream, known.authority, wanted, was_restricted)
    tallies.apply(delta, known.authority)
    return appended


def _lock(known: Known) -> bool:
    tail = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, restricted FROM cases_case WHERE id = %s" + tail,  # noqa: S608
            [known.case_id],
        )
        version, was_restricted = cursor.fetchone()
    if version != known.version:
        raise VersionConflict("case", known.stream, known.version)
    return bool(was_restricted)


def replace_rows(
    case_id: int, stream: str, authority: int, wanted: rows.CaseRows, was_restricted: bool
) -> dict[tallies.Key, int]:
    """Make the rows of a locked case be the wanted ones; what the tallies must change by is the answer."""
    sets = ", ".join(f"{name} = %s" for name in rows.CASE_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE cases_case SET {sets} WHERE id = %s", [*wanted.case, case_id])  # noqa: S608
    have = {table.name: bulk.select(table, case_id) for table in rows.TABLES}
    before: tallies.Tallies = Counter() if was_restricted else rows.tallies(have)
    for table in rows.TABLES:
        bulk.sync(table, case_id, authority, have[table.name], wanted.tables[table.name])
    _sync_owed(stream, authority, wanted.owed)
    return tallies.change(before, wanted.tallies)


def _sync_owed(stream: str, authority: int, owed: Sequence[bulk.Row]) -> None:
    if not owed:
        return
    columns = ", ".join(("authority", "stream_kind", "stream_id", *_OWED))
    marks = ", ".join(["%s"] * (len(_OWED) + 3))
    sets = ", ".join(f"{name} = excluded.{name}" for name in _OWED[1:])
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO cases_obligationrow ({columns}) VALUES ({marks}) "  # noqa: S608
            f"ON CONFLICT (stream_kind, stream_id, obligation) DO UPDATE SET {sets}",
            [(authority, "case", stream, *row) for row in owed],
        )
