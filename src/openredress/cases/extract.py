"""Rows for analysis, one a petition, redacted; and folded cases for indicators. Yields, never collects.

Nothing of a restricted case leaves here, and no identity: equal petitioners carry equal keys within one
extract only, for each extract draws its own secret.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openredress.cases.models import Case, Party, Petition
from openredress.identity.models import BlindIndex
from openredress.ledger import store
from openredress.rules.clocks import deadlines
from openredress.rules.facts import CaseFacts, Deadline, Entry
from openredress.rules.fold import fold
from openredress.rules.pack import Packs

_PART = 1_000
_STRENGTH = ("id", "phone", "email", "address", "name")  # which identifier tells people apart best


@dataclass(frozen=True, slots=True)
class Folded:
    """One case with everything that rules know of it."""

    facts: CaseFacts
    entries: tuple[Entry, ...]
    deadlines: tuple[Deadline, ...]


def petitions(*, authority: int = 1) -> Iterator[dict[str, Any]]:
    """One dict a petition of an unrestricted case: the columns of an analysis file."""
    secret = secrets.token_bytes(32)
    rows = Petition.objects.filter(authority=authority, case__restricted=False).order_by("pk")
    after = 0
    while part := list(rows.filter(pk__gt=after).select_related("case", "case__lead")[:_PART]):
        keys = _petitioner_keys([row.pk for row in part], secret)
        for row in part:
            yield {
                "id": row.number,
                "received_at": row.received_at.isoformat(),
                "subject": row.case.title,
                "body": row.redacted,
                "petitioner_key": keys.get(row.pk, ""),
                "unit": row.case.lead.name if row.case.lead else "",
                "category": row.case.category,
                "place": row.case.place,
                "case": row.case.number,
            }
        after = part[-1].pk


def _petitioner_keys(petition_ids: list[int], secret: bytes) -> dict[int, str]:
    """Petition → a key for its lead party, equal for equal people in this extract."""
    leads = Party.objects.filter(petition__in=petition_ids, role="lead").exclude(person="")
    people = dict(leads.values_list("petition_id", "person"))
    best: dict[str, tuple[int, bytes]] = {}
    found = BlindIndex.objects.filter(person__in=set(people.values()))
    for person, kind, digest in found.values_list("person_id", "kind", "digest"):
        rank = _STRENGTH.index(kind) if kind in _STRENGTH else len(_STRENGTH)
        if person not in best or rank < best[person][0]:
            best[person] = rank, bytes(digest)
    return {
        petition: hmac.digest(secret, best[person][1], "sha256").hex()[:16]
        for petition, person in people.items()
        if person in best
    }


def cases(packs: Packs, known_at: datetime, *, restricted: bool = False) -> Iterator[Folded]:
    """Every case as it was known then, folded anew from the record; restricted ones only when asked for.

    Cases that were not yet registered at `known_at` are left out.
    """
    hidden = (
        set() if restricted else set(Case.objects.filter(restricted=True).values_list("stream", flat=True))
    )
    for stream, entries in store.read_all("case"):
        if stream in hidden:
            continue
        known = tuple(entry for entry in entries if entry.recorded_at <= known_at)
        if not known:
            continue
        facts = fold(known, packs)
        yield Folded(facts, known, deadlines(known, packs, known_at, facts=facts))
