"""The outbox: what is to be said to whom, written with the change that caused it."""

from __future__ import annotations

from django.db import models


class Outbox(models.Model):
    """One neutral message. Its id never changes, so a second sending is known as the same message."""

    message_id = models.CharField(max_length=26, unique=True)
    kind = models.CharField(max_length=30)
    channel = models.CharField(max_length=10)  # file | print | smtp | webhook
    to_ref = models.CharField(max_length=60)  # opaque; resolved to an address only while sending
    language = models.CharField(max_length=5, default="zh")
    once = models.CharField(max_length=100, null=True, unique=True)  # the same event is told once
    made_at = models.DateTimeField()
    send_after = models.DateTimeField()
    state = models.CharField(max_length=8, default="ready")  # ready | sent | dead | dropped
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=26, blank=True)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    authority = models.SmallIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["state", "send_after"], name="outbox_ready")]
