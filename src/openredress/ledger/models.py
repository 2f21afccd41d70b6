"""The record's tables. All but `Stream` are append-only: triggers refuse everything else."""

from __future__ import annotations

from django.db import models

HASH = 64  # hex digits of SHA-256


class Stream(models.Model):
    """The head of one stream: a cache of its last entry, and the lock that writers compete for."""

    kind = models.CharField(max_length=8)  # case | unit | campaign | system
    stream = models.CharField(max_length=40)
    version = models.PositiveIntegerField()  # seq of the last entry
    head = models.CharField(max_length=HASH)  # its hash
    authority = models.SmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "stream"], name="ledger_one_stream")]


class Entry(models.Model):
    """One line of the record, stored as the very text that was hashed (decision 0001)."""

    kind = models.CharField(max_length=8)
    stream = models.CharField(max_length=40)
    seq = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    actor = models.CharField(max_length=80)
    occurred_at = models.CharField(max_length=32)  # ISO 8601 to the second, own offset
    recorded_at = models.CharField(max_length=32)  # UTC, six digits, Z
    pack = models.CharField(max_length=HASH, blank=True)
    facts = models.TextField()  # canonical JSON
    words_digest = models.CharField(max_length=HASH, null=True)
    prev = models.CharField(max_length=HASH, blank=True)
    hash = models.CharField(max_length=HASH)
    authority = models.SmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "stream", "seq"], name="ledger_one_entry")]


class Words(models.Model):
    """The free text of one entry with its salt. Goes only when its erasure is on record."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)
    salt = models.BinaryField(max_length=16)
    body = models.TextField()  # canonical JSON


class Erasure(models.Model):
    """These words were erased, by which entry. Put back words of an old backup are known by it."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)
    entry_hash = models.CharField(max_length=HASH)
    by_hash = models.CharField(max_length=HASH)  # the `erase` entry, or the root of an outside checkpoint
    recorded_at = models.CharField(max_length=32)


class Position(models.Model):
    """Where an entry stands in the seal: its leaf, and its place in words that outlive it."""

    position = models.BigIntegerField(primary_key=True)  # from 1, without gaps
    entry_id = models.BigIntegerField(unique=True)  # no foreign key: it must outlive a deleted entry
    kind = models.CharField(max_length=8)
    stream = models.CharField(max_length=40)
    seq = models.PositiveIntegerField()
    hash = models.CharField(max_length=HASH)


class Checkpoint(models.Model):
    """A signed root over positions 1 to `position`, as it was put outside."""

    position = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=HASH)
    sealed_at = models.CharField(max_length=32)
    key_id = models.CharField(max_length=40)
    body = models.TextField()  # the whole object of FORMATS, canonical, with its signature
    peaks = models.TextField()  # JSON list: where the next seal goes on
