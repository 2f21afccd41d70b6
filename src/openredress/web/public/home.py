"""The front door, the rules of article 18, and the quick way out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from openredress.people.models import Unit
from openredress.web.public import guidance
from openredress.web.public.page import door, office, show, today

AWAY = "https://www.gov.cn/"  # a page that nobody wonders about
CHANNELS = ("visit", "letter", "web", "phone", "fax", "mail")
CLOCKS = ("C01", "C02", "C03", "C13", "C14", "C05", "C06", "C07", "C08", "C09", "C10", "H01", "H02", "H03")


@door
def home(request: HttpRequest) -> HttpResponse:
    """What can be done here."""
    return show(request, "home.html")


@door
def rules(request: HttpRequest) -> HttpResponse:
    """Article 18: channels, who handles what, how to ask, the procedure with its periods. Open to all."""
    on = today(request)
    pack = guidance.law(on)
    channels = pack.vocab.get("channels", {})
    clocks = [pack.clocks[name] for name in CLOCKS if name in pack.clocks]
    context = {
        "pack": pack,
        "channels": [channels[name] for name in CHANNELS if name in channels],
        "clocks": clocks,
        "office": office(),
        "units": Unit.objects.filter(active=True, kind="office").order_by("level", "pk")[:40],
        "expected": guidance.expected(on, office()),
        "routes": [row for row in pack.routes if row.category != "*" or row.act != "*"],
        "on": on,
    }
    return show(request, "rules.html", context)


def leave(request: HttpRequest) -> HttpResponse:
    """Out at once: nothing of this session stays, the draft stays under its code."""
    request.session.flush()
    response = HttpResponseRedirect(AWAY)
    response["Clear-Site-Data"] = '"cache", "storage"'
    response["Cache-Control"] = "no-store"
    return response


urls: list[URLPattern] = [
    path("", home, name="home"),
    path("rules", rules, name="rules"),
    path("leave", leave, name="leave"),
]
