"""When something goes wrong: a sentence on where, why and what to do, in the look of the house."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from openredress.web import again
from openredress.web.language import t


def page(request: HttpRequest, status: int, heading: str, said: str) -> HttpResponse:
    """One error page. Needs no database, for that may be what fails."""
    context = {"status": status, "heading": heading, "said": said, "desk": request.path.startswith("/desk")}
    return render(request, "errors/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """400."""
    said = t(
        "这个请求不完整或太大，没有被接受，也没有改动任何记录。请返回上一页核对后再试；附件每个不超过规定大小。",
        "The request was incomplete or too large; nothing was changed. Go back, check it and try again.",
    )
    return page(request, 400, t("没有看懂这个请求", "The request was not understood"), said)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """403."""
    said = t(
        "您的角色不能打开这一页。需要的话，请系统管理员核对您的任命。",
        "Your role does not open this page. If it should, ask the system administrator.",
    )
    return page(request, 403, t("这一页不对您开放", "Not open to you"), said)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """404, the same for what does not exist and for what one may not know of."""
    said = t(
        "没有这一页，或者没有这件事项。请核对网址或编号，再试一次。",
        "There is no such page or case. Check the address or the number.",
    )
    return page(request, 404, t("没有找到", "Not found"), said)


def failed(request: HttpRequest) -> HttpResponseBase:
    """500."""
    said = t(
        "系统出了差错，已经记下。已经收到回执的内容不会丢。请稍后再试；仍不行，请联系系统管理员。",
        "Something failed and was logged. Whatever was acknowledged is kept. Try again later.",
    )
    return page(request, 500, t("没有办成", "That failed"), said)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database does not answer."""
    said = t(
        "数据库暂时没有应答，这一步没有保存。请过一分钟再试，不要关闭页面，用“返回”可回到刚才填写的内容。",
        "The database does not answer; this step was not saved. Go back and try again in a minute.",
    )
    response = page(request, 503, t("请稍候", "Please wait"), said)
    response.headers["Retry-After"] = "60"
    return response


def locked(request: HttpRequest) -> HttpResponse:
    """503: the keys are not in their place, so nothing with an identity can be opened or taken in."""
    said = t(
        "密钥不在，身份信息已锁定，这一步没有办成。请系统管理员放回 backup-keys 另存的密钥。",
        "The keys are missing and identities are locked. The system administrator has to put the keys back.",
    )
    return page(request, 503, t("身份信息已锁定", "Identities are locked"), said)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's mark was missing or old: keep what was typed and ask to send it again."""
    if request.path == reverse("signin"):
        said = t("页面放置太久，请再登录一次。", "The page was open too long; please sign in again.")
        return render(request, "signin.html", {"error": said, "next": "/desk/"}, status=403)
    said = t(
        "这张表单放置太久，或由别的页面提交，没有被接受。您填写的内容都在下面，请核对后再次提交。",
        "This form was open too long, or came from another page, and was not taken. "
        "What you typed is below: look at it and send it again.",
    )
    return again.page(request, request.path, again.typed(request), 403, said=said)
