"""What oversight keeps beside the ledger. Entries on streams of their own are the truth of it."""

from __future__ import annotations

from django.db import models

from openredress.cases.models import Petition
from openredress.people.models import Unit


class RetaliationReport(models.Model):
    """打击报复反映: somebody is made to suffer for having petitioned. Nothing on the case points here."""

    authority = models.SmallIntegerField(default=1)
    ref = models.CharField(max_length=26, primary_key=True)  # its stream is system/r-<ref>
    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")  # complained of
    sealed = models.BinaryField()  # the reporter's words, under the vault key
    reported_at = models.DateTimeField()
    contact_due = models.DateTimeField()  # a person gets in touch
    answer_due = models.DateField()
    contacted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.BinaryField(null=True)  # under the vault key
    upheld = models.BooleanField(null=True)  # upheld goes to the discipline body, never into a standing

    class Meta:
        indexes = [
            models.Index(fields=["petition", "reported_at"], name="retaliation_of_petition"),
            models.Index(
                fields=["authority", "answer_due"],
                condition=models.Q(answered_at=None),
                name="retaliation_open",
            ),
        ]
