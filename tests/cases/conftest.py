"""Each test asks the gate's conditions anew: red controls put others in their place."""

from __future__ import annotations

import pytest

from openredress.cases import compiled


@pytest.fixture(autouse=True)
def asked_anew() -> None:
    compiled.forget()
