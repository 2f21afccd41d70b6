"""工作日历与办理规则: revisions in order, a new one looked at before it is recorded. Each is an entry.

An uploaded file waits sealed between the look and the press, so that what is recorded is what was shown.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.cases import recalendar
from openredress.lawbook import book
from openredress.lawbook.book import APPLIES, LawbookError
from openredress.lawbook.models import CalendarRevision, PackRevision
from openredress.ledger import gate
from openredress.packs import calendars, load
from openredress.packs.reading import PackError
from openredress.people.record import record, system_stream
from openredress.rules.calendar import Calendar
from openredress.rules.pack import Pack
from openredress.web.desk import kept, said
from openredress.web.desk.access import DeskRequest, frame
from openredress.web.desk.only import only
from openredress.web.frame import url
from openredress.web.language import t

FILE_MOST = 400_000  # bytes of one file
SHOWN = 50  # clocks in a preview
CALENDAR, PACK = "calendar", "pack"
Files = dict[str, str]
_BAD = (PackError, LawbookError, ValueError, KeyError, FileNotFoundError)


def _uploaded(request: DeskRequest) -> Files:
    """Name → text of the chosen TOML files. Raises ValueError."""
    found: Files = {}
    for one in request.FILES.getlist("file"):
        name = str(one.name or "").rpartition("/")[2]
        if not name.endswith(".toml") or (one.size or 0) > FILE_MOST:
            raise ValueError(
                t(f"{name}：只收 TOML 文件，不超过 400 kB", f"{name}: TOML files up to 400 kB only")
            )
        found[name] = one.read().decode()
    if not found:
        raise ValueError(t("没有选文件", "No file was chosen"))
    return found


def _why(error: Exception) -> str:
    """Where and why, as the check said it."""
    if isinstance(error, PackError):
        return t(
            f"{error.place}：{error.why}。改好后重新上传。",
            f"{error.place}: {error.why}. Mend it and upload again.",
        )
    return str(error)


def _waiting(request: DeskRequest, kind: str) -> tuple[Any, kept.Body]:
    """What was shown and now is to be recorded. Raises ValueError."""
    ref, by = request.POST.get("draft", ""), request.desk.actor.pseudonym
    found = kept.held(ref, kind, by, request.desk.at)
    if found is None:
        raise ValueError(t("预览已失效，请重新上传", "The preview is gone: upload it again"))
    return found


def _enter(request: DeskRequest) -> book.Enter:
    def enter(code: str, told: Mapping[str, Any], words: Mapping[str, Any]) -> None:
        by = request.desk.actor.pseudonym
        record(system_stream(), code, told, words=words, actor=by, at=request.desk.at)

    return enter


# ------------------------------------------------------------------ calendars


@only("system")
def calendar_room(request: DeskRequest) -> HttpResponse:
    """Revisions of calendars; a new year's file is previewed with the clocks that it moves."""
    if request.method != "POST":
        return _calendars(request)
    try:
        if request.POST.get("do") == "record":
            draft, body = _waiting(request, CALENDAR)
            _take(request, body["blob"].encode())
            kept.drop(draft)
            text = t("已登记；在走的时限随即按新日历重算。", "Recorded; running clocks are dated anew.")
            messages.success(request, text)
            return HttpResponseRedirect(url("desk:calendars"))
        (name, text), *_ = _uploaded(request).items()
        given = text.encode()
        blob = recalendar.merged(recalendar.newest(str(tomllib.loads(text).get("id", ""))), given)
        new = calendars.load(blob, name)
    except _BAD as error:
        return _calendars(request, why=_why(error), status=422)
    body = {"blob": blob.decode(), "name": name}
    draft = kept.begin(CALENDAR, request.desk.actor.pseudonym, body, request.desk.at)
    return _calendars(request, draft=draft.ref, **_moved(request, new))


def _moved(request: DeskRequest, new: Calendar) -> dict[str, Any]:
    packs = book.packs()
    since = recalendar.first_change(packs.calendar(new.id), new)
    moved = list(islice(recalendar.preview(new, packs, request.desk.at), 5_000))
    return {
        "new": new,
        "since": since,
        "moved": moved[:SHOWN],
        "count": len(moved),
        "names": said.unit_names_by_code(one.holder for one in moved[:SHOWN]),
    }


def _take(request: DeskRequest, blob: bytes) -> None:
    desk, new = request.desk, calendars.load(blob)
    since = recalendar.first_change(book.packs().calendar(new.id), new)
    reason = request.POST.get("reason", "").strip()
    if since is None:
        raise LawbookError(t("与现行日历没有不同，不必登记", "It does not differ from the present calendar"))
    if not reason:
        raise LawbookError(
            t("请写明依据，如放假通知文号；文件请重新上传", "Name the basis; upload the file again")
        )
    recalendar.take(blob, new, since, reason=reason[:200], actor=desk.actor.pseudonym, at=desk.at)


def _calendars(request: DeskRequest, status: int = 200, **more: Any) -> HttpResponse:
    packs = book.packs()
    rows = list(CalendarRevision.objects.order_by("-pk")[:SHOWN])
    known = sorted({one.calendar for one in rows})
    context = frame(
        request,
        "calendars",
        rows=rows,
        years=[(one, sorted(packs.calendar(one).known_years)) for one in known],
        **{"why": "", "draft": "", "new": None, **more},
    )
    return render(request, "desk/calendars.html", context, status=status)


# ------------------------------------------------------------------ packs


@only("system")
def pack_room(request: DeskRequest) -> HttpResponse:
    """Revisions of the rules; uploaded files take the place of those of the same name in the newest one."""
    if request.method != "POST":
        return _packs(request)
    try:
        if request.POST.get("do") == "record":
            draft, body = _waiting(request, PACK)
            _record(request, body["files"])
            kept.drop(draft)
            messages.success(request, t("新修订已登记。", "The revision is recorded."))
            return HttpResponseRedirect(url("desk:packs"))
        uploaded = _uploaded(request)
        base = _newest(request.POST.get("pack", ""))
        files = base | uploaded
        pack = load.load({name: text.encode() for name, text in files.items()})
    except _BAD as error:
        return _packs(request, why=_why(error), status=422)
    draft = kept.begin(PACK, request.desk.actor.pseudonym, {"files": files}, request.desk.at)
    return _packs(request, draft=draft.ref, new=pack, **_changes(base, files, pack))


def _newest(pack_id: str) -> Files:
    """The files of the newest revision of a pack; none for one that is new altogether."""
    row = PackRevision.objects.filter(pack=pack_id).order_by("-pk").first()
    return dict(json.loads(row.blob)) if row is not None else {}


def _changes(base: Files, files: Files, pack: Pack) -> dict[str, Any]:
    """Which files differ, and which clocks and moves of the newest revision."""
    changed = sorted(name for name in files if files[name] != base.get(name))
    old = load.load({name: text.encode() for name, text in base.items()}) if base else None
    differs: list[tuple[str, str]] = []
    pairs = (("clocks", t("时限", "Clock")), ("moves", t("动作", "Move"))) if old is not None else ()
    for part, label in pairs:
        before, after = getattr(old, part), getattr(pack, part)
        for key in sorted(set(before) | set(after)):
            if before.get(key) != after.get(key):
                one = after.get(key) or before[key]
                gone = t("（取消）", " (gone)") if key not in after else ""
                differs.append((label, f"{key} {t(one.zh, one.en)}{gone}"))
    return {"changed": changed, "differs": differs[:SHOWN]}


def _record(request: DeskRequest, files: Files) -> None:
    applies, reason = request.POST.get("applies", ""), request.POST.get("reason", "").strip()[:200]
    data = {name: text.encode() for name, text in files.items()}
    at, enter = request.desk.at, _enter(request)
    gate.write(lambda: book.add_pack(data, applies=applies, at=at, reason=reason, enter=enter))


_APPLIES = {
    "new_cases": ("只用于新登记的事项", "new cases only"),
    "new_clocks": ("新开始的时限也用", "clocks that start from now on too"),
    "refold": ("在办事项全部按它重算", "running cases are computed anew"),
}


def _packs(request: DeskRequest, status: int = 200, **more: Any) -> HttpResponse:
    rows = PackRevision.objects.order_by("-pk").defer("blob")[:SHOWN]
    context = frame(
        request,
        "packs",
        rows=[(one, t(*_APPLIES[one.applies])) for one in rows],
        known=sorted(set(PackRevision.objects.values_list("pack", flat=True))),
        applies=[(code, t(*_APPLIES[code])) for code in APPLIES],
        **{"why": "", "draft": "", "new": None, **more},
    )
    return render(request, "desk/packs.html", context, status=status)


urls: list[URLPattern] = [
    path("calendars", calendar_room, name="calendars"),
    path("packs", pack_room, name="packs"),
]
