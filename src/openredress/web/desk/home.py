"""The first page of the desk: the worklist, or the first room of an administrator; and changing posts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from openredress.web.desk.access import POST, DeskRequest, frame, signed_in


@signed_in
def home(request: DeskRequest) -> HttpResponse:
    """The first room in this person's menu."""
    context = frame(request, "home")
    if context["menu"]:
        return HttpResponseRedirect(context["menu"][0].href)
    return render(request, "desk/empty.html", context)


@require_POST
@signed_in
def post(request: DeskRequest) -> HttpResponse:
    """Act for another of one's units from now on."""
    wanted = request.POST.get("post", "")
    if wanted in {one.code for one in request.desk.posts}:
        request.session[POST] = wanted
    return HttpResponseRedirect("/desk/")


def back(request: HttpRequest) -> str:
    """The page in this house that was asked for before signing in."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if safe and wanted.startswith("/") else "/desk/"


urls: list[URLPattern] = [path("", home, name="home"), path("post", post, name="post")]
