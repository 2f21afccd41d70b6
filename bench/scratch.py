"""A database of the benchmark's own: a fresh SQLite home, or a test database on the PostgreSQL named."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def database() -> Iterator[str]:
    """Django set up on an empty, migrated database; its vendor. Gone afterwards."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPENREDRESS_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openredress.config.settings")
        import django  # noqa: PLC0415 - the settings read the environment set above

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        if connection.vendor == "sqlite":
            call_command("migrate", verbosity=0)
            yield connection.vendor
            connection.close()
        else:
            name = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                yield connection.vendor
            finally:
                connection.creation.destroy_test_db(name, verbosity=0)
