"""Addresses of the desk: each room lists its own in `urls`; add its module's name here."""

from __future__ import annotations

from django.urls import URLPattern

from openredress.web.rooms import addresses

app_name = "desk"
ROOMS: tuple[str, ...] = (
    "home",
    "security",
    "worklist",
    "views",
    "case",
    "moves",
    "presence",
    "search",
    "statistics",
    "feeds",
    "register",
    "linking",
    "bulk",
    "unmask",
    "retaliation",
    "admin_units",
    "admin_staff",
    "admin_law",
    "proposals",
    "letters",
)

urlpatterns: list[URLPattern] = addresses("openredress.web.desk", ROOMS)
