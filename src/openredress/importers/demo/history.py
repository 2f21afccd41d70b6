"""The moves of one made-up case while they are thought up: when, by whom, with what.

A `Line` follows one track. It keeps its own clock and knows in which state its moves leave the track, so
that every move it makes is lawful at its time. Nothing happens after the last simulated moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from openredress.cases.batch import MoveDraft
from openredress.importers.demo.catalogue import Matter, catalogue
from openredress.importers.demo.city import Character, City
from openredress.importers.demo.letter import Letter
from openredress.importers.demo.scene import Scene
from openredress.rules.calendar import Calendar
from openredress.rules.facts import Actor

_FRESH = {"n9", "n2", "ym"}  # what staff write has numbers of its own


class Ended(Exception):
    """The story has reached the last simulated moment, or the station where it is to rest."""


@dataclass(frozen=True, slots=True)
class Later:
    """The seq of a move that is still being made up, in a form."""

    token: int
    form: str = ""

    def value(self, seqs: Mapping[int, int]) -> Any:
        """The seq itself, or the form filled with it."""
        seq = seqs[self.token]
        return self.form.format(seq) if self.form else seq


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a case before its story begins."""

    rng: Random
    city: City
    calendar: Calendar
    matter: Matter
    letter: Letter
    scene: Scene
    office: str
    unit: str  # the body that has to answer
    wrong: str  # a body that might be asked by mistake
    town: str  # code of the street or town
    party: Actor
    registered_at: datetime
    until: datetime
    other: str = ""  # number of a case about the same matter
    anonymous: bool = False


class History:
    """All moves of a case, of every track, in the order of time."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rng = plan.rng
        self.city = plan.city
        self.went_back = False  # the office has held it again after an objection
        self._made: list[tuple[datetime, int, str, dict[str, Any], Actor]] = []

    def add(self, when: datetime, move: str, given: dict[str, Any], actor: Actor) -> int:
        """Note a move; the answer stands for its seq until the story is told."""
        token = len(self._made) + 1
        self._made.append((when, token, move, given, actor))
        return token

    def __len__(self) -> int:
        return len(self._made)

    def moves(self) -> tuple[MoveDraft, ...]:
        """The moves in order; seq 1 is the registration."""
        ordered = sorted(self._made, key=lambda made: (made[0], made[1]))
        seqs = {token: seq for seq, (_, token, *_) in enumerate(ordered, 2)}
        return tuple(
            MoveDraft(
                move, {k: v.value(seqs) if isinstance(v, Later) else v for k, v in given.items()}, actor, when
            )
            for when, _, move, given, actor in ordered
        )

    def say(self, section: str, **slots: str) -> str:
        """Something staff or the petitioner might write."""
        lines = catalogue().staff[section]["*"]
        scene = self.plan.scene

        def fill(slot: str) -> str:
            found = slots.get(slot)
            if found is None and slot not in _FRESH:
                found = scene.known.get(slot)
            return found if found is not None else scene.fresh(slot)

        return lines[int(self.rng.random() * len(lines))].render(fill, self.rng)


class Line:
    """One track on its way: where it lies, in which state, and what time it is there."""

    def __init__(
        self, story: History, track: str, claims: Mapping[str, str], at: datetime, stop: str = ""
    ) -> None:
        """`claims`: id → words. `stop`: the state in which the line is to rest."""
        self.story, self.plan, self.rng, self.city = story, story.plan, story.rng, story.city
        self.track = track
        self.claims = claims
        self.at = at
        self.stop = stop
        self.state = "registered"
        self.holder = story.plan.office
        self.office = story.plan.office
        self.direct = story.city.units[self.office].kind != "office"
        self.received = at.date()
        self.avenue = ""
        self.handler: Actor | None = None
        self.opinion = 0
        self.opined_by = ""
        self.served_on: date | None = None
        self.promised: dict[str, date] = {}
        self.outcomes: dict[str, str] = {}
        self.clock_start: date | None = None
        self.assigned = False
        self.extended = False

    @property
    def character(self) -> Character:
        """How the holder behaves."""
        return self.city.characters[self.holder]

    def chance(self, share: float) -> bool:
        """Whether something of that likelihood happens."""
        return self.rng.random() < share

    def who(self, role: str, unit: str = "") -> Actor:
        """Somebody of that role at the unit, at the holder when none is named."""
        return self.city.actor(unit or self.holder, role, self.rng)

    def staff(self) -> Actor:
        """Whoever handles it at the holder."""
        if self.handler is not None and self.handler.unit == self.holder:
            return self.handler
        kind = self.city.units[self.holder].kind
        role = "handler" if kind in ("department", "street") else "clerk"
        self.handler = self.who(role)
        return self.handler

    def wait(self, low: float, high: float) -> None:
        """Let so many working days pass, then an hour when offices are open."""
        days = int(low + self.rng.random() * (high - low + 1))
        calendar = self.plan.calendar
        if days == 0 and self._in_hours(self.at):
            self._soon()
            return
        day = date.fromordinal(calendar.next_working(self.at.date().toordinal()))
        if days:
            day = calendar.add_working(day, days)
        self._to(day)

    def wait_days(self, low: int, high: int) -> None:
        """Let so many calendar days pass, then to the next open hour."""
        day = self.at.date() + timedelta(days=low + int(self.rng.random() * (high - low + 1)))
        self._to(date.fromordinal(self.plan.calendar.next_working(day.toordinal())))

    def wait_until(self, day: date) -> None:
        """Go on to the first open hour from that day on, if it lies ahead."""
        if day > self.at.date():
            self._to(date.fromordinal(self.plan.calendar.next_working(day.toordinal())))

    def _in_hours(self, at: datetime) -> bool:
        return at.hour < 17 and self.plan.calendar.is_working(at.date())

    def _soon(self) -> None:
        self.at += timedelta(minutes=4 + int(self.rng.random() * 35), seconds=int(self.rng.random() * 60))

    def _to(self, day: date) -> None:
        opens = datetime.combine(day, time(8, 40), self.at.tzinfo)
        moment = opens + timedelta(seconds=int(self.rng.random() * 29_000))
        if moment <= self.at:
            self._soon()
        else:
            self.at = moment

    def do(self, move: str, actor: Actor, state: str = "", **given: Any) -> int:
        """Make a move on this track; `state` is where it leads."""
        return self.case(move, actor, state, track=self.track, **given)

    def case(self, move: str, actor: Actor, state: str = "", **given: Any) -> int:
        """Make a move of the case at this line's time."""
        if self.at > self.plan.until:
            raise Ended
        token = self.story.add(self.at, move, given, actor)
        self.at += timedelta(seconds=61)
        if state:
            self.state = state
            if state == self.stop:
                raise Ended
        return token

    def say(self, section: str, **slots: str) -> str:
        """Something to write in a move."""
        return self.story.say(section, **slots)

    @property
    def today(self) -> str:
        """The line's day as the record writes it."""
        return self.at.date().isoformat()

    def staff_clerk(self) -> Actor:
        """The registry clerk of the holder."""
        return self.who("clerk")
