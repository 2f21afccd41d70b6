"""Rows for tests of reading: units, staff and cases put straight into the tables, no moves made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

from openredress.cases import search
from openredress.cases.models import Accused, Case, Involved, Petition, TrackRow
from openredress.people.models import AdminRole, Appointment, Staff, Tie, Unit

ON = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 2, tzinfo=UTC)
_serial = count(1)


@dataclass
class Everyone:
    """A gate that hides nothing, for tests of search itself."""

    def searchable(self):
        return Case.objects.all()


def unit(code: str, parent: Unit | None = None, kind: str = "department") -> Unit:
    made = Unit.objects.create(code=code, name=f"单位{code}", parent=parent, kind=kind)
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def staff(name: str, *posts: tuple[Unit, str], acting: tuple[tuple[Unit, str], ...] = ()) -> Staff:
    made = Staff.objects.create(username=name, name=name, pseudonym=f"staff/{name}")
    for place, role in posts:
        Appointment.objects.create(staff=made, unit=place, role=role, since=date(2020, 1, 1))
    for place, role in acting:
        Appointment.objects.create(staff=made, unit=place, role=role, acting=True, since=date(2020, 1, 1))
    return made


def administrator(name: str, role: str) -> Staff:
    made = staff(name)
    AdminRole.objects.create(staff=made, role=role)
    return made


def tie(of: Staff, to: Unit | Staff | Case) -> Tie:
    field = {Unit: "to_unit", Staff: "to_staff", Case: "to_case"}[type(to)]
    return Tie.objects.create(
        staff=of, declared_on=date(2020, 1, 1), **{field: to.stream if isinstance(to, Case) else to}
    )


def case(
    office: Unit,
    holder: Unit | None = None,
    text: str = "路灯不亮",
    *,
    handler: str = "",
    accused: tuple[Unit | Staff, ...] = (),
    sealed: bool = False,
    indexed: bool = True,
    **more: object,
) -> Case:
    """A case with one track, one petition, its list of involved units, and its text in the index."""
    n = next(_serial)
    held = holder or office
    made = Case.objects.create(
        stream=f"{n:026d}",
        number=f"2026-{n:06d}-0",
        title=text[:40],
        pack="0" * 64,
        state="handling",
        office=office,
        lead=held,
        channel="letter",
        received_on=ON,
        registered_at=AT,
        sealed=sealed,
        restricted=sealed or bool(accused),
        **more,
    )
    TrackRow.objects.create(
        case=made, track="t1", state="handling", holder=held, handler=handler, received_on=ON
    )
    Petition.objects.create(
        case=made,
        number=made.number,
        seq=1,
        channel="letter",
        office=office,
        received_at=AT,
        recorded_at=AT,
        redacted=text,
        body_digest="",
        code_digest=f"{n:064d}",
    )
    Involved.objects.create(case=made, unit=office, why="office")
    Involved.objects.create(case=made, unit=held, why="holder")
    for one in accused:
        field = "unit" if isinstance(one, Unit) else "staff"
        Accused.objects.create(case=made, **{field: one})
    if indexed:
        search.reindex(made)
    return made


def many(office: Unit, texts: list[tuple[str, str]]) -> list[Case]:
    """Cases of (title, text), indexed, without tracks or petitions: for work on much text."""
    first = next(_serial)
    made = Case.objects.bulk_create(
        Case(
            stream=f"m{first:05d}-{n:019d}",
            number=f"{first}-{n}",
            title=title[:120],
            pack="0" * 64,
            state="handling",
            office=office,
            channel="letter",
            received_on=ON,
            registered_at=AT,
        )
        for n, (title, _) in enumerate(texts)
    )
    search.index_many(
        (one.pk, f"{title[:120]}\n\n{text}") for one, (title, text) in zip(made, texts, strict=True)
    )
    return made
