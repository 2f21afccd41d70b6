"""The first thing a helper process does. Knows no table: it is read before Django is set up there."""

from __future__ import annotations

import pickle
from typing import Any

import django

SETTING: list[Any] = []  # of a helper process: what preparing needs, once it was told


def start(pickled: bytes) -> None:
    """Set Django up, then unpack what the helper is told: it names classes that need the tables."""
    django.setup()
    SETTING[:] = [pickle.loads(pickled)]
