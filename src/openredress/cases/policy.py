"""The one gate: what this actor may know of which case, for every list, search, count, export and notice.

    with acting_as(actor, on) as gate:
        gate.cases()

Whoever is barred gets the answer that somebody gets who asks for what does not exist. Time is passed in;
a gate is for one actor and one day, and remembers nothing after its `with`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from openredress.cases import compiled, conflict, reading
from openredress.cases import search as finding
from openredress.cases import similar as likeness
from openredress.cases.access import ADMINISTRATORS
from openredress.cases.conflict import OUT_OF_HOUSE, Standing
from openredress.cases.models import Case, DeadlineRow, ObligationRow, Petition, Tally, TrackRow
from openredress.cases.reading import Scope
from openredress.cases.search import COUNT_CAP, Counted
from openredress.people import staff
from openredress.people.models import Staff, Unit
from openredress.rules.facts import Actor, Refusal
from openredress.rules.pack import Read

EXPORT_CAP = 500  # rows that one person may take out; more needs a second person
NAMED_ONE_BY_ONE = 500  # restricted cases that a query names; more are described
TOLD_ROLES = ("head", "clerk")  # told of a case while no handler is named

NOT_FOUND = Refusal(
    "not_found", "没有这件事项", "There is no such case", what_to_do="核对编号 / check the number"
)
PART_ONLY = Refusal(
    "not_yours_now",
    "事项已转出本单位，本单位只能查看自己经办的部分",
    "The case has left your unit, which keeps its own part of the file",
    what_to_do="请现承办单位办理 / ask the unit that holds it",
)
NO_REASON = Refusal("no_reason", "导出须写明用途", "An export needs a reason", field="reason")
TOO_MANY = Refusal(
    "too_many_rows",
    "超过导出行数上限",
    "More rows than may be exported",
    field="cap",
    what_to_do="缩小范围，或由第二人批准 / narrow it, or have a second person approve",
)


@dataclass(frozen=True, slots=True)
class Export:
    """Rows that may leave the house: redacted columns, and who took them, when and what for."""

    rows: tuple[dict[str, str], ...]
    watermark: str


class Gate:
    """What one actor may know on one day."""

    def __init__(self, actor: Actor, on: date | None, reads: Sequence[Read]) -> None:
        self.actor = actor
        self.on = on
        self._reads = reads
        self._found: dict[bool, tuple[int, ...] | None] = {}

    @cached_property
    def standing(self) -> Standing | None:
        """What may bar the actor; None for whoever is no active member of staff."""
        return conflict.standing(self.actor.pseudonym, self.on) if self.actor.kind == "staff" else None

    @cached_property
    def roles(self) -> frozenset[str]:
        """The pack's roles that the actor really holds at this unit that day, whatever the door believed."""
        held = {
            role
            for _, code, role in (self.standing.posts if self.standing else ())
            if code == self.actor.unit
        }
        return reading.pack_roles(self.actor.roles & held)

    @cached_property
    def scope(self) -> Scope:
        """By which units the actor reads."""
        own = next((unit for unit, _ in self._posts), None)
        return reading.scope(self.actor, own, self.roles, self._reads)

    @cached_property
    def _posts(self) -> tuple[tuple[int, str], ...]:
        """Unit id and role of what the actor holds at the unit they act for."""
        posts = self.standing.posts if self.standing else ()
        return tuple((unit, role) for unit, code, role in posts if code == self.actor.unit)

    @cached_property
    def _heads(self) -> str:
        """Path of the unit of which the actor is a head; empty for others."""
        own = self.scope.own
        if own is None or "head" not in self.roles:
            return ""
        return Unit.objects.values_list("path", flat=True).get(pk=own)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """All that this gate's answers rest on beside the rows themselves: equal keys, equal conditions."""
        return (*self._self, self._few(whole=True), self._few(whole=False))

    @cached_property
    def _self(self) -> tuple[object, ...]:
        return (
            self.actor.kind,
            self.actor.pseudonym,
            self.actor.unit,
            self.on,
            self.roles,
            self.standing,
            self.scope,
            self._heads,
        )

    # ------------------------------------------------------------------ lists

    def cases(self) -> QuerySet[Case]:
        """Cases of which the actor may know, whole or in the own part."""
        return self._known.all()

    def searchable(self) -> QuerySet[Case]:
        """Cases that the actor reads whole: their text may be searched."""
        return self._whole.all()

    def restricted_cases(self) -> QuerySet[Case]:
        """The restricted ones among `cases`: few, and in no tally."""
        return self.cases().filter(restricted=True)

    def restricted_ids(self) -> list[int]:
        """Ids of the restricted ones among `cases`."""
        few = self._few(whole=False) if self.actor.kind == "staff" else None
        return list(self.restricted_cases().values_list("pk", flat=True)) if few is None else list(few)

    def case(self, number: str) -> Case | None:
        """The case of that number, its own or one of an attached petition; None whether absent or barred."""
        wanted = number.strip().upper()
        found = self.cases().filter(number=wanted).first()
        alias = Petition.objects.filter(number=wanted).values("case")
        return found or self.cases().filter(pk__in=alias).first()

    def tracks(self) -> QuerySet[TrackRow]:
        """Tracks of readable cases; of cases that have left the unit, those it holds."""
        return TrackRow.objects.filter(self._of_rows())

    def deadlines(self) -> QuerySet[DeadlineRow]:
        """Deadlines of readable cases; of cases that have left the unit, those it owes."""
        return DeadlineRow.objects.filter(self._of_rows())

    def obligations(self) -> QuerySet[ObligationRow]:
        """Obligations of readable cases; of cases that have left the unit, those on its own list."""
        rows = ObligationRow.objects.filter(stream_kind="case")
        whole = Q(Exists(self.searchable().filter(stream=OuterRef("stream_id"))))
        if self.actor.kind != "staff" or not self.scope.former:
            return rows.filter(whole)
        part = Q(unit=self.scope.own) & Q(Exists(self.cases().filter(stream=OuterRef("stream_id"))))
        return rows.filter(whole | part)

    def reads(self, case: Case) -> Literal["whole", "part", "nothing"]:
        """How much of a case the actor reads."""
        here = {compiled.NUMBER: case.pk}
        for much, readable in (("whole", self.searchable), ("part", self.cases)):
            found = compiled.rows(
                (much, self.key),
                lambda: readable().filter(pk=compiled.NUMBER).values_list("pk"),  # noqa: B023
                here,
            )
            if found:
                return much  # type: ignore[return-value]
        return "nothing"

    def whole(self, number: str) -> Case | None:
        """The case of exactly that number when the actor reads it whole."""
        found = compiled.rows(
            ("number", self.key),
            lambda: self.searchable().filter(number=compiled.TEXT).values_list("pk"),
            {compiled.TEXT: number},
        )
        return Case.objects.get(pk=found[0][0]) if found else None

    # ------------------------------------------------------------------ search and counts

    def search(self, query: str, limit: int = 20) -> list[Case]:
        """The newest readable cases that the query finds."""
        return finding.search(query, self, limit)

    def search_count(self, query: str) -> Counted:
        """How many readable cases the query finds, capped."""
        return finding.count(query, self)

    def similar(self, title: str, body: str, k: int = 5) -> list[likeness.Like]:
        """Readable cases most like this redacted text."""
        return likeness.similar(title, body, self, k)

    def count(self, narrowed: QuerySet[Case] | None = None, cap: int = COUNT_CAP) -> Counted:
        """How many readable cases there are among `narrowed`; never counted beyond `cap`."""
        found = self.cases() if narrowed is None else self.cases().filter(pk__in=narrowed.values("pk"))
        n = len(found.order_by().values_list("pk", flat=True)[: cap + 1])
        return Counted(min(n, cap), n > cap)

    def tally(self, kind: Literal["state", "due"]) -> Counter[tuple[int, str]]:
        """Tracks by (unit id, state), or open deadlines by (unit id, due day), as this actor may know them.

        Kept tallies hold unrestricted cases only; the few restricted ones that the actor may read are added
        live, and those that a tie of the actor's own bars before the flag is set are taken off.
        """
        units = self._counted_units()
        kept = Tally.objects.filter(kind=kind).exclude(n=0)
        kept = kept if units is None else kept.filter(unit__in=units)
        found = Counter({(unit, key): n for unit, key, n in kept.values_list("unit_id", "key", "n")})
        found.update(_live(kind, self.restricted_cases(), units))
        if self.standing and self.standing.cases:
            mine = Case.objects.filter(stream__in=self.standing.cases, restricted=False)
            found.subtract(_live(kind, mine, units))
        return Counter({key: n for key, n in found.items() if n})

    def owed(self) -> int:
        """How many open deadlines the actor's own unit has, as this actor may know them."""
        own = self.scope.own
        if own is None or own not in (self._counted_units() or ()):
            return 0
        kept = Tally.objects.filter(kind="due", unit=own).aggregate(n=Sum("n"))["n"] or 0
        few = self._few(whole=False)
        live = 0 if few == () else _live("due", self.restricted_cases(), frozenset({own})).total()
        tied = self.standing.cases if self.standing else ()
        if tied:
            mine = Case.objects.filter(stream__in=tied, restricted=False)
            kept -= _live("due", mine, frozenset({own})).total()
        return int(kept + live)

    # ------------------------------------------------------------------ acts

    def may(self, action: str, case: Case) -> Literal[True] | Refusal:
        """Whether the actor may do something with the case at all; the law's own conditions come after.

        `read` and `export` need any part of it; every move and everything else needs the whole.
        """
        much = self.reads(case)
        if much == "nothing":
            return NOT_FOUND
        return True if much == "whole" or action in ("read", "export") else PART_ONLY

    def identity_access(
        self, case: Case, *, serving: bool = False, reception: bool = False
    ) -> Literal["press", "request"] | Refusal:
        """Whether name and phone take one logged press, or a request that a second person approves.

        One press: the handler named on an open track; the clerk who is serving this petitioner now
        (`serving`); a leader on a reception day (`reception`). On sealed cases only the named handler;
        where confidentiality was promised, nobody.
        """
        if self.reads(case) != "whole" or self.actor.kind != "staff":
            return NOT_FOUND
        if case.confidentiality != "normal":
            return "request"
        mine = TrackRow.objects.filter(case=case, open=True, handler=self.actor.pseudonym)
        if mine.exists():
            return "press"
        at_desk = (serving and "clerk" in self.roles) or (reception and "leader" in self.roles)
        return "press" if at_desk and not case.sealed else "request"

    def export(self, cases: QuerySet[Case], *, reason: str, cap: int = EXPORT_CAP) -> Export | Refusal:
        """Redacted rows of readable cases among `cases`, newest first, marked with who took them and why."""
        if not reason.strip():
            return NO_REASON
        wanted = self.cases().filter(pk__in=cases.values("pk")).order_by("-pk").select_related("lead")
        found = list(wanted[: min(cap, EXPORT_CAP) + 1])
        if len(found) > min(cap, EXPORT_CAP):
            return TOO_MANY
        digest = hashlib.sha256(reason.encode()).hexdigest()[:8]
        mark = f"{self.actor.pseudonym} {self.on or ''} {len(found)} {digest}"
        return Export(tuple(_row(case) for case in found), mark)

    def notify_targets(self, case: Case) -> list[Staff]:
        """Staff to be told of something on the case: named handlers, else heads and clerks of the holder.

        Each is asked of their own gate; a message to somebody barred is never made, nor sent.
        """
        told: dict[int, Staff] = {}
        for track in TrackRow.objects.filter(case=case, open=True).select_related("holder").order_by("track"):
            for person in self._addressees(track):
                actor = staff.actor_for(person, self.on, track.holder.code) if self.on else None
                if actor and Gate(actor, self.on, self._reads).reads(case) == "whole":
                    told[person.pk] = person
        return list(told.values())

    def _addressees(self, track: TrackRow) -> list[Staff]:
        if track.handler:
            return list(Staff.objects.filter(pseudonym=track.handler, active=True))
        posts = staff.active(self.on).filter(unit=track.holder) if self.on else staff.active(date.min)
        roles = {row.staff_id for row in posts if reading.pack_roles([row.role]) & set(TOLD_ROLES)}
        return list(Staff.objects.filter(pk__in=roles, active=True).order_by("pk"))

    # ------------------------------------------------------------------ conditions

    @cached_property
    def _known(self) -> QuerySet[Case]:
        return self._readable(whole=False)

    @cached_property
    def _whole(self) -> QuerySet[Case]:
        return self._readable(whole=True)

    def _readable(self, *, whole: bool) -> QuerySet[Case]:
        if self.actor.kind == "system":
            return Case.objects.all()
        if self.actor.kind == "petitioner":
            prefix = self.actor.pseudonym.partition("/")[2].partition(".")[0]
            return Case.objects.filter(stream__startswith=prefix) if len(prefix) >= 8 else Case.objects.none()
        if not self._reads_cases:
            return Case.objects.none()
        scope = self.scope.whole() if whole else self.scope.any_part()
        return Case.objects.filter(self._ordinary(scope) | self._listed(scope, whole=whole))

    @property
    def _reads_cases(self) -> bool:
        return bool(self.standing and self.roles and not self.roles & ADMINISTRATORS)

    def _ordinary(self, scope: Q) -> Q:
        """One look-up a row: nobody is barred from an unrestricted case, save by a tie not yet marked."""
        allowed = Q(restricted=False) & scope
        tied = self.standing.cases if self.standing else ()
        return allowed & ~Q(stream__in=tied) if tied else allowed

    def _listed(self, scope: Q, *, whole: bool) -> Q:
        """The restricted cases that may be read: worked out once and then named, for they are few."""
        few = self._few(whole=whole)
        return self._restricted(scope) if few is None else Q(pk__in=few)

    def _few(self, *, whole: bool) -> tuple[int, ...] | None:
        """Ids of the restricted cases that the actor reads; None when there are too many to name."""
        if whole not in self._found:
            self._found[whole] = self._look(whole=whole)
        return self._found[whole]

    def _look(self, *, whole: bool) -> tuple[int, ...] | None:
        if self.actor.kind != "staff" or not self._reads_cases:
            return ()

        def rule() -> QuerySet[Case]:
            scope = self.scope.whole() if whole else self.scope.any_part()
            return Case.objects.filter(self._restricted(scope))

        found = compiled.rows(
            ("restricted", whole, self._self), lambda: rule().values_list("pk")[: NAMED_ONE_BY_ONE + 1]
        )
        return tuple(pk for (pk,) in found) if len(found) <= NAMED_ONE_BY_ONE else None

    def _restricted(self, scope: Q) -> Q:
        assert self.standing is not None
        named = Q(sealed=False) & scope | Q(sealed=True) & self._named()
        here = ~Q(marks__contains=f" {OUT_OF_HOUSE} ")
        return Q(restricted=True) & named & here & ~self.standing.barring()

    def _named(self) -> Q:
        """Sealed: the handler named on a track; while none can act, the nearest head, at the holder or above.

        The head above an office without one is whoever answers for its staff (干部管理权限).
        """
        tracks = TrackRow.objects.filter(case=OuterRef("pk"))
        mine = Q(handler=self.actor.pseudonym)
        if self._heads:
            below = Q(holder__path__startswith=self._heads) & ~conflict.nearer_head(self.on, self._heads)
            mine |= below & conflict.without_handler(self.on)
        return Q(Exists(tracks.filter(mine)))

    def _of_rows(self) -> Q:
        here = OuterRef("case_id")
        whole = Q(Exists(self.searchable().filter(pk=here)))
        if self.actor.kind != "staff" or not self.scope.former:
            return whole
        return whole | Q(holder=self.scope.own) & Q(Exists(self.cases().filter(pk=here)))

    def _counted_units(self) -> frozenset[int] | None:
        """Units whose counts the actor may see; None for all."""
        if self.actor.kind == "system":
            return None
        return self.scope.counted() if self.actor.kind == "staff" and self.standing else frozenset()


@contextmanager
def acting_as(actor: Actor, on: date | None = None, reads: Sequence[Read] | None = None) -> Iterator[Gate]:
    """The gate of an actor on a day; `reads` is the pack's table, by default of the law in force that day.

    Without a day every appointment and tie ever recorded bars, past and future ones too.
    """
    yield Gate(actor, on, reading.reads_on(on or date.max) if reads is None else reads)


def _live(kind: str, cases: QuerySet[Case], units: frozenset[int] | None) -> Counter[tuple[int, str]]:
    rows: QuerySet[TrackRow] | QuerySet[DeadlineRow]
    column = "state" if kind == "state" else "due"
    if kind == "state":
        rows = TrackRow.objects.filter(case__in=cases)
    else:
        rows = DeadlineRow.objects.filter(case__in=cases, open=True, holder__isnull=False)
    rows = rows if units is None else rows.filter(holder__in=units)
    counted = rows.order_by().values_list("holder_id", column).annotate(n=Count("pk"))
    return Counter({(unit, str(key)): n for unit, key, n in counted})


def _row(case: Case) -> dict[str, str]:
    """What an export shows: nothing that the redacted list does not show."""
    return {
        "number": case.number,
        "title": case.title,
        "state": case.state,
        "unit": case.lead.name if case.lead else "",
        "received_on": case.received_on.isoformat(),
        "next_due": case.next_due.isoformat() if case.next_due else "",
    }
