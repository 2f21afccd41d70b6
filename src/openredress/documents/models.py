"""Which files are kept, by what they hold. Names and cases belong to whoever refers to them."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """One content, kept once under its SHA-256; the row is written after the bytes are on disk."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    type = models.CharField(max_length=100)  # media type as found, never as declared
    saved_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)  # retention took the bytes; the row tells so
    authority = models.SmallIntegerField(default=1)
