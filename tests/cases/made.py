"""A small office to work in: units, people, petitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from openredress.cases import actions
from openredress.cases.intake import AccusedInput, PartyInput, PetitionInput
from openredress.lawbook import book
from openredress.ledger import keys
from openredress.people import staff, tree
from openredress.people.models import Unit
from openredress.rules.facts import Actor, Refusal

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)  # Thursday, 10:12 at the office
SOMEBODY = Actor("", "petitioner")
SYSTEM = Actor("system", "system", unit="xfj", roles=frozenset({"system"}))


@dataclass(frozen=True)
class Made:
    """The office: a petition office and two bureaus under one government, one person in each."""

    root: Unit
    office: Unit
    housing: Unit
    roads: Unit
    clerk: Actor
    handler: Actor  # at the housing bureau
    other: Actor  # at the roads bureau


def office() -> Made:
    """Keys, law, four units and three people."""
    keys.ensure(AT)
    book.seed(AT - timedelta(days=1))
    root = tree.add("gov", "临江市人民政府", kind="authority", by="system", at=AT)
    units = [
        tree.add(code, name, kind=kind, parent=root, by="system", at=AT)
        for code, name, kind in (
            ("xfj", "临江市信访局", "office"),
            ("zjj", "临江市住建局", "department"),
            ("jtj", "临江市交通局", "department"),
        )
    ]
    people = [
        person("clerk", units[0], "registry_clerk"),
        person("handler", units[1], "handler"),
        person("other", units[2], "handler"),
    ]
    return Made(root, *units, *people)


def person(name: str, unit: Unit, role: str) -> Actor:
    """Somebody in a role, as the rules see them."""
    one = staff.hire(name, f"{name}某", by="system", at=AT)
    staff.appoint(one, unit, role, since=AT.date() - timedelta(days=400), by="system", at=AT)
    return staff.actor_for(one, AT.date())


def petition(text: str = "工地夜间施工，孩子睡不好。", **given) -> PetitionInput:
    """A petition of 张三 about noise at night."""
    parties = given.pop("parties", (PartyInput("lead", "张三", "新城路12号", phone="13800138000"),))
    claims = given.pop("claims", ("夜间停工", "路面洒水"))
    return PetitionInput(text=text, claims=claims, parties=parties, **given)


def accusing(unit: str = "", staff: str = "") -> PetitionInput:
    """An accusation of a unit or of somebody."""
    return petition("举报有人收钱。", about_misconduct=True, accused=(AccusedInput(unit=unit, staff=staff),))


def opened(at: datetime = AT, **given) -> actions.Opened:
    """A petition that is registered."""
    made = actions.open_case(petition(**given), actor=SOMEBODY, at=at)
    assert not isinstance(made, Refusal), made
    return made


def forward(stream: str, to: str, actor: Actor, at: datetime = AT, **more):
    """Forward the first track."""
    return actions.perform(stream, "forward", {"track": "t1", "to": to}, actor=actor, at=at, **more)
