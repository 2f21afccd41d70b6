"""The conflict bar: who must not know of a case, and who holds it then (信访工作条例第二十八、三十条).

Barred are accused persons, the staff of an accused unit and of all units below it (acting roles too), and
whoever declared a tie to the accused or to the case. A unit above is barred only when itself accused or tied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from openredress.cases.models import Accused, Case, TrackRow
from openredress.people import staff, ties
from openredress.people.models import AdminRole, Appointment, Staff, Tie, Unit

OUT_OF_HOUSE = "out_of_house"  # a mark on the case: handed to the superior, nobody here reads it
HOUSE_LEADERS = frozenset({"leadership", "petition_office_head"})  # at the registering office or above it
HEADS = frozenset({"unit_head", "petition_office_head"})  # hold a sealed case while no handler can
NEXT_OFFICE_UP = "上一级信访工作机构"


@dataclass(frozen=True, slots=True)
class Standing:
    """What may bar one person: where they serve or are tied to, and to whom."""

    staff: int
    pseudonym: str
    units: frozenset[int]  # served in or tied to, and everything above those
    people: frozenset[int]  # tied with, whoever of the two declared it; and the person
    cases: frozenset[str]  # streams of cases tied to
    posts: tuple[tuple[int, str, str], ...] = ()  # unit id, unit code, role

    def barred_by(self, accused: Charges) -> bool:
        """Whether these charges bar this person."""
        return (
            not self.units.isdisjoint(accused.units)
            or not self.people.isdisjoint(accused.people)
            or accused.stream in self.cases
        )

    def barring(self) -> Q:
        """The same as a condition on cases."""
        charged = Accused.objects.filter(case=OuterRef("pk"))
        either = Q(unit__in=self.units) | Q(staff__in=self.people)
        return Q(stream__in=self.cases) | Q(Exists(charged.filter(either)))


@dataclass(frozen=True, slots=True)
class Charges:
    """Whom one case accuses: ids of units and of staff."""

    stream: str
    units: frozenset[int]
    people: frozenset[int]


@dataclass(frozen=True, slots=True)
class Holding:
    """Who is to hold a case: a unit, or nobody in the house and the superior's name."""

    unit: Unit | None
    superior: str = ""

    @property
    def out_of_house(self) -> bool:
        """Whether the case leaves the house."""
        return self.unit is None


def charges(case: Case) -> Charges:
    """Whom the case accuses."""
    rows = list(Accused.objects.filter(case=case).values_list("unit_id", "staff_id"))
    units = frozenset(unit for unit, _ in rows if unit is not None)
    return Charges(case.stream, units, frozenset(person for _, person in rows if person is not None))


def standing(pseudonym: str, on: date | None) -> Standing | None:
    """What may bar that member of staff on a day; None when there is no such person, or they left.

    Without a day every appointment and tie ever recorded counts: stricter, never laxer.
    """
    person = Staff.objects.filter(pseudonym=pseudonym, active=True).values_list("pk", flat=True).first()
    return standings([person], on)[person] if person is not None else None


def standings(people: Iterable[int], on: date | None) -> dict[int, Standing]:
    """What may bar each of these members of staff (ids)."""
    wanted = set(people)
    names = dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "pseudonym"))
    posts: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    units: dict[int, set[int]] = defaultdict(set)
    known: dict[int, set[int]] = defaultdict(set)
    cases: dict[int, set[str]] = defaultdict(set)
    rows = _appointments(on).filter(staff__in=wanted)
    for who, unit, code, path, role in rows.values_list(
        "staff_id", "unit_id", "unit__code", "unit__path", "role"
    ):
        posts[who].append((unit, code, role))
        units[who].update(ids(path))
    for tie in _ties(on).filter(Q(staff__in=wanted) | Q(to_staff__in=wanted)).select_related("to_unit"):
        units[tie.staff_id].update(ids(tie.to_unit.path) if tie.to_unit else ())
        cases[tie.staff_id].update([tie.to_case] if tie.to_case else ())
        if tie.to_staff_id is not None:
            known[tie.staff_id].add(tie.to_staff_id)
            known[tie.to_staff_id].add(tie.staff_id)
    return {
        who: Standing(
            who,
            name,
            frozenset(units[who]),
            frozenset(known[who] | {who}),
            frozenset(cases[who]),
            tuple(posts[who]),
        )
        for who, name in names.items()
    }


def _appointments(on: date | None) -> QuerySet[Appointment]:
    return staff.active(on) if on else Appointment.objects.all()


def _ties(on: date | None) -> QuerySet[Tie]:
    return ties.active(on) if on else Tie.objects.all()


def ids(path: str) -> tuple[int, ...]:
    """The unit ids of a path, root first."""
    return tuple(int(part) for part in path.split("/") if part)


def barred_staff(case: Case, on: date | None) -> frozenset[int]:
    """Ids of all active members of staff who are barred from the case."""
    accused = charges(case)
    everyone = Staff.objects.filter(active=True).values_list("pk", flat=True)
    return frozenset(who for who, stands in standings(everyone, on).items() if stands.barred_by(accused))


def holder_for(case: Case, wanted: Unit, on: date) -> Holding:
    """The unit that may hold the case: the wanted one, or the nearest above it with somebody unbarred.

    Out of the house when none is left, and when the registering office, one of its leaders or an
    administrator is accused: they could see, or appoint who sees, whatever stays here.
    """
    accused = charges(case)
    if _house_accused(case, accused, on):
        return Holding(None, superior(case, accused))
    line = _upwards(wanted)
    if case.sealed and (headed := next((unit for unit in line if _unbarred_head(unit, accused, on)), None)):
        return Holding(headed)
    for unit in line:
        # A unit without accounts keeps a case sent to it; but a case is never moved up to an empty desk.
        if _can_hold(unit, accused, on, empty_will_do=unit.pk == wanted.pk):
            return Holding(unit)
    return Holding(None, superior(case, accused))


def superior(case: Case, accused: Charges | None = None) -> str:
    """The name of the office that takes a case which leaves the house."""
    against = (accused or charges(case)).units
    for unit in _upwards(case.office)[1:]:
        if against.isdisjoint(ids(unit.path)):
            return unit.name
    return NEXT_OFFICE_UP


def can_hold(case: Case, unit: Unit, on: date) -> bool:
    """Whether the unit may hold the case: it is not accused, nor below, nor is everybody in it barred.

    A sealed case needs a head there, or above, who may read it until a handler is named.
    """
    accused = charges(case)
    held = _can_hold(unit, accused, on, empty_will_do=True)
    return held and (not case.sealed or _looked_after(unit, accused, on))


def _looked_after(unit: Unit, accused: Charges, on: date) -> bool:
    """Whether a sealed case sent there has a reader: a head there or above; or nobody has an account."""
    if not staff.active(on).filter(unit=unit, staff__active=True).exists():
        return True
    return any(_unbarred_head(one, accused, on) for one in _upwards(unit))


def _can_hold(unit: Unit, accused: Charges, on: date, *, empty_will_do: bool) -> bool:
    if not accused.units.isdisjoint(ids(unit.path)):
        return False
    people = set(staff.active(on).filter(unit=unit, staff__active=True).values_list("staff_id", flat=True))
    if not people:
        return empty_will_do
    return any(not stands.barred_by(accused) for stands in standings(people, on).values())


def _unbarred_head(unit: Unit, accused: Charges, on: date) -> bool:
    """Whether a head of that unit may read a sealed case: only a head does while no handler is named."""
    if not accused.units.isdisjoint(ids(unit.path)):
        return False
    heads = staff.active(on).filter(unit=unit, role__in=HEADS, staff__active=True)
    people = set(heads.values_list("staff_id", flat=True))
    return any(not stands.barred_by(accused) for stands in standings(people, on).values())


def without_handler(on: date | None) -> Q:
    """Tracks whose handler nobody named, or who has left, or whom the case accuses."""
    accused = Accused.objects.filter(case=OuterRef("case"), staff__pseudonym=OuterRef("handler"))
    there = _appointments(on).filter(staff__pseudonym=OuterRef("handler"), staff__active=True)
    return Q(handler="") | ~Q(Exists(there)) | Q(Exists(accused))


def nearer_head(on: date | None, own: str) -> Exists:
    """Tracks that a head below the unit of path `own`, at the holder or above it, may look after."""
    heads = _appointments(on).filter(role__in=HEADS, staff__active=True, unit__path__startswith=own)
    heads = heads.exclude(unit__path=own)
    heads = heads.annotate(held=ExpressionWrapper(OuterRef("holder__path"), output_field=CharField()))
    charged = Accused.objects.filter(case=OuterRef(OuterRef("case")), staff=OuterRef("staff"))
    return Exists(heads.filter(~Exists(charged), held__startswith=F("unit__path")))


def _house_accused(case: Case, accused: Charges, on: date) -> bool:
    house = ids(case.office.path)
    if not accused.units.isdisjoint(house):
        return True
    if not accused.people:
        return False
    leaders = staff.active(on).filter(staff__in=accused.people, role__in=HOUSE_LEADERS, unit__in=house)
    return leaders.exists() or AdminRole.objects.filter(staff__in=accused.people).exists()


def _upwards(unit: Unit) -> list[Unit]:
    """The unit and those above it, nearest first."""
    line = Unit.objects.in_bulk(ids(unit.path))
    return [line[pk] for pk in reversed(ids(unit.path))]


def is_restricted(stream: str, *, sealed: bool, accuses: bool) -> bool:
    """Whether a case counts nowhere openly: sealed, or somebody may be barred from it."""
    return sealed or accuses or Tie.objects.filter(to_case=stream, ended_on__isnull=True).exists()


def refresh(case: Case) -> bool:
    """Set `restricted` from what is recorded now; True when it changed (the tallies must then follow)."""
    accuses = Accused.objects.filter(case=case).exists()
    now = is_restricted(case.stream, sealed=case.sealed, accuses=accuses)
    changed = now != case.restricted
    if changed:
        case.restricted = now
        case.save(update_fields=["restricted"])
    return changed


def stale() -> list[Case]:
    """Cases whose `restricted` does not say what is recorded; a job mends them, `check` reports them."""
    accuses = Accused.objects.filter(case=OuterRef("pk"))
    tied = Tie.objects.filter(to_case=OuterRef("stream"), ended_on__isnull=True)
    barred = Q(sealed=True) | Exists(accuses) | Exists(tied)
    streams = Tie.objects.exclude(to_case="").values("to_case")
    missed = Case.objects.filter(Q(sealed=True) | Q(accused__isnull=False) | Q(stream__in=streams))
    wrong = Q(pk__in=missed.values("pk"), restricted=False) & barred | Q(restricted=True) & ~barred
    return list(Case.objects.filter(wrong).order_by("pk"))


def misplaced(on: date) -> list[tuple[TrackRow, Holding]]:
    """Open tracks of restricted cases whose holder may no longer hold them, each with who is to.

    Appointments, ties and the tree change without touching cases: the nightly job asks this and moves them.
    """
    rows = TrackRow.objects.filter(open=True, case__restricted=True).select_related("case__office", "holder")
    tracks = list(rows.exclude(case__marks__contains=f" {OUT_OF_HOUSE} ").order_by("pk"))
    against = _charges_of([track.case for track in tracks])
    people: dict[int, set[int]] = defaultdict(set)
    posts = staff.active(on).filter(unit__in={track.holder_id for track in tracks}, staff__active=True)
    for unit, person in posts.values_list("unit_id", "staff_id"):
        people[unit].add(person)
    stands = standings({person for those in people.values() for person in those}, on)
    found = []
    for track in tracks:
        accused, there = against[track.case_id], people[track.holder_id]
        held = accused.units.isdisjoint(ids(track.holder.path)) and (
            not there or any(not stands[person].barred_by(accused) for person in there)
        )
        if not held or _house_accused(track.case, accused, on):
            found.append((track, holder_for(track.case, track.holder, on)))
    return found


def _charges_of(cases: Iterable[Case]) -> dict[int, Charges]:
    streams = {case.pk: case.stream for case in cases}
    units: dict[int, set[int]] = defaultdict(set)
    people: dict[int, set[int]] = defaultdict(set)
    for row in Accused.objects.filter(case__in=streams):
        if row.unit_id is not None:
            units[row.case_id].add(row.unit_id)
        if row.staff_id is not None:
            people[row.case_id].add(row.staff_id)
    return {
        pk: Charges(stream, frozenset(units[pk]), frozenset(people[pk])) for pk, stream in streams.items()
    }
