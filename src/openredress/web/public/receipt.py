"""The receipt: number, code, dates, and the office's signature to keep."""

from __future__ import annotations

import json

import segno
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString, mark_safe

from openredress.cases import codes
from openredress.cases.models import Petition
from openredress.cases.opening import PUBLIC
from openredress.web.public import bound
from openredress.web.public.filing import go
from openredress.web.public.page import door, show


def qr(address: str) -> SafeString:
    """A QR code as an SVG element of our own making; sized by the style sheet."""
    made = segno.make(address, error="m", micro=False)
    return mark_safe(made.svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=2))


def follow_address(request: HttpRequest, number: str) -> str:
    """Where the matter is followed: with its number, never with the code."""
    return request.build_absolute_uri(reverse("public:follow-number", args=[number]))


def _shown(request: HttpRequest, petition: Petition, template: str) -> HttpResponse:
    answer = json.loads(petition.answer)
    address = follow_address(request, petition.number)
    context = {
        "number": petition.number,
        "code": codes.again(petition, PUBLIC),
        "deadlines": answer["deadlines"],
        "receipt": answer["receipt"],
        "received_at": petition.received_at,
        "sealed": petition.case.sealed,
        "address": address,
        "qr": qr(address),
    }
    return show(request, template, context)


@door
def receipt(request: HttpRequest) -> HttpResponse:
    """Number, code and dates, to be kept."""
    petition = bound.petition_of(request)
    if petition is None or not petition.answer:
        return go("matter" if petition else "follow")
    return _shown(request, petition, "receipt.html")


@door
def printed(request: HttpRequest) -> HttpResponse:
    """The same on one sheet of paper."""
    petition = bound.petition_of(request)
    if petition is None or not petition.answer:
        return go("matter" if petition else "follow")
    return _shown(request, petition, "receipt_print.html")


@door
def signed(request: HttpRequest) -> HttpResponse:
    """The signed receipt as a file that the office cannot take back."""
    petition = bound.petition_of(request)
    if petition is None or not petition.answer:
        return go("matter" if petition else "follow")
    text = json.dumps(json.loads(petition.answer)["receipt"], ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="receipt-{petition.number}.json"'
    return response


urls: list[URLPattern] = [
    path("receipt", receipt, name="receipt"),
    path("receipt/print", printed, name="receipt-print"),
    path("receipt/file", signed, name="receipt-file"),
]
