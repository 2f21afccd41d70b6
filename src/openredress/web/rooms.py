"""Collects the addresses of a door's rooms: every room module lists its own in `urls`."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from django.urls import URLPattern


def addresses(package: str, rooms: Iterable[str]) -> list[URLPattern]:
    """The addresses of these modules, in order."""
    return [address for room in rooms for address in import_module(f"{package}.{room}").urls]
