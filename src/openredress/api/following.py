"""What a petitioner sees of the own matter: stations with unit, day and article, what is due, who looked.

Nothing here is told about other petitioners on the same matter, and nothing that staff only noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import FileResponse
from django.utils.timezone import get_default_timezone

from openredress.api.moving import button, checked, deadline
from openredress.api.problems import refuse
from openredress.cases import facts, papers, units
from openredress.cases.models import Attachment, Party, Petition
from openredress.documents import store
from openredress.identity import vault
from openredress.people import tree
from openredress.people.models import Unit
from openredress.rules.facts import Actor, CaseFacts, Entry, Track
from openredress.rules.lifecycle import open_moves, pack_for

OWN_MOVES = frozenset(
    {
        "material", "message", "press", "request_review", "request_final", "withdraw", "restore",
        "confirm_solved", "rate", "contest_refusal", "dispute_obligation", "reopen",
    }
)  # fmt: skip
STATIONS = OWN_MOVES | {
    "register", "attach", "forward", "assign", "object", "decide_objection", "notify_receipt", "refuse",
    "refuse_again", "decide_contest", "divert", "divert_accepted", "divert_returned", "simple_start",
    "convert", "investigate", "hearing_open", "hearing_close", "mediate", "settle", "extend", "opinion",
    "serve", "execute", "answer_press", "decide_review", "decide_final", "finality", "perform_obligation",
}  # fmt: skip
_TO = ("to", "reviewer")


def petitioner(petition: Petition) -> Actor:
    """Who asks with this petition's code: its first party, under the case's pseudonym."""
    first = Party.objects.filter(petition=petition).order_by("pk").values_list("party", flat=True).first()
    return Actor(f"party/{petition.case.stream[:10]}.{first or 'p1'}", "petitioner")


def page(petition: Petition, at: datetime, english: bool) -> dict[str, Any]:
    """The answer to GET /petitions/{number}."""
    known = facts.load(petition.case.stream, at)
    if known is None:
        raise LookupError(petition.case.stream)
    me, local = petitioner(petition), at.astimezone(get_default_timezone())
    law = pack_for(known.facts, None, known.packs, local)
    state = law.states.get(petition.case.state)
    buttons = []
    for one in open_moves(known.facts, me, known.packs, local, known.deadlines):
        track = known.facts.track(one.track) if one.track else None
        if one.move in OWN_MOVES:
            buttons.append(button(one, pack_for(known.facts, track, known.packs, local), english))
    return {
        "number": petition.number,
        "state": petition.case.state,
        "state_text": ((state.en if english else state.zh) if state else petition.case.state),
        "received_at": petition.received_at.astimezone(local.tzinfo).isoformat(timespec="seconds"),
        "answered": petition.case.answered,
        "solved": petition.case.solved,
        "stations": _stations(known, petition, me, english),
        "deadlines": [deadline(one, english) for one in papers.deadline_papers(known.deadlines)],
        "open_moves": buttons,
        "attachments": [shown(one) for one in _own_files(petition, me, known.entries)],
        "identity_reads": _reads(petition, known.entries),
    }


def _stations(known: facts.Known, petition: Petition, me: Actor, english: bool) -> list[dict[str, Any]]:
    told = [
        entry
        for entry in known.entries
        if entry.code in STATIONS
        and entry.seq >= petition.seq
        and (not entry.actor.startswith("party/") or entry.actor == me.pseudonym)
        and entry.facts.get("petition") in (None, petition.number)
    ]
    wanted = {str(entry.facts[key]) for entry in told for key in ("by", "office", *_TO) if key in entry.facts}
    names = units.names(wanted)
    return [_station(entry, known, names, english) for entry in told]


def _station(entry: Entry, known: facts.Known, names: Mapping[str, str], english: bool) -> dict[str, Any]:
    move = known.packs.pack(entry.pack).moves[entry.code]
    unit = str(entry.facts.get("by") or entry.facts.get("office") or "")
    to = next((str(entry.facts[key]) for key in _TO if entry.facts.get(key)), "")
    return {
        "seq": entry.seq,
        "at": entry.occurred_at.isoformat(timespec="seconds"),
        "move": entry.code,
        "what": move.en if english else move.zh,
        "unit": names.get(unit, "" if entry.actor.startswith("party/") else unit),
        "to": names.get(to, ""),
        "article": move.article,
        "papers": _papers(entry),
    }


def _papers(entry: Entry) -> list[dict[str, Any]]:
    """Papers that reached the petitioner with this entry."""
    given = entry.facts
    if not given.get("served_on"):
        return []
    kind = str(given.get("paper") or "notice")
    return [{"kind": kind, "served_on": given["served_on"], "means": given.get("means", "")}]


def _reads(petition: Petition, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Every opening of an identity: those in the record, and those in the vault's log beside it."""
    found = {}
    for entry in entries:
        if entry.code == "identity_read":
            row = [str(entry.facts.get(key, "")) for key in ("role", "unit", "purpose")]
            found[(entry.occurred_at.isoformat(timespec="seconds"), *row)] = True
    for one in vault.reads_of(f"case/{petition.case.stream}"):
        moment = datetime.fromisoformat(one["at"]).astimezone(get_default_timezone())
        key = (moment.isoformat(timespec="seconds"), one["role"], one["unit"], one["purpose"])
        found[key] = True
    names = units.names({key[2] for key in found})
    return [
        {"at": at, "role": role, "unit": names.get(unit, unit), "purpose": purpose}
        for at, role, unit, purpose in sorted(found)
    ]


def _own_files(petition: Petition, me: Actor, entries: Sequence[Entry]) -> list[Attachment]:
    """Files that came with this petition or from this petitioner later; nobody else's."""
    mine = {entry.seq for entry in entries if entry.actor == me.pseudonym}
    rows = Attachment.objects.filter(case=petition.case, purpose="material").order_by("pk")
    return [one for one in rows if one.petition_id == petition.pk or one.seq in mine]


def shown(one: Attachment) -> dict[str, Any]:
    """A file in a list; the id names it within its case."""
    head = {"id": f"{one.seq}-{one.upload[:12]}", "seq": one.seq, "sha256": one.sha256}
    return {**head, "size": one.size, "type": one.type, "erased": one.erased}


def file(petition: Petition, wanted: str) -> FileResponse:
    """The bytes of one of the petitioner's own files. Raises Problem (404)."""
    entries = facts.load(petition.case.stream, petition.recorded_at)
    mine = _own_files(petition, petitioner(petition), entries.entries if entries else ())
    for one in mine:
        if shown(one)["id"] == wanted and not one.erased:
            return sent(one)
    raise no_file()


def no_file() -> Exception:
    """No such file for this caller."""
    return refuse(
        404, "no_such_file", "没有这个附件", "There is no such file", field="attachment",
        todo=("附件编号见事项的 attachments", "see attachments for the ids"),
    )  # fmt: skip


def sent(one: Attachment) -> FileResponse:
    """A file as a download that no browser opens in the office's own name."""
    try:
        held = store.open_file(one.sha256)
    except FileNotFoundError:
        raise no_file() from None
    answer = FileResponse(held, as_attachment=True, filename=f"{one.sha256[:12]}", content_type=one.type)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Content-Length"] = str(one.size)
    return answer


def completed(petition: Petition, name: str, given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The petitioner's fields checked, with what this door knows: the channel, the day, the reviewer."""
    local = at.astimezone(get_default_timezone())
    known = facts.load(petition.case.stream, at)
    if known is None:
        raise LookupError(petition.case.stream)
    fields = pack_for(known.facts, None, known.packs, local).moves[name].fields
    found = checked(given, fields)
    if "via" in fields:
        found.setdefault("via", "portal")
        if found["via"] != "portal":
            raise refuse(
                400, "own_channel", "这里只能由信访人本人办理（via = portal）",
                "Here only the petitioner acts (via = portal)", field="via", todo=("portal", "portal"),
            )  # fmt: skip
    if "requested_on" in fields:
        found.setdefault("requested_on", local.date().isoformat())
    if "reviewer" in fields and not found.get("reviewer"):
        found["reviewer"] = _reviewer(known.facts, found)
    return {key: value for key, value in found.items() if key != "scanned"}


def _reviewer(case: CaseFacts, given: Mapping[str, Any]) -> str:
    """The next body above the one whose answer is contested."""
    named = case.track(str(given.get("track", "")))
    track: Track | None = named or next((one for one in case.tracks if one.opinion_unit), None)
    if track is None:
        return ""
    unit = Unit.objects.filter(code=track.first_reviewer or track.opinion_unit).first()
    above = tree.ancestors(unit) if unit is not None else ()
    return above[0] if above else ""
