"""The made-up city as plain data: its units, who works there, and how the rules see them. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

from openredress.importers.demo.catalogue import Urn, catalogue, toml
from openredress.rules.facts import Actor

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
# Who works in each kind of unit: roles as the packs name them.
CREW = {
    "office": ("clerk", "clerk", "clerk", "supervisor", "supervisor", "head"),
    "department": ("clerk", "handler", "handler", "head"),
    "branch": ("clerk", "handler", "head"),
    "street": ("clerk", "handler", "head"),
    "government": ("leader", "head", "reviewer", "reviewer", "clerk"),
}


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit of the made-up city."""

    code: str
    name: str
    short: str
    kind: str  # government | office | department | street
    level: int
    parent: str
    region: str
    letterhead: str
    dept: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works there."""

    username: str
    name: str
    pseudonym: str
    unit: str
    role: str


@dataclass(frozen=True, slots=True)
class County:
    """A county or district with its towns."""

    code: str
    name: str
    region: str
    towns: tuple[str, ...]
    town_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Character:
    """How a unit behaves; drawn once for each."""

    pace: float  # 1 = as usual, 2 = twice as slow
    late: float  # share of opinions after the due day
    pass_on: float  # share of matters it tries to hand back
    template: float  # share of answers that say nothing
    breaks: float  # share of promises not kept


@dataclass(frozen=True)
class City:
    """Units, counties and crew by unit code."""

    seed: int
    units: Mapping[str, PlannedUnit]
    counties: tuple[County, ...]
    pick_county: Urn[County]
    crew: Mapping[str, tuple[Member, ...]]
    characters: Mapping[str, Character]

    @cached_property
    def actors(self) -> Mapping[tuple[str, str], tuple[Actor, ...]]:
        """Everybody as the rules see them, by unit and role."""
        found: dict[tuple[str, str], list[Actor]] = {}
        for code, members in self.crew.items():
            above, below, over = self.above(code), self.below(code), self.over(code)
            for member in members:
                actor = Actor(member.pseudonym, "staff", code, frozenset({member.role}), above, below, over)
                found.setdefault((code, member.role), []).append(actor)
        return {key: tuple(people) for key, people in found.items()}

    def above(self, code: str) -> tuple[str, ...]:
        """Ancestors, nearest first."""
        found = []
        while parent := self.units[code].parent:
            found.append(parent)
            code = parent
        return tuple(found)

    def below(self, code: str) -> frozenset[str]:
        """Descendants."""
        return frozenset(other for other in self.units if code in self.above(other))

    def over(self, code: str) -> frozenset[str]:
        """What a petition office looks after: all under the authority it serves."""
        unit = self.units[code]
        return self.below(unit.parent) - {code} if unit.kind == "office" else frozenset()

    def actor(self, unit: str, role: str, rng: Random) -> Actor:
        """Somebody of that role there."""
        people = self.actors[unit, role]
        return people[int(rng.random() * len(people))]

    def reviewer_of(self, unit: str) -> str:
        """The next higher government."""
        return self.units[unit].parent


def _unit_rows() -> list[PlannedUnit]:
    plan = toml("city.toml")
    top, city = plan["province"], plan["city"]
    rows = [
        PlannedUnit(top["code"], top["name"], top["short"], "government", 2, "", "", top["letterhead"]),
        PlannedUnit(
            city["code"],
            city["name"],
            city["short"],
            "government",
            3,
            top["code"],
            city["region"],
            city["letterhead"],
        ),
        PlannedUnit("lj-xf", "临江市信访局", "市信访局", "office", 3, "lj", city["region"], "临信", "xf"),
    ]
    for dept in plan["department"]:
        code = f"lj-{dept['code']}"
        rows.append(_department(code, "临江市", "市", dept, 3, "lj", city["region"]))
    for county in plan["county"]:
        rows += _county_rows(county, plan["department"])
    return rows


def _department(
    code: str, where: str, short: str, dept: Mapping[str, str], level: int, parent: str, region: str
) -> PlannedUnit:
    name = dept.get("full") or where + dept["name"]
    return PlannedUnit(
        code,
        name,
        short + dept["short"],
        "department",
        level,
        parent,
        region,
        where[0] + dept["letter"],
        dept["code"],
    )


def _county_rows(county: Mapping[str, str], departments: list[Mapping[str, str]]) -> list[PlannedUnit]:
    code, name, region = county["code"], county["name"], county["region"]
    government = "管理委员会" if name.endswith("高新区") else "人民政府"
    kind = name[-1]
    rows = [
        PlannedUnit(code, name + government, name, "government", 4, "lj", region, name[:2] + "政信复"),
        PlannedUnit(
            f"{code}-xf", f"{name}信访局", name + "信访局", "office", 4, code, region, name[:2] + "信", "xf"
        ),
    ]
    rows += [
        _department(f"{code}-{dept['code']}", name, name[:2] + kind, dept, 4, code, region)
        for dept in departments
        if dept.get("county")
    ]
    for n, town in enumerate(county["towns"], 1):
        office = "办事处" if town.endswith("街道") else "人民政府"
        rows.append(
            PlannedUnit(
                f"{code}-d{n}",
                f"{name}{town}{office}",
                town,
                "street",
                5,
                code,
                f"{region}{n:03d}",
                town[:2] + "信",
            )
        )
    return rows


def _crew(unit: PlannedUnit, rng: Random, taken: set[str]) -> tuple[Member, ...]:
    made = []
    kind = "branch" if unit.kind == "department" and unit.level > 3 else unit.kind
    for n, role in enumerate(CREW[kind], 1):
        pseudonym = "staff/" + "".join(rng.choice(CROCKFORD) for _ in range(10))
        made.append(Member(f"{unit.code}-{role}{n}", staff_name(rng, taken), pseudonym, unit.code, role))
    return tuple(made)


def staff_name(rng: Random, taken: set[str]) -> str:
    """A name nobody else in the offices has."""
    names = catalogue().names
    while True:
        given = names["men"] if rng.random() < 0.6 else names["women"]
        name = rng.choice(names["surnames"]) + "".join(rng.sample(given, rng.choice((1, 2, 2))))
        if name not in taken:
            taken.add(name)
            return name


def _character(rng: Random) -> Character:
    sloppy = rng.betavariate(1.6, 4)
    return Character(
        pace=0.6 + 1.6 * rng.betavariate(2, 4),
        late=0.02 + 0.4 * sloppy,
        pass_on=0.02 + 0.25 * rng.betavariate(1.5, 5),
        template=0.05 + 0.5 * sloppy,
        breaks=0.06 + 0.4 * rng.betavariate(1.5, 4),
    )


def plan_city(seed: int) -> City:
    """The city of that seed: always the same units; its people and their ways follow the seed."""
    rng = Random(f"city/{seed}")
    rows = {row.code: row for row in _unit_rows()}
    taken: set[str] = set()
    counties = [
        County(
            c["code"],
            c["name"],
            c["region"],
            tuple(c["towns"]),
            tuple(f"{c['code']}-d{n}" for n, _ in enumerate(c["towns"], 1)),
        )
        for c in toml("city.toml")["county"]
    ]
    weights = [c["weight"] for c in toml("city.toml")["county"]]
    return City(
        seed=seed,
        units=rows,
        counties=tuple(counties),
        pick_county=Urn(zip(counties, weights, strict=True)),
        crew={code: _crew(unit, rng, taken) for code, unit in rows.items()},
        characters={code: _character(rng) for code in rows},
    )
