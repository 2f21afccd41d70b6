"""The security administrator's room: which passwords, who needs a second factor, who is let in again."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from openredress.ledger import gate
from openredress.people import house, passwords, signin
from openredress.people.errors import Refused
from openredress.people.models import Staff
from openredress.people.record import record, system_stream
from openredress.web.desk import secondfactor
from openredress.web.desk.access import DeskRequest, frame, signed_in
from openredress.web.language import sentence, t

FACTOR = {
    "optional": ("各人自愿", "left to each person"),
    "administrators": ("三员必须", "needed by the three administrators"),
    "everyone": ("人人必须", "needed by everyone"),
}


def _only(request: DeskRequest) -> None:
    if "security" not in request.desk.actor.roles:
        raise PermissionDenied


@signed_in
def room(request: DeskRequest) -> HttpResponse:
    """The two settings as they stand, and the form for one person."""
    _only(request)
    return render(request, "desk/security.html", _context(request))


def _context(request: DeskRequest, **more: object) -> dict[str, object]:
    profiles = [(one.code, t(one.zh, one.en)) for one in passwords.PROFILES.values()]
    return frame(
        request,
        "security",
        profiles=profiles,
        profile=house.setting("password_profile"),
        factors=[(code, t(*said)) for code, said in FACTOR.items()],
        factor=house.setting("second_factor"),
        **more,
    )


@require_POST
@signed_in
def settings(request: DeskRequest) -> HttpResponse:
    """Decide anew; each change is an entry on the system's stream."""
    _only(request)
    desk = request.desk
    try:
        for name in house.ALLOWED:
            value = request.POST.get(name, "")
            gate.write(lambda n=name, v=value: house.change(n, v, by=desk.actor.pseudonym, at=desk.at))  # type: ignore[misc]
    except Refused as refused:
        return render(
            request, "desk/security.html", _context(request, error=sentence(refused.refusal)), status=422
        )
    messages.success(request, t("已保存，并记入系统记录。", "Saved, and put on the system's record."))
    return HttpResponseRedirect(reverse("desk:security"))


@require_POST
@signed_in
def let_in(request: DeskRequest) -> HttpResponse:
    """A one-time link for somebody who cannot sign in; on request without the old second factor."""
    _only(request)
    desk = request.desk
    name = request.POST.get("username", "").strip()
    person = Staff.objects.filter(username=name, active=True).first()
    if person is None:
        error = t(f"没有登录名“{name}”，请核对。", f"There is no sign-in name “{name}”.")
        return render(
            request, "desk/security.html", _context(request, error=error, username=name), status=422
        )

    def work() -> str:
        if request.POST.get("reset"):
            secondfactor.clear(person, by=desk.actor.pseudonym, at=desk.at)
        facts = {"staff": person.pseudonym, "second_factor_reset": bool(request.POST.get("reset"))}
        record(
            system_stream(person.authority),
            "sign_in_link_given",
            facts,
            actor=desk.actor.pseudonym,
            at=desk.at,
        )
        return signin.make_link(person, at=desk.at)

    try:
        token = gate.write(work)
    except Refused as refused:
        error = sentence(refused.refusal)
        return render(
            request, "desk/security.html", _context(request, error=error, username=name), status=422
        )
    link = request.build_absolute_uri(signin.path(token))
    return render(request, "desk/security.html", _context(request, link=link, person=person))


urls: list[URLPattern] = [
    path("security", room, name="security"),
    path("security/settings", settings, name="security-settings"),
    path("security/link", let_in, name="security-link"),
]
