"""Who works where in which role, and how the rules see them."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from openredress.people import tree
from openredress.people.errors import refuse
from openredress.people.models import AdminRole, Appointment, Staff, Unit
from openredress.people.record import record, system_stream
from openredress.people.roles import CASEWORK, ROLES
from openredress.rules.facts import Actor

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def pseudonym() -> str:
    """A fresh pseudonym for a member of staff: 50 random bits."""
    return "staff/" + "".join(secrets.choice(_CROCKFORD) for _ in range(10))


@transaction.atomic
def hire(
    username: str,
    name: str,
    *,
    by: str,
    at: datetime,
    phone: str = "",
    email: str = "",
    known_as: str = "",
    authority: int = 1,
) -> Staff:
    """Add a person with an unusable password and write `hired` on the system stream.

    `known_as` fixes the pseudonym (the made-up city needs the same ones each time). The entry holds
    the pseudonym alone. Raises `Refused` when the sign-in name is taken.
    """
    if Staff.objects.filter(username=username).exists():
        raise refuse(
            "username_taken",
            f"登录名“{username}”已被使用",
            f"The sign-in name “{username}” is taken",
            field="username",
            what_to_do="换一个登录名 / choose another",
        )
    person = Staff(
        username=username,
        name=name,
        pseudonym=known_as or pseudonym(),
        phone=phone,
        email=email,
        authority=authority,
    )
    person.set_unusable_password()
    person.save()
    record(
        system_stream(authority),
        "hired",
        {"staff": person.pseudonym},
        actor=by,
        at=at,
        authority=authority,
    )
    return person


@transaction.atomic
def appoint(
    staff: Staff,
    unit: Unit,
    role: str,
    *,
    since: date,
    by: str,
    at: datetime,
    acting: bool = False,
    until: date | None = None,
) -> Appointment:
    """Give a casework role at a unit and write `appointed` on the unit's stream. Raises `Refused`."""
    if role not in CASEWORK:
        raise refuse(
            "no_such_role", f"没有“{role}”这个办理角色", f"There is no casework role “{role}”", field="role"
        )
    Staff.objects.select_for_update().get(pk=staff.pk)  # against an administrator's role given meanwhile
    if AdminRole.objects.filter(staff=staff).exists():
        raise refuse(
            "administrator_holds_no_casework",
            f"{staff.name}是管理员，不能同时办理信访事项",
            f"{staff.name} is an administrator and cannot handle cases too",
            field="staff",
            what_to_do="先卸任管理员，或另派他人 / end that role first, or appoint someone else",
        )
    if Appointment.objects.filter(staff=staff, unit=unit, role=role, until__isnull=True).exists():
        raise refuse(
            "already_appointed",
            f"{staff.name}已在{unit.name}担任{ROLES[role].zh}",
            f"{staff.name} already is {ROLES[role].en} at {unit.name}",
            field="role",
        )
    made = Appointment.objects.create(
        staff=staff, unit=unit, role=role, acting=acting, since=since, until=until
    )
    facts = {"staff": staff.pseudonym, "role": role, "acting": acting, "since": since.isoformat()}
    facts["until"] = until.isoformat() if until else None
    record(tree.stream(unit), "appointed", facts, actor=by, at=at, authority=unit.authority)
    return made


@transaction.atomic
def end_appointment(appointment: Appointment, *, until: date, by: str, at: datetime) -> Appointment:
    """Let a role run out on `until`, its last day, and write `appointment_ended` on the unit's stream."""
    appointment.until = max(until, appointment.since)
    appointment.save(update_fields=["until"])
    facts = {
        "staff": appointment.staff.pseudonym,
        "role": appointment.role,
        "until": appointment.until.isoformat(),
    }
    record(tree.stream(appointment.unit), "appointment_ended", facts, actor=by, at=at)
    return appointment


@transaction.atomic
def leave(staff: Staff, *, until: date, by: str, at: datetime) -> None:
    """End every role of a person who leaves, and close the sign-in."""
    for appointment in active(until).filter(staff=staff).select_related("staff", "unit"):
        end_appointment(appointment, until=until, by=by, at=at)
    Staff.objects.filter(pk=staff.pk).update(active=False)
    record(system_stream(staff.authority), "left", {"staff": staff.pseudonym}, actor=by, at=at)


def active(on: date) -> QuerySet[Appointment]:
    """Appointments that hold on that day, acting ones too."""
    return Appointment.objects.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on)


def units_of(staff: Staff, on: date) -> frozenset[str]:
    """Codes of all units where the person holds any role that day, acting ones too (conflict bar)."""
    return frozenset(active(on).filter(staff=staff).values_list("unit__code", flat=True))


def actors_for(staff: Staff, on: date) -> tuple[Actor, ...]:
    """One actor for each unit in which the person works that day, the main one first.

    Main is where a role is held in earnest (not acting), the earliest such. An administrator is one
    actor without unit.
    """
    admin = AdminRole.objects.filter(staff=staff).values_list("role", flat=True).first()
    if admin:
        return (Actor(staff.pseudonym, "staff", roles=frozenset({admin})),)
    rows = active(on).filter(staff=staff).select_related("unit").order_by("acting", "since", "pk")
    units: dict[int, Unit] = {}
    roles: dict[int, set[str]] = {}
    for row in rows:
        units.setdefault(row.unit_id, row.unit)
        roles.setdefault(row.unit_id, set()).add(row.role)
    return tuple(
        Actor(
            staff.pseudonym,
            "staff",
            unit=unit.code,
            roles=frozenset(roles[pk]),
            above=tree.ancestors(unit),
            below=tree.descendants(unit),
        )
        for pk, unit in units.items()
    )


def actor_for(staff: Staff, on: date, unit: str | None = None) -> Actor:
    """The person as the rules see them that day, at `unit` or at the main one.

    Somebody without any role there is an actor without roles: the rules refuse them everything.
    """
    every = actors_for(staff, on)
    if unit is None:
        return every[0] if every else Actor(staff.pseudonym, "staff")
    return next((one for one in every if one.unit == unit), Actor(staff.pseudonym, "staff", unit=unit))


def by_pseudonym(known_as: str) -> Staff | None:
    """The person behind a pseudonym, or None."""
    return Staff.objects.filter(pseudonym=known_as).first()
