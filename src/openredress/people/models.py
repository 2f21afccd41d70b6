"""Units as a tree with regions, staff, their appointments and ties. Tables only."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class Region(models.Model):
    """行政区划: GB/T 2260 code and name, for 属地."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)


class Unit(models.Model):
    """单位: an authority or department in the tree. `path` lists ancestor ids, own id last: /1/7/12/."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    short = models.CharField(max_length=40, blank=True)
    kind = models.CharField(
        max_length=20, default="department"
    )  # office | department | street | village | firm
    level = models.PositiveSmallIntegerField(default=3)  # 1 nation … 5 township
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=200, db_index=True, default="/")
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT)
    authority = models.SmallIntegerField(default=1)
    active = models.BooleanField(default=True)
    letterhead = models.CharField(max_length=20, blank=True)  # 机关代字 for 文号


class StaffManager(BaseUserManager["Staff"]):
    """Finds a person by sign-in name."""

    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(username=username)


class Staff(AbstractBaseUser):
    """A person who works in an office. The record knows only the pseudonym."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    pseudonym = models.CharField(max_length=40, unique=True)  # staff/…
    phone = models.CharField(max_length=30, blank=True)
    email = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)
    authority = models.SmallIntegerField(default=1)

    USERNAME_FIELD = "username"
    objects = StaffManager()


class Appointment(models.Model):
    """One person in one role at one unit for a time; `acting` ones count for the conflict bar too."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="appointments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=30)
    acting = models.BooleanField(default=False)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["staff", "until"], name="appointment_of_staff"),
            models.Index(fields=["unit", "role", "until"], name="appointment_at_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "unit", "role"],
                condition=models.Q(until__isnull=True),
                name="one_running_appointment_each",
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="appointment_ends_after_start",
            ),
        ]


class AdminRole(models.Model):
    """三员: system, security or audit administrator; one person holds at most one."""

    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, related_name="admin_role")
    role = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["system", "security", "audit"]),
                name="one_of_three_administrators",
            )
        ]


class Tie(models.Model):
    """A declared tie 回避关系: this person and a unit, another person, or one case."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="ties")
    to_unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    to_staff = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="tied_to"
    )
    to_case = models.CharField(max_length=40, blank=True)  # opaque stream id
    declared_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["staff", "ended_on"], name="tie_of_staff"),
            models.Index(fields=["to_case", "ended_on"], name="tie_to_case"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(to_unit__isnull=False, to_staff__isnull=True, to_case="")
                    | models.Q(to_unit__isnull=True, to_staff__isnull=False, to_case="")
                    | (models.Q(to_unit__isnull=True, to_staff__isnull=True) & ~models.Q(to_case=""))
                ),
                name="tie_to_exactly_one",
            )
        ]


class SignInLink(models.Model):
    """A one-time way in: only the digest of its token is kept; used once, before it expires."""

    digest = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sign_in_links")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class PastPassword(models.Model):
    """A password that was set, as its hash: when it was set, and what may not be set again soon."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="past_passwords")
    hash = models.CharField(max_length=200)
    set_at = models.DateTimeField()


class SecondFactor(models.Model):
    """The secret behind six-digit codes, encrypted by the caller; wrong codes pause it."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="second_factor")
    sealed = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)  # a code works once
    failures = models.PositiveSmallIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, blank=True)
