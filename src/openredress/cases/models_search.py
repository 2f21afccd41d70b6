"""What the search index holds of each case. The index itself is made by the migration, per database."""

from __future__ import annotations

from django.db import models


class SearchText(models.Model):
    """The exact indexed text of one case, already redacted and folded, with the analyser that folded it.

    The index of SQLite keeps no text of its own: without this row an entry could not be taken out again.
    """

    case = models.OneToOneField("cases.Case", on_delete=models.CASCADE, primary_key=True, related_name="+")
    text = models.TextField()
    version = models.SmallIntegerField()
