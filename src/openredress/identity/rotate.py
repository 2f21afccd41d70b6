"""After `keys rotate`: bring the vault under the newest keys, a part at a time, while it stays in use."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from openredress.identity import keyring, models, vault
from openredress.identity.person import from_bytes, identifiers
from openredress.ledger import gate


@dataclass(frozen=True, slots=True)
class Part:
    """How far a pass over the vault came."""

    done: int
    resealed: int
    last: str  # reference to go on after; empty at the end


def rotate_part(after: str = "", size: int = 500) -> Part:
    """Reseal the next persons under the newest vault key and file them anew under the newest index key.

    One transaction of its own. Old ciphertexts and digests keep working meanwhile, for old keys stay.
    Raises `VaultLocked` when a key is missing that some row needs.
    """

    def work() -> Part:
        rows = models.Person.objects.select_for_update().filter(ref__gt=after).order_by("ref")[:size]
        people = {row.ref: row for row in rows}
        key_id, cipher = keyring.sealing()
        plain = {ref: vault.unseal(ref, bytes(row.sealed)) for ref, row in people.items()}
        old = [ref for ref, row in people.items() if vault.key_of(bytes(row.sealed)) != key_id]
        for ref in old:
            people[ref].sealed = vault.seal(ref, plain[ref], key_id, cipher)
        models.Person.objects.bulk_update([people[ref] for ref in old], ["sealed"])
        models.BlindIndex.objects.filter(person__in=list(people)).delete()
        secret = keyring.index_secret()
        models.BlindIndex.objects.bulk_create(
            models.BlindIndex(kind=kind, digest=vault.digest(kind, value, secret), person_id=ref)
            for ref in people
            for kind, value in identifiers(from_bytes(plain[ref]))
        )
        return Part(len(people), len(old), max(people, default="") if len(people) == size else "")

    return gate.write(work)


def rotate_all(size: int = 500) -> int:
    """Every part until the end; returns how many persons were resealed."""
    part = rotate_part(size=size)
    total = part.resealed
    while part.last:
        part = rotate_part(part.last, size)
        total += part.resealed
    return total


@transaction.atomic
def left_behind() -> dict[str, int]:
    """Key id → persons still sealed under it, the newest key left out; empty when all are moved."""
    newest, _ = keyring.sealing()
    counts: dict[str, int] = {}
    for sealed in models.Person.objects.values_list("sealed", flat=True).iterator():
        key_id = vault.key_of(bytes(sealed))
        if key_id != newest:
            counts[key_id] = counts.get(key_id, 0) + 1
    return counts
