"""Work to be done later, as rows that a worker leases for a while."""

from __future__ import annotations

from django.db import models


class Job(models.Model):
    """One piece of work. It is done when its effect is: both are written in one transaction."""

    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    unique_key = models.CharField(max_length=120, null=True, unique=True)
    run_after = models.DateTimeField()
    state = models.CharField(max_length=6, default="ready")  # ready | done | dead
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=26, blank=True)  # of the worker that holds it now
    leased_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    authority = models.SmallIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(
                fields=["run_after", "id"], condition=models.Q(state="ready"), name="job_ready_in_order"
            )
        ]
