"""Every room that a door names is built."""

from __future__ import annotations

from importlib import import_module

import pytest

from openredress.web.desk import urls as desk
from openredress.web.public import urls as public

NAMED = [("desk", room) for room in desk.ROOMS] + [("public", room) for room in public.ROOMS]


@pytest.mark.parametrize(("door", "room"), NAMED)
def test_built(door, room):
    assert import_module(f"openredress.web.{door}.{room}").urls
