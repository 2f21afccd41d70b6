"""One's own password and second factor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.debug import sensitive_post_parameters

from openredress.people import passwords
from openredress.people.errors import Refused
from openredress.people.models import Staff
from openredress.web import clock
from openredress.web.desk import secondfactor, session
from openredress.web.desk.access import to_sign_in
from openredress.web.desk.signin import first
from openredress.web.language import sentence, t

Own = Callable[[HttpRequest, Staff, datetime], HttpResponse]


def _own(view: Own) -> Callable[[HttpRequest], HttpResponse]:
    @wraps(view)
    def inside(request: HttpRequest) -> HttpResponse:
        at = clock.now()
        person = session.person(request, at)
        return to_sign_in(request) if person is None else view(request, person, at)

    return inside


def _onward(request: HttpRequest, person: Staff, at: datetime) -> HttpResponse:
    request.session[session.MUST] = must = first(person, at)
    return HttpResponseRedirect(reverse(must) if must else "/desk/")


@sensitive_post_parameters()
@_own
def password(request: HttpRequest, person: Staff, at: datetime) -> HttpResponse:
    """Set one's password; the present one is asked for unless it has run out or a link brought one here."""
    rules = passwords.profile(person.authority)
    forced = session.must(request) == "password"
    context = {"rules": t(rules.zh, rules.en), "least": rules.least, "forced": forced, "person": person}
    if request.method != "POST":
        return render(request, "signin_password.html", context)
    word = request.POST.get("password", "")
    error = ""
    if not forced and not person.check_password(request.POST.get("password-now", "")):
        error = t("现用口令不对。", "The present password is wrong.")
    elif word != request.POST.get("password-again", ""):
        error = t("两次输入的新口令不一样。", "The two new passwords differ.")
    else:
        try:
            passwords.set_password(person, word, at=at)
        except Refused as refused:
            error = t(refused.refusal.zh, refused.refusal.en) + t("。", ".")
    if error:
        return render(request, "signin_password.html", context | {"error": error}, status=422)
    update_session_auth_hash(request, person)
    messages.success(
        request, t("新口令已生效，其他地方的登录已失效。", "The new password holds; other sessions ended.")
    )
    return _onward(request, person, at)


@_own
def second_factor(request: HttpRequest, person: Staff, at: datetime) -> HttpResponse:
    """Set one's second factor: read the code with an authenticator, type what it shows."""
    if session.must(request) == "password":
        return HttpResponseRedirect(reverse("password"))
    if secondfactor.confirmed(person):
        return render(request, "signin_factor.html", {"done": True})
    context = {}
    try:
        secret = secondfactor.begin(person)
        context = {"secret": secret, "picture": secondfactor.picture(person, secret)}
        if request.method != "POST":
            return render(request, "signin_factor.html", context)
        refused = secondfactor.confirm(person, request.POST.get("code", ""), at)
    except secondfactor.VaultLocked:
        error = t("密钥不在，暂不能设置。", "The keys are missing; this has to wait.")
        return render(request, "signin_factor.html", {"error": error}, status=503)
    if refused:
        return render(request, "signin_factor.html", context | {"error": sentence(refused)}, status=422)
    messages.success(request, t("第二因素已生效。", "The second factor is in force."))
    return _onward(request, person, at)


urls: list[URLPattern] = [
    path("password", password, name="password"),
    path("second-factor", second_factor, name="second-factor"),
]
