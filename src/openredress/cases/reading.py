"""Which cases a role may read: the packs' table of reads as a condition on rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from openredress.cases import units
from openredress.cases.access import BELOW, FORMER, OWN, PACK_ROLE
from openredress.cases.models import Involved
from openredress.lawbook import book
from openredress.rules.facts import Actor
from openredress.rules.lifecycle import DEFAULT_FAMILY
from openredress.rules.pack import Read


@dataclass(frozen=True, slots=True)
class Scope:
    """Units by which an actor reads: own unit in some relations, units below in others."""

    own: int | None
    below: frozenset[int]
    whys: frozenset[str]  # relations in which the own unit's staff read a whole case
    whys_below: frozenset[str]
    former: bool  # reads the own part of cases the unit once held

    def whole(self) -> Q:
        """Cases that are read whole."""
        involved = Involved.objects.filter(case=OuterRef("pk"))
        either = Q(unit=self.own, why__in=self.whys)
        if self.whys_below and self.below:
            either |= Q(unit__in=self.below, why__in=self.whys_below)
        return Q(Exists(involved.filter(either))) if self.whys or self.whys_below else Q(pk__in=[])

    def any_part(self) -> Q:
        """Cases that are read whole or in the own part."""
        if not self.former:
            return self.whole()
        wider = Scope(self.own, self.below, self.whys | {FORMER}, self.whys_below, False)
        return wider.whole()

    def counted(self) -> frozenset[int]:
        """Units of which the actor reads all that they hold, so that their counts say nothing new."""
        own = {self.own} if self.own is not None and "holder" in self.whys else set()
        return frozenset(own | (self.below if "holder" in self.whys_below else set()))


def pack_roles(roles: Iterable[str]) -> frozenset[str]:
    """The pack's roles for roles as appointed."""
    return frozenset(PACK_ROLE.get(role, role) for role in roles)


def scope(actor: Actor, own: int | None, roles: frozenset[str], reads: Iterable[Read]) -> Scope:
    """What `actor`, at the unit of id `own`, reads in these of the pack's roles."""
    relations = {read.relation for read in reads if read.role in roles and "case" in read.reads}
    whys_below = {why for relation, whys in BELOW.items() if relation in relations for why in whys}
    below = frozenset(units.ids(actor.below | actor.over).values()) if whys_below else frozenset()
    if "anyone" in relations and own is not None:
        below |= {own}
    return Scope(own, below, frozenset(relations.intersection(OWN)), frozenset(whys_below), bool(relations))


def reads_on(on: date) -> tuple[Read, ...]:
    """The table of reads of the law in force on a day."""
    return book.packs().for_day(DEFAULT_FAMILY, on).reads
