"""Who is barred from a case, worked out again from bare facts: plain sets, parents climbed one by one.

DESIGN: barred are the accused persons, the staff of an accused unit and of all units below it, whether
they serve there in earnest or acting, and whoever declared a tie. A tie to a unit counts like serving
there. A unit above the accused one is not barred. Imports nothing of what it checks.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class World:
    """What is known of units, people and cases."""

    parent: dict[str, str | None] = field(default_factory=dict)
    posts: set[tuple[str, str, str, bool]] = field(default_factory=set)  # person, unit, role, acting
    tied_to_unit: set[tuple[str, str]] = field(default_factory=set)
    tied_to_person: set[tuple[str, str]] = field(default_factory=set)
    tied_to_case: set[tuple[str, str]] = field(default_factory=set)
    accused_units: dict[str, set[str]] = field(default_factory=dict)
    accused_people: dict[str, set[str]] = field(default_factory=dict)

    def upwards(self, unit: str) -> list[str]:
        """The unit and everything above it."""
        found = []
        at: str | None = unit
        while at is not None:
            found.append(at)
            at = self.parent[at]
        return found

    def barred(self, person: str, case: str) -> bool:
        """Whether the person must not know of the case."""
        units = self.accused_units.get(case, set())
        people = self.accused_people.get(case, set())
        if person in people or (person, case) in self.tied_to_case:
            return True
        for one, other in self.tied_to_person:
            if (one == person and other in people) or (other == person and one in people):
                return True
        stands_in = [unit for who, unit, _, _ in self.posts if who == person]
        stands_in += [unit for who, unit in self.tied_to_unit if who == person]
        return any(above in units for unit in stands_in for above in self.upwards(unit))

    def may_hold(self, unit: str, case: str) -> bool:
        """Whether a unit can keep the case: not accused, nor below an accused one, nor all of it barred."""
        if any(above in self.accused_units.get(case, set()) for above in self.upwards(unit)):
            return False
        people = {who for who, where, _, _ in self.posts if where == unit}
        return not people or any(not self.barred(who, case) for who in people)
