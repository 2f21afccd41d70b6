"""Addresses of the portal: each room lists its own in `urls`; add its module's name here."""

from __future__ import annotations

from django.urls import URLPattern

from openredress.web.rooms import addresses

app_name = "public"
ROOMS: tuple[str, ...] = ("home", "filing", "who", "receipt", "follow", "moves", "retaliation")

urlpatterns: list[URLPattern] = addresses("openredress.web.public", ROOMS)
