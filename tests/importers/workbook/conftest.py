"""An office of the tests' own, with the units that the troubled ledgers name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.importers.workbook.trouble_files import UNITS

from openredress.config import office as founding
from openredress.ledger import keys
from openredress.people import tree
from openredress.people.models import Unit

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def office(own_database: str) -> Unit:
    """The petition office 临江市信访局 in a database with real commits."""
    keys.ensure(AT)
    founded = founding.found("临江市", at=AT)
    for n, (name, *short) in enumerate(UNITS):
        if name != "临江市信访局":
            tree.add(
                f"d{n}", name, by="system", at=AT, parent=founded.authority, short=short[0] if short else ""
            )
    return founded.petition_office
