"""Signing in and out. Nothing here is written to any case; a failure is logged without saying whose."""

from __future__ import annotations

from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from openredress.people import signin as links
from openredress.people.models import Staff
from openredress.web import clock
from openredress.web.desk import session
from openredress.web.desk.home import back
from openredress.web.language import t

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    context = {"error": error, "username": request.POST.get("username", ""), "next": back(request)}
    return render(request, "signin.html", context, status=status)


def _locked() -> str:
    return t(
        "连续输错次数过多，已暂停登录，请 15 分钟后再试。忘记口令，请联系安全管理员发一次性登录链接。",
        "Too many wrong attempts; sign-in is paused for 15 minutes. If you forgot the password, "
        "ask the security administrator for a one-time link.",
    )


def enter(request: HttpRequest, person: Staff, at: datetime, must: str = "") -> None:
    """Open a session under a new id."""
    request.session.cycle_key()
    login(request, person, backend=BACKEND)
    session.begin(request, at, must)


def signin(request: HttpRequest) -> HttpResponse:
    """Name and password; then the second factor where one is set."""
    if request.method != "POST":
        return _page(request)
    name = request.POST.get("username", "").strip()
    word = request.POST.get("password", "")
    if AxesProxyHandler.is_locked(request, {"username": name}):
        return _page(request, _locked(), 429)
    person = authenticate(request, username=name, password=word)
    if not isinstance(person, Staff) or not person.active:
        if AxesProxyHandler.is_locked(request, {"username": name}):
            return _page(request, _locked(), 429)
        return _page(request, t("登录名或口令不对，请核对后再试。", "Wrong sign-in name or password."), 401)
    enter(request, person, clock.now())
    return HttpResponseRedirect(back(request))


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """End the session here and on the server."""
    logout(request)
    messages.success(request, t("您已退出。", "You have signed out."))
    return HttpResponseRedirect(reverse("signin"))


def link(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link: looking at it uses nothing up, pressing the button does."""
    if request.method != "POST":
        return render(request, "signin_link.html")
    at = clock.now()
    person = links.use(token, at=at)
    if person is None:
        return render(request, "signin_link.html", {"spent": True}, status=410)
    enter(request, person, at)
    return HttpResponseRedirect("/desk/")


urls: list[URLPattern] = [
    path("signin", signin, name="signin"),
    path("signout", signout, name="signout"),
    path("signin/<str:token>", link, name="signin-link"),
]
