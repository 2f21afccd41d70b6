"""单位: the tree, for the system administrator. Every change is an entry on the unit's stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path

from openredress.ledger import gate
from openredress.people import tree
from openredress.people.errors import Refused
from openredress.people.models import Region, Unit
from openredress.rules.facts import Refusal
from openredress.web.desk.access import DeskRequest, frame
from openredress.web.desk.only import only
from openredress.web.frame import url
from openredress.web.language import sentence, t

KINDS = {
    "government": ("人民政府", "government"),
    "authority": ("党政机关", "authority"),
    "office": ("信访工作机构", "petition office"),
    "department": ("部门", "department"), "street": ("乡镇、街道", "township or street"),
    "village": ("村、社区", "village or community"), "firm": ("企事业单位", "firm or institution"),
}  # fmt: skip
LEVELS = {
    1: ("国家", "nation"), 2: ("省", "province"), 3: ("市", "city"), 4: ("县", "county"),
    5: ("乡", "township"),
}  # fmt: skip
FIELDS = ("code", "name", "short", "parent", "kind", "level", "letterhead", "region")
ALIKE = 0.75  # of the letters of the longer name


@only("system")
def units(request: DeskRequest) -> HttpResponse:
    """The tree, and a form for a new unit; names much like the new one are shown before it is added."""
    if request.method != "POST":
        return _tree(request)
    given = {name: request.POST.get(name, "").strip() for name in FIELDS}
    no, near = _missing(given), _alike(given["name"])
    if no is not None:
        return _tree(request, given, no=no)
    if near and request.POST.get("sure") != "yes":
        return _tree(request, given, near=near)
    try:
        made = gate.write(lambda: _add(request, given))
    except Refused as refused:
        return _tree(request, given, no=refused.refusal)
    messages.success(request, t(f"已添加“{made.name}”。", f"“{made.name}” is added."))
    return HttpResponseRedirect(url("desk:units"))


def _missing(given: dict[str, str]) -> Refusal | None:
    if not given["name"]:
        return Refusal("name_missing", "没有写单位名称", "The unit has no name", field="name")
    if given["kind"] not in KINDS or given["level"] not in {str(one) for one in LEVELS}:
        return Refusal("choose", "请选类别和层级", "Choose a kind and a level", field="kind")
    if given["parent"] and not Unit.objects.filter(code=given["parent"]).exists():
        return Refusal("unit_unknown", "没有这个上级单位", "There is no such unit above", field="parent")
    return None


def _alike(name: str) -> list[str]:
    """Units whose names are so near that the new one may be one of them."""
    found = []
    for other in tree.nearest(name):
        shared = len(set(name) & set(other)) / max(len(set(name) | set(other)), 1)
        if shared >= ALIKE:
            found.append(other)
    return found


def _add(request: DeskRequest, given: dict[str, str]) -> Unit:
    region = Region.objects.filter(code=given["region"]).first() if given["region"] else None
    return tree.add(
        given["code"],
        given["name"],
        by=request.desk.actor.pseudonym,
        at=request.desk.at,
        parent=tree.by_code(given["parent"]) if given["parent"] else None,
        kind=given["kind"],
        level=int(given["level"]),
        short=given["short"][:40],
        letterhead=given["letterhead"][:20],
        region=region,
    )


def _tree(
    request: DeskRequest,
    given: dict[str, str] | None = None,
    *,
    no: Refusal | None = None,
    near: list[str] | None = None,
) -> HttpResponse:
    today = request.desk.on
    holds = Q(appointments__since__lte=today) & (
        Q(appointments__until__isnull=True) | Q(appointments__until__gte=today)
    )
    rows = Unit.objects.annotate(people=Count("appointments__staff", filter=holds, distinct=True))
    known = [
        {"unit": one, "depth": one.path.count("/") - 2, "kind": t(*KINDS.get(one.kind, (one.kind, one.kind)))}
        for one in rows.order_by("path")
    ]
    wanted = request.GET.get("q", "").strip()
    shown = [row for row in known if wanted in row["unit"].name] if wanted else known  # type: ignore[attr-defined]
    context = frame(
        request,
        "units",
        rows=shown,
        every=[row["unit"] for row in known if row["unit"].active],  # type: ignore[attr-defined]
        given=given or {"level": "3", "kind": "department"},
        why=sentence(no) if no else "",
        near=near or (list(tree.nearest(wanted)) if wanted and not shown else []),
        asks=near is not None and no is None,
        wanted=wanted,
        kinds=[(code, t(*names)) for code, names in KINDS.items()],
        levels=[(str(code), t(*names)) for code, names in LEVELS.items()],
    )
    return render(request, "desk/units.html", context, status=422 if no else 200)


# ------------------------------------------------------------------ one unit

Step = Callable[[DeskRequest, Unit], str]


def _rename(request: DeskRequest, unit: Unit) -> str:
    name, short = request.POST.get("name", "").strip(), request.POST.get("short", "").strip()
    if not name:
        raise Refused(Refusal("name_missing", "没有写单位名称", "The unit has no name", field="name"))
    tree.rename(unit, name, by=request.desk.actor.pseudonym, at=request.desk.at, short=short[:40])
    return t("已改名；以前的文书仍用原名。", "Renamed; earlier papers keep the old name.")


def _move(request: DeskRequest, unit: Unit) -> str:
    code = request.POST.get("parent", "")
    parent = tree.by_code(code) if code else None
    if code and parent is None:
        raise Refused(
            Refusal("unit_unknown", "没有这个上级单位", "There is no such unit above", field="parent")
        )
    tree.move(unit, parent, by=request.desk.actor.pseudonym, at=request.desk.at)
    return t("已移动，下级单位一同移动。", "Moved, with all below it.")


def _close(request: DeskRequest, unit: Unit) -> str:
    tree.close(unit, by=request.desk.actor.pseudonym, at=request.desk.at)
    return t("已停用；不再接收新的事项，历史不变。", "Closed: nothing new goes there; its history stays.")


STEPS: dict[str, Step] = {"rename": _rename, "move": _move, "close": _close}


@only("system")
def unit(request: DeskRequest, code: str) -> HttpResponse:
    """One unit: rename, move, close."""
    found = Unit.objects.select_related("parent", "region").filter(code=code).first()
    if found is None:
        raise Http404
    why = ""
    step = STEPS.get(request.POST.get("do", "")) if request.method == "POST" else None
    if step is not None:
        try:
            said = gate.write(lambda: step(request, found))
        except Refused as refused:
            why = sentence(refused.refusal)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(url("desk:unit", code))
    return _one(request, found, why)


def _one(request: DeskRequest, found: Unit, why: str) -> HttpResponse:
    others = Unit.objects.filter(active=True).exclude(path__startswith=found.path).order_by("path")
    context: dict[str, Any] = frame(
        request,
        "units",
        unit=found,
        why=why,
        others=list(others),
        kind=t(*KINDS.get(found.kind, (found.kind, found.kind))),
        level=t(*LEVELS.get(found.level, ("", ""))),
        below=Unit.objects.filter(path__startswith=found.path).exclude(pk=found.pk).count(),
    )
    return render(request, "desk/unit.html", context, status=422 if why else 200)


urls: list[URLPattern] = [
    path("units", units, name="units"),
    path("units/<str:code>", unit, name="unit"),
]
