"""Saved views: a list's filters under a name of one's own."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from openredress.cases import compiled
from openredress.people.models import Staff
from openredress.web.desk.access import DeskRequest, signed_in
from openredress.web.frame import url
from openredress.web.language import t
from openredress.web.models_desk import SavedView

MOST = 20
KEYS = ("bucket", "unit", "state", "clock", "handler", "region", "category")


class Shown(NamedTuple):
    """A saved view as a link."""

    pk: int
    name: str
    href: str


def saved_views(staff: Staff, room: str) -> list[Shown]:
    """This person's views of a list."""
    rows = compiled.rows(
        ("saved views",),
        lambda: (
            SavedView.objects.filter(staff=compiled.NUMBER)
            .order_by("name")
            .values_list("pk", "name", "query")
        ),
        {compiled.NUMBER: staff.pk},
    )
    base = url(f"desk:{room}")
    return [Shown(pk, name, f"{base}?{query}" if query else base) for pk, name, query in rows]


@require_POST
@signed_in
def save(request: DeskRequest) -> HttpResponse:
    """Keep the filters that the page shows under a name; the same name again replaces them."""
    name = request.POST.get("name", "").strip()[:40]
    given = [
        (key, value[:60]) for key, value in parse_qsl(request.POST.get("query", "")[:600]) if key in KEYS
    ]
    mine = SavedView.objects.filter(staff=request.desk.staff)
    if not name:
        messages.error(request, t("视图没有保存：请写一个名称。", "Not saved: give the view a name."))
    elif mine.count() >= MOST and not mine.filter(name=name).exists():
        text = t(f"最多保存 {MOST} 个视图，请先删除一个。", f"At most {MOST} views: remove one first.")
        messages.error(request, text)
    else:
        query = urlencode(given)[:400]
        SavedView.objects.update_or_create(staff=request.desk.staff, name=name, defaults={"query": query})
        messages.success(request, t(f"已保存视图“{name}”。", f"Saved the view “{name}”."))
    back = urlencode(given)
    return HttpResponseRedirect(url("desk:worklist") + (f"?{back}" if back else ""))


@require_POST
@signed_in
def forget(request: DeskRequest, pk: int) -> HttpResponse:
    """Remove one of one's own views."""
    SavedView.objects.filter(staff=request.desk.staff, pk=pk).delete()
    return HttpResponseRedirect(url("desk:worklist"))


urls: list[URLPattern] = [
    path("views/save", save, name="view-save"),
    path("views/<int:pk>/forget", forget, name="view-forget"),
]
