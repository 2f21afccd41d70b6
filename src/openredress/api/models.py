"""What the API keeps of its own: tokens by their digest, and what was uploaded under which name."""

from __future__ import annotations

from django.db import models

from openredress.people.models import Staff, Unit


class Token(models.Model):
    """A key to the API. Only its digest is kept; a revoked one stays, so that its entries can be read."""

    name = models.CharField(max_length=40, unique=True)  # opaque; stands in the record for the token
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(max_length=120)  # spaced
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    partner = models.CharField(max_length=30, blank=True)  # id of a system that hands petitions in
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(staff__isnull=False, partner="")
                    | (models.Q(staff__isnull=True, unit__isnull=True) & ~models.Q(partner=""))
                ),
                name="token_of_staff_or_partner",
            )
        ]


class Upload(models.Model):
    """One upload: a name that nobody can guess for a content that others may hold too.

    Were files named by their hash, whoever owns a copy of a paper could ask whether somebody filed it.
    """

    name = models.CharField(max_length=26, primary_key=True)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
