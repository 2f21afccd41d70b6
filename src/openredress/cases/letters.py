"""Issuing and serving papers 文书: checked, numbered without a gap, frozen by hash, served with proof.

A paper is written outside the transaction but for its number. The series is locked first and the case's
row after it, by every issuer alike, so that two of them never wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openredress.cases import facts, numbers, performing, writing
from openredress.cases import letter_values as saying
from openredress.cases.facts import Known
from openredress.cases.letter_values import Writing
from openredress.cases.models import Attachment, Case, Party
from openredress.cases.performing import Done
from openredress.documents import store as files
from openredress.documents.letters import render
from openredress.documents.models import StoredFile
from openredress.identity import vault
from openredress.identity.redaction import KnownStrings
from openredress.ledger import gate, store
from openredress.ledger.store import VersionConflict
from openredress.people.errors import Refused
from openredress.people.models import Unit
from openredress.rules.facts import Actor, Entry, Refusal, Track
from openredress.rules.lifecycle import pack_for
from openredress.rules.pack import Content, Letter, Pack
from openredress.rules.permits import permitted

PAPER, COPY = "paper", "copy"  # purposes of the sealed original and of the working copy without names
SEALED_MARK = "专"  # stands in the 文号 of restricted cases, which draw from a series of their own


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper as it would be issued now, and what it still lacks."""

    writing: Writing
    paper: saying.Values  # with the petitioner's name, for the original
    copy: saying.Values
    missing: tuple[Content, ...]
    addressed: str
    person: str  # vault reference; "" when the paper names nobody


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper that was issued."""

    number: str
    seq: int
    sha256: str
    version: int


@dataclass(frozen=True, slots=True)
class Line:
    """An issued paper in the list of a case."""

    seq: int
    kind: str
    zh: str
    en: str
    number: str
    on: date
    track: str
    files: tuple[str, ...]
    served_seq: int
    served_on: str
    serve: str


class _No(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def _refuse(
    code: str, zh: str, en: str, field: str = "", article: str = "", todo: str = "", todo_en: str = ""
) -> Refusal:
    return Refusal(code, zh, en, article, field, todo, todo_en)


def pack_now(known: Known, at: datetime) -> Pack:
    """The law under which papers are issued today."""
    return pack_for(known.facts, None, known.packs, at.astimezone(performing.office_zone()))


def issuable(known: Known, actor: Actor, at: datetime) -> list[tuple[Letter, Track]]:
    """Papers that this actor may issue now, by track; those of a unit's own holding first."""
    pack, who = pack_now(known, at), performing.as_in_pack(actor)
    found = []
    for track in known.facts.tracks:
        if "issue" not in pack.moves or not permitted(who, "issue", known.facts, track, pack):
            continue
        for letter in pack.letters.values():
            if _fits(known, letter, track, actor):
                found.append((letter, track))
    return found


def _fits(known: Known, letter: Letter, track: Track, actor: Actor) -> bool:
    if letter.states and track.state not in letter.states:
        return False
    source = resting_on(known, letter, track)
    if letter.rests_on and (source is None or _by(source) != actor.unit):
        return False
    return bool(letter.rests_on) or track.holder == actor.unit


def _by(entry: Entry) -> str:
    return str(entry.facts.get("by") or "")


def resting_on(known: Known, letter: Letter, track: Track) -> Entry | None:
    """The last entry that this kind of paper tells of."""
    mine = [
        e
        for e in known.entries
        if e.code in letter.rests_on and str(e.facts.get("track") or track.id) in (track.id, "")
    ]
    return mine[-1] if mine else None


def draft(
    known: Known,
    kind: str,
    track_id: str,
    typed: Mapping[str, str],
    *,
    actor: Actor,
    at: datetime,
    addressed: str = "p1",
    named: bool = True,
) -> Draft | Refusal:
    """The paper as it would be, nothing read and nothing written; `missing` says what the law still wants."""
    pack, track = pack_now(known, at), known.facts.track(track_id)
    letter = pack.letters.get(kind)
    if (
        letter is None
        or track is None
        or not letter.written
        or (letter, track) not in issuable(known, actor, at)
    ):
        return _refuse(
            "no_such_letter", "现在不能制发这种文书", "This paper cannot be issued now", "kind",
            todo="看环节和本单位的职责", todo_en="look at the station and whose step it is",
        )  # fmt: skip
    unit = Unit.objects.select_related("parent").get(code=actor.unit)
    on = at.astimezone(performing.office_zone()).date()
    w = Writing(known, letter, track, resting_on(known, letter, track), pack, unit, on, typed)
    due = _due_when_served(w, actor, at)
    if isinstance(due, Refusal):
        return due
    parties = {row.party: row for row in Party.objects.filter(case=known.case_id)}
    party = parties.get(addressed)
    people = vault.for_machine([row.person for row in parties.values() if row.person])
    person = party.person if party is not None and named else ""
    who = vault.for_machine([person])[0] if person else vault.Person()
    paper = saying.values(w, who.name or who.org, who.address, due)
    copy = saying.masked(paper, KnownStrings.of(people), party.mark if party is not None else "")
    return Draft(w, paper, copy, render.missing(letter, paper), addressed, person)


def _due_when_served(w: Writing, actor: Actor, at: datetime) -> date | Refusal | None:
    """The day that serving this paper today would set; a refusal when the rules would not allow it."""
    given: dict[str, Any]
    if w.letter.id == "receipt_notice" and w.typed.get("avenue"):
        given = {"avenue": w.typed["avenue"], "served_on": w.on, "means": "hand"}
    elif w.letter.id == "extension" and all(w.typed.get(one) for one in ("days", "approver")):
        given = _extension(w.typed) | {"told_on": w.on, "reason": w.text("延长理由", "—")}
    else:
        return None
    made = performing.decide_move(w.known, w.letter.serve, given | {"track": w.track.id}, actor, at)
    if isinstance(made, Refusal):
        return made
    after = w.known.after(made, at)
    running = [d for d in after.deadlines if d.track == w.track.id and d.clock in ("C05", "C14") and d.open]
    return min((d.due for d in running), default=None)


def _extension(typed: Mapping[str, str]) -> dict[str, Any]:
    days = typed.get("days", "")
    return {
        "clock": typed.get("clock") or "C05",
        "days": int(days) if days.isdecimal() else 0,
        "approver": typed.get("approver", ""),
    }


def lacks(letter: Letter, missing: Collection[Content]) -> Refusal:
    """The sentence that names each thing that the paper lacks, with its article."""
    zh = "；".join(f"{one.zh}（{one.article}）" for one in missing)
    en = "; ".join(f"{one.en} ({one.article})" for one in missing)
    return _refuse(
        "letter_lacks", f"《{letter.zh}》还缺：{zh}", f"The {letter.en.lower()} lacks: {en}",
        next(iter(missing)).id, letter.article, "补齐后再制发", "add it, then issue",
    )  # fmt: skip


def issue(
    stream: str,
    kind: str,
    track: str,
    typed: Mapping[str, str],
    *,
    actor: Actor,
    at: datetime,
    addressed: str = "p1",
    named: bool = True,
    expected: int | None = None,
) -> Issued | Refusal:
    """Write, number and freeze a paper of the system's own. Nothing is written when anything is missing.

    `typed` holds texts by the names in the template, and `avenue`, `clock`, `days`, `approver`. With
    `named` the name and address stand on it: that is one identity read, on the record with the paper.
    """

    def prepare(known: Known) -> tuple[Draft, tuple[bytes, ...]] | Refusal:
        made = draft(known, kind, track, typed, actor=actor, at=at, addressed=addressed, named=named)
        if isinstance(made, Refusal):
            return made
        letter = made.writing.letter
        if made.missing:
            return lacks(letter, made.missing)
        try:
            papers = tuple(render.render(letter.id, values) for values in (made.paper, made.copy))
        except Refused as no:
            return no.refusal
        gone = render.left_out(letter, made.paper, papers[0])
        return lacks(letter, gone) if gone else (made, papers)

    return _tried(stream, actor, at, expected, prepare)


def issue_upload(
    stream: str,
    kind: str,
    track_id: str,
    sha256: str,
    confirmed: Collection[str],
    *,
    actor: Actor,
    at: datetime,
    addressed: str = "p1",
    expected: int | None = None,
) -> Issued | Refusal:
    """Number and freeze an uploaded PDF. The writer confirms each mandatory content by its id."""

    def prepare(known: Known) -> tuple[Draft, tuple[bytes, ...]] | Refusal:
        track = known.facts.track(track_id)
        letter = pack_now(known, at).letters.get(kind)
        if (
            letter is None
            or track is None
            or letter.written
            or (letter, track) not in issuable(known, actor, at)
        ):
            return _refuse(
                "no_such_letter", "现在不能制发这种文书", "This paper cannot be issued now", "kind"
            )
        missing = tuple(one for one in letter.contents if one.id not in confirmed)
        if missing:
            return lacks(letter, missing)
        held = StoredFile.objects.filter(sha256=sha256, erased_at=None).values_list("type", flat=True).first()
        if held != "application/pdf":
            return _refuse(
                "paper_not_pdf",
                "请上传盖章文书的 PDF",
                "Upload the sealed paper as a PDF",
                "file",
                letter.article,
            )
        unit, on = Unit.objects.get(code=actor.unit), at.astimezone(performing.office_zone()).date()
        source = resting_on(known, letter, track)
        w = Writing(known, letter, track, source, pack_now(known, at), unit, on, {})
        with files.open_file(sha256) as body:
            return Draft(w, {}, {}, (), addressed, ""), (body.read(),)

    return _tried(stream, actor, at, expected, prepare)


def _tried(stream: str, actor: Actor, at: datetime, expected: int | None, prepare: Any) -> Issued | Refusal:
    for _ in range(performing.TRIES):
        known = facts.load(stream, at)
        if known is None:
            return performing.NOT_A_CASE
        if expected is not None and known.version != expected:
            return performing.changed(known, expected)
        made = prepare(known)
        if isinstance(made, Refusal):
            return made
        one, papers = made
        try:
            return gate.write(lambda: _put(known, one, papers, actor, at))  # noqa: B023
        except VersionConflict:
            continue
        except (_No, Refused) as no:
            return no.refusal
    return performing.BUSY


def _put(known: Known, one: Draft, papers: tuple[bytes, ...], actor: Actor, at: datetime) -> Issued:
    """Number, files and entries in one transaction: all of it or nothing, so the series has no gap."""
    letter, on = one.writing.letter, one.writing.on
    before, first = (known, ()) if not one.person else _read(known, one, actor, at)
    closed = writing.restricted(known.facts)
    head = (
        f"{one.writing.unit.letterhead or one.writing.unit.short or one.writing.unit.name}"[:40] + letter.word
    )
    n = numbers.issue(
        known.case_id, before.version + 1, scope=head, year=on.year, sealed=closed, authority=known.authority
    )
    number = f"{head}{SEALED_MARK if closed else ''}〔{on.year}〕{n}号"
    kept = [_keep(letter, paper, number, at) for paper in papers]
    given = _given(one, number, kept)
    drafts = performing.decide_move(before, "issue", given, actor, at)
    if isinstance(drafts, Refusal):
        raise _No(drafts)
    done = performing.write(known, (*first, *drafts), at, purpose=PAPER)
    seq = done.entries[-1].seq
    Attachment.objects.filter(case=known.case_id, seq=seq, sha256__in=kept[1:]).update(purpose=COPY)
    return Issued(number, seq, kept[0], done.version)


def _read(known: Known, one: Draft, actor: Actor, at: datetime) -> tuple[Known, tuple[Entry, ...]]:
    """The identity read that a name on a paper is: logged in the vault and on the record together."""
    who = vault.Reader.of(actor)
    given = {"role": who.role, "unit": actor.unit, "purpose": "serve", "party": one.addressed}
    drafts = performing.decide_move(known, "identity_read", given, actor, at)
    if isinstance(drafts, Refusal):
        raise _No(drafts)
    term = one.writing.pack.term("reading_purposes", "serve")
    vault.read(
        one.person, who, known.stream, term.zh if term else "serve", at, fields=("name", "address", "org")
    )
    return known.after(drafts, at), drafts


def _keep(letter: Letter, paper: bytes, number: str, at: datetime) -> str:
    body = render.numbered(paper, number) if letter.written else paper
    name = f"{letter.zh}.{'docx' if letter.written else 'pdf'}"
    return files.save(BytesIO(body), name, at=at).sha256


def _given(one: Draft, number: str, kept: list[str]) -> dict[str, Any]:
    w = one.writing
    texts = {name: text for name, text in w.typed.items() if text.strip() and name not in _CODES}
    given: dict[str, Any] = {
        "track": w.track.id,
        "paper_kind": w.letter.id,
        "paper_number": number,
        "made": "written" if w.letter.written else "uploaded",
        "source": w.source.seq if w.source is not None else None,
        "addressed": one.addressed,
        "files": kept,
        "avenue": w.typed.get("avenue"),
        "contents": texts or None,
    }
    return given | (_extension(w.typed) if w.letter.id == "extension" else {})


_CODES = frozenset({"avenue", "clock", "days", "approver"})


def lines(known: Known) -> list[Line]:
    """The papers issued on a case, newest first, and when each was served."""
    served = {int(e.facts["letter"]): e for e in known.entries if isinstance(e.facts.get("letter"), int)}
    found = []
    for entry in known.entries:
        if entry.code != "issue":
            continue
        pack, kind = known.packs.pack(entry.pack), str(entry.facts["paper_kind"])
        letter, service = pack.letters[kind], served.get(entry.seq)
        day = service.facts.get("served_on") or service.facts.get("told_on") if service is not None else ""
        found.append(
            Line(
                entry.seq, kind, letter.zh, letter.en, str(entry.facts["paper_number"]), entry.day,
                str(entry.facts["track"]), tuple(entry.facts["files"]),
                service.seq if service is not None else 0, str(day or ""), letter.serve,
            )
        )  # fmt: skip
    return found[::-1]


def serve(
    stream: str,
    seq: int,
    *,
    served_on: date,
    means: str,
    proof: str,
    actor: Actor,
    at: datetime,
    expected: int | None = None,
) -> Done | Refusal:
    """Record that the paper of entry `seq` reached the petitioner; that starts or ends what the law says.

    `proof` is the SHA-256 of the uploaded proof of service; there is no service without one.
    """
    known = facts.load(stream, at)
    if known is None:
        return performing.NOT_A_CASE
    line = next((one for one in lines(known) if one.seq == seq), None)
    if line is None:
        return performing.not_found("letter", "文书", "paper", {str(seq)})
    if line.served_seq:
        return _refuse(
            "served_before",
            f"{line.number}已于{line.served_on}送达",
            f"{line.number} was served on {line.served_on}",
        )
    if not proof:
        return _refuse(
            "no_proof", "送达须有凭证", "There is no service without proof", "proof",
            todo="上传送达回证、邮寄凭证或录音录像",
            todo_en="upload the receipt, the postal slip or a recording",
        )  # fmt: skip
    given = _service(known, line, served_on, means)
    return performing.perform(
        stream,
        line.serve,
        given,
        actor=actor,
        at=at,
        expected=known.version if expected is None else expected,
        scan=proof,
    )


def _service(known: Known, line: Line, served_on: date, means: str) -> dict[str, Any]:
    """What the move is asked with that records this service."""
    entry = next(e for e in known.entries if e.seq == line.seq)
    letter = known.packs.pack(entry.pack).letters[line.kind]
    common = {"track": line.track, "letter": line.seq, "served_on": served_on, "means": means, "proof": True}
    if line.serve == "serve":
        return common | {"paper": letter.paper}
    if line.serve == "notify_receipt":
        return common | {"avenue": entry.facts.get("avenue")}
    if line.serve == "extend":
        said = store.words_of("case", known.stream).get(line.seq, {}).get("contents") or {}
        kept = {name: entry.facts[name] for name in ("clock", "days", "approver")}
        return kept | {
            "track": line.track,
            "letter": line.seq,
            "told_on": served_on,
            "reason": str(said.get("延长理由", "")),
        }
    return common


def original(case: Case, seq: int) -> Attachment | None:
    """The frozen paper of an entry: it names the petitioner."""
    return Attachment.objects.filter(case=case, seq=seq, purpose=PAPER, erased=False).first()


def working_copy(case: Case, seq: int) -> Attachment | None:
    """What the desk shows of it to others: nobody named."""
    return Attachment.objects.filter(case=case, seq=seq, purpose=COPY, erased=False).first()
