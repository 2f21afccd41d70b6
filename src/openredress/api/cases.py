"""Staff's side, with a token: cases through the gate, moves, evidence. Never an identity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.utils.timezone import get_default_timezone

from openredress.api import following, moving, uploads
from openredress.api.door import Asked, made
from openredress.api.problems import Problem, refuse
from openredress.api.reading import json_body, query
from openredress.cases import facts, papers, performing, units
from openredress.cases.models import Attachment, Case, Involved
from openredress.cases.policy import NOT_FOUND, Gate
from openredress.importers.workbook import control
from openredress.rules.lifecycle import open_moves, pack_for
from openredress.rules.pack import Move

FILTERS = ("after", "due_before", "limit", "open", "state", "unit")
_LIMIT = 200
# Files that a unit brings as proof of what it did. Petitioners' papers and scans show who they are.
EVIDENCE = ("execute", "perform_obligation")


def cases(asked: Asked) -> HttpResponse:
    """GET /cases: readable cases, newest first, a page at a time."""
    wanted = query(asked.request, FILTERS)
    gate = asked.gate()
    limit = _whole(wanted.get("limit", "50"), "limit", 1, _LIMIT)
    rows = _narrowed(gate.cases(), wanted)
    if "after" in wanted:
        last = gate.case(wanted["after"])
        if last is None:
            raise _bad("after", "编号不在可查范围内", "No readable case has this number")
        rows = rows.filter(pk__lt=last.pk)
    found = list(rows.select_related("lead", "office").order_by("-pk")[: limit + 1])
    more = found[limit - 1].number if len(found) > limit else None
    return made({"cases": [_row(one) for one in found[:limit]], "next": more})


def _narrowed(rows: QuerySet[Case], wanted: Mapping[str, str]) -> QuerySet[Case]:
    if "state" in wanted:
        rows = rows.filter(state=wanted["state"][:30])
    if "open" in wanted:
        if wanted["open"] not in ("true", "false"):
            raise _bad("open", "应为 true 或 false", "It is true or false")
        rows = rows.filter(open=wanted["open"] == "true")
    if "unit" in wanted:
        part = Involved.objects.filter(unit__code=wanted["unit"][:40], why="holder").values("case")
        rows = rows.filter(pk__in=part)
    if "due_before" in wanted:
        rows = rows.filter(next_due__lt=_day(wanted["due_before"], "due_before"))
    return rows


def _bad(field: str, zh: str, en: str) -> Problem:
    return refuse(400, "bad_parameter", f"“{field}”：{zh}", f"“{field}”: {en}", field=field)


def _whole(text: str, field: str, least: int, most: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 8 and least <= int(text) <= most:
        return int(text)
    raise _bad(field, f"应为 {least} 至 {most} 的整数", f"It is a whole number, {least} to {most}")


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _bad(field, "应为日期，如 2026-09-03", "It is a day, as 2026-09-03") from None


def _row(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "title": case.title,
        "state": case.state,
        "version": case.version,
        "open": case.open,
        "channel": case.channel,
        "category": case.category,
        "office": case.office.code,
        "lead": case.lead.code if case.lead else None,
        "received_on": case.received_on.isoformat(),
        "next_due": case.next_due.isoformat() if case.next_due else None,
        "next_clock": case.next_clock,
        "answered": case.answered,
        "solved": case.solved,
        "sealed": case.sealed,
    }


def _case(asked: Asked, gate: Gate, action: str) -> Case:
    case = gate.case(asked.params["number"])
    if case is None:
        raise Problem(404, [NOT_FOUND])
    answer = gate.may(action, case)
    if answer is not True:
        raise Problem(404 if answer is NOT_FOUND else 403, [answer])
    return case


def case(asked: Asked) -> HttpResponse:
    """GET /cases/{number}: one case with tracks, claims, dates, what may be done now and the record."""
    query(asked.request, ())
    gate = asked.gate()
    found = _case(asked, gate, "whole")
    known = facts.load(found.stream, asked.at)
    if known is None:
        raise Problem(404, [NOT_FOUND])
    local = asked.at.astimezone(get_default_timezone())
    actor = performing.as_in_pack(gate.actor)
    buttons = []
    for one in open_moves(known.facts, actor, known.packs, local, known.deadlines):
        track = known.facts.track(one.track) if one.track else None
        if one.move not in moving.ELSEWHERE:
            buttons.append(
                moving.button(one, pack_for(known.facts, track, known.packs, local), asked.english)
            )
    return made(
        {
            **_row(found),
            "summary": found.summary,
            "tracks": _tracks(known),
            "claims": _claims(known),
            "deadlines": [
                moving.deadline(one, asked.english) for one in papers.deadline_papers(known.deadlines)
            ],
            "open_moves": buttons,
            "entries": _entries(known, asked.english),
            "attachments": [
                following.shown(one) for one in Attachment.objects.filter(case=found).order_by("pk")
            ],
        }
    )


def _tracks(known: facts.Known) -> list[dict[str, Any]]:
    return [
        {
            "track": one.id,
            "state": one.state,
            "holder": one.holder,
            "avenue": one.avenue,
            "handler": one.handler,
            "claims": list(one.claims),
        }
        for one in known.facts.tracks
    ]


def _claims(known: facts.Known) -> list[dict[str, Any]]:
    return [
        {
            "claim": one.id,
            "track": one.track,
            "avenue": one.avenue,
            "outcome": one.outcome,
            "executed": one.executed,
            "execute_by": one.execute_by.isoformat() if one.execute_by else None,
        }
        for one in known.facts.claims
    ]


def _entries(known: facts.Known, english: bool) -> list[dict[str, Any]]:
    """The record without its words and without its parties: who did what, where and when."""
    found = []
    names = units.names({str(one.facts.get("by") or "") for one in known.entries})
    for entry in known.entries:
        move = known.packs.pack(entry.pack).moves[entry.code]
        by = str(entry.facts.get("by") or "")
        found.append(
            {
                "seq": entry.seq,
                "move": entry.code,
                "what": move.en if english else move.zh,
                "track": str(entry.facts.get("track") or ""),
                "unit": names.get(by, by),
                "actor": entry.actor.partition("/")[0] if entry.actor.startswith("party/") else entry.actor,
                "occurred_at": entry.occurred_at.isoformat(timespec="seconds"),
                "recorded_at": entry.recorded_at.isoformat(),
                "article": move.article,
            }
        )
    return found


def move(asked: Asked) -> HttpResponse:
    """POST /cases/{number}/moves/{move}: a step of the office, decided by the rules as at the desk."""
    query(asked.request, ())
    given = json_body(asked.request)
    gate = asked.gate()
    found = _case(asked, gate, "write")
    name = asked.params["move"]
    known = facts.load(found.stream, asked.at)
    law = known.packs.pack(known.facts.pack) if known is not None else None
    if law is None or name in moving.ELSEWHERE or name not in law.moves:
        raise moving.unknown(name)
    expected, occurred_at, scan = _around(given)
    fields = moving.checked(given, law.moves[name].fields)
    _no_control_words(law.moves[name], fields)
    done = moving.perform(
        found, name, fields, actor=gate.actor, at=asked.at, occurred_at=occurred_at, expected=expected,
        scan=scan,
    )  # fmt: skip
    return made(moving.answer(found, found.number, name, done, asked.english))


def _around(given: dict[str, Any]) -> tuple[int | None, datetime | None, str | None]:
    """What stands beside a move's own fields: the version seen, when it happened, the scan of the paper."""
    expected, moment = given.pop("expected_version", None), given.pop("occurred_at", None)
    scan = given.pop("scan", None)
    if "scanned" in given:
        raise _bad("scanned", "请在 scan 中写扫描件的上传编号", "Give the upload of the paper as `scan`")
    if expected is not None and (not isinstance(expected, int) or isinstance(expected, bool)):
        raise _bad("expected_version", "应为整数", "It is a whole number")
    happened = None
    if moment is not None:
        try:
            happened = datetime.fromisoformat(moment)
        except (TypeError, ValueError):
            happened = None
        if happened is None or happened.tzinfo is None or not 1949 <= happened.year <= 2200:
            raise _bad("occurred_at", "应为带时区的时间", "It is a time with a zone")
    if scan is not None and not isinstance(scan, str):
        raise _bad("scan", "应为上传编号", "It is the id of an upload")
    return expected, happened, uploads.contents([scan], "scan")[0] if scan else None


def _no_control_words(move: Move, given: Mapping[str, Any]) -> None:
    """What staff write with a phrase that is not recorded here goes back, to be cut. Petitioners' never."""
    if move.arrival:
        return
    listed = control.load()
    for name, field in move.fields.items():
        value = given.get(name)
        texts = value.values() if isinstance(value, Mapping) else [value]
        for text in texts if field.kind == "text" else ():
            if isinstance(text, str) and listed.phrase(text):
                raise refuse(
                    400, "not_recorded_here", f"“{name}”中有本系统不记录的内容",
                    f"“{name}” holds what this system does not record", field=name,
                    todo=("删去有关字句后再提交", "cut it and send again"),
                )  # fmt: skip


def attachment(asked: Asked) -> FileResponse:
    """GET /cases/{number}/attachments/{id}: evidence of a unit. Petitioners' papers stay at the desk."""
    query(asked.request, ())
    found = _case(asked, asked.gate(), "whole")
    known = facts.load(found.stream, asked.at)
    codes = {entry.seq: entry.code for entry in known.entries} if known is not None else {}
    for one in Attachment.objects.filter(case=found, erased=False).order_by("pk"):
        if following.shown(one)["id"] != asked.params["attachment"]:
            continue
        if codes.get(one.seq) in EVIDENCE and one.petition_id is None:
            return following.sent(one)
        raise refuse(
            403, "file_shows_a_person", "这份文件可能显示信访人身份，接口不提供",
            "This file may show who petitions; the API does not give it", field="attachment",
            todo=("请在办理平台登录后查看，查看会记入日志", "open it at the desk, where each look is logged"),
        )  # fmt: skip
    raise following.no_file()
