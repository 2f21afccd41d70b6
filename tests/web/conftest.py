"""What the tests of pages share: a small office for Django's client, a real server, a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from tests.cases import made
from tests.web import serving

from openredress.people.models import Staff
from openredress.web import clock
from openredress.web.desk import session


@pytest.fixture
def frozen(monkeypatch) -> Iterator:
    """The web's clock stands at the small office's moment; move it with `monkeypatch` or set it again."""
    monkeypatch.setattr(clock, "frozen", made.AT)
    return made.AT


@pytest.fixture(autouse=True)
def _quick_hashes(settings) -> None:
    """Argon2 is slow on purpose; `test_signin` checks that it is what offices get."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def office(db) -> made.Made:
    """Keys, law, four units and three people in a database that is rolled back."""
    return made.office()


@pytest.fixture
def desk(office, frozen) -> Callable[[str], Client]:
    """`desk("clerk")`: a client signed in as that person of the small office, for this frozen moment."""

    def as_(username: str) -> Client:
        client = Client(SERVER_NAME="localhost")
        client.force_login(
            Staff.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
        )
        kept = client.session
        kept[session.BEGAN] = kept[session.SEEN] = clock.now().timestamp()
        kept.save()
        return client

    return as_


@pytest.fixture(scope="session")
def city(tmp_path_factory) -> Path:
    """A demo home, made once for the run. Copy it (`serving.copied`) before writing to it."""
    base = tmp_path_factory.getbasetemp()
    return serving.made_city(base.parent if base.name.startswith("popen-") else base)


@pytest.fixture(scope="module")
def server(city, tmp_path_factory) -> Iterator[serving.Server]:
    """The real server on a copy of the city, one for each test module."""
    home = serving.copied(city, tmp_path_factory.mktemp("served") / "home")
    with serving.serving(home) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Debian's Chromium; skips plainly where there is none.

    It stops with its module: while its driver runs, Django refuses every database call of this process.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if serving.CHROMIUM is None:
        pytest.skip("no Chromium here")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=serving.CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(browser) -> Iterator:
    """A fresh browser page, 1440 px wide, speaking Chinese."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield context.new_page()
    context.close()
