"""Making a move: its form, what it still lacks while it is written, and the press; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from openredress.cases import actions
from openredress.cases.performing import decide_move, office_zone
from openredress.documents import store as documents
from openredress.importers.workbook import control
from openredress.people.errors import Refused
from openredress.rules.facts import Refusal
from openredress.rules.lifecycle import pack_for
from openredress.web.desk import casefile, forms, presence
from openredress.web.desk.access import DeskRequest, frame, signed_in
from openredress.web.desk.case import missing as not_found
from openredress.web.desk.casefile import CaseFile
from openredress.web.desk.forms import Ground
from openredress.web.frame import url
from openredress.web.language import sentence, t
from openredress.web.models_desk import HalfTyped

KEPT = timedelta(days=7)
_OWN = ("csrfmiddlewaretoken", "expected", "track", "occurred_at")
_TYPED_MOST = 400_000  # characters of one form


@signed_in
def move(request: DeskRequest, number: str, move: str) -> HttpResponse:
    """The form of a move; a POST makes it."""
    file = casefile.load(request.desk, number)
    if not isinstance(file, CaseFile):
        return not_found(request)
    ground = ground_of(file, move, request.POST.get("track") or request.GET.get("track", ""))
    if ground is None:
        return not_found(request)
    if request.method == "POST":
        return _press(request, file, ground)
    typed = half_typed(request, ground)
    return _form(request, file, ground, typed or _prefilled(request), resumed=bool(typed))


def ground_of(file: CaseFile, name: str, track_id: str) -> Ground | None:
    """The move on the track meant, or on the only one where it may start; None when the law knows no such."""
    facts, packs = file.known.facts, file.known.packs
    local = file.desk.at.astimezone(office_zone())
    tracks = [track for track in facts.tracks if not track_id or track.id == track_id]
    for track in tracks:
        pack = pack_for(facts, track, packs, local)
        found = pack.moves.get(name)
        if found is not None and found.level == "track" and (not found.start or track.state in found.start):
            return Ground(file.known, track, found, pack, file.desk, file.claim_texts)
    pack = pack_for(facts, None, packs, local)
    found = pack.moves.get(name)
    if found is None or name in casefile.NOT_HERE:
        return None
    only = (tracks or facts.tracks)[0] if found.level == "track" and facts.tracks else None
    return Ground(file.known, only, found, pack, file.desk, file.claim_texts)


def _prefilled(request: DeskRequest) -> dict[str, list[str]]:
    """Values that a link gives beforehand: which obligation, which claim."""
    return {
        name: request.GET.getlist(name)
        for name in ("obligation", "claim", "press_seq")
        if name in request.GET
    }


def _typed(request: DeskRequest) -> dict[str, list[str]]:
    """What the form sent, without its own bookkeeping."""
    found = {name: request.POST.getlist(name) for name in request.POST if name not in _OWN}
    room, kept = _TYPED_MOST, {}
    for name, values in found.items():
        room -= sum(map(len, values))
        if room > 0:
            kept[name[:60]] = values
    return kept


# ------------------------------------------------------------------ half-typed


def half_typed(request: DeskRequest, ground: Ground) -> dict[str, list[str]]:
    """What this person had begun to write here, or nothing."""
    row = _rows(request, ground).filter(at__gt=request.desk.at - KEPT).first()
    return dict(row.typed) if row else {}


def _rows(request: DeskRequest, ground: Ground) -> Any:
    return HalfTyped.objects.filter(
        staff=request.desk.staff, case=ground.known.case_id, move=ground.move.id, track=_track(ground)
    )


def _track(ground: Ground) -> str:
    return ground.track.id if ground.track is not None else ""


def keep(request: DeskRequest, ground: Ground, typed: Mapping[str, list[str]]) -> None:
    """Keep what is typed so far; what is older than a week goes."""
    if any(value.strip() for values in typed.values() for value in values):
        HalfTyped.objects.update_or_create(
            staff=request.desk.staff,
            case=ground.known.case_id,
            move=ground.move.id,
            track=_track(ground),
            defaults={"typed": dict(typed), "at": request.desk.at},
        )
    HalfTyped.objects.filter(at__lte=request.desk.at - KEPT).delete()


@require_POST
@signed_in
def throw_away(request: DeskRequest, number: str, move: str) -> HttpResponse:
    """Begin the form anew."""
    file = casefile.load(request.desk, number)
    ground = ground_of(file, move, request.POST.get("track", "")) if isinstance(file, CaseFile) else None
    if ground is None:
        return not_found(request)
    _rows(request, ground).delete()
    return HttpResponseRedirect(_address(number, ground))


def _address(number: str, ground: Ground) -> str:
    track = {"track": ground.track.id} if ground.track is not None else {}
    return url("desk:move", number, ground.move.id, **track)


# ------------------------------------------------------------------ while writing


@require_POST
@signed_in
def check(request: DeskRequest, number: str, move: str) -> HttpResponse:
    """What is still missing and what the rules would say, kept in one's own half-typed form alone."""
    file = casefile.load(request.desk, number)
    ground = ground_of(file, move, request.POST.get("track", "")) if isinstance(file, CaseFile) else None
    if ground is None:
        return not_found(request)
    typed = _typed(request)
    keep(request, ground, typed)
    return render(request, "desk/_check.html", _checked(request, ground, typed))


def _checked(request: DeskRequest, ground: Ground, typed: Mapping[str, list[str]]) -> dict[str, Any]:
    lacking = forms.missing(ground, typed)
    no = None if lacking else _would(request, ground, typed)
    return {"lacking": lacking, "refused": sentence(no) if no else "", "ready": not lacking and no is None}


def _would(request: DeskRequest, ground: Ground, typed: Mapping[str, list[str]]) -> Refusal | None:
    """What the rules would answer now; nothing is written."""
    given = forms.read(ground, typed)
    no = control_words(ground, given)
    if no is not None:
        return no
    decided = decide_move(ground.known, ground.move.id, given, request.desk.actor, request.desk.at)
    return decided if isinstance(decided, Refusal) else None


def control_words(ground: Ground, given: Mapping[str, Any]) -> Refusal | None:
    """A staff-written text with a listed phrase goes back to the writer; a petitioner's words never do."""
    if ground.move.arrival:
        return None
    for one in ground.move.fields.values():
        if one.kind != "text" or one.name not in given:
            continue
        value = given[one.name]
        for text in value.values() if isinstance(value, Mapping) else (value,):
            if phrase := control.load().phrase(str(text)):
                return Refusal(
                    "control_words",
                    f"“{one.zh}”里有本系统不记录的内容：{phrase}",
                    f"“{one.en}” holds what this system does not record: {phrase}",
                    field=one.name,
                    what_to_do="删去后再提交",
                    what_to_do_en="cut it and send again",
                )
    return None


# ------------------------------------------------------------------ the press


def _press(request: DeskRequest, file: CaseFile, ground: Ground) -> HttpResponse:
    typed = _typed(request)
    given = forms.read(ground, typed)
    expected = int(request.POST["expected"]) if request.POST.get("expected", "").isdigit() else None
    outcome = control_words(ground, given) or _perform(request, file, ground, given, expected)
    if isinstance(outcome, Refusal):
        keep(request, ground, typed)
        meanwhile = expected if outcome.code == "changed_meanwhile" else None
        return _form(request, file, ground, typed, no=outcome, meanwhile=meanwhile)
    _rows(request, ground).delete()
    presence.left(request.desk.staff, ground.known.case_id)
    messages.success(request, t(f"已记入经过：{ground.move.zh}。", f"On the record: {ground.move.en}."))
    return HttpResponseRedirect(url("desk:case", file.case.number))


def _perform(
    request: DeskRequest, file: CaseFile, ground: Ground, given: dict[str, Any], expected: int | None
) -> actions.Done | Refusal:
    happened = _happened(request)
    if isinstance(happened, Refusal):
        return happened
    try:
        scan = _stored(request, "scan")
        for one in ground.move.fields.values():
            if one.kind == "file" and (held := _stored(request, one.name)):
                given[one.name] = held
    except Refused as no:
        return no.refusal
    return actions.perform(
        file.case.stream,
        ground.move.id,
        given,
        actor=request.desk.actor,
        at=request.desk.at,
        occurred_at=happened,
        expected=expected,
        scan=scan[0] if scan else None,
    )


def _happened(request: DeskRequest) -> datetime | Refusal | None:
    """The moment that somebody says it happened; none is now."""
    text = request.POST.get("occurred_at", "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=office_zone())
    except ValueError:
        return Refusal(
            "bad_moment",
            "发生时间看不懂",
            "The time it happened cannot be read",
            field="occurred_at",
            what_to_do="写成 2026-09-03 10:12",
            what_to_do_en="write it as 2026-09-03 10:12",
        )


def _stored(request: DeskRequest, name: str) -> list[str]:
    """Hashes of the files uploaded under one input, each kept durably."""
    found: list[str] = []
    for one in request.FILES.getlist(name):
        assert isinstance(one, UploadedFile)
        with transaction.atomic():
            found.append(documents.save(one.file, one.name or "", at=request.desk.at).sha256)  # type: ignore[arg-type]
    return found


def _form(
    request: DeskRequest,
    file: CaseFile,
    ground: Ground,
    typed: Mapping[str, list[str]],
    *,
    no: Refusal | None = None,
    meanwhile: int | None = None,
    resumed: bool = False,
) -> HttpResponse:
    version = file.known.version
    button = next(
        (
            one
            for one in file.moves
            if one.move.move == ground.move.id and one.move.track in ("", _track(ground))
        ),
        None,
    )
    context = frame(
        request,
        "cases",
        file=file,
        case=file.case,
        move=ground.move,
        name=t(ground.move.zh, ground.move.en),
        track=_track(ground),
        form=forms.draw(ground, typed),
        version=version,
        no=no,
        why=sentence(no) if no else "",
        meanwhile=[one for one in file.entries if one.seq > meanwhile] if meanwhile is not None else [],
        closed=button.why
        if button
        else t("您的岗位或单位不能办这一步。", "Your role or unit may not make this move."),
        units=_units_known(ground),
        resumed=resumed,
        backdated=request.POST.get("occurred_at", ""),
        **(_checked(request, ground, typed) if typed else {"lacking": forms.missing(ground, typed)}),
    )
    status = 200 if no is None else 409 if meanwhile is not None else 422
    return render(request, "desk/move.html", context, status=status)


def _units_known(ground: Ground) -> list[forms.Option]:
    """Units to choose from for the steps of an agreement."""
    if "steps" not in ground.move.fields:
        return []
    return list(forms.unit_options())


urls: list[URLPattern] = [
    path("case/<str:number>/move/<str:move>", move, name="move"),
    path("case/<str:number>/move/<str:move>/check", check, name="move-check"),
    path("case/<str:number>/move/<str:move>/anew", throw_away, name="move-anew"),
]
