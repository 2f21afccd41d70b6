"""The doors' addresses. None is open yet: the record is reached by the command line."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
