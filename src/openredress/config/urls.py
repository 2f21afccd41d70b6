"""The doors' addresses: health, sign-in, the desk, the API, and the portal at the root."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from openredress.web import errors, health, metrics
from openredress.web.desk import account, signin

urlpatterns: list[URLPattern | URLResolver] = [
    *health.urls,
    *metrics.urls,
    *signin.urls,
    *account.urls,
    path("desk/", include("openredress.web.desk.urls")),
    path("", include("openredress.api.urls")),
    path("", include("openredress.web.public.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.failed
