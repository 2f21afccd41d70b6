"""Every page of the desk passes here: who asks, for which unit, through which gate, at what time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate

from openredress.cases import reading
from openredress.cases.policy import Gate, acting_as
from openredress.lawbook import book
from openredress.people import staff as people
from openredress.people import tree
from openredress.people.models import AdminRole, Staff, Unit
from openredress.people.roles import ROLES
from openredress.rules.calendar import Calendar
from openredress.rules.facts import Actor
from openredress.rules.lifecycle import DEFAULT_FAMILY
from openredress.web import again, clock
from openredress.web.desk import menu, session
from openredress.web.frame import day, weekday
from openredress.web.language import spoken, t

POST = "post"  # in the session: the code of the unit that the person acts for now


@dataclass(frozen=True, slots=True)
class Post:
    """A unit in which the person works today."""

    code: str
    name: str
    unit: int


@dataclass(frozen=True, slots=True)
class Desk:
    """Who sits at the desk for this request. `gate` is open as long as the view runs."""

    staff: Staff
    actor: Actor
    gate: Gate
    at: datetime
    on: date
    posts: tuple[Post, ...] = ()
    unit_name: str = ""

    @property
    def administrator(self) -> bool:
        """Whether this is one of the three, who handle no case."""
        return bool(self.actor.roles & menu.ADMIN)


class DeskRequest(HttpRequest):
    """A request that `signed_in` let in."""

    desk: Desk


View = Callable[..., HttpResponse]


def _actor(person: Staff, on: date, chosen: str) -> tuple[Actor, tuple[Post, ...], str]:
    """The person as the rules see them at the chosen unit, else at the main one; all their units."""
    rows = list(
        people.active(on).filter(staff=person).select_related("unit").order_by("acting", "since", "pk")
    )
    if not rows:
        admin = AdminRole.objects.filter(staff=person).values_list("role", flat=True).first()
        roles = frozenset({admin}) if admin else frozenset()
        return Actor(person.pseudonym, "staff", roles=roles), (), ""
    units: dict[str, Unit] = {}
    for row in rows:
        units.setdefault(row.unit.code, row.unit)
    unit = units.get(chosen) or rows[0].unit
    actor = Actor(
        person.pseudonym,
        "staff",
        unit=unit.code,
        roles=frozenset(row.role for row in rows if row.unit_id == unit.pk),
        above=tree.ancestors(unit),
        below=tree.descendants(unit),
    )
    posts = tuple(Post(code, one.short or one.name, one.pk) for code, one in units.items())
    return actor, posts, unit.name


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page and back here; what a form brought is carried through."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)  # the page stays as it is, with what is typed on it
    if request.method == "POST":
        said = t(
            "登录已过期（30 分钟没有操作，或已满 8 小时）。",
            "You were signed out: 30 minutes idle, or 8 hours in all.",
        )
        context = {"error": said, "next": request.path, "kept": again.typed(request)}
        return render(request, "signin.html", context, status=401)
    return HttpResponseRedirect(f"{reverse('signin')}?{urlencode({'next': request.get_full_path()})}")


def signed_in(view: View) -> View:
    """Let in whoever is signed in, with `request.desk`; others go to the sign-in page and come back after."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = clock.now()
        person = session.person(request, at)
        if person is None:
            return to_sign_in(request)
        if first := session.must(request):
            return HttpResponseRedirect(reverse(first))
        on = localdate(at)
        actor, posts, unit_name = _actor(person, on, request.session.get(POST, ""))
        with acting_as(actor, on) as gate:
            request.desk = Desk(person, actor, gate, at, on, posts, unit_name)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

    return inside


def _ahead(calendar: Calendar, on: date) -> list[str]:
    """Days of the coming week that are not what their weekday says."""
    found = []
    for step in range(1, 8):
        that = on + timedelta(days=step)
        if that in calendar.made_up:
            found.append(t(f"{_near(on, that)}上班", f"{weekday(that)} {day(that)} is worked"))
        elif that in calendar.off and that.weekday() not in calendar.weekend:
            found.append(t(f"{_near(on, that)}放假", f"{weekday(that)} {day(that)} is off"))
    return found


def _near(on: date, that: date) -> str:
    same_week = that.isocalendar()[:2] == on.isocalendar()[:2]
    if same_week and that.weekday() >= 5:
        return f"本周末{weekday(that)}({that.day}日)"
    return f"{weekday(that)}({that.day}日)" if that.month == on.month else f"{day(that)}{weekday(that)}"


@lru_cache(maxsize=16)
def _today(calendar_id: str, version: str, on: date, language: str, known: str) -> str:
    calendar = book.packs().calendar(calendar_id, None)
    line = t(f"今天 {day(on, year=True)} {weekday(on)}", f"Today {weekday(on)} {day(on, year=True)}")
    if on in calendar.made_up:
        line += t("，调休上班", ", worked in exchange")
    elif on in calendar.off:
        line += t(f"，{calendar.off[on].zh}放假", f", {calendar.off[on].en}")
    return t("，", ", ").join([line, *_ahead(calendar, on)[:3]])


def today_line(on: date) -> str:
    """今天 2026年9月18日 周五，本周末周日(20日)上班: today and what the calendar changes in the next week."""
    packs = book.packs()
    calendar = packs.calendar(packs.for_day(DEFAULT_FAMILY, on).calendar, None)
    return _today(calendar.id, calendar.version, on, spoken(), str(len(calendar.off)))


def frame(request: HttpRequest, current: str, **context: Any) -> dict[str, Any]:
    """What the desk's frame shows around a page, with the page's own `context`."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    roles = reading.pack_roles(desk.actor.roles) | (desk.actor.roles & menu.ADMIN)
    names = [t(ROLES[role].zh, ROLES[role].en) for role in sorted(desk.actor.roles) if role in ROLES]
    return {
        "menu": menu.items(desk.gate, roles, current),
        "search_href": "" if desk.administrator else menu.address("search"),
        "unit_name": desk.unit_name or t("系统管理", "Administration"),
        "posts": desk.posts if len(desk.posts) > 1 else (),
        "post": desk.actor.unit,
        "staff_name": desk.staff.name,
        "role_names": t("、", ", ").join(names) or t("未任命", "no role today"),
        "today_line": today_line(desk.on),
        "notices": list(get_messages(request)),
        **context,
    }
