"""三员: the system, the security and the audit administrator. Nobody is two of them, or handles cases."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from openredress.people.errors import refuse
from openredress.people.models import AdminRole, Appointment, Staff
from openredress.people.record import record, system_stream
from openredress.people.roles import ADMINISTRATORS, ROLES


@transaction.atomic
def make_administrator(staff: Staff, role: str, *, by: str, at: datetime, on: date) -> AdminRole:
    """Give one of the three roles and write `administrator_made` on the system stream.

    Raises `Refused` for somebody who already holds one of them, or a casework role on or after `on`.
    """
    if role not in ADMINISTRATORS:
        raise refuse(
            "no_such_role", f"没有“{role}”这个管理员", f"There is no administrator “{role}”", field="role"
        )
    Staff.objects.select_for_update().get(pk=staff.pk)  # against a casework role given meanwhile
    held = AdminRole.objects.filter(staff=staff).first()
    if held:
        raise refuse(
            "one_administrator_each",
            f"{staff.name}已是{ROLES[held.role].zh}，三员不得兼任",
            f"{staff.name} already is {ROLES[held.role].en}; nobody is two of the three",
            field="staff",
            what_to_do="另派一人 / appoint someone else",
        )
    if Appointment.objects.filter(Q(until__isnull=True) | Q(until__gte=on), staff=staff).exists():
        raise refuse(
            "administrator_holds_no_casework",
            f"{staff.name}有办理角色，不能任管理员",
            f"{staff.name} handles cases and cannot be an administrator",
            field="staff",
            what_to_do="先结束其办理角色，或另派一人 / end the casework role first, or appoint someone else",
        )
    made = AdminRole.objects.create(staff=staff, role=role)
    facts = {"staff": staff.pseudonym, "role": role}
    record(system_stream(staff.authority), "administrator_made", facts, actor=by, at=at)
    return made


@transaction.atomic
def end_administrator(staff: Staff, *, by: str, at: datetime) -> None:
    """Take the administrator's role back; the system stream keeps who held it from when to when."""
    held = AdminRole.objects.get(staff=staff)
    facts = {"staff": staff.pseudonym, "role": held.role}
    held.delete()
    record(system_stream(staff.authority), "administrator_ended", facts, actor=by, at=at)
