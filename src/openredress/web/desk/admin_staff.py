"""人员与角色: the system administrator keeps accounts, the security administrator gives roles and ties.

Nobody is both, and neither handles a case. Every change is an entry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.cases import performing
from openredress.cases.models import Case
from openredress.ledger import gate
from openredress.people import admins, signin, ties, tree
from openredress.people import staff as record
from openredress.people.errors import Refused
from openredress.people.models import AdminRole, Appointment, Staff, Tie, Unit
from openredress.people.roles import ADMINISTRATORS, CASEWORK, ROLES
from openredress.rules.facts import Refusal
from openredress.web.desk.access import DeskRequest, frame
from openredress.web.desk.only import only, roles_of
from openredress.web.frame import url
from openredress.web.language import sentence, t

MOST = 50
HIRE = ("username", "name", "phone", "email")


def _no(field: str, zh: str, en: str) -> Refused:
    return Refused(Refusal(f"{field}_wrong", zh, en, field=field))


# ------------------------------------------------------------------ everybody


@only("system", "security")
def people(request: DeskRequest) -> HttpResponse:
    """Who works here; the system administrator adds somebody and gets their one-time link, shown once."""
    given = {name: request.POST.get(name, "").strip() for name in HIRE}
    if request.method != "POST":
        return _list(request)
    if "system" not in roles_of(request):
        raise PermissionDenied
    try:
        person, link = gate.write(lambda: _hire(request, given))
    except Refused as refused:
        return _list(request, given=given, why=sentence(refused.refusal), status=422)
    return _one(request, person, link=link)


def _hire(request: DeskRequest, given: dict[str, str]) -> tuple[Staff, str]:
    if not given["username"] or not given["name"]:
        raise _no("username", "登录名和姓名都要写", "Sign-in name and name are both needed")
    desk = request.desk
    person = record.hire(
        given["username"][:60],
        given["name"][:60],
        by=desk.actor.pseudonym,
        at=desk.at,
        phone=given["phone"][:30],
        email=given["email"][:120],
    )
    return person, signin.make_link(person, at=desk.at)


def _list(request: DeskRequest, status: int = 200, **more: Any) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()
    rows = Staff.objects.order_by("-active", "name", "pk")
    if wanted:
        here = Appointment.objects.filter(unit__name__contains=wanted).values("staff")
        rows = rows.filter(Q(name__contains=wanted) | Q(username__contains=wanted) | Q(pk__in=here))
    found = list(rows[: MOST + 1])
    held = _roles(found[:MOST], request.desk.on)
    context = frame(
        request,
        "staff",
        rows=[(one, held.get(one.pk, [])) for one in found[:MOST]],
        more=len(found) > MOST,
        wanted=wanted,
        hires="system" in roles_of(request),
        **{"given": {}, "why": "", **more},
    )
    return render(request, "desk/staff.html", context, status=status)


def _roles(people_: list[Staff], on: date) -> dict[int, list[str]]:
    """What each of them is today, in words."""
    found: dict[int, list[str]] = {}
    for row in record.active(on).filter(staff__in=people_).select_related("unit"):
        role = ROLES[row.role]
        words = f"{row.unit.short or row.unit.name} {t(role.zh, role.en)}"
        found.setdefault(row.staff_id, []).append(words + (t("（代理）", " (acting)") if row.acting else ""))
    for one in AdminRole.objects.filter(staff__in=people_):
        found.setdefault(one.staff_id, []).append(t(ROLES[one.role].zh, ROLES[one.role].en))
    return found


# ------------------------------------------------------------------ one person


def _day(request: DeskRequest, name: str) -> date:
    try:
        return date.fromisoformat(request.POST.get(name) or request.desk.on.isoformat())
    except ValueError:
        raise _no(name, "日期看不懂，写成 2026-09-03", "The day cannot be read: write 2026-09-03") from None


def _unit(request: DeskRequest) -> Unit:
    typed = request.POST.get("unit", "").strip()
    found = tree.by_name(typed) or tree.by_code(typed)
    if found is None:
        near = "、".join(tree.nearest(typed)) if typed else ""
        raise _no(
            "unit", f"没有“{typed}”这个单位。最接近的：{near}", f"No such unit “{typed}”. Nearest: {near}"
        )
    return found


def _appoint(request: DeskRequest, person: Staff) -> str:
    desk, role, unit, since = (
        request.desk,
        request.POST.get("role", ""),
        _unit(request),
        _day(request, "since"),
    )
    acting = request.POST.get("acting") == "yes"
    record.appoint(person, unit, role, since=since, by=desk.actor.pseudonym, at=desk.at, acting=acting)
    return t("已任命。", "Appointed.")


def _end(request: DeskRequest, person: Staff) -> str:
    desk = request.desk
    one = Appointment.objects.filter(pk=_pk(request), staff=person).select_related("staff", "unit").first()
    if one is None:
        raise _no("appointment", "没有这项任命", "There is no such appointment")
    record.end_appointment(one, until=_day(request, "until"), by=desk.actor.pseudonym, at=desk.at)
    return t("任命已结束。", "The appointment ends.")


def _pk(request: DeskRequest) -> int:
    typed = request.POST.get("pk", "")
    return int(typed) if typed.isdigit() and len(typed) < 12 else 0


def _tie(request: DeskRequest, person: Staff) -> str:
    desk, to = request.desk, request.POST.get("to", "").strip()
    given: dict[str, Any] = {}
    if colleague := Staff.objects.filter(username=to).first():
        given["colleague"] = colleague
    elif unit := tree.by_name(to) or tree.by_code(to):
        given["unit"] = unit
    elif case := Case.objects.filter(number=to.upper()).first():
        given["case"] = case.stream
    else:
        raise _no("to", "没有这个单位、登录名或编号", "There is no such unit, sign-in name or number")
    ties.declare(person, on=_day(request, "on"), by=desk.actor.pseudonym, at=desk.at, **given)
    if "case" in given:
        performing.refresh(given["case"], desk.at)
    return t("已登记回避关系，立即生效。", "The tie is recorded and holds at once.")


def _untie(request: DeskRequest, person: Staff) -> str:
    one = Tie.objects.filter(pk=_pk(request), staff=person).first()
    if one is None:
        raise _no("tie", "没有这项回避关系", "There is no such tie")
    ties.end(one, on=request.desk.on, by=request.desk.actor.pseudonym, at=request.desk.at)
    return t("回避关系已结束。", "The tie has ended.")


def _administrator(request: DeskRequest, person: Staff) -> str:
    desk = request.desk
    if person.pk == desk.staff.pk:
        raise _no("role", "不能改自己的管理员角色", "Nobody changes their own administrator's role")
    if request.POST.get("role") == "none":
        if not AdminRole.objects.filter(staff=person).exists():
            raise _no("role", "此人不是管理员", "This person is no administrator")
        admins.end_administrator(person, by=desk.actor.pseudonym, at=desk.at)
        return t("已卸任管理员。", "No longer an administrator.")
    role = request.POST.get("role", "")
    admins.make_administrator(person, role, by=desk.actor.pseudonym, at=desk.at, on=desk.on)
    return t("已任管理员。", "Made administrator.")


def _leave(request: DeskRequest, person: Staff) -> str:
    if person.pk == request.desk.staff.pk:
        raise _no("person", "不能注销自己", "Nobody closes their own account")
    record.leave(person, until=request.desk.on, by=request.desk.actor.pseudonym, at=request.desk.at)
    return t("已离任：任命全部结束，不能再登录。", "Has left: every role ends, the sign-in is closed.")


Step = Callable[[DeskRequest, Staff], str]
STEPS: dict[str, tuple[str, Step]] = {  # which administrator may
    "appoint": ("security", _appoint),
    "end": ("security", _end),
    "tie": ("security", _tie),
    "untie": ("security", _untie),
    "administrator": ("security", _administrator),
    "leave": ("system", _leave),
}


@only("system", "security")
def person(request: DeskRequest, username: str) -> HttpResponse:
    """One person: appointments and ties for the security administrator, the account for the system's."""
    found = Staff.objects.filter(username=username).first()
    if found is None:
        raise Http404
    if request.method != "POST":
        return _one(request, found)
    do = request.POST.get("do", "")
    if do == "link" and "system" in roles_of(request) and found.active:
        return _one(request, found, link=gate.write(lambda: signin.make_link(found, at=request.desk.at)))
    role, step = STEPS.get(do, ("", _leave))
    if role not in roles_of(request):
        raise PermissionDenied
    try:
        said = gate.write(lambda: step(request, found))
    except Refused as refused:
        return _one(request, found, why=sentence(refused.refusal))
    messages.success(request, said)
    return HttpResponseRedirect(url("desk:person", username))


def _one(request: DeskRequest, found: Staff, *, link: str = "", why: str = "") -> HttpResponse:
    today = request.desk.on
    held = found.appointments.select_related("unit").order_by("-since", "-pk")
    admin = AdminRole.objects.filter(staff=found).first()
    shown = request.build_absolute_uri(signin.path(link)) if link else ""
    mine = roles_of(request)
    context = frame(
        request,
        "staff",
        person=found,
        why=why,
        link=shown,
        hours=int(signin.LIFETIME.total_seconds() // 3600),
        appointments=[
            {
                "row": one,
                "role": t(ROLES[one.role].zh, ROLES[one.role].en),
                "running": one.until is None or one.until >= today,
            }
            for one in held
        ],
        admin=t(ROLES[admin.role].zh, ROLES[admin.role].en) if admin else "",
        ties=list(ties.active(today).filter(staff=found).select_related("to_unit", "to_staff")),
        roles=[(code, t(ROLES[code].zh, ROLES[code].en)) for code in CASEWORK],
        admin_roles=[(code, t(ROLES[code].zh, ROLES[code].en)) for code in ADMINISTRATORS],
        unit_names=list(
            Unit.objects.filter(active=True).order_by("path").values_list("name", flat=True)[:400]
        ),
        security="security" in mine,
        system="system" in mine,
        typed={name: request.POST.get(name, "") for name in ("unit", "role", "since", "to")},
        today=today.isoformat(),
    )
    answer = render(request, "desk/person.html", context, status=422 if why else 200)
    answer["Cache-Control"] = "no-store"
    return answer


urls: list[URLPattern] = [
    path("staff", people, name="staff"),
    path("staff/<str:username>", person, name="person"),
]
