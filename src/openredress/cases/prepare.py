"""From a petition to entries, facts and deadlines: everything about a new case that needs no database.

Pure but for random numbers; it is done before anybody waits at the gate.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openredress.cases import numbers
from openredress.cases.intake import AccusedInput, PartyInput, PetitionInput, body_digest
from openredress.cases.numbers import Draw
from openredress.cases.rows import progress_day
from openredress.identity.person import Person
from openredress.identity.redaction import KnownStrings, redact
from openredress.rules.clocks import deadlines
from openredress.rules.facts import Actor, CaseFacts, Deadline, Entry, Refusal
from openredress.rules.fold import step
from openredress.rules.lifecycle import DEFAULT_FAMILY, decide
from openredress.rules.pack import Pack, Packs

TITLE_CHARS = 40
SUMMARY_CHARS = 400
_ENDS = "。！？!?\n；;"
# Predicates that look at what is due; for all other moves the deadlines need not be counted.
_ASK_CLOCKS = {
    "clock_not_lapsed", "something_lapsed", "this_lapsed", "may_end", "before_expiry", "told_not_late",
    "asked_in_time", "ground_holds",
}  # fmt: skip
_MARKS = "甲乙丙丁戊己庚辛壬癸"


@dataclass(frozen=True, slots=True)
class Office:
    """Where a petition arrives: a unit code, and whether it is the body itself, not a petition office."""

    code: str
    direct: bool = False
    tier: str = ""  # national | province | city | county: where that tier's internal periods are to run


@dataclass(frozen=True, slots=True)
class Step:
    """A further move of a new case, decided in memory after its registration."""

    move: str
    given: Mapping[str, Any]
    actor: Actor
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Prepared:
    """A new case, ready to be written."""

    stream: str
    number: str
    petition: PetitionInput
    digest: str
    drafts: tuple[Entry, ...]
    facts: CaseFacts
    deadlines: tuple[Deadline, ...]
    progress: date | None
    title: str  # redacted, as are the next two
    text: str
    place: str
    persons: tuple[Person, ...]
    received_at: datetime
    recorded_at: datetime

    def __repr__(self) -> str:
        return f"Prepared({self.number}, {len(self.drafts)} entries)"


def new_stream(source: Draw = secrets.token_bytes) -> str:
    """A fresh case stream id: 130 random bits as 26 lower-case characters."""
    return numbers.crockford(source(17), 26).lower()


def mark(index: int) -> str:
    """甲, 乙, … 癸, then 甲2, 乙2 …: how a party is called where the name may not stand."""
    round_, place = divmod(index, len(_MARKS))
    return _MARKS[place] + (str(round_ + 1) if round_ else "")


def person_of(party: PartyInput, region: str = "") -> Person:
    """The party as the vault keeps it."""
    return Person(
        name=party.name,
        id_number=party.id_number,
        phone=party.phone,
        email=party.email,
        address=party.address,
        org=party.org,
        county=party.county or region[:6],
    )


def title_of(petition: PetitionInput) -> str:
    """The given title, else the first sentence."""
    text = (petition.title or petition.text).strip()
    ends = [at for end in _ENDS if (at := text.find(end)) > 3]
    return text[: min([*ends, TITLE_CHARS])].strip() or text[:TITLE_CHARS]


def party_facts(parties: Sequence[PartyInput], first: int = 1) -> list[dict[str, Any]]:
    """What the record keeps of parties: no identity, only what decides a duty."""
    return [
        {
            "id": f"p{n}",
            "role": party.role,
            "named": bool(party.name or party.org),
            "addressed": bool(party.address),
        }
        for n, party in enumerate(parties, first)
    ]


def _accused(accused: Sequence[AccusedInput]) -> list[dict[str, str]]:
    found = [{"staff": one.staff} if one.staff else {"unit": one.unit} for one in accused]
    return [one for one in found if any(one.values())]


def register_given(
    petition: PetitionInput, number: str, office: Office, on: date, stock: bool
) -> dict[str, Any]:
    """What `register` is asked with."""
    claims = [{"id": f"c{n}"} for n, _ in enumerate(petition.claims, 1)]
    for claim, avenue in zip(claims, petition.avenues, strict=False):
        if avenue:
            claim["avenue"] = avenue
    accused = _accused(petition.accused)
    given: dict[str, Any] = {
        "number": number,
        "channel": petition.channel,
        "received_on": on,
        "office": office.code,
        "direct": office.direct,
        "claims": claims,
        "people_count": max(petition.people_count, 1),
        "confidentiality": petition.confidentiality,
        "sealed": petition.about_misconduct or bool(accused),
        "stock": stock,
        "language": petition.language,
        "parties": party_facts(petition.parties),
        "accused": accused,
        "petition": number,
        "place": petition.region,
        "category": petition.category,
        "purpose": petition.purpose,
        "mode": petition.mode,
        "text": petition.text,
        "title": petition.title,
        "claim_texts": {f"c{n}": text for n, text in enumerate(petition.claims, 1)},
        "place_text": petition.place,
        "tier": "" if office.direct else office.tier,
        "accused_names": "、".join(one.name for one in petition.accused if one.name),
    }
    return {key: value for key, value in given.items() if value not in ("", None, [])}


def known_fields(given: Mapping[str, Any], pack: Pack, move: str) -> dict[str, Any]:
    """What this pack's move has a field for; another country's registration asks for less."""
    fields = pack.moves[move].fields if move in pack.moves else {}
    return {key: value for key, value in given.items() if key in fields}


def own_name(actor: Actor, stream: str) -> Actor:
    """A petitioner who files is known by the case's own pseudonym."""
    return replace(actor, pseudonym=f"party/{stream[:10]}.p1") if actor.kind == "petitioner" else actor


def prepare(
    petition: PetitionInput,
    *,
    office: Office,
    actor: Actor,
    packs: Packs,
    at: datetime,
    zone: ZoneInfo,
    stock: bool = False,
    steps: Sequence[Step] = (),
    occurred_at: datetime | None = None,
    known_at: datetime | None = None,
    family: str = "",
    source: Draw = secrets.token_bytes,
    digest: str = "",
    taken: Callable[[str], bool] | None = None,
) -> Prepared | Refusal:
    """Decide the registration and every further step in memory; deadlines once at the end.

    `digest` is the petition's `body_digest` where the caller has it already. A number that is `taken`
    is drawn again.

    `at` is when it is recorded, `occurred_at` when it was registered (imports), both aware. The first
    refusal is the answer, and nothing of the case is kept then.
    """
    stream = new_stream(source)
    received = (petition.received_at or occurred_at or at).astimezone(zone)
    happened = (occurred_at or at).astimezone(zone)
    number = numbers.draw(happened.year, source)
    while taken is not None and taken(number):
        number = numbers.draw(happened.year, source)
    pack = packs.for_day(family or DEFAULT_FAMILY, happened.date())
    given = known_fields(register_given(petition, number, office, received.date(), stock), pack, "register")
    local = at.astimezone(zone)
    who = own_name(actor, stream)
    made = decide(
        CaseFacts(stream=f"case/{stream}"), "register", given, who, packs, local, occurred_at=happened,
        stream=f"case/{stream}", family=family,
    )  # fmt: skip
    if isinstance(made, Refusal):
        return made
    drafts = [*made]
    facts = step(None, made[0], packs)
    if petition.attachments:
        material = {"files": list(petition.attachments), "received_on": received.date()}
        more = decide(facts, "material", material, who, packs, local, occurred_at=happened)
        if isinstance(more, Refusal):
            return more
        drafts += more
        facts = step(facts, more[0], packs)
    for one in steps:
        result = _further(facts, drafts, one, packs, zone)
        if isinstance(result, Refusal):
            return result
        facts = result
    due = deadlines(tuple(drafts), packs, known_at or at, facts=facts)
    digest = digest or body_digest(petition)
    return _written_out(petition, stream, number, digest, drafts, facts, due, received, at)


def asks_clocks(move: str, pack: Pack) -> bool:
    """Whether the rules look at what is due when they decide this move."""
    found = pack.moves.get(move)
    return found is None or any(call.name in _ASK_CLOCKS for call in (*found.guards, *found.checks))


def _further(
    facts: CaseFacts, drafts: list[Entry], one: Step, packs: Packs, zone: ZoneInfo
) -> CaseFacts | Refusal:
    happened = one.occurred_at.astimezone(zone)
    recorded = one.recorded_at.astimezone(zone)
    due: tuple[Deadline, ...] = ()
    if asks_clocks(one.move, packs.pack(facts.pack)):
        due = deadlines(tuple(drafts), packs, recorded, facts=facts)
    made = decide(facts, one.move, one.given, one.actor, packs, recorded, occurred_at=happened, deadlines=due)
    if isinstance(made, Refusal):
        return made
    for entry in made:
        facts = step(facts, entry, packs)
        drafts.append(entry)
    return facts


def _written_out(
    petition: PetitionInput,
    stream: str,
    number: str,
    digest: str,
    drafts: Sequence[Entry],
    facts: CaseFacts,
    due: tuple[Deadline, ...],
    received: datetime,
    at: datetime,
) -> Prepared:
    persons = tuple(person_of(party, petition.region) for party in petition.parties)
    known = KnownStrings.of(persons)
    return Prepared(
        stream=stream,
        number=number,
        petition=petition,
        digest=digest,
        drafts=tuple(drafts),
        facts=facts,
        deadlines=due,
        progress=progress_day(drafts),
        title=redact(title_of(petition), known).text[:120],
        text=redact(petition.text, known).text,
        place=redact(petition.place, known).text[:80],
        persons=persons,
        received_at=received,
        recorded_at=at,
    )
