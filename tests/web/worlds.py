"""A deterministic office: the same homes again and again, down to the last random byte.

`build` makes one in the database and home that stand now. Every draw is seeded by the step that needs it,
so a further case shifts nothing but what it really touches.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO

from django.test import Client
from tests.cases.made import SOMEBODY

from openredress.api import tokens
from openredress.cases import actions
from openredress.cases.intake import AccusedInput, PartyInput, PetitionInput
from openredress.documents import store as documents
from openredress.lawbook import book
from openredress.ledger import gate, keys
from openredress.people import admins, staff, ties, tree
from openredress.people.models import Staff, Unit
from openredress.people.staff import actor_for
from openredress.rules.facts import Actor, Refusal
from openredress.web.desk import session

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)  # Thursday, 10:12 at the office
NOW = AT + timedelta(days=11)
ON = NOW.date()
BACKEND = "django.contrib.auth.backends.ModelBackend"
UNITS = (
    ("gov", "", "authority", "临江市人民政府"),
    ("xfj", "gov", "office", "临江市信访局"),
    ("zjj", "gov", "department", "临江市住建局"),
    ("zjj-wy", "zjj", "department", "临江市住建局物业科"),
    ("jtj", "gov", "department", "临江市交通局"),
)
# Who works where: the name says who they are to `own`, the case that zjj holds and `handler` handles.
PEOPLE = (
    ("clerk", "xfj", "registry_clerk"),
    ("office-head", "xfj", "petition_office_head"),
    ("supervisor", "xfj", "supervisor"),
    ("retaliation", "xfj", "retaliation_officer"),
    ("handler", "zjj", "handler"),
    ("colleague", "zjj", "handler"),
    ("barred", "zjj", "handler"),
    ("head", "zjj", "unit_head"),
    ("accused-clerk", "zjj", "registry_clerk"),
    ("below", "zjj-wy", "handler"),
    ("elsewhere-clerk", "jtj", "registry_clerk"),
    ("elsewhere-handler", "jtj", "handler"),
    ("reviewer", "gov", "reviewer"),
    ("leader", "gov", "leadership"),
)
ADMINISTRATORS = ("system", "security", "audit")
STAFF = (*(name for name, _, _ in PEOPLE), *ADMINISTRATORS)
ACCUSED_LINE = ("handler", "colleague", "barred", "head", "accused-clerk", "below")


@contextmanager
def seeded(label: str) -> Iterator[None]:
    """Everything drawn inside comes from this label: keys, streams, numbers, salts, nonces, sessions."""
    source = random.Random(label)
    before = secrets._sysrand, secrets.choice, os.urandom
    secrets._sysrand, secrets.choice, os.urandom = source, source.choice, source.randbytes
    try:
        yield
    finally:
        secrets._sysrand, secrets.choice, os.urandom = before


@dataclass
class World:
    """One office. `cases` by what they are to the table: own, other, sealed."""

    people: dict[str, Staff] = field(default_factory=dict)
    cases: dict[str, actions.Opened] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """That person as the rules see them."""
        return actor_for(self.people[name], ON)

    def client(self, name: str) -> Client:
        """A client of somebody signed in; `petitioner` has opened `own`, `anonymous` nothing."""
        client = Client(SERVER_NAME="localhost")
        with seeded(f"session/{name}"):
            if name == "petitioner":
                own = self.cases["own"]
                client.post("/follow", {"number": own.number, "code": own.query_code})
            elif name != "anonymous":
                client.force_login(self.people[name], backend=BACKEND)
                kept = client.session
                kept[session.BEGAN] = kept[session.SEEN] = NOW.timestamp()
                kept.save()
        return client

    def do(self, case: str, move: str, given: dict, who: str, at: datetime) -> None:
        """One move, which must succeed."""
        actor = self.actor(who)
        done = actions.perform(self.cases[case].stream, move, given, actor=actor, at=at)
        assert not isinstance(done, Refusal), (case, move, done)


def petition(title: str, text: str, **more) -> PetitionInput:
    """A petition of 张三, unless `more` says other parties."""
    parties = more.pop("parties", (PartyInput("lead", "张三", "新城路12号", phone="13800138000"),))
    return PetitionInput(title=title, text=text, claims=("停工", "赔偿"), parties=parties, **more)


def accusation(world: World) -> PetitionInput:
    """An anonymous accusation of zjj and of its head."""
    accused = (AccusedInput(unit="zjj"), AccusedInput(staff=world.people["head"].pseudonym))
    return petition(
        "反映海棠花园验收收钱", "海棠花园验收时有人收钱，物业收费不公开。", parties=(),
        confidentiality="anonymous", about_misconduct=True, accused=accused,
    )  # fmt: skip


def build(*, accused: bool = True) -> World:
    """The office with two ordinary cases and, when `accused`, a sealed one between them."""
    world = World()
    with seeded("house"):
        keys.ensure(AT)
        book.seed(AT - timedelta(days=1))
        _people(world)
    _open(world, "own", petition("海棠花园夜间施工", "海棠花园工地夜间施工，孩子睡不好。"), AT)
    if accused:
        _accuse(world)
    _open(
        world, "other", petition("新城路坑洼", "海棠花园门口新城路坑洼，雨天积水。"), AT + timedelta(hours=3)
    )
    _open(world, "later", petition("海棠花园停车收费", "海棠花园停车收费没有公示。"), AT + timedelta(hours=4))
    _handle(world)
    with seeded("tie"):
        ties.declare(world.people["barred"], on=AT.date(), by="system", at=AT, case=world.cases["own"].stream)
    for name in STAFF:
        with seeded(f"token/{name}"):
            world.tokens[name] = tokens.issue(
                tokens.SCOPES, by=world.people["security"], at=AT, staff=world.people[name]
            )[1]
    return world


def _people(world: World) -> None:
    units: dict[str, Unit | None] = {"": None}
    for code, above, kind, name in UNITS:
        units[code] = tree.add(code, name, kind=kind, parent=units[above], by="system", at=AT)
    since = AT.date() - timedelta(days=400)
    for name, unit, role in PEOPLE:
        person = staff.hire(name, f"{name}同志", by="system", at=AT, email=f"{name}@office.invalid")
        staff.appoint(person, units[unit], role, since=since, by="system", at=AT)
        world.people[name] = person
    for role in ADMINISTRATORS:
        person = staff.hire(role, f"{role}同志", by="system", at=AT)
        admins.make_administrator(person, role, by="system", at=AT, on=AT.date())
        world.people[role] = person


def keep(name: str, content: bytes, at: datetime = AT) -> str:
    """A file in the store."""
    return gate.write(lambda: documents.save(BytesIO(content), name, at=at)).sha256


def _open(world: World, name: str, made: PetitionInput, at: datetime) -> None:
    with seeded(f"open/{name}"):
        opened = actions.open_case(made, actor=SOMEBODY, at=at)
    assert not isinstance(opened, Refusal), opened
    world.cases[name] = opened


def _accuse(world: World) -> None:
    """Two: one with a file, noted on and written about, so that it draws and writes all that cases do."""
    at = AT + timedelta(hours=2)
    with seeded("open/sealed"):
        scan = keep("证据.txt", "收据一张".encode(), at)
        made = actions.open_case(
            PetitionInput(**{**_fields(accusation(world)), "attachments": (scan,)}), actor=SOMEBODY, at=at
        )
        assert not isinstance(made, Refusal), made
        world.cases["sealed"] = made
        world.do("sealed", "note", {"text": "先核实收费情况"}, "office-head", at)
        told = {"text": "已经收到，正在核实。", "to": "petitioner"}
        world.do("sealed", "message", told, "office-head", at)
    direct = PetitionInput(**{**_fields(accusation(world)), "office": "zjj"})
    _open(world, "sealed-direct", direct, at)  # sent to the accused unit itself: out of its hands at once


def _fields(made: PetitionInput) -> dict:
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


def _handle(world: World) -> None:
    """`own` and `later` go to zjj, `other` to jtj; handlers are named; `own` is told and has a file."""
    steps = (
        ("own", "forward", {"track": "t1", "to": "zjj"}, "clerk"),
        ("other", "forward", {"track": "t1", "to": "jtj"}, "clerk"),
        ("later", "forward", {"track": "t1", "to": "zjj"}, "clerk"),
        ("own", "name_handler", {"track": "t1", "handler": world.people["handler"].pseudonym}, "head"),
        ("own", "notify_receipt", {"track": "t1", "avenue": "A6", "served_on": AT.date() + timedelta(days=1),
                                   "means": "hand", "proof": True, "text": "已收到。"}, "handler"),
        ("own", "note", {"text": "已到工地看过。"}, "handler"),
    )  # fmt: skip
    for n, (case, move, given, who) in enumerate(steps):
        with seeded(f"step/{case}/{n}"):
            world.do(case, move, given, who, AT + timedelta(days=1, minutes=n))
    with seeded("material"):
        own = world.cases["own"]
        scan = keep("现场.txt", "夜里十一点还在打桩".encode(), AT + timedelta(days=2))
        mine = Actor(f"party/{own.stream[:10]}.p1", "petitioner")
        given = {"received_on": AT.date() + timedelta(days=2), "text": "补一份", "files": [scan]}
        done = actions.perform(own.stream, "material", given, actor=mine, at=AT + timedelta(days=2))
        assert not isinstance(done, Refusal), done
