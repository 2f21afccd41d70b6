"""待办: what the unit owes, nearest day first; narrowed by the address, read page by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.cases import reading, units, worklist
from openredress.cases.worklist import Asked, Line
from openredress.lawbook import book
from openredress.rules.calendar import Calendar
from openredress.rules.lifecycle import DEFAULT_FAMILY
from openredress.rules.pack import Pack, Packs
from openredress.rules.permits import allows
from openredress.web.desk import cursor, said
from openredress.web.desk.access import Desk, DeskRequest, frame, signed_in
from openredress.web.desk.views import saved_views
from openredress.web.frame import day, url
from openredress.web.language import t

ROWS = 50
FILTERS = ("bucket", "unit", "state", "clock", "handler", "region", "category")
PASSED_ON = 3  # units that held it before the row says so: the office, the first one, and another

# The step that leads on from a station when the clock names the last of several.
_ONWARD = {
    "registered": "forward",
    "forwarded": "notify_receipt",
    "assigned": "notify_receipt",
    "objected": "decide_objection",
    "simple": "opinion",
    "handling": "opinion",
    "mediating": "opinion",
    "hearing": "hearing_close",
    "opined": "serve",
    "reviewing": "decide_review",
    "reviewed": "serve",
    "final_reviewing": "decide_final",
    "final_decided": "serve",
    "refusal_contested": "decide_contest",
    "diverted": "divert_accepted",
    "served": "execute",
    "settled": "perform_obligation",
}


class Button(NamedTuple):
    """The next move, with where its form is."""

    label: str
    href: str


class Row(NamedTuple):
    """One line as the template shows it."""

    line: Line
    href: str
    due: said.Due
    share: int  # of the period gone by, in hundredths
    tags: tuple[tuple[str, str], ...]  # (class, words)
    about: str
    holder: str
    handler: str
    territorial: str
    station: str
    article: str
    button: Button | None


def asked_of(request: HttpRequest, desk: Desk) -> tuple[Asked, dict[str, str]]:
    """What the address asks for, and the known keys that it used."""
    given = {name: request.GET[name][:60] for name in FILTERS if request.GET.get(name)}
    asked = Asked(
        units=_units(given.get("unit", ""), desk),
        bucket=given.get("bucket", "all") if given.get("bucket") in worklist.BUCKETS else "all",
        state=given.get("state", ""),
        clock=given.get("clock", ""),
        handler=desk.actor.pseudonym if given.get("handler") == "me" else given.get("handler", ""),
        region=given.get("region", ""),
        category=given.get("category", ""),
        after=cursor.read(request.GET.get("after", "")),
    )
    return asked, given


def _units(wanted: str, desk: Desk) -> frozenset[int]:
    """Ids of the units whose list is asked for; only those whose counts the actor may see."""
    scope = desk.gate.scope
    own = frozenset({scope.own}) if scope.own is not None else frozenset()
    if wanted == "all":
        return frozenset(scope.counted()) or own
    if wanted and wanted != desk.actor.unit:
        one = units.ids([wanted])
        return frozenset(one.values()) & scope.counted()
    return own


@signed_in
def worklist_page(request: DeskRequest) -> HttpResponse:
    """One page of the worklist."""
    desk = request.desk
    asked, given = asked_of(request, desk)
    found = worklist.page(desk.gate, asked, desk.on, ROWS)
    packs = book.packs()
    shown = rows(found.lines, desk, packs)
    counts = worklist.buckets(desk.gate, asked.units, desk.on)
    after = cursor.written(found.after)
    return render(
        request,
        "desk/worklist.html",
        frame(
            request,
            "worklist",
            rows=shown,
            buckets=_buckets(counts, asked.bucket, given),
            given=given,
            filters=filters(given, packs, desk),
            views=saved_views(desk.staff, "worklist"),
            query_string=urlencode(given),
            next_href=address(given, after=after) if after else "",
            first_href=address(given) if asked.after else "",
            wide=bool(desk.gate.scope.below & desk.gate.scope.counted()),
        ),
    )


def address(given: Mapping[str, str], **more: str) -> str:
    """The list's address with these filters; an empty value takes a filter away."""
    kept = {name: value for name, value in {**given, **more}.items() if value}
    return url("desk:worklist") + (f"?{urlencode(kept)}" if kept else "")


def _buckets(counts: Mapping[str, int], current: str, given: Mapping[str, str]) -> list[dict[str, Any]]:
    labels = {
        "late": t("▲ 已超期", "▲ late"),
        "today": t("◆ 今天到期", "◆ due today"),
        "three": t("◆ 3 日内", "◆ in 3 days"),
        "ten": t("10 日内", "in 10 days"),
        "all": t("全部在办", "all open"),
        "waiting": t("等对方回应", "waiting for others"),
    }
    kinds = {"late": "late", "today": "soon", "three": "soon"}
    return [
        {
            "n": counts.get(name, 0),
            "label": label,
            "kind": kinds.get(name, ""),
            "href": address(given, bucket="" if name == "all" else name),
            "current": name == current,
        }
        for name, label in labels.items()
    ]


def filters(given: Mapping[str, str], packs: Packs, desk: Desk) -> list[dict[str, Any]]:
    """The choices of the filter form; labels from the law in force."""
    pack = packs.for_day(DEFAULT_FAMILY, desk.on)
    return _filters(pack, given.get("state", ""), given.get("clock", ""), given.get("category", ""))


def _filters(pack: Pack, state: str, clock: str, category: str) -> list[dict[str, Any]]:
    def options(pairs: list[tuple[str, str]], chosen: str) -> list[tuple[str, str, bool]]:
        return [(code, words, code == chosen) for code, words in pairs]

    states = [(one.id, t(one.zh, one.en)) for one in pack.states.values() if not one.terminal]
    clocks = [
        (one.id, f"{one.id} {t(one.zh, one.en)}")
        for one in pack.clocks.values()
        if one.holder != "petitioner"
    ]
    top = [
        (code[:2] if code.isdigit() else code, t(term.zh, term.en))
        for code, term in pack.vocab.get("categories", {}).items()
        if not term.parent
    ]
    return [
        {"name": "state", "label": t("环节", "Station"), "options": options(states, state)},
        {"name": "clock", "label": t("时限", "Clock"), "options": options(clocks, clock)},
        {"name": "category", "label": t("内容", "Matter"), "options": options(top, category)},
    ]


# ------------------------------------------------------------------ rows


def rows(lines: tuple[Line, ...], desk: Desk, packs: Packs) -> list[Row]:
    """Lines with everything said; two queries for names."""
    names = said.unit_names(one for line in lines for one in (line.holder, line.territorial))
    people = said.staff_names(line.handler for line in lines)
    calendar = packs.calendar(packs.for_day(DEFAULT_FAMILY, desk.on).calendar)
    roles = reading.pack_roles(desk.actor.roles) | {"staff"}
    return [_row(line, desk, packs, names, people, calendar, roles) for line in lines]


def _row(
    line: Line,
    desk: Desk,
    packs: Packs,
    names: Mapping[int, str],
    people: Mapping[str, str],
    calendar: Calendar,
    roles: frozenset[str],
) -> Row:
    pack = packs.pack(line.pack)
    clock = pack.clocks.get(line.clock)
    kind = pack.obligations.get(line.clock)
    mine = line.holder == desk.gate.scope.own
    what = kind.article if kind and not line.article else line.article
    right = clock is not None and clock.on_expiry == "right_lapses"
    return Row(
        line,
        said.case_href(line.number),
        said.due(line.due, desk.on, calendar, right=right, paused=line.paused),
        _share(line, desk.on),
        tags(line.marks, line.people, line.petitions, line.hops, pack),
        " · ".join(_about(line, desk.on)),
        names.get(line.holder or 0, ""),
        people.get(line.handler, ""),
        names.get(line.territorial or 0, ""),
        said.state(packs, line.pack, line.state),
        f"{said.article(what)} {t(clock.zh, clock.en) if clock else t(kind.zh, kind.en) if kind else ''}",
        button(line, pack, roles, mine),
    )


def _about(line: Line, on: date) -> list[str]:
    parts = [
        line.number,
        line.place,
        f"{said.channel(line.channel)} {day(line.received_on, year=line.received_on.year != on.year)}",
    ]
    return [part for part in parts if part]


def _share(line: Line, on: date) -> int:
    whole = max((line.due - line.received_on).days, 1)
    return max(0, min(100, 100 * (on - line.received_on).days // whole))


_TAGGED = {"hard": "hard", "urgent": "warn"}


def tags(marks: str, people: int, petitions: int, hops: int, pack: Pack) -> tuple[tuple[str, str], ...]:
    """What a row or a head says about the matter in a word: never about a person."""
    found = [(_TAGGED.get(mark, ""), said.term(pack, "marks", mark)) for mark in marks.split()]
    if people >= 5:
        found.append(("", t(f"集体 {people} 人", f"group of {people}")))
    if petitions > 1:
        found.append(("", t(f"同一事项 {petitions} 件", f"same matter ×{petitions}")))
    if hops >= PASSED_ON:
        found.append(("warn", t(f"转手 {hops - 1} 次", f"passed on {hops - 1} times")))
    return tuple(found)


def button(line: Line, pack: Pack, roles: frozenset[str], mine: bool) -> Button | None:
    """The move that comes next, when the actor's role may make it; its form asks the law itself."""
    move = _next(pack, line.next_move, line.state, roles, mine)
    if move is None:
        return None
    track = {"track": line.track} if line.track and pack.moves[move].level == "track" else {}
    found = pack.moves[move]
    return Button(_verb(move) or t(found.zh, found.en), said.move_href(line.number, move, **track))


def onward(state: str) -> str:
    """The move that usually leads on from a station, or an empty string."""
    return _ONWARD.get(state, "")


_known: dict[tuple[str, str, str, frozenset[str], bool], str | None] = {}  # by pack; few hundred in an office


def _next(pack: Pack, ends: str, state: str, roles: frozenset[str], mine: bool) -> str | None:
    key = (pack.hash, ends, state, roles, mine)
    if key not in _known:
        if len(_known) > 10_000:
            _known.clear()
        _known[key] = _find_next(pack, ends, state, roles, mine)
    return _known[key]


def _find_next(pack: Pack, ends: str, state: str, roles: frozenset[str], mine: bool) -> str | None:
    stands = frozenset({"anyone", "holder"} if mine else {"anyone", "superior"})
    first: tuple[str, ...] = () if ends == "serve" else (ends,)
    for name in (*first, onward(state)):
        move = pack.moves.get(name)
        if move is None or (move.level == "track" and move.start and state not in move.start):
            continue
        if allows(pack, name, roles, stands):
            return name
    return None


def _verb(move: str) -> str:
    """A short word for a button where the law's name of the move is long."""
    short = {
        "opinion": ("写处理意见", "Write the opinion"),
        "notify_receipt": ("告知接收", "Tell of receipt"),
        "decide_review": ("写复查意见", "Decide the review"),
        "decide_final": ("写复核意见", "Decide the final review"),
        "report": ("交办结报告", "File the report"),
        "execute": ("登记执行", "Record execution"),
        "answer_press": ("答复督促", "Answer"),
        "divert_accepted": ("登记对方受理", "Taken up there"),
        "perform_obligation": ("登记履行", "Record performance"),
    }
    return t(*short[move]) if move in short else ""


@signed_in
def obligations_page(request: DeskRequest) -> HttpResponse:
    """应办事项: what the unit promised or was told to do, nearest day first."""
    desk = request.desk
    asked, given = asked_of(request, desk)
    found, after = worklist.obligations(desk.gate, asked, desk.on, ROWS)
    packs = book.packs()
    calendar = packs.calendar(packs.for_day(DEFAULT_FAMILY, desk.on).calendar)
    streams = [line.stream for line in found]
    cases = {
        stream: (number, title, packs.pack(pack))
        for stream, number, title, pack in desk.gate.cases()
        .filter(stream__in=streams)
        .values_list("stream", "number", "title", "pack")
    }
    names = said.unit_names(line.unit for line in found)
    shown = [
        {
            "line": line,
            "case": cases[line.stream],
            "due": said.due(line.due, desk.on, calendar),
            "kind": cases[line.stream][2].obligations.get(line.kind),
            "unit": names.get(line.unit or 0, ""),
        }
        for line in found
        if line.stream in cases
    ]
    more = url("desk:obligations", **{**given, "after": cursor.written(after)}) if after else ""
    return render(
        request,
        "desk/obligations.html",
        frame(request, "obligations", rows=shown, next_href=more, article=said.article),
    )


urls: list[URLPattern] = [
    path("worklist", worklist_page, name="worklist"),
    path("obligations", obligations_page, name="obligations"),
]
