"""What the desk remembers for its staff: saved views, half-typed forms, who has a case open, feed tokens.

None of it is part of any record; all of it may be thrown away.
"""

from __future__ import annotations

from django.db import models

from openredress.people.models import Staff


class SavedView(models.Model):
    """A worklist's filters under a name of one's own."""

    objects: models.Manager[SavedView] = models.Manager()
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)  # the address's query string, known keys only

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "name"], name="one_view_a_name")]


class HalfTyped(models.Model):
    """A form that somebody has begun on a case: kept until the move is made, or seven days."""

    objects: models.Manager[HalfTyped] = models.Manager()
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    case = models.IntegerField()  # id of the case's row
    move = models.CharField(max_length=30)
    track = models.CharField(max_length=12, blank=True)
    typed = models.JSONField(default=dict)  # input's name → list of values
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "case", "move", "track"], name="one_half_typed_form")
        ]


class Presence(models.Model):
    """Who has a case open just now, so that two who write see each other."""

    objects: models.Manager[Presence] = models.Manager()
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    case = models.IntegerField()
    move = models.CharField(max_length=30, blank=True)  # the form they have open; empty: reading
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "case"], name="present_once")]
        indexes = [models.Index(fields=["case", "at"], name="present_at_case")]


class FeedToken(models.Model):
    """The secret address of somebody's calendar; only its digest is kept."""

    objects: models.Manager[FeedToken] = models.Manager()
    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
