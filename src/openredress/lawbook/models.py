"""The law as it was recorded: immutable revisions of packs and calendars. Append-only by triggers."""

from __future__ import annotations

from django.db import models


class Revision(models.Model):
    """What both kinds share."""

    hash = models.CharField(max_length=64, unique=True)
    applies = models.CharField(max_length=10)  # new_cases | new_clocks | refold
    recorded_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    blob = models.TextField()  # the very files; their hash is `hash`

    class Meta:
        abstract = True


class PackRevision(Revision):
    """One pack, whole. `blob` is a JSON object of file name to text."""

    pack = models.CharField(max_length=60, db_index=True)
    family = models.CharField(max_length=60)


class CalendarRevision(Revision):
    """One calendar, whole. `blob` is its TOML file."""

    calendar = models.CharField(max_length=60, db_index=True)
    version = models.CharField(max_length=20)
