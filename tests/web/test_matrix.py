"""Every address × method × role × object against `access.toml`, a table written by hand with a row for each.

The addresses come from the resolver, so a new route without a row fails. Whoever may not know of a case
gets, byte for byte, what somebody gets who asks for one that does not exist.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path
from tests.web import worlds

from openredress.api import clock as api_clock
from openredress.cases import policy
from openredress.cases.models import Case
from openredress.web import clock

pytestmark = pytest.mark.once

TABLE = tomllib.loads((Path(__file__).parent / "access.toml").read_text(encoding="utf-8"))
METHODS = ("GET", "POST", "PUT", "DELETE")
NOTHING = "2026-AAAAAA-A"
STREET = "198.51.100.7"
ANONYMOUS, PETITIONER = "anonymous", "petitioner"
ROLES = (ANONYMOUS, PETITIONER, *TABLE["reads"])
_STEP = re.compile(r"<(?:\w+:)?(\w+)>")
_CLASS = {
    200: "page", 201: "page", 204: "page", 400: "wrong", 401: "sign-in", 403: "closed", 404: "none",
    405: "method", 409: "wrong", 410: "none", 411: "wrong", 413: "wrong", 415: "wrong",
    422: "wrong", 429: "later",
}  # fmt: skip
_SECRET = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
_HELD = re.compile(rb'(X-CSRFToken"?: ?"|csrf" content=")[^"]*')


@dataclass(frozen=True)
class Route:
    """One address as the resolver has it. `name` is its row in the table."""

    name: str
    path: str

    @property
    def by_case(self) -> bool:
        """Whether it is about one case, by its number."""
        return ":number>" in self.path

    def address(self, number: str) -> str:
        """With the number of a case, and the row's own values for everything else."""
        given = TABLE["routes"].get(self.name, {}).get("args", {}) | {"number": number}
        plain = self.path.removeprefix("^").removesuffix("$").replace("(?:/.*)?", "/x")
        return "/" + _STEP.sub(lambda step: str(given.get(step[1], "1")), plain)


def routes(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = "", space: str = ""
) -> list[Route]:
    """All addresses, from the root or from these patterns."""
    found = []
    for one in get_resolver().url_patterns if patterns is None else patterns:
        place = before + str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            found += routes(one.url_patterns, place, inner)
        else:
            found.append(Route(space + (one.name or place), place))
    return found


@pytest.fixture
def world(db, monkeypatch, tmp_path) -> Iterator[worlds.World]:
    """The office, at a frozen moment, in a home of its own."""
    monkeypatch.setattr(clock, "frozen", worlds.NOW)
    monkeypatch.setattr(api_clock, "frozen", worlds.NOW)
    monkeypatch.setattr(settings, "HOME", tmp_path)
    logging.disable(logging.ERROR)  # refused requests by the thousand
    yield worlds.build()
    logging.disable(logging.NOTSET)


class Asker:
    """Asks as one role; whatever a request changed is undone after it."""

    def __init__(self, world: worlds.World, role: str) -> None:
        self.world, self.role = world, role
        self.client = world.client(role)
        self.client.raise_request_exception = False
        self.cookies = self.client.cookies.output()

    def ask(self, method: str, address: str) -> HttpResponse:
        """The answer to one request."""
        (settings.HOME / "throttle.sqlite3").unlink(missing_ok=True)
        self.client.cookies = SimpleCookie()
        for name, morsel in SimpleCookie(self.cookies.replace("Set-Cookie: ", "")).items():
            self.client.cookies[name] = morsel.value
        headers = {}
        if address.startswith("/api/"):
            if self.role == PETITIONER:
                headers["X-Query-Code"] = self.world.cases["own"].query_code
            elif self.role != ANONYMOUS:
                headers["Authorization"] = f"Bearer {self.world.tokens[self.role]}"
        with transaction.atomic():
            with worlds.seeded("request"):
                answer = self.client.generic(method, address, headers=headers, REMOTE_ADDR=STREET)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            answer.body = body
            transaction.set_rollback(True)
        return answer


def kind(answer: HttpResponse) -> str:
    """What happened, in the table's words."""
    if answer.status_code in (301, 302, 303):
        return "sign-in" if answer.headers["Location"].startswith("/signin") else "go"
    return _CLASS.get(answer.status_code, str(answer.status_code))


def expected(row: dict, method: str, role: str, thing: str) -> str:
    """What the row says: by role, by how much the role reads of the case, for staff, for all."""
    said = row.get(method, {"all": "method"} if method in ("PUT", "DELETE") else {})
    reads = TABLE["reads"].get(role, {}).get(thing, "nothing" if role in TABLE["reads"] else "")
    own = "own" if (role, thing) == (PETITIONER, "own") else ""
    staff = "staff" if role in TABLE["reads"] else ""
    for key in (own, role, reads, staff, "all"):
        found = said.get(key) if key else None
        if isinstance(found, dict):  # by case, for one role
            found = found.get(thing)
        if found:
            return found
    return "no row"


def numbers(world: worlds.World) -> dict[str, str]:
    """What can be asked for."""
    return {name: world.cases[name].number for name in ("own", "other", "sealed")} | {"nothing": NOTHING}


def wrong(
    world: worlds.World, among: list[Route], methods: tuple[str, ...] = METHODS, table: dict | None = None
) -> list[str]:
    """Every answer that is not what the table says."""
    found, things = [], numbers(world)
    for role in ROLES:
        asker = Asker(world, role)
        for route in among:
            row = (table or TABLE["routes"]).get(route.name, {})
            for method in methods:
                plain = not route.by_case or method in ("PUT", "DELETE")
                for thing in ("own",) if plain else things:
                    want = expected(row, method, role, thing if route.by_case else "")
                    got = kind(asker.ask(method, route.address(things[thing])))
                    if got != want:
                        found.append(f"{route.name} {method} {role} {thing}: {got}, not {want}")
    return found


def masked(answer: HttpResponse) -> bytes:
    """Status, headers and body without the form's mark."""
    head = sorted((k, v) for k, v in answer.headers.items())
    body = _HELD.sub(rb"\1", _SECRET.sub(b"", answer.body))
    return repr((answer.status_code, head)).encode() + body


def test_every_route_has_a_row_and_every_row_a_route():
    assert sorted(set(TABLE["routes"]) ^ {route.name for route in routes()}) == []


def test_the_whole_matrix(world):
    found = wrong(world, routes())
    assert found == [], "\n".join(found)


def test_barred_and_not_there_are_the_same_bytes(world):
    things, different, asked = numbers(world), [], 0
    for role, reads in TABLE["reads"].items():
        asker = Asker(world, role)
        hidden = [thing for thing in ("own", "other", "sealed") if reads.get(thing) is None]
        for route in (one for one in routes() if one.by_case and not one.name.startswith("public:")):
            for method in ("GET", "POST"):
                absent = masked(asker.ask(method, route.address(NOTHING))).replace(NOTHING.encode(), b"")
                for thing in hidden:
                    number = things[thing]
                    answer = masked(asker.ask(method, route.address(number))).replace(number.encode(), b"")
                    asked += 1
                    if answer != absent:
                        different.append(f"{route.name} {method} {role} {thing}")
    assert different == []
    assert asked > 500


# ---------------------------------------------------------------- red controls


def naked(request):
    """A page that forgot to ask who is there."""
    return HttpResponse("in the open")


def test_red_control_a_view_without_sign_in_is_found(world, settings):
    forgotten = path("desk/forgotten", naked, name="forgotten")
    settings.ROOT_URLCONF = (forgotten, *get_resolver().url_patterns)
    assert {route.name for route in routes()} - set(TABLE["routes"]) == {"forgotten"}
    like = {"forgotten": TABLE["routes"]["desk:worklist"]}
    found = wrong(world, routes([forgotten]), ("GET",), like)
    assert found == [f"forgotten GET {role} own: page, not sign-in" for role in (ANONYMOUS, PETITIONER)]


def test_red_control_a_gate_that_opens_everything_is_found(world, monkeypatch):
    page = [route for route in routes() if route.name == "desk:case"]
    assert wrong(world, page, ("GET",)) == []
    monkeypatch.setattr(policy.Gate, "case", lambda self, number: Case.objects.filter(number=number).first())
    monkeypatch.setattr(policy.Gate, "reads", lambda self, case: "whole")
    assert "desk:case GET barred own: page, not none" in wrong(world, page, ("GET",))
