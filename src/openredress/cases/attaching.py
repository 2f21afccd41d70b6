"""A further petition on a case that is open: its number stays as an alias, its code is its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from openredress.cases import codes, numbers, prepare, rows, search, units, writing
from openredress.cases.facts import Known
from openredress.cases.intake import PetitionInput
from openredress.cases.models import Case, Party, Petition
from openredress.cases.papers import deadline_papers
from openredress.identity import vault
from openredress.identity.redaction import KnownStrings, redact
from openredress.ledger import gate, receipts
from openredress.ledger.store import Appended
from openredress.rules.facts import Actor, Entry, Refusal
from openredress.rules.lifecycle import decide


@dataclass(frozen=True, slots=True)
class Attached:
    """What `attach` wrote."""

    petition_id: int
    number: str
    answer: str  # the 201 without the code


def given_for(
    petition: PetitionInput, number: str, known: Known, on: date, same_facts: bool
) -> dict[str, Any]:
    """What `attach` is asked with. With the same facts no claim is new; the words are kept all the same."""
    first = len(known.facts.claims) + 1
    texts = {f"c{n}": text for n, text in enumerate(petition.claims, first)}
    given: dict[str, Any] = {
        "petition": number,
        "channel": petition.channel,
        "received_on": on,
        "parties": prepare.party_facts(petition.parties, len(known.facts.parties) + 1),
        "same_facts": same_facts,
        "claims": [] if same_facts else [{"id": claim} for claim in texts],
        "text": petition.text,
        "claim_texts": texts,
    }
    return {key: value for key, value in given.items() if value not in ("", None, [])}


def decide_attach(
    known: Known, petition: PetitionInput, number: str, actor: Actor, at: datetime, same_facts: bool
) -> tuple[Entry, ...] | Refusal:
    """The entries of an attached petition: itself, and its files."""
    received = (petition.received_at or at).astimezone(at.tzinfo).date()
    given = given_for(petition, number, known, received, same_facts)
    made = decide(known.facts, "attach", given, actor, known.packs, at, deadlines=known.deadlines)
    if isinstance(made, Refusal) or not petition.attachments:
        return made
    then = known.after(made, at)
    files = {"files": list(petition.attachments), "received_on": received}
    more = decide(then.facts, "material", files, actor, known.packs, at)
    return more if isinstance(more, Refusal) else (*made, *more)


def write_attach(
    known: Known, drafts: tuple[Entry, ...], petition: PetitionInput, number: str, *,
    digest: str, code: str, key: str, shown: bool, at: datetime,
) -> Attached:  # fmt: skip
    """Write entry, petition, parties and index in one transaction. Raises VersionConflict, IntegrityError."""
    after = known.after(drafts, at)
    wanted = rows.codes(after.facts, after.deadlines)
    persons = [prepare.person_of(party, petition.region) for party in petition.parties]
    text = redact(petition.text, KnownStrings.of(persons)).text

    def work() -> Attached:
        ids = units.ids(wanted)
        appended = writing.write_entries(known, after, drafts, ids, at, purpose="material")
        answer = _answer(after, petition, number, appended[0], at)
        row = Petition.objects.create(
            authority=known.authority,
            case_id=known.case_id,
            number=number,
            seq=appended[0].seq,
            channel=petition.channel,
            office_id=ids[after.facts.office],
            received_at=petition.received_at or at,
            recorded_at=at,
            confidentiality=petition.confidentiality,
            redacted=text,
            idempotency_key=key,
            body_digest=digest,
            code_digest=codes.stored(code),
            code_shown=shown,
            answer=answer,
        )
        first = len(known.facts.parties)
        refs = vault.put_many(persons, authority=known.authority)
        writing.insert_party_rows(
            [
                (
                    known.authority, known.case_id, row.pk, f"p{first + n + 1}", prepare.mark(first + n),
                    party.role, ref,
                )
                for n, (party, ref) in enumerate(zip(petition.parties, refs, strict=True))
            ]
        )  # fmt: skip
        search.reindex(Case.objects.get(pk=known.case_id))
        return Attached(row.pk, number, answer)

    return gate.write(work)


def _answer(after: Known, petition: PetitionInput, number: str, first: Appended, at: datetime) -> str:
    return json.dumps(
        {
            "number": number,
            "received_at": (petition.received_at or at).isoformat(timespec="seconds"),
            "receipt": receipts.make(number, first, stream=f"case/{after.stream}"),
            "deadlines": deadline_papers(after.deadlines),
        },
        ensure_ascii=False,
    )


def draw_number(at: datetime) -> str:
    """A number for a petition that arrives now."""
    return numbers.draw(at.year)


def party_of(actor: Actor, stream: str) -> Actor:
    """A petitioner who adds to a case of their own keeps the case's pseudonym."""
    return replace(actor, pseudonym=f"party/{stream[:10]}.p1") if actor.kind == "petitioner" else actor


def reissue(petition: Petition, secret: str, *, shown: bool) -> str:
    """Give a petition another query code, in the caller's transaction; the old one opens nothing any more."""
    code = codes.derive("reissued", secret, petition.number)
    Petition.objects.filter(pk=petition.pk).update(code_digest=codes.stored(code), code_shown=shown)
    return code


def references(case_id: int) -> list[str]:
    """Vault references of all parties of a case that are not erased."""
    return list(Party.objects.filter(case=case_id).exclude(person="").values_list("person", flat=True))
