"""From an index to a case: when it came, from whom, about what, to which office, and how it went on.

Each case has its own source of chance, made of the seed and its index, so any of them can be made alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cached_property
from itertools import accumulate
from random import Random

from openredress.cases import numbers
from openredress.cases.batch import CaseDraft
from openredress.cases.intake import AccusedInput, PartyInput, PetitionInput
from openredress.cases.prepare import new_stream
from openredress.importers.demo import hard, letter, life
from openredress.importers.demo.catalogue import Matter, catalogue
from openredress.importers.demo.city import City, County, PlannedUnit
from openredress.importers.demo.history import Plan
from openredress.importers.demo.persons import Made
from openredress.importers.demo.scene import Scene, home, shared_scene
from openredress.rules.calendar import Calendar
from openredress.rules.facts import Actor

DAYS = 730  # two years
BLOCK = 150  # one group of petitioners with the same matter in so many cases
HARD = 198
_OPEN = {"visit", "letter"}
_PURPOSE = {"B": "suggestion", "R": "accusation"}


@dataclass(frozen=True)
class World:
    """Everything that all cases share."""

    city: City
    calendar: Calendar
    today: date
    zone: tzinfo
    seed: int
    cases: int
    categories: Mapping[str, str]  # 二级 → code

    @property
    def first_day(self) -> date:
        """The first simulated day: the home's go-live."""
        return self.today - timedelta(days=DAYS)

    @property
    def until(self) -> datetime:
        """Nothing happens after that."""
        return datetime.combine(self.today, time(17, 30), self.zone) - timedelta(days=1)

    @cached_property
    def _arrivals(self) -> list[float]:
        """Cumulated weight of each day: offices get more on working days, most on Mondays."""
        weights = []
        for n in range(DAYS):
            day = self.first_day + timedelta(days=n)
            worked = self.calendar.is_working(day)
            weights.append((1.3 if day.weekday() == 0 else 1.0) if worked else 0.28)
        return list(accumulate(weights))

    def day_of(self, index: int) -> date:
        """The day on which the case with that index came."""
        share = (index + 0.5) / self.cases * self._arrivals[-1]
        low, high = 0, DAYS - 1
        while low < high:
            middle = (low + high) // 2
            if self._arrivals[middle] < share:
                low = middle + 1
            else:
                high = middle
        return self.first_day + timedelta(days=low)

    def registered_on(self, day: date) -> date:
        """The same day when offices are open, else the next working one, if the two years reach so far."""
        open_on = date.fromordinal(self.calendar.next_working(day.toordinal()))
        return open_on if open_on < self.today else day

    def names(self, index: int, year: int) -> tuple[str, str]:
        """Stream and number that the batch will draw for the draft with that index."""
        source = Random(f"{self.seed}/{index}").randbytes
        return new_stream(source), numbers.draw(year, source)


@dataclass(frozen=True, slots=True)
class Group:
    """Several people, one matter."""

    matter: Matter
    county: County
    shared: Mapping[str, str]
    first: int  # index of the first of them


def group_of(world: World, index: int) -> Group | None:
    """The group a case belongs to, or None."""
    block = index // BLOCK
    rng = Random(f"{world.seed}/group/{block}")
    size, apart = rng.choice((3, 4, 5, 6, 8, 12)), rng.choice((1, 1, 2, 3))
    first = block * BLOCK + rng.randrange(BLOCK // 2)
    if index < first or (index - first) % apart or (index - first) // apart >= size:
        return None
    matter = catalogue().matters.draw(rng)
    while matter.place == "none" or matter.avenue in ("R", "B"):
        matter = catalogue().matters.draw(rng)
    voice = letter.choose_voice(matter, rng)
    county = world.city.pick_county.draw(rng)
    return Group(matter, county, shared_scene(rng, county, world.day_of(first), voice.persona), first)


@dataclass(frozen=True, slots=True)
class _Told:
    """Who came about what, before anything was done about it."""

    matter: Matter
    voice: letter.Voice
    scene: Scene
    person: Made
    county: County
    channel: str
    group: Group | None
    anonymous: bool
    many: int


def make(world: World, index: int) -> CaseDraft:
    """The draft with that index: ordinary below `world.cases`, hard from there on."""
    plan, petition = _opened(world, index)
    story = hard.live(plan, index - world.cases) if index >= world.cases else life.live(plan)
    who = world.city.actor(plan.office, "clerk", plan.rng)
    return CaseDraft(petition, plan.office, moves=story.moves(), registered_at=plan.registered_at, actor=who)


def written(world: World, index: int) -> PetitionInput:
    """The petition alone."""
    return _opened(world, index)[1]


def _opened(world: World, index: int) -> tuple[Plan, PetitionInput]:
    rng = Random(f"{world.seed}/case/{index}")
    told = _told(world, index, rng)
    city, scene, matter = world.city, told.scene, told.matter
    unit, wrong, office = _bodies(city, told, rng, index >= world.cases)
    asked = city.units[wrong].short if wrong != unit else told.county.towns[scene.town]
    text = letter.write(
        matter,
        told.voice,
        scene,
        told.person,
        channel=told.channel,
        units=(city.units[unit].short, asked),
        extra="joint" if told.many >= 5 else "again" if rng.random() < 0.06 else "",
    )
    received_at, registered_at = _moments(world, scene.day, told.channel, rng)
    stream, _ = world.names(index, registered_at.year)
    plan = Plan(
        rng=rng,
        city=city,
        calendar=world.calendar,
        matter=matter,
        letter=text,
        scene=scene,
        office=office,
        unit=unit,
        wrong=wrong,
        town="" if matter.avenue == "R" else told.county.town_codes[scene.town],
        party=Actor(f"party/{stream[:10]}.p1", "petitioner"),
        registered_at=registered_at,
        until=world.until,
        other=_other(world, index, told.group),
        anonymous=told.anonymous,
    )
    return plan, _petition(world, told, plan, received_at)


def _told(world: World, index: int, rng: Random) -> _Told:
    is_hard = index >= world.cases
    nth = index - world.cases
    group = None if is_hard else group_of(world, index)
    day = hard.day_of(nth, world.today, rng) if is_hard else world.day_of(index)
    if group is not None:
        matter, county = group.matter, group.county
    else:
        matter = hard.matter_for(nth, rng) if is_hard else catalogue().matters.draw(rng)
        county = world.city.pick_county.draw(rng)
    voice = letter.choose_voice(matter, rng)
    channel = voice.persona.channels.draw(rng) if world.calendar.is_working(day) else "web"
    scene = Scene(rng, county, day, voice.persona, group.shared if group else None)
    person = Made(rng, county.region, home(scene), voice.persona.age, day)
    anonymous = rng.random() < (0.2 if matter.avenue == "R" else 0.012)
    if anonymous:
        person.name, person.phone = "一名群众", "不便留"
    many = _people(matter, rng, is_hard)
    return _Told(matter, voice, scene, person, county, channel, group, anonymous, many)


def _petition(world: World, told: _Told, plan: Plan, received_at: datetime) -> PetitionInput:
    matter, known, misconduct = told.matter, told.scene.known, told.matter.avenue == "R"
    accused = (AccusedInput(unit=_accused(told.county, told.scene, plan.rng)),) if misconduct else ()
    return PetitionInput(
        text=plan.letter.text,
        claims=plan.letter.claims,
        channel=told.channel,
        received_at=received_at,
        confidentiality="anonymous" if told.anonymous else "normal",
        parties=() if told.anonymous else _parties(plan.rng, told.person, told.scene, told.many),
        people_count=told.many,
        about_misconduct=misconduct,
        accused=accused,
        place=known.get("estate") or known.get("village") or known.get("road") or "",
        title=plan.letter.title,
        region=told.county.region,
        category=world.categories.get(matter.second, ""),
        office=plan.office,
        purpose=_PURPOSE.get(matter.avenue, "relief"),
    )


def _other(world: World, index: int, group: Group | None) -> str:
    """The number of a case about the same matter that came before; any earlier one for a hard case."""
    if group is not None and index != group.first:
        first = group.first
    elif index >= world.cases:
        first = (index - world.cases) * 7 % max(world.cases, 1)
    else:
        return ""
    return world.names(first, world.registered_on(world.day_of(first)).year)[1]


def _bodies(city: City, told: _Told, rng: Random, is_hard: bool) -> tuple[str, str, str]:
    """The body that must answer, one that might be asked by mistake, and the office it came to."""
    county, matter, scene = told.county, told.matter, told.scene
    unit = {
        "c": f"{county.code}-{matter.dept}",
        "m": f"lj-{matter.dept}",
        "s": county.town_codes[scene.town],
    }[matter.level]
    if matter.avenue == "R":
        return unit, unit, "lj-xf"
    siblings = _siblings(city, unit)
    wrong = siblings[int(rng.random() * len(siblings))].code if siblings else unit
    if not is_hard and rng.random() < 0.09 and matter.level != "m":
        return unit, wrong, unit
    return unit, wrong, "lj-xf" if matter.level == "m" or rng.random() < 0.4 else f"{county.code}-xf"


_NEAR: dict[str, list[PlannedUnit]] = {}


def _siblings(city: City, unit: str) -> list[PlannedUnit]:
    found = _NEAR.get(unit)
    if found is None:
        parent = city.units[unit].parent
        found = _NEAR[unit] = [
            u
            for u in city.units.values()
            if u.parent == parent
            and u.kind == "department"
            and u.code != unit
            and u.dept not in ("jw", "zfw")
        ]
    return found


def _people(matter: Matter, rng: Random, is_hard: bool) -> int:
    roll = rng.random()
    if is_hard:
        return 1 if roll < 0.4 else rng.choice((2, 3, 5, 8, 12, 26, 47, 88, 163))
    if matter.place in ("estate", "village", "market") and roll < 0.05:
        return rng.choice((5, 6, 8, 12, 17, 23, 38, 56))
    return 1 if roll < 0.9 else 2 + int(rng.random() * 3)


def _parties(rng: Random, person: Made, scene: Scene, many: int) -> tuple[PartyInput, ...]:
    lead = PartyInput(
        role="lead",
        name=person.name,
        address=person.address,
        phone=person.phone if rng.random() < 0.9 else "",
        id_number=person.id_number if rng.random() < 0.7 else "",
        county=person.county,
    )
    others = []
    for _ in range(min(many, 5) - 1):
        one = Made(rng, person.county, scene.fill("home"), (25, 75), scene.day)
        others.append(
            PartyInput(role="joint", name=one.name, address=home(scene), phone=one.phone, county=one.county)
        )
    return (lead, *others)


def _accused(county: County, scene: Scene, rng: Random) -> str:
    if scene.known.get("village") or rng.random() < 0.5:
        return county.town_codes[scene.town]
    return f"{county.code}-{rng.choice(('zj', 'zr', 'cg', 'sc', 'mz', 'jy'))}"


def _moments(world: World, day: date, channel: str, rng: Random) -> tuple[datetime, datetime]:
    """When it reached the authority, and when it was registered."""
    low, high = (8.7, 17.2) if channel in _OPEN or channel == "phone" else (6.5, 23.5)
    hours = low + (high - low) * rng.random()
    received = datetime.combine(day, time(), world.zone) + timedelta(seconds=int(hours * 3600))
    on = world.registered_on(day)
    registered = received + timedelta(minutes=3 + int(rng.random() * 40))
    if on != day:
        registered = datetime.combine(on, time(8, 45), world.zone) + timedelta(
            seconds=int(rng.random() * 9000)
        )
    return received, registered
