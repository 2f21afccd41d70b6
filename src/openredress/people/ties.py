"""回避: ties that a person declares, or that the office records, with a unit, a colleague or one case."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from openredress.people.errors import refuse
from openredress.people.models import Staff, Tie, Unit
from openredress.people.record import record, system_stream


@transaction.atomic
def declare(
    staff: Staff,
    *,
    on: date,
    by: str,
    at: datetime,
    unit: Unit | None = None,
    colleague: Staff | None = None,
    case: str = "",
) -> Tie:
    """Record a tie of `staff` to exactly one of unit, colleague and case (its stream id).

    What kind of tie it is — kin, interest, former post — is nobody's business here and is not stored.
    Raises `Refused`.
    """
    if sum((unit is not None, colleague is not None, bool(case))) != 1 or colleague == staff:
        raise refuse(
            "tie_to_one",
            "回避关系须指向一个单位、一名同事或一件事项",
            "A tie is to one unit, one colleague or one case",
            what_to_do="每个关系登记一次 / declare each tie once",
        )
    tie = Tie.objects.create(staff=staff, to_unit=unit, to_staff=colleague, to_case=case, declared_on=on)
    facts = {"tie": tie.pk, "staff": staff.pseudonym, "on": on.isoformat()}
    facts["to"] = unit.code if unit else colleague.pseudonym if colleague else case
    record(system_stream(staff.authority), "tie_declared", facts, actor=by, at=at)
    return tie


@transaction.atomic
def end(tie: Tie, *, on: date, by: str, at: datetime) -> Tie:
    """The tie no longer holds after `on`; cases it barred earlier stay barred for what was done then."""
    tie.ended_on = on
    tie.save(update_fields=["ended_on"])
    facts = {"tie": tie.pk, "staff": tie.staff.pseudonym, "on": on.isoformat()}
    record(system_stream(tie.staff.authority), "tie_ended", facts, actor=by, at=at)
    return tie


def active(on: date) -> QuerySet[Tie]:
    """Ties that hold on that day."""
    return Tie.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=on), declared_on__lte=on)
