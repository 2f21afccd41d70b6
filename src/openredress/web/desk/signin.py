"""Signing in and out. Nothing here is written to any case; a failure is logged without saying whose."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from openredress.people import passwords
from openredress.people import signin as links
from openredress.people.models import Staff
from openredress.web import again, clock
from openredress.web.desk import secondfactor, session
from openredress.web.desk.home import back
from openredress.web.language import sentence, t

BACKEND = "django.contrib.auth.backends.ModelBackend"
HALF = "half"  # in the session: who gave a password and still owes a code, and since when
_HALF_TIME = timedelta(minutes=5)
_log = logging.getLogger("openredress.signin")


def _page(request: HttpRequest, template: str, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "error": error,
        "username": request.POST.get("username", ""),
        "next": back(request),
        "kept": again.carried(request),
        "notices": list(get_messages(request)),
    }
    return render(request, template, context, status=status)


def _locked() -> str:
    return t(
        "连续输错次数过多，已暂停登录，请 15 分钟后再试。忘记口令，请联系安全管理员领取一次性登录链接。",
        "Too many wrong attempts; sign-in is paused for 15 minutes. If you forgot the password, "
        "ask the security administrator for a one-time link.",
    )


def _vault_locked() -> str:
    return t(
        "密钥不在，验证码无法核对。请系统管理员放回 backup-keys 另存的密钥。",
        "The keys are missing, so the code cannot be checked. The system administrator has to put them back.",
    )


def first(person: Staff, at: datetime) -> str:
    """The page that this person has to pass before the desk, or an empty string."""
    if passwords.run_out(person, at):
        return "password"
    return "second-factor" if secondfactor.wanted(person) else ""


def enter(request: HttpRequest, person: Staff, at: datetime) -> HttpResponse:
    """Open a session under a new id and go where the person was going."""
    goal, kept = back(request), again.carried(request)
    request.session.flush()
    login(request, person, backend=BACKEND)
    must = first(person, at)
    session.begin(request, at, must)
    if kept and not must:
        return again.page(request, goal, kept, 200)
    return HttpResponseRedirect(reverse(must) if must else goal)


def _half(request: HttpRequest, person: Staff, at: datetime) -> HttpResponse:
    """The password (or link) was right: ask for the code where there is one."""
    if not secondfactor.confirmed(person):
        return enter(request, person, at)
    request.session.flush()
    request.session[HALF] = [person.pk, at.timestamp()]
    return _page(request, "signin_code.html")


@sensitive_post_parameters("password")
def signin(request: HttpRequest) -> HttpResponse:
    """Name and password; then the second factor where one is set."""
    if request.method != "POST":
        return _page(request, "signin.html")
    name = request.POST.get("username", "").strip()
    given = {"username": name}
    if AxesProxyHandler.is_locked(request, given):
        return _page(request, "signin.html", _locked(), 429)
    person = authenticate(request, username=name, password=request.POST.get("password", ""))
    if isinstance(person, Staff) and person.active:
        return _half(request, person, clock.now())
    _log.warning("signin failed")
    if AxesProxyHandler.is_locked(request, given):
        return _page(request, "signin.html", _locked(), 429)
    return _page(
        request, "signin.html", t("登录名或口令不对，请核对后再试。", "Wrong name or password."), 401
    )


@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """The six digits after the password."""
    at = clock.now()
    pk, since = request.session.get(HALF, (None, 0.0))
    person = Staff.objects.filter(pk=pk, active=True).first()
    if person is None or at.timestamp() - since > _HALF_TIME.total_seconds():
        return _page(
            request, "signin.html", t("等候太久，请重新登录。", "That took too long; sign in again."), 401
        )
    try:
        refused = secondfactor.verify(person, request.POST.get("code", ""), at)
    except secondfactor.VaultLocked:
        return _page(request, "signin_code.html", _vault_locked(), 503)
    if refused:
        _log.warning("code failed")
        paused = refused is secondfactor.PAUSED
        return _page(request, "signin_code.html", sentence(refused), 429 if paused else 401)
    return enter(request, person, at)


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """End the session here and on the server."""
    logout(request)
    messages.success(request, t("您已退出。", "You have signed out."))
    return HttpResponseRedirect(reverse("signin"))


def link(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link: looking at it uses nothing up, pressing the button does; then a password is set."""
    if request.method != "POST":
        return render(request, "signin_link.html")
    at = clock.now()
    person = links.use(token, at=at)
    if person is None:
        return render(request, "signin_link.html", {"spent": True}, status=410)
    person.set_unusable_password()  # the old one may be why the link was given
    person.save(update_fields=["password"])
    return _half(request, person, at)


urls: list[URLPattern] = [
    path("signin", signin, name="signin"),
    path("signin/code", code, name="signin-code"),
    path("signout", signout, name="signout"),
    path("signin/<str:token>", link, name="signin-link"),
]
