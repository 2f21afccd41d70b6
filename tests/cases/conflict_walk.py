"""A seeded walk through units, appointments, ties, accusations and re-routings; after each step, questions.

What the gate answers is compared with `tests.oracles.conflict_bar`, which knows only bare sets. Every case
carries a word of its own; whoever is barred must never be given that word, its number or its count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.cases import rows
from tests.oracles.conflict_bar import World

from openredress.cases import conflict
from openredress.cases.models import Accused, Case, Involved, Tally, TrackRow
from openredress.cases.policy import acting_as
from openredress.people import admins, staff, ties, tree
from openredress.people.models import Appointment, Staff, Tie, Unit
from openredress.rules.facts import Actor

ON = date(2026, 9, 3)
BEFORE = ON - timedelta(days=1)
AT = datetime(2026, 9, 3, 2, tzinfo=UTC)
ROLES = (
    "handler",
    "handler",
    "unit_head",
    "registry_clerk",
    "supervisor",
    "leadership",
    "petition_office_head",
)
LEADING = {"leadership", "petition_office_head"}
HEADS = {"unit_head", "petition_office_head"}
AT_WORK = {"handler", "registry_clerk"}  # read what their unit registered or holds
LOOKING_DOWN = HEADS | {"supervisor"}  # and what the units below hold
LETTERS = (
    "一丁七万丈三上下不与丐丑专且丕世丘丙业丛东丝丞丢两严丧个丫中丰串临丸丹为主丽举乃久么义之乌乍乎乏乐乒"
)


class Found(AssertionError):
    """The gate told something it must not, or hid what it must show."""


class Walk:
    """One walk: the real tables on one side, the oracle's world and plain dicts on the other."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seed, self.steps = seed, 0
        self.world = World()
        self.units: dict[str, Unit] = {}
        self.people: dict[str, Staff] = {}
        self.admins: set[str] = set()
        self.cases: dict[str, Case] = {}
        self.words: dict[str, str] = {}
        self.office: dict[str, str] = {}
        self.holder: dict[str, str] = {}
        self.held: dict[str, set[str]] = {}
        self.handler: dict[str, str] = {}
        self.sealed: set[str] = set()
        self.gone: set[str] = set()
        self.asked = Counter[str]()
        self.start()

    # ------------------------------------------------------------------ steps

    def start(self) -> None:
        """A root, an office below it, two bureaus, and somebody in each."""
        for code, parent in (("u0", None), ("u1", "u0"), ("u2", "u0"), ("u3", "u2")):
            self.add_unit(code, parent)
            self.add_person(code, "handler")

    def step(self) -> None:
        """One change, the mending that a change may need, one round of questions."""
        self.steps += 1
        acts = (
            (self.new_case, 5), (self.reroute, 5), (self.accuse, 3), (self.new_person, 2), (self.appoint, 3),
            (self.dismiss, 2), (self.declare, 4), (self.end_tie, 2), (self.new_unit, 1), (self.move_unit, 2),
            (self.name_handler, 2), (self.administrator, 1),
        )  # fmt: skip
        act = self.random.choices([a for a, _ in acts], [w for _, w in acts])[0]
        act()
        self.mend()
        self.ask(self.any(self.people))
        if self.steps % 10 == 0:
            self.ask_holders()

    def add_unit(self, code: str, parent: str | None) -> None:
        """Grow the tree."""
        above = Unit.objects.get(code=parent) if parent else None  # its path may have moved
        self.units[code] = tree.add(code, f"单位{code}", by="system", at=AT, parent=above)
        self.world.parent[code] = parent

    def new_unit(self) -> None:
        """A unit below any other, up to twelve."""
        if len(self.units) < 12:
            self.add_unit(f"u{len(self.units)}", self.any(self.units))

    def move_unit(self) -> None:
        """Hang a unit elsewhere, but not below itself."""
        code = self.any(set(self.units) - {"u0"})
        places = [other for other in self.units if code not in self.world.upwards(other)]
        to = self.any(places)
        tree.move(Unit.objects.get(code=code), Unit.objects.get(code=to), by="system", at=AT)
        self.world.parent[code] = to

    def add_person(self, unit: str, role: str, acting: bool = False) -> None:
        """Somebody new in a role."""
        name = f"p{len(self.people)}"
        self.people[name] = staff.hire(name, name, by="system", at=AT, known_as=f"staff/{name}")
        self.give(name, unit, role, acting)

    def new_person(self) -> None:
        """Somebody new, up to sixteen."""
        if len(self.people) < 16:
            self.add_person(self.any(self.units), self.any(ROLES), self.random.random() < 0.3)

    def give(self, name: str, unit: str, role: str, acting: bool) -> None:
        """A role at a unit, unless held there already."""
        if not any(post[:3] == (name, unit, role) for post in self.world.posts):
            where = Unit.objects.get(code=unit)
            staff.appoint(self.people[name], where, role, since=BEFORE, by="system", at=AT, acting=acting)
            self.world.posts.add((name, unit, role, acting))

    def appoint(self) -> None:
        """One more role for somebody, acting as often as not."""
        self.give(
            self.any(set(self.people) - self.admins), self.any(self.units), self.any(ROLES), self.coin()
        )

    def dismiss(self) -> None:
        """A role ends."""
        if len(self.world.posts) > 4:
            name, unit, role, acting = post = self.any(self.world.posts)
            Appointment.objects.filter(
                staff=self.people[name], unit__code=unit, role=role, acting=acting
            ).delete()
            self.world.posts.discard(post)

    def administrator(self) -> None:
        """One of the three administrators; somebody without any other role."""
        free = set(self.people) - {post[0] for post in self.world.posts} - self.admins
        if free:
            name = self.any(free)
            admins.make_administrator(
                self.people[name], self.any(["system", "security", "audit"]), by="system", at=AT, on=ON
            )
            self.admins.add(name)

    def declare(self) -> None:
        """A tie to a unit, a colleague or a case."""
        name = self.any(self.people)
        kind = self.any(["unit", "person", "case"])
        if kind == "unit":
            unit = self.any(self.units)
            ties.declare(self.people[name], on=BEFORE, by="system", at=AT, unit=Unit.objects.get(code=unit))
            self.world.tied_to_unit.add((name, unit))
        elif kind == "person":
            other = self.any(set(self.people) - {name})
            ties.declare(self.people[name], on=BEFORE, by="system", at=AT, colleague=self.people[other])
            self.world.tied_to_person.add((name, other))
        elif self.cases:
            key = self.any(self.cases)
            ties.declare(self.people[name], on=BEFORE, by="system", at=AT, case=self.cases[key].stream)
            self.world.tied_to_case.add((name, key))

    def end_tie(self) -> None:
        """Ties between two ends, all of them."""
        for pairs, field in (
            (self.world.tied_to_unit, "to_unit__code"),
            (self.world.tied_to_person, "to_staff__username"),
            (self.world.tied_to_case, "to_case"),
        ):
            if pairs and self.coin():
                name, to = pair = self.any(pairs)
                key = self.cases[to].stream if field == "to_case" else to
                Tie.objects.filter(staff=self.people[name], **{field: key}).update(ended_on=BEFORE)
                pairs.discard(pair)

    def new_case(self) -> None:
        """A case with a word of its own, against somebody as often as not, sent to where it may lie."""
        key = f"c{len(self.cases)}"
        n = len(self.cases)
        self.words[key] = "".join(LETTERS[n // len(LETTERS) ** power % len(LETTERS)] for power in range(3))
        office, wanted = self.any(["u1", "u1", self.any(self.units)]), self.any(self.units)
        sealed = self.random.random() < 0.15
        made = rows.case(
            Unit.objects.get(code=office),
            text=f"反映{self.words[key]}问题",
            sealed=sealed,
            accused=self.some_accused(key, office),
        )
        self.cases[key] = made
        self.office[key], self.holder[key], self.held[key] = office, office, set()
        if sealed:
            self.sealed.add(key)
        Tally.objects.get_or_create(unit=made.office, kind="state", key="handling")
        self.change_tally(made, +1)
        self.send(key, wanted)

    def some_accused(self, key: str, office: str) -> tuple[Unit | Staff, ...]:
        """Nobody, a unit, a person or both; seldom the house itself, or all cases would leave it."""
        others = (
            set(self.units) - set(self.world.upwards(office)) if self.random.random() < 0.9 else self.units
        )
        units = {self.any(others)} if others and self.random.random() < 0.35 else set()
        people = {self.any(self.people)} if self.random.random() < 0.35 else set()
        self.world.accused_units[key], self.world.accused_people[key] = units, people
        return (*(Unit.objects.get(code=u) for u in units), *(self.people[p] for p in people))

    def accuse(self) -> None:
        """A running case turns out to be against somebody more."""
        if self.cases:
            key = self.any(self.cases)
            case = Case.objects.get(pk=self.cases[key].pk)
            self.change_tally(case, -1)
            if self.coin():
                unit = self.any(self.units)
                Accused.objects.create(case=case, unit=Unit.objects.get(code=unit))
                self.world.accused_units[key].add(unit)
            else:
                person = self.any(self.people)
                Accused.objects.create(case=case, staff=self.people[person])
                self.world.accused_people[key].add(person)
            conflict.refresh(case)
            self.change_tally(case, +1)

    def reroute(self) -> None:
        """Somebody sends a case somewhere."""
        if staying := sorted(set(self.cases) - self.gone):
            self.send(self.any(staying), self.any(self.units))

    def name_handler(self) -> None:
        """A handler of the holding unit is named."""
        if staying := sorted(set(self.cases) - self.gone):
            key = self.any(staying)
            there = sorted({p for p, unit, _, _ in self.world.posts if unit == self.holder[key]})
            if there:
                self.handler[key] = self.any(there)
                pseudonym = self.people[self.handler[key]].pseudonym
                TrackRow.objects.filter(case=self.cases[key]).update(handler=pseudonym)

    # ------------------------------------------------------------------ what actions and the nightly job do

    def send(self, key: str, wanted: str) -> None:
        """Give the case to whoever the bar lets hold it."""
        case = Case.objects.select_related("office").get(pk=self.cases[key].pk)
        self.settle(key, case, conflict.holder_for(case, Unit.objects.get(code=wanted), ON))

    def settle(self, key: str, case: Case, holding: conflict.Holding) -> None:
        """Write where the case lies now."""
        self.change_tally(case, -1)
        if holding.unit is None:
            case.marks = f" {conflict.OUT_OF_HOUSE} "
            case.save()
            self.gone.add(key)
            if not holding.superior:
                raise Found("out of the house, and to nobody")
        else:
            self.hand_over(key, case, holding.unit)
        self.change_tally(case, +1)

    def hand_over(self, key: str, case: Case, unit: Unit) -> None:
        """The rows of a hand-over."""
        before = Unit.objects.get(code=self.holder[key])
        Involved.objects.filter(case=case, why="holder").delete()
        Involved.objects.get_or_create(case=case, unit=before, why="held")
        Involved.objects.get_or_create(case=case, unit=unit, why="holder")
        TrackRow.objects.filter(case=case).update(holder=unit, handler="")
        self.held[key].add(before.code)
        self.holder[key] = unit.code
        self.handler.pop(key, None)

    def change_tally(self, case: Case, by: int) -> None:
        """The kept count of an unrestricted case; a ledger of its own, mended when flags change."""
        if not case.restricted:
            unit = TrackRow.objects.get(case=case).holder
            row, _ = Tally.objects.get_or_create(unit=unit, kind="state", key="handling")
            row.n += by
            row.save()

    def mend(self) -> None:
        """What a nightly job does: mark cases that came to be barred, move cases that lost their holder."""
        for case in conflict.stale():
            self.change_tally(case, -1)
            conflict.refresh(case)
            self.change_tally(case, +1)
        by_id = {case.pk: key for key, case in self.cases.items()}
        for track, holding in conflict.misplaced(ON):
            self.settle(by_id[track.case_id], Case.objects.get(pk=track.case_id), holding)

    # ------------------------------------------------------------------ questions

    def whole(self, name: str, unit: str) -> set[str]:
        """Cases that the person must read whole when acting for that unit, by the bare rules."""
        roles = {role for who, where, role, _ in self.world.posts if (who, where) == (name, unit)}
        below = {u for u in self.units if unit in self.world.upwards(u) and u != unit}
        found = set()
        for key in set(self.cases) - self.gone:
            at = self.holder[key]
            ordinary = (
                (roles & (AT_WORK | LOOKING_DOWN) and unit in (at, self.office[key]))
                or (roles & LOOKING_DOWN and at in below)
                or ("leadership" in roles and {at, self.office[key]} & (below | {unit}))
            )
            named = self.handler.get(key) == name or (
                not self.can_act(key) and roles & HEADS and unit == self.heads_unit(key)
            )
            if (named if key in self.sealed else ordinary) and not self.world.barred(name, key):
                found.add(key)
        return found

    def can_act(self, key: str) -> bool:
        """Whether the named handler still serves somewhere and is not accused."""
        name = self.handler.get(key)
        serves = any(who == name for who, _, _, _ in self.world.posts)
        return serves and name not in self.world.accused_people[key]

    def heads_unit(self, key: str) -> str | None:
        """The nearest unit, the holder or above it, with a head who is not accused."""
        for unit in self.world.upwards(self.holder[key]):
            heads = {who for who, where, role, _ in self.world.posts if where == unit and role in HEADS}
            if heads - self.world.accused_people[key]:
                return unit
        return None

    def parts(self, name: str, unit: str) -> set[str]:
        """Cases that have left the unit, of which the person keeps the unit's part."""
        if not any((who, where) == (name, unit) for who, where, _, _ in self.world.posts):
            return set()
        kept = {key for key in self.cases if unit in self.held[key]} - self.gone - self.sealed
        return {key for key in kept if not self.world.barred(name, key)}

    def ask(self, name: str) -> None:
        """Everything that the gate tells one person, unit by unit, against what they may know."""
        for actor in staff.actors_for(self.people[name], ON):
            unit = actor.unit or ""
            whole = self.whole(name, unit) if unit else set()
            known = whole | (self.parts(name, unit) if unit else set())
            with acting_as(replace(actor, over=frozenset()), ON) as gate:
                listed = set(gate.cases().values_list("title", flat=True))
                self.same(name, "list", listed, {f"反映{self.words[k]}问题" for k in known})
                self.same(name, "count", gate.count().n, len(known))
                export = gate.export(Case.objects.all(), reason="核对", cap=500)
                numbers = {row["number"] for row in getattr(export, "rows", ())}
                if len(known) <= 500:
                    self.same(name, "export", numbers, {self.cases[k].number for k in known})
                self.same(name, "tally", self.counted(gate), self.tallied(name, unit))
                for key in self.random.sample(sorted(self.cases), min(1, len(self.cases))):
                    self.ask_about(gate, name, key, key in whole, key in known)

    def ask_about(self, gate, name: str, key: str, whole: bool, known: bool) -> None:
        """Everything that the gate tells one person of one case."""
        case, word = self.cases[key], self.words[key]
        self.same(name, "open", gate.case(case.number) is not None, known)
        self.same(name, "search", [hit.pk for hit in gate.search(word)], [case.pk] if whole else [])
        self.same(name, "search count", gate.search_count(word).n, int(whole))
        likes = [like.case.pk for like in gate.similar(f"反映{word}问题", "", k=50)]
        self.same(name, "similar", case.pk in likes, whole)
        self.same(name, "may", gate.may("note", case) is True, whole)
        with acting_as(Actor("system", "system"), ON) as machine:
            told = {person.username for person in machine.notify_targets(case)}
        self.same(name, "told", [who for who in sorted(told) if self.world.barred(who, key)], [])

    def counted(self, gate) -> dict[str, int]:
        """The gate's tally by unit code."""
        codes = dict(Unit.objects.values_list("pk", "code"))
        return {codes[unit]: n for (unit, _), n in gate.tally("state").items()}

    def tallied(self, name: str, unit: str) -> dict[str, int]:
        """What the tally may say: for units whose every held case the role reads, cases not barred."""
        roles = {role for who, where, role, _ in self.world.posts if (who, where) == (name, unit)}
        below = {u for u in self.units if unit in self.world.upwards(u) and u != unit} if unit else set()
        units = {unit} if roles & (AT_WORK | LOOKING_DOWN) else set()
        units |= below if roles & LOOKING_DOWN else set()
        units |= below | {unit} if "leadership" in roles else set()
        plain = {
            k
            for k in self.cases
            if self.holder[k] in units and k not in self.sealed and not self.is_accusing(k)
        }
        seen = {k for k in plain if not self.world.barred(name, k)} - self.gone
        read = {k for k in (self.whole(name, unit) | self.parts(name, unit)) if self.holder[k] in units}
        return dict(Counter(self.holder[k] for k in seen | read))

    def is_accusing(self, key: str) -> bool:
        """Whether anybody is accused."""
        return bool(self.world.accused_units[key] or self.world.accused_people[key])

    def ask_holders(self) -> None:
        """Each case lies with a unit that may hold it, or is out of the house."""
        for key, case in self.cases.items():
            track = TrackRow.objects.select_related("holder").get(case=case)
            self.same(key, "holder", track.holder.code, self.holder[key])
            if key not in self.gone:
                self.same(key, "unbarred holder", self.world.may_hold(self.holder[key], key), True)
                self.same(key, "in the house", self.must_leave(key), False)

    def must_leave(self, key: str) -> bool:
        """Whether the registering office, one of its leaders or an administrator is accused."""
        house = self.world.upwards(self.office[key])
        people = self.world.accused_people[key]
        leads = any(
            who in people and role in LEADING and unit in house for who, unit, role, _ in self.world.posts
        )
        return leads or bool(people & self.admins) or bool(self.world.accused_units[key] & set(house))

    def same(self, who: str, what: str, found: object, expected: object) -> None:
        """Raise `Found` with all that is needed to walk here again."""
        self.asked[what] += 1
        if found != expected:
            raise Found(
                f"seed {self.seed} step {self.steps}: {what} of {who}: {found!r} instead of {expected!r}"
            )

    def any(self, among):
        """One of them, the same one for the same seed."""
        return self.random.choice(sorted(among))

    def coin(self) -> bool:
        """Heads."""
        return self.random.random() < 0.5
