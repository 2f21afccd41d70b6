"""The made-up city in the tables: regions, units, staff and the three administrators, each with its entry."""

from __future__ import annotations

from datetime import date, datetime
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction

from openredress.cases.access import PACK_ROLE
from openredress.importers.demo.catalogue import toml
from openredress.importers.demo.city import CROCKFORD, City, staff_name
from openredress.lawbook import book
from openredress.people import admins, staff, tree
from openredress.people.models import Staff, Unit
from openredress.people.record import record, system_stream
from openredress.people.roles import ADMINISTRATORS, CASEWORK

PASSWORD = "linjiang-demo"
_APPOINTED = {
    PACK_ROLE[role]: role
    for role in reversed(CASEWORK)
    if role in PACK_ROLE and PACK_ROLE[role] not in CASEWORK
}


@transaction.atomic
def found(city: City, *, at: datetime, go_live: date, seed: int, law_at: datetime) -> None:
    """Write the home's first entry, the law, and everybody. `at`: the first simulated moment."""
    facts = {"authority": 1, "made_up": True, "go_live": go_live.isoformat(), "seed": seed}
    record(system_stream(), "office_founded", facts, words={"name": "临江市（虚构）"}, actor="system", at=at)
    book.seed(law_at)
    _regions()
    made = _units(city, at)
    _people(city, made, at)
    _administrators(city, at)
    Staff.objects.update(password=make_password(PASSWORD))


def _regions() -> None:
    plan = toml("city.toml")
    top = plan["city"]
    tree.region(top["region"], top["region_name"])
    for county in plan["county"]:
        tree.region(county["region"], county["name"], top["region"])
        for n, town in enumerate(county["towns"], 1):
            tree.region(f"{county['region']}{n:03d}", town, county["region"])


def _units(city: City, at: datetime) -> dict[str, Unit]:
    made: dict[str, Unit] = {}
    for row in city.units.values():
        made[row.code] = tree.add(
            row.code,
            row.name,
            by="system",
            at=at,
            parent=made.get(row.parent),
            kind=row.kind,
            level=row.level,
            short=row.short,
            letterhead=row.letterhead,
            region=tree.region(row.region, row.name) if row.region else None,
        )
    return made


def _people(city: City, made: dict[str, Unit], at: datetime) -> None:
    for code, members in city.crew.items():
        for member in members:
            person = staff.hire(member.username, member.name, by="system", at=at, known_as=member.pseudonym)
            role = _APPOINTED.get(member.role, member.role)
            staff.appoint(person, made[code], role, since=at.date(), by="system", at=at)


def _administrators(city: City, at: datetime) -> None:
    rng = Random(f"administrators/{city.seed}")
    taken = {member.name for crew in city.crew.values() for member in crew}
    for role in ADMINISTRATORS:
        pseudonym = "staff/" + "".join(rng.choice(CROCKFORD) for _ in range(10))
        person = staff.hire(f"{role}-admin", staff_name(rng, taken), by="system", at=at, known_as=pseudonym)
        admins.make_administrator(person, role, by="system", at=at, on=at.date())
