"""A petitioner's view of a matter: stations, days, answers and who looked. For the portal and the API alike.

Steps inside the office are not shown, nor are words that other petitioners wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openredress.cases.facts import Known
from openredress.cases.models import Attachment, Party, Petition
from openredress.ledger import store
from openredress.people import staff
from openredress.people.models import Unit
from openredress.rules.facts import CaseFacts, Deadline, Entry
from openredress.rules.fold import step
from openredress.rules.pack import Pack

# Steps that a petitioner is shown; all others are the office's own business.
SHOWN = frozenset(
    {
        "register", "attach", "forward", "assign", "object", "decide_objection", "name_handler",
        "notify_receipt", "refuse", "refuse_again", "contest_refusal", "decide_contest", "divert",
        "divert_accepted", "divert_returned", "simple_start", "convert", "hearing_open", "hearing_close",
        "mediate", "settle", "extend", "serve", "execute", "press", "answer_press", "request_review",
        "decide_review", "request_final", "decide_final", "finality", "reopen", "withdraw", "restore",
        "confirm_solved", "rate", "material", "message", "oblige", "perform_obligation", "waive_obligation",
        "dispute_obligation", "correct", "erase", "deliver",
    }
)  # fmt: skip
# Words of staff that are meant for the petitioner, by step.
_TOLD = {
    "notify_receipt": ("text",), "refuse": ("reason",), "refuse_again": ("reason",),
    "decide_contest": ("reason",), "decide_objection": (), "divert": ("body", "reason"),
    "divert_returned": ("reason",), "extend": ("reason",), "message": ("text",), "answer_press": ("text",),
    "settle": ("text",), "execute": ("note",), "hearing_close": ("conclusion",), "reopen": ("reason",),
    "waive_obligation": ("reason",), "oblige": ("text",),
}  # fmt: skip
_OWN = ("text", "reason")
_HEADS = {"facts": "事实：", "basis": "依据：", "opinion": "意见："}
_SERVED = {
    "opinion": ("opinion", ("facts", "basis", "opinion")),
    "review": ("decide_review", ("reason",)),
    "final": ("decide_final", ("reason",)),
}
_DAYS = ("served_on", "done_on", "received_on", "requested_on")
_INSIDE = frozenset({"C04", "C04r", "C11", "C12", "C16", "C18"})  # between offices


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that came with a step."""

    id: int
    ref: str  # its name within the case; the row's id must not be shown
    type: str
    size: int
    own: bool


@dataclass(frozen=True, slots=True)
class Station:
    """One step of a matter, as its petitioner may see it."""

    seq: int
    code: str
    at: datetime
    on: date  # the day that counts in law: of service, of performance, else of the entry
    zh: str
    en: str
    unit: str
    article: str
    track: str
    mine: bool
    words: tuple[str, ...]
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody opened the petitioner's identity."""

    seq: int
    at: datetime
    role: str
    role_en: str
    unit: str
    purpose: str
    purpose_en: str


def _holders(known: Known) -> dict[int, str]:
    """Who held the track just before each entry: whose step it was."""
    found: dict[int, str] = {}
    facts: CaseFacts | None = None
    for entry in known.entries:
        track = facts.track(str(entry.facts.get("track", ""))) if facts is not None else None
        if track is None and facts is not None and len(facts.tracks) == 1:
            track = facts.tracks[0]
        found[entry.seq] = track.holder if track is not None else str(entry.facts.get("office", ""))
        facts = step(facts, entry, known.packs)
    return found


def unit_names(known: Known) -> Mapping[str, str]:
    """Names of every unit that has a part in the case."""
    codes = {known.facts.office}
    for entry in known.entries:
        codes |= {str(entry.facts.get(key) or "") for key in ("to", "office", "unit", "reviewer", "by")}
    for track in known.facts.tracks:
        codes |= {track.holder, track.territorial, track.opinion_unit, *(hop.unit for hop in track.hops)}
    codes |= {d.holder for d in known.deadlines} | {o.debtor for o in known.facts.owed}
    return dict(Unit.objects.filter(code__in=codes - {""}).values_list("code", "name"))


def stations(known: Known, petition: Petition, actor: str, names: Mapping[str, str]) -> tuple[Station, ...]:
    """Every step this petitioner may see, oldest first. `actor` is the petitioner's own pseudonym."""
    shown = [entry for entry in known.entries if _visible(entry, actor, petition.number)]
    words = store.words_of("case", known.stream)
    papers = _papers(known, petition, shown, actor)
    holders = _holders(known)
    writers = _writers([entry for entry in shown if entry.code in ("message", "answer_press")])
    pack = known.packs.pack(known.facts.pack)
    first = petition.seq == 1
    found = []
    for entry in shown:
        told = (
            ()
            if entry.code in ("register", "attach")
            else _words(entry, known, words, own=entry.actor == actor, first=first)
        )
        zh, en, article = _sentence(entry, pack, names)
        by = str(entry.facts.get("by") or "")
        unit = names.get(by) or writers.get(entry.seq) or names.get(holders[entry.seq], "")
        own_step = entry.actor.startswith("party/")
        found.append(
            Station(
                entry.seq, entry.code, entry.occurred_at, _day(entry), zh, en, "" if own_step else unit,
                article, str(entry.facts.get("track", "")), entry.actor == actor, told,
                tuple(papers.get(entry.seq, ())),
            )
        )  # fmt: skip
    return tuple(found)


def _visible(entry: Entry, actor: str, number: str) -> bool:
    if entry.code not in SHOWN:
        return False
    if entry.code in ("register", "attach"):
        return str(entry.facts.get("petition")) == number
    if entry.code in ("material", "rate") or entry.actor.startswith("party/"):
        # What another petitioner sends is theirs; that the matter as a whole moved is everybody's.
        moved = ("press", "request_review", "request_final", "reopen", "withdraw", "restore")
        return entry.actor == actor or (entry.actor.startswith("party/") and entry.code in moved)
    return entry.code != "message" or entry.facts.get("to") == "petitioner"


def _day(entry: Entry) -> date:
    for name in _DAYS:
        value = entry.facts.get(name)
        if isinstance(value, str) and len(value) >= 10 and entry.code != "forward":
            return date.fromisoformat(value[:10])
    return entry.day


def _words(
    entry: Entry, known: Known, words: Mapping[int, Mapping[str, Any]], *, own: bool, first: bool
) -> tuple[str, ...]:
    here = words.get(entry.seq, {})
    if entry.code in ("register", "attach"):
        return ()
    if entry.actor.startswith("party/"):
        return _texts(here, _OWN) if own else ()
    if entry.code != "serve":
        return _texts(here, _TOLD.get(entry.code, ()))
    code, keys = _SERVED.get(str(entry.facts.get("paper")), ("", ()))
    track = entry.facts.get("track")
    made = [
        e for e in known.entries if e.code == code and e.seq < entry.seq and e.facts.get("track") == track
    ]
    # An opinion may name the petitioner it answers; those who joined are served their own paper.
    return _texts(words.get(made[-1].seq, {}), keys) if made and first else ()


def _texts(held: Mapping[str, Any], keys: Sequence[str]) -> tuple[str, ...]:
    """Free texts as they stand; texts by claim gathered claim by claim."""
    found: list[str] = []
    claims: dict[str, list[str]] = {}
    for key in keys:
        value = held.get(key)
        if isinstance(value, Mapping):
            for claim, text in value.items():
                claims.setdefault(claim, []).append(f"{_HEADS.get(key, '')}{text}")
        elif isinstance(value, str) and value.strip():
            found.append(value)
    return (*found, *("\n".join([f"第 {claim.lstrip('c')} 项", *said]) for claim, said in claims.items()))


def _papers(known: Known, petition: Petition, shown: Sequence[Entry], actor: str) -> dict[int, list[Paper]]:
    """Files by the step they belong to: one's own, and papers that were served to this petitioner."""
    own = {entry.seq for entry in shown if entry.actor == actor}
    served = _letters(known, petition, shown, actor)
    found: dict[int, list[Paper]] = {}
    held = Attachment.objects.filter(case=known.case_id, seq__in=own | set(served), erased=False)
    for one in held.order_by("pk"):
        if one.seq in own or one.purpose == "paper":
            paper = Paper(one.pk, one.ref, one.type, one.size, one.seq in own)
            found.setdefault(served.get(one.seq, one.seq), []).append(paper)
    return found


def _letters(known: Known, petition: Petition, shown: Sequence[Entry], actor: str) -> dict[int, int]:
    """Seq of each issued paper → seq of the step that served it, for papers addressed to this petition."""
    mine = set(Party.objects.filter(petition=petition).values_list("party", flat=True))
    own = actor.rpartition(".")[2]
    # Those who petition together share their papers; somebody who joined is served their own.
    mine = mine if own in mine else {own}
    issued = {entry.seq: entry for entry in known.entries if entry.code == "issue"}
    found = {}
    for entry in shown:
        letter = issued.get(entry.facts.get("letter") or 0)
        if letter is None:
            continue
        to = str(letter.facts.get("addressed") or "")
        if to in mine or (not to and own == "p1"):
            found[letter.seq] = entry.seq
    return found


def _writers(entries: Sequence[Entry]) -> dict[int, str]:
    """For steps that no track names: the unit in which their writer worked that day."""
    people = {entry.actor for entry in entries if entry.actor.startswith("staff/")}
    if not people:
        return {}
    posts: dict[tuple[str, date], str] = {}
    for on in {entry.day for entry in entries}:
        rows = staff.active(on).filter(staff__pseudonym__in=people).order_by("-acting", "-since", "-pk")
        posts |= {(name, on): unit for name, unit in rows.values_list("staff__pseudonym", "unit__name")}
    return {entry.seq: posts.get((entry.actor, entry.day), "") for entry in entries}


def _sentence(entry: Entry, pack: Pack, names: Mapping[str, str]) -> tuple[str, str, str]:
    """What happened, in both languages, with its article."""
    move = pack.moves.get(entry.code)
    zh, en, article = (move.zh, move.en, move.article) if move else (entry.code, entry.code, "")
    facts = entry.facts
    to = names.get(str(facts.get("to") or facts.get("reviewer") or ""), "")
    if entry.code == "register":
        return "收到您的来件，已登记", "Your petition came in and was registered", article
    if entry.code == "attach":
        return "收到您的来件，与同一事项合并办理", "Your petition came in and joined the same matter", article
    if entry.code == "object":
        return "认为不归本单位办理，提出异议", "Says it is not its matter, and objects", article
    if entry.code == "oblige" and facts.get("due_on"):
        return f"{zh}，应于 {facts['due_on']} 前办到", f"{en}, due {facts['due_on']}", article
    if entry.code in ("forward", "assign", "request_review", "request_final", "divert") and to:
        return f"{zh}：{to}", f"{en}: {to}", article
    if entry.code in ("decide_objection", "decide_contest"):
        upheld = bool(facts.get("upheld"))
        more = f"，改由{to}办理" if to else ""
        return (
            f"{zh}：{'成立' if upheld else '不成立'}{more}",
            f"{en}: {'upheld' if upheld else 'not upheld'}{f', now with {to}' if to else ''}",
            article,
        )
    term = None
    if entry.code == "notify_receipt":
        term = pack.term("avenues", str(facts.get("avenue")))
    elif entry.code in ("decide_review", "decide_final"):
        term = pack.term("review_results", str(facts.get("result")))
    if entry.code == "serve":
        papers = {"opinion": ("处理意见书", "opinion"), "review": ("复查意见书", "review opinion")}
        papers |= {"final": ("复核意见书", "final review opinion"), "notice": ("告知书", "notice")}
        paper = papers.get(str(facts.get("paper")), ("文书", "paper"))
        return f"送达{paper[0]}", f"The {paper[1]} was served", article
    if entry.code == "confirm_solved":
        solved = bool(facts.get("solved"))
        return ("确认已经解决", "Confirmed as solved", article) if solved else (
            "表示没有解决", "Said to be not solved", article
        )  # fmt: skip
    return (f"{zh}：{term.zh}", f"{en}: {term.en}", article) if term else (zh, en, article)


def waiting(known: Known) -> tuple[Deadline, ...]:
    """Days that concern the petitioner, nearest first: what is owed to them, and what they may still do."""
    on = known.at.date()
    found = []
    for one in known.deadlines:
        clock = known.packs.pack(one.pack).clocks.get(one.clock) if one.pack else None
        if one.open and one.clock not in _INSIDE and not (clock and clock.inside) and not one.gone(on):
            found.append(one)
    return tuple(sorted(found, key=lambda d: (d.due, d.clock, d.track)))


def lapsed(known: Known, on: date) -> tuple[tuple[str, str, str, str, date], ...]:
    """What may be pressed for: (clock or obligation, track, zh, en, due day), oldest first."""
    pack = known.packs.pack(known.facts.pack)
    found = [
        (d.clock, d.track, d.what, d.what_en, d.due)
        for d in known.deadlines
        if d.clock in pack.lapses and d.holder_kind == "unit" and d.open and on > d.due
    ]
    for owed in known.facts.owed:
        if owed.open and owed.done_on is None and owed.late(on) and owed.due_on:
            kind = pack.obligations.get(owed.kind)
            zh, en = (kind.zh, kind.en) if kind else (owed.kind, owed.kind)
            found.append((owed.id, owed.track, zh, en, owed.due_on))
    pressed = {(what, track) for _, what, track in known.facts.open_presses}
    return tuple(sorted((row for row in found if (row[0], row[1]) not in pressed), key=lambda row: row[4]))


def looked(known: Known, names: Mapping[str, str]) -> tuple[Looked, ...]:
    """Who opened the identity, in which role, for which unit, what for; oldest first."""
    pack = known.packs.pack(known.facts.pack)
    entries = [entry for entry in known.entries if entry.code == "identity_read"]
    found = []
    for entry in entries:
        role, purpose = str(entry.facts.get("role", "")), str(entry.facts.get("purpose", ""))
        called, why = pack.roles.get(role), pack.term("reading_purposes", purpose)
        unit = str(entry.facts.get("unit") or "")
        found.append(
            Looked(
                entry.seq, entry.occurred_at,
                called.zh if called else role, called.en if called else role, names.get(unit, unit),
                why.zh if why else purpose, why.en if why else purpose,
            )
        )  # fmt: skip
    return tuple(found)
