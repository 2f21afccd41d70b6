"""A small made-up office for the tests of the rules: actors, and a case walked by pressing buttons."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from openredress.packs.load import builtin_packs
from openredress.rules.clocks import deadlines
from openredress.rules.facts import Actor, CaseFacts, Entry, Refusal
from openredress.rules.faults import Fault, faults
from openredress.rules.fold import fold, step
from openredress.rules.lifecycle import OpenMove, decide, open_moves

ZONE = timezone(timedelta(hours=8))
STREAM = "case/0123456789abcdefghjkmnpqrs"
PACKS = builtin_packs()
ROLES = frozenset({"clerk", "handler", "head", "supervisor"})


def staff(
    name: str, unit: str, *roles: str, below: tuple[str, ...] = (), above: tuple[str, ...] = ()
) -> Actor:
    """A member of staff; without roles, one who may do all of an office's work."""
    return Actor(f"staff/{name}", "staff", unit, frozenset(roles) or ROLES, above, frozenset(below))


CLERK = staff("clerk", "lj-xf")  # the petition office
HOUSING = staff("housing", "lj-zj", above=("lj",))
TRANSPORT = staff("transport", "lj-jt", above=("lj",))
CITY = staff(
    "city", "lj", "reviewer", "head", "supervisor", below=("lj-zj", "lj-jt", "lj-xf"), above=("prov",)
)
PROVINCE = staff("province", "prov", "reviewer", "head", "supervisor", below=("lj", "lj-zj", "lj-jt"))
LEADER = staff("leader", "lj", "leader", below=("lj-zj",))
SYSTEM = Actor("system", "system", None, frozenset({"system"}))
PETITIONER = Actor("party/01234567.p1", "petitioner")
STRANGER = Actor("party/zzzzzzzz.p1", "petitioner")


def at(day: str | date, hour: int = 10) -> datetime:
    """That hour of that day in the office's zone."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(on, time(hour), ZONE)


def words(*claims: str) -> dict[str, dict[str, str]]:
    """Facts, basis and opinion for each claim."""
    return {name: {c: f"{name} {c}" for c in claims} for name in ("facts", "basis", "opinion")}


class Walk:
    """One case, walked move by move; clocks are asked before each press."""

    def __init__(self, family: str = "") -> None:
        self.entries: list[Entry] = []
        self.facts = CaseFacts(stream="")
        self.family = family

    def clocks(self, day: str) -> tuple[Any, ...]:
        """The deadlines as known that day."""
        return deadlines(self.entries, PACKS, at(day, 23).astimezone(UTC)) if self.entries else ()

    def press(self, day: str, move: str, actor: Actor, **given: Any) -> tuple[Entry, ...] | Refusal:
        """What decide says, nothing recorded."""
        now, happened = at(day), given.pop("occurred_at", None)
        return decide(
            self.facts, move, given, actor, PACKS, now, occurred_at=happened, deadlines=self.clocks(day),
            stream=STREAM, family=self.family,
        )  # fmt: skip

    def do(self, day: str, move: str, actor: Actor, **given: Any) -> Walk:
        """Press and record; a refusal is a failure of the test."""
        made = self.press(day, move, actor, **given)
        assert not isinstance(made, Refusal), (move, made.code, made.zh)
        for entry in made:
            self.entries.append(entry)
            self.facts = step(self.facts, entry, PACKS)
        return self

    def refused(self, day: str, move: str, actor: Actor, **given: Any) -> Refusal:
        """Press; the refusal it must give."""
        made = self.press(day, move, actor, **given)
        assert isinstance(made, Refusal), f"{move} was let through"
        return made

    def state(self, track: str = "t1") -> str:
        """The state of a track."""
        found = self.facts.track(track)
        assert found is not None
        return found.state

    def buttons(self, day: str, actor: Actor) -> dict[str, OpenMove]:
        """The buttons for an actor, by move (of track t1 or the case)."""
        shown = open_moves(self.facts, actor, PACKS, at(day), self.clocks(day))
        return {b.move: b for b in shown if b.track in ("", "t1")}

    def faults(self, day: str) -> tuple[Fault, ...]:
        """What units left undone, as known that day."""
        return faults(self.facts, self.entries, self.clocks(day), PACKS, at(day, 23))

    def refolded(self) -> CaseFacts:
        """The facts folded from all entries at once."""
        return fold(self.entries, PACKS)


def registered(day: str = "2026-09-03", claims: int = 3, **more: Any) -> Walk:
    """A case at the petition office."""
    given: dict[str, Any] = {
        "number": "2026-9BWE52-Q",
        "channel": "web",
        "received_on": day,
        "office": "lj-xf",
        "claims": [{"id": f"c{n}"} for n in range(1, claims + 1)],
        "parties": [{"id": "p1", "role": "lead", "named": True, "addressed": True}],
        "text": "原文",
    }
    return Walk().do(day, "register", more.pop("actor", CLERK), **given | more)


def handling(claims: int = 3) -> Walk:
    """A case in hand at the housing bureau since 2026-09-10."""
    walk = registered(claims=claims).do("2026-09-04", "forward", CLERK, to="lj-zj")
    return walk.do("2026-09-10", "notify_receipt", HOUSING, avenue="A6", served_on="2026-09-10", means="hand")


THREE = [
    {"claim": "c1", "outcome": "support", "execute_by": "2026-11-30"},
    {"claim": "c2", "outcome": "explain"},
    {"claim": "c3", "outcome": "reject"},
]


def served(remedy: bool = True) -> Walk:
    """An opinion on three claims, served on 2026-10-12."""
    walk = handling().do("2026-09-15", "investigate", HOUSING, kind="site")
    walk.do("2026-10-10", "opinion", HOUSING, outcomes=THREE, remedy=remedy, **words("c1", "c2", "c3"))
    return walk.do(
        "2026-10-12", "serve", HOUSING, paper="opinion", served_on="2026-10-12", means="hand", proof=True
    )
