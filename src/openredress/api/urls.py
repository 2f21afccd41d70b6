"""The API's addresses, from the table of operations; whatever is none gets a problem, not a page."""

from __future__ import annotations

from itertools import groupby

from django.urls import URLPattern, path, re_path

from openredress.api.door import nowhere, view
from openredress.api.operations import ALL

BASE = "api/v1/"


def _patterns() -> list[URLPattern]:
    ordered = sorted(ALL, key=lambda one: one.path)
    return [
        path(BASE + address, view(list(same)), name="api-" + address.replace("/", "-").strip("-"))
        for address, same in groupby(ordered, key=lambda one: one.path)
    ]


urlpatterns = [*_patterns(), re_path(r"^api(?:/.*)?$", nowhere, name="api-nowhere")]
