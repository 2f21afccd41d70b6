"""A home with keys for each test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from openredress.ledger import keys

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def home(settings, tmp_path):
    """An own home with fresh keys."""
    settings.HOME = tmp_path
    keys.ensure(AT)
    return tmp_path
