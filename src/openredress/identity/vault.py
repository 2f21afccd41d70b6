"""The vault: who a petitioner is, encrypted; every look inside is on a log that nobody can rewrite.

It knows no case: `subject` is whatever word the caller uses for the matter.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import digest as hmac_digest
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from openredress.identity import keyring, models
from openredress.identity.keyring import VaultLocked
from openredress.identity.person import FIELDS, Person, from_bytes, identifiers, to_bytes
from openredress.people.errors import refuse
from openredress.rules.facts import Actor

__all__ = ["Person", "Reader", "VaultLocked", "amend", "erase", "put", "put_many", "read", "reads_of"]

_VERSION = b"\x01"
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, in which role, for which unit."""

    pseudonym: str
    role: str
    unit: str

    @classmethod
    def of(cls, actor: Actor) -> Reader:
        """The reader that an actor is; several roles are named together."""
        return cls(actor.pseudonym, "+".join(sorted(actor.roles))[:30], actor.unit or "")


MACHINE = Reader("system", "system", "")


def new_ref() -> str:
    """A fresh opaque reference: 104 random bits in 26 characters."""
    return os.urandom(13).hex()


def seal(ref: str, plain: bytes, key_id: str, cipher: AESGCM) -> bytes:
    """Encrypt. The reference is bound in, so a swapped row does not open."""
    nonce, name = os.urandom(12), key_id.encode()
    return _VERSION + bytes([len(name)]) + name + nonce + cipher.encrypt(nonce, plain, ref.encode())


def key_of(sealed: bytes) -> str:
    """The id of the key that a ciphertext needs."""
    return sealed[2 : 2 + sealed[1]].decode()


def unseal(ref: str, sealed: bytes) -> bytes:
    """Decrypt. Raises `VaultLocked` without the key, `InvalidTag` for an altered or swapped row."""
    at = 2 + sealed[1]
    return keyring.opening(key_of(sealed)).decrypt(sealed[at : at + 12], sealed[at + 12 :], ref.encode())


def digest(kind: str, value: str, key: bytes) -> bytes:
    """The keyed digest under which an identifier is filed."""
    return hmac_digest(key, f"{kind}\0{value}".encode(), "sha256")[:_DIGEST_BYTES]


def put(person: Person, *, authority: int = 1) -> str:
    """Keep one person in the caller's transaction and give the reference. Raises `VaultLocked`."""
    return put_many([person], authority=authority)[0]


def put_many(persons: Sequence[Person], *, authority: int = 1) -> list[str]:
    """Keep many persons in the caller's transaction, fast; references in the same order."""
    key_id, cipher = keyring.sealing()
    index = keyring.index_secret()
    refs = [new_ref() for _ in persons]
    rows = [
        (ref, seal(ref, to_bytes(one), key_id, cipher), authority)
        for ref, one in zip(refs, persons, strict=True)
    ]
    found_by = [
        (kind, digest(kind, value, index), ref)
        for ref, one in zip(refs, persons, strict=True)
        for kind, value in identifiers(one)
    ]
    # In the order of their keys: random keys in random order would touch a page of the index each.
    rows.sort()
    found_by.sort()
    with transaction.atomic(savepoint=False):
        _insert("identity_person", ("ref", "sealed", "authority"), ("text", "bytea", "smallint"), rows)
        _insert("identity_blindindex", ("kind", "digest", "person_id"), ("text", "bytea", "text"), found_by)
    return refs


def _insert(
    table: str, columns: tuple[str, ...], types: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows past the ORM, which would cost more than the encryption. Names are ours, not input."""
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{one}[]" for one in types)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})",  # noqa: S608
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


def _open(refs: Iterable[str]) -> dict[str, Person]:
    rows = models.Person.objects.filter(ref__in=list(refs)).values_list("ref", "sealed")
    return {ref: from_bytes(unseal(ref, bytes(sealed))) for ref, sealed in rows}


@transaction.atomic
def amend(ref: str, person: Person) -> None:
    """Put corrected fields in the place of the old ones; who asked is an entry of the caller's."""
    found = models.Person.objects.select_for_update().get(ref=ref)
    found.sealed = seal(ref, to_bytes(person), *keyring.sealing())
    found.save(update_fields=["sealed"])
    models.BlindIndex.objects.filter(person=ref).delete()
    index = keyring.index_secret()
    rows = [(kind, digest(kind, value, index), ref) for kind, value in identifiers(person)]
    _insert("identity_blindindex", ("kind", "digest", "person_id"), ("text", "bytea", "text"), rows)


def read(
    ref: str,
    reader: Reader,
    subject: str,
    purpose: str,
    at: datetime,
    *,
    fields: Sequence[str] = ("name", "phone"),
    request: str = "",
) -> dict[str, str]:
    """Open the named fields of one person and log it, both or neither.

    Raises `VaultLocked` without keys, `Refused` without a purpose or for an erased person. Whether the
    reader may is decided before (policy, or `unmask.view`); that it is told to the petitioner is sure.
    """
    return read_many([ref], reader, subject, purpose, at, fields=fields, request=request)[ref]


def read_many(
    refs: Sequence[str],
    reader: Reader,
    subject: str,
    purpose: str,
    at: datetime,
    *,
    fields: Sequence[str] = ("name", "phone"),
    request: str = "",
) -> dict[str, dict[str, str]]:
    """As `read`, for all parties of one subject: one log line each."""
    unknown = set(fields) - set(FIELDS)
    if not purpose.strip() or unknown:
        raise refuse(
            "purpose_needed",
            "查看身份须说明用途" if not unknown else f"没有这些字段：{'、'.join(sorted(unknown))}",
            "Opening an identity needs a purpose" if not unknown else f"No such fields: {sorted(unknown)}",
            field="purpose" if not unknown else "fields",
        )
    with transaction.atomic():
        people = _open(refs)
        if missing := set(refs) - set(people):
            raise refuse(
                "identity_erased",
                "身份信息已按保存期限删除",
                f"{len(missing)} identity was erased when its retention ended",
            )
        models.IdentityRead.objects.bulk_create(
            models.IdentityRead(
                at=at,
                person=ref,
                subject=subject,
                reader=reader.pseudonym,
                role=reader.role,
                unit=reader.unit,
                purpose=purpose.strip()[:200],
                fields=",".join(fields),
                request=request,
            )
            for ref in refs
        )
    return {ref: {field: getattr(people[ref], field) for field in fields} for ref in refs}


def for_machine(refs: Iterable[str]) -> list[Person]:
    """Whole persons for work in which no human sees them: redacting a text, addressing a notice.

    Never hand the answer to a door. Not logged, for nobody has read anything.
    """
    return list(_open(refs).values())


def erase(refs: Iterable[str]) -> int:
    """Remove persons and their digests in the caller's transaction; the log of reads stays.

    Returns how many were there. Erasing again is no error: a restored backup is erased anew.
    """
    wanted = list(refs)
    models.BlindIndex.objects.filter(person__in=wanted).delete()
    return models.Person.objects.filter(ref__in=wanted).delete()[0]


def reads_of(subject: str) -> list[dict[str, str]]:
    """What the petitioner is shown: each opening with its time, role, unit and purpose, oldest first."""
    rows = models.IdentityRead.objects.filter(subject=subject).order_by("at", "pk")
    shown = rows.values_list("at", "role", "unit", "purpose")
    return [
        {"at": at.isoformat(), "role": role, "unit": unit, "purpose": purpose}
        for at, role, unit, purpose in shown
    ]


def matching(kind: str, values: Iterable[str]) -> dict[str, list[str]]:
    """For imports: references filed under each of these normalised values (see `person.identifier`).

    No human sees the answer; a person at the desk goes through `lookup.find`.
    """
    secrets = keyring.index_secrets()
    wanted = {digest(kind, value, key): value for value in values for key in secrets}
    found: dict[str, list[str]] = {value: [] for value in wanted.values()}
    digests = list(wanted)
    for start in range(0, len(digests), 500):
        rows = models.BlindIndex.objects.filter(kind=kind, digest__in=digests[start : start + 500])
        for held, ref in rows.values_list("digest", "person_id"):
            found[wanted[bytes(held)]].append(ref)
    return found
