"""The same home twice, with and without sealed accusations of a unit: its whole line is told the same bytes.

Randomness is seeded by step and the clocks stand, so nothing has to be masked but the form's own mark.
The accused look at everything they can reach: every link from every page, searches, the API, exports,
feeds, refused addresses, what is sent to them, and what the next petition and paper of theirs are numbered.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.db.models import Q
from django.test import Client
from tests.conftest import _maintenance, standing_on
from tests.web import worlds
from tests.web.test_matrix import Asker, masked
from tests.web.worlds import ACCUSED_LINE, World

from openredress.api import clock as api_clock
from openredress.cases import conflict, policy
from openredress.cases.models import Case, Tally
from openredress.cases.policy import acting_as
from openredress.notices import outbox
from openredress.notices.channels import FileChannel
from openredress.notices.models import Outbox
from openredress.people.models import Unit
from openredress.web import clock

Told = dict[str, bytes]
pytestmark = pytest.mark.once

_LINK = re.compile(r'(?:href|action)="(/[^"#]*)')
_FORM = re.compile(r'action="(/desk/[^"]*)"')
PAGES = 150  # for one person: a crawl that does not end is a fault
ASKED = (
    "/desk/", "/desk/worklist?unit=all", "/desk/worklist?bucket=late", "/desk/statistics", "/desk/cases",
    "/desk/search?q=海棠花园", "/desk/search?q=收钱", "/desk/search?q=收据", "/desk/search?q=验收 收钱",
    "/desk/obligations", "/desk/feeds", "/api/v1/cases", "/api/v1/cases?limit=1", "/api/v1/reference/units",
    "/", "/rules", "/metrics", "/healthz/ready",
)  # fmt: skip


@pytest.fixture
def homes(database_template, django_db_blocker, monkeypatch, tmp_path) -> Iterator[Callable[[bool], World]]:
    """`homes(True)`: a home of its own with the accusations, in a fresh database; `False`: without."""
    monkeypatch.setattr(clock, "frozen", worlds.NOW)
    monkeypatch.setattr(api_clock, "frozen", worlds.NOW)
    logging.disable(logging.ERROR)
    stack = []

    def make(accused: bool) -> World:
        while stack:
            stack.pop().__exit__(None, None, None)
        held = standing_on(database(database_template, tmp_path, len(list(tmp_path.iterdir()))))
        held.__enter__()
        stack.append(held)
        home = tmp_path / f"home-{len(list(tmp_path.iterdir()))}"
        home.mkdir()
        monkeypatch.setattr(settings, "HOME", home)
        return worlds.build(accused=accused)

    with django_db_blocker.unblock():
        yield make
        while stack:
            stack.pop().__exit__(None, None, None)
    logging.disable(logging.NOTSET)


def database(template: str, folder: Path, n: int) -> str:
    """A copy of the migrated template."""
    if connections["default"].vendor == "sqlite":
        return str(shutil.copyfile(template, folder / f"{n}.sqlite3"))
    name = f"{template}_world_{folder.name[-6:]}_{n}".lower().replace("-", "_")
    with _maintenance() as run:
        run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def crawl(asker: Asker, first: list[str], most: int = PAGES, only: tuple[str, ...] = ("/desk",)) -> Told:
    """Every page that can be reached by links that begin like `only` from the first ones."""
    told: Told = {}
    waiting = list(first)
    while waiting:
        address = waiting.pop(0)
        if address in told or address.startswith(("/static", "/signout", "/leave")):
            continue
        assert len(told) < most, f"{asker.role}: more than {most} pages"
        answer = asker.ask("GET", address)
        told[address] = masked(answer)
        if address.startswith("/desk"):
            links = [unescape(link) for link in _LINK.findall(answer.body.decode(errors="replace"))]
            links += [answer.headers.get("Location", "")]
            waiting += [link for link in links if link.startswith(only) and link not in told]
    return told


# Who opens every link; of the others the first pages are enough, for their rooms are the same.
THOROUGH = ("head", "accused-clerk")


def told_to(world: World, name: str, foreign: list[str]) -> Told:
    """Everything that one person reaches; `foreign` are numbers they have no business with."""
    asker = Asker(world, name)
    tries = [f"/desk/case/{n}{rest}" for n in foreign for rest in ("", "/similar", "/move/note")]
    tries += [f"/api/v1/cases/{n}" for n in foreign] + [f"/desk/search?q={n}" for n in foreign]
    tries += [f"/follow/n/{n}" for n in foreign]
    told = crawl(asker, [*ASKED, *tries], only=("/desk",) if name in THOROUGH else ("/desk/case/", "/desk/w"))
    for number in foreign:
        for rest in ("identity", "presence", "move/note", "move/note/check"):
            address = f"/desk/case/{number}/{rest}"
            told[f"POST {address}"] = masked(asker.ask("POST", address))
    actor = world.actor(name)
    with acting_as(actor, worlds.ON) as gate:
        told["export"] = repr(gate.export(Case.objects.all(), reason="核对")).encode()
        told["tally"] = repr([sorted(gate.tally(kind).items()) for kind in ("state", "due")]).encode()
        likes = gate.similar("反映海棠花园验收收钱", "海棠花园验收时有人收钱，物业收费不公开。", 20)
        told["similar"] = repr([(like.case.number, like.shared) for like in likes]).encode()
    told["feed"] = feed(asker)
    return told


def feed(asker: Asker) -> bytes:
    """The calendar behind a fresh address."""
    with worlds.seeded(f"feed/{asker.role}"):
        page = asker.client.post("/desk/feeds/change").content.decode()
    address = re.search(r"/desk/calendar\.ics\?token=[\w-]+", page)
    assert address, "no address was given"
    return Client(SERVER_NAME="localhost").get(address[0]).content


def sent(world: World, folder: Path) -> Told:
    """Rows and mails addressed to the accused unit, to those below, and to their staff."""
    mine = {world.people[name].pseudonym for name in ACCUSED_LINE} | {"unit/zjj", "unit/zjj-wy"}
    rows = Outbox.objects.filter(to_ref__in=mine).order_by("made_at", "to_ref")
    columns = rows.values_list("message_id", "kind", "to_ref", "made_at", "state")
    told = {"outbox": repr(list(columns)).encode()}
    posted = FileChannel(folder)
    channels = {"smtp": posted, "file": posted}
    while outbox.send_one(channels, worlds.NOW, resolve=lambda _, ref: ref, allow=lambda _, ref: ref in mine):
        pass
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return told | {f"mail {one.name}": one.read_bytes() for one in files}


def worked(world: World) -> Told:
    """What the line does next, and what it is answered: numbers, entries, receipts."""
    told = {f"201 {name}": json.dumps(made.answer).encode() for name, made in world.cases.items()}
    told = {key: value for key, value in told.items() if "sealed" not in key}
    asker = Asker(world, "handler")
    note = json.dumps({"text": "再看一次现场。"})
    head = {"Authorization": f"Bearer {world.tokens['handler']}"}
    with worlds.seeded("next/note"):
        address = f"/api/v1/cases/{world.cases['own'].number}/moves/note"
        told["note"] = asker.client.post(address, note, "application/json", headers=head).content
    with worlds.seeded("next/petition"):
        body = {"channel": "web", "received_at": worlds.NOW.isoformat(), "confidentiality": "normal",
                "parties": [{"role": "lead", "name": "王五", "address": "新城路3号"}], "people_count": 1,
                "about_misconduct": False, "text": "海棠花园路灯不亮。", "claims": ["修灯"],
                "language": "zh"}  # fmt: skip
        head = {"Idempotency-Key": "a" * 32}
        told["next"] = asker.client.post(
            "/api/v1/petitions", json.dumps(body), "application/json", headers=head
        ).content
    return told


def everything(world: World, folder: Path, foreign: list[str], people: tuple[str, ...]) -> Told:
    """All that is told to all of them."""
    told = {f"{who} {where}": body for who in people for where, body in told_to(world, who, foreign).items()}
    return told | sent(world, folder) | worked(world)


def differing(one: Told, other: Told) -> list[str]:
    """Where the two worlds are not the same."""
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


def accusations(homes) -> tuple[World, list[str]]:
    """The world with accusations, and their numbers."""
    world = homes(True)
    return world, [made.number for name, made in world.cases.items() if name.startswith("sealed")]


def test_the_accused_line_is_told_the_same_bytes(homes, tmp_path):
    world, foreign = accusations(homes)
    with_it = everything(world, tmp_path / "mail-1", foreign, ACCUSED_LINE)
    sealed = Case.objects.filter(sealed=True)
    assert sorted(sealed.values_list("number", flat=True)) == sorted(foreign)
    without = everything(homes(False), tmp_path / "mail-2", foreign, ACCUSED_LINE)
    assert not Case.objects.filter(sealed=True).exists()
    assert differing(with_it, without) == []
    assert len(with_it) > 200


# ---------------------------------------------------------------- red controls: some protection is off


def figures(world: World, folder: Path, foreign: list[str]) -> Told:
    """A few pages are enough to see a protection missing."""
    asker = Asker(world, "head")
    pages = ["/desk/worklist", "/desk/statistics", "/desk/cases", "/desk/search?q=收钱", "/api/v1/cases"]
    return {page: masked(asker.ask("GET", page)) for page in pages}


@pytest.mark.parametrize(
    ("off", "seen"),
    [
        ("restricted cases counted for all", {"/desk/statistics"}),
        ("a tally that holds them", {"/desk/worklist", "/desk/statistics"}),
        ("lists without the gate", {"/desk/cases", "/api/v1/cases", "/desk/search?q=收钱"}),
    ],
)
def test_red_control(homes, tmp_path, monkeypatch, off, seen):
    without = figures(homes(False), tmp_path / "a", [])
    world, foreign = accusations(homes)
    assert differing(figures(world, tmp_path / "b", foreign), without) == []
    if off.startswith("restricted"):
        every = property(lambda self: Case.objects.filter(restricted=True))
        monkeypatch.setattr(policy.Gate, "restricted_cases", lambda self: every.fget(self))
    elif off.startswith("a tally"):
        unit = Unit.objects.get(code="zjj")
        due = {"unit": unit, "kind": "due", "key": "2026-09-18"}
        for row in ({"unit": unit, "kind": "state", "key": "registered"}, due):
            tally, _ = Tally.objects.get_or_create(**row)
            tally.n += 1
            tally.save()
    else:
        monkeypatch.setattr(policy.Gate, "cases", lambda self: Case.objects.all())
        monkeypatch.setattr(policy.Gate, "searchable", lambda self: Case.objects.all())
        monkeypatch.setattr(conflict.Standing, "barring", lambda self: Q(pk__in=[]))
    assert seen <= set(differing(figures(world, tmp_path / "c", foreign), without))
