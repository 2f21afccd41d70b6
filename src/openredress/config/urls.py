"""The doors' addresses: health, sign-in, the desk, the API, and the portal at the root."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from openredress.web import health
from openredress.web.desk import signin

urlpatterns: list[URLPattern | URLResolver] = [
    *health.urls,
    *signin.urls,
    path("desk/", include("openredress.web.desk.urls")),
]
if find_spec("openredress.api.urls"):
    urlpatterns.append(path("", include("openredress.api.urls")))
urlpatterns.append(path("", include("openredress.web.public.urls")))
