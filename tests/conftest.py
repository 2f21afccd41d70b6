"""What all tests share: a home of their own, and databases that nobody has to flush.

The database is SQLite, or PostgreSQL when OPENREDRESS_DATABASE_URL says so. Most tests ask for
pytest-django's `db` and are rolled back. Tests that need commits, threads or a superuser's hand ask
for `own_database`: a copy of the migrated template, thrown away afterwards. Flushing
(`transactional_db`) cannot work here: the triggers refuse it, and that is their purpose.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from hypothesis import settings as hypothesis_settings

hypothesis_settings.register_profile("house", derandomize=True, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory) -> Iterator[Path]:
    """Keys and files of the test run: never those of the checkout."""
    path = tmp_path_factory.mktemp("home")
    before, settings.HOME = settings.HOME, path
    os.environ["OPENREDRESS_HOME"] = str(path)
    yield path
    settings.HOME = before


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """A name of its own for each run on PostgreSQL, so that two runs beside each other do not meet."""
    row = connections.settings["default"]
    if row["ENGINE"].endswith("postgresql"):
        row["TEST"]["NAME"] = f"test_openredress_{os.getpid()}"


@pytest.fixture(scope="session")
def database_template(django_test_environment, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    """A migrated, empty database, to be copied: a file's path or a database's name."""
    with django_db_blocker.unblock():
        if connections["default"].vendor == "sqlite":
            path = str(tmp_path_factory.mktemp("template") / "template.sqlite3")
            with standing_on(path):
                call_command("migrate", verbosity=0)
            yield path
            return
        name = f"own_{os.getpid()}_template"
        with _maintenance() as run:
            run(f'CREATE DATABASE "{name}"')
        with standing_on(name):
            call_command("migrate", verbosity=0)
        yield name
        with _maintenance() as run:
            run(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _maintenance() -> Iterator:
    """Statements that no database can be told about itself (PostgreSQL)."""
    with connections["default"]._nodb_cursor() as cursor:
        yield cursor.execute


@contextmanager
def standing_on(name: str) -> Iterator[None]:
    """The default connection, of this and of new threads, speaks to another database."""
    row = connections.settings["default"]
    before, row["NAME"] = row["NAME"], name
    old = connections["default"]
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        row["NAME"] = before
        connections["default"] = old


@pytest.fixture
def own_database(database_template, django_db_blocker, tmp_path) -> Iterator[str]:
    """A database of this test alone, with real commits; yields its path (SQLite) or name."""
    with django_db_blocker.unblock():
        if connections["default"].vendor == "sqlite":
            path = str(tmp_path / "own.sqlite3")
            shutil.copyfile(database_template, path)
            with standing_on(path):
                yield path
            return
        name = f"own_{os.getpid()}_{next(_numbers)}"
        with _maintenance() as run:
            run(f'CREATE DATABASE "{name}" TEMPLATE "{database_template}"')
        with standing_on(name):
            yield name
        with _maintenance() as run:
            run(f'DROP DATABASE "{name}" WITH (FORCE)')


_numbers = iter(range(1, 1_000_000))
