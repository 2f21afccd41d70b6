"""What the doors keep for themselves: petitions half written, and what the desk remembers for its staff."""

from __future__ import annotations

from django.db import models

from openredress.web.models_desk import FeedToken as FeedToken  # Django finds tables from here
from openredress.web.models_desk import HalfTyped as HalfTyped
from openredress.web.models_desk import Presence as Presence
from openredress.web.models_desk import SavedView as SavedView


class Draft(models.Model):
    """A petition being written at the portal: what happened and what is asked, never by whom.

    Found by a code of 80 bits of which only a keyed digest is kept; the body is sealed with the vault key.
    """

    ref = models.CharField(max_length=26, primary_key=True)
    code_digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    number = models.CharField(max_length=16, blank=True)  # of the petition it became
