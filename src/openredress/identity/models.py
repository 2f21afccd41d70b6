"""The vault's tables. They know no case: a `subject` is an opaque word given by the caller."""

from __future__ import annotations

from django.db import models


class Person(models.Model):
    """One person as one caller named them: name, ID number, phone, mail, address, in one ciphertext."""

    ref = models.CharField(max_length=26, primary_key=True)
    sealed = models.BinaryField()  # version, key id, nonce, AES-256-GCM of canonical JSON; AAD = ref
    authority = models.SmallIntegerField(default=1)


class BlindIndex(models.Model):
    """Keyed digest of one normalised identifier, so that equal ones can be found without being read."""

    kind = models.CharField(max_length=8)  # id | phone | email | name
    digest = models.BinaryField(max_length=16)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="digests", db_index=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "digest"], name="blind_index_look_up")]


class IdentityRead(models.Model):
    """Append-only: who opened which fields, about what, for which purpose. The petitioner may see it."""

    at = models.DateTimeField()
    person = models.CharField(max_length=26)  # no foreign key: the log outlives an erased person
    subject = models.CharField(max_length=60)
    reader = models.CharField(max_length=40)  # pseudonym
    role = models.CharField(max_length=30)
    unit = models.CharField(max_length=40)
    purpose = models.CharField(max_length=200)
    fields = models.CharField(max_length=80)
    request = models.CharField(max_length=26, blank=True)  # the approved request that allowed it
    authority = models.SmallIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "at"], name="identity_read_of_subject"),
            models.Index(fields=["reader", "at"], name="identity_read_by_reader"),
        ]


class UnmaskRequest(models.Model):
    """Append-only: someone asks to see named fields of one person, and says why."""

    ref = models.CharField(max_length=26, primary_key=True)
    person = models.CharField(max_length=26)
    subject = models.CharField(max_length=60, db_index=True)
    requester = models.CharField(max_length=40)
    role = models.CharField(max_length=30)
    unit = models.CharField(max_length=40)
    fields = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()


class UnmaskDecision(models.Model):
    """Append-only: a second person's yes or no, with the moment the yes runs out."""

    request = models.OneToOneField(UnmaskRequest, on_delete=models.PROTECT, related_name="decision")
    requester = models.CharField(max_length=40)  # copied so that the database itself can compare
    approver = models.CharField(max_length=40)
    approved = models.BooleanField()
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(requester=models.F("approver")), name="unmask_takes_a_second_person"
            )
        ]


class Registration(models.Model):
    """A registration in progress: only while one is open may its clerk look a person up."""

    digest = models.CharField(max_length=64, unique=True)
    reader = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class LookUp(models.Model):
    """Append-only: each look-up by ID number, phone, mail or name. What was typed is not kept."""

    at = models.DateTimeField()
    reader = models.CharField(max_length=40)
    role = models.CharField(max_length=30)
    unit = models.CharField(max_length=40)
    kind = models.CharField(max_length=8)
    answers = models.PositiveSmallIntegerField()
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT)

    class Meta:
        indexes = [models.Index(fields=["reader", "at"], name="look_up_by_reader")]
