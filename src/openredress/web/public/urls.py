"""Addresses of the portal: each room lists its own in `urls`; add its module's name here."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

from django.urls import URLPattern

app_name = "public"
ROOMS: tuple[str, ...] = ()

urlpatterns: list[URLPattern] = list(
    chain.from_iterable(import_module(f"openredress.web.public.{room}").urls for room in ROOMS)
)
