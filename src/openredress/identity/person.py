"""What the vault keeps of a person, and which digests it can be found by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from openredress.identity import normal

FIELDS = ("name", "id_number", "phone", "email", "address", "org")
_KEPT = (*FIELDS, "county")
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # one encoder: imports are long


@dataclass(frozen=True, slots=True)
class Person:
    """A person as one petition names them. Empty means unknown. `county` is a GB/T 2260 code."""

    name: str = ""
    id_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    org: str = ""
    county: str = ""

    def __repr__(self) -> str:
        return "Person(…)"  # an identity must not slip into a log or a traceback


def to_bytes(person: Person) -> bytes:
    """The plain text that is encrypted."""
    kept = {key: value for key in _KEPT if (value := getattr(person, key))}
    return _dumps(kept).encode()


def from_bytes(plain: bytes) -> Person:
    """The person again."""
    return Person(**json.loads(plain))


def identifiers(person: Person) -> Iterator[tuple[str, str]]:
    """(kind, normalised value) for each way this person can be found again.

    name: with the county, since a name alone matches strangers; address: with the name.
    """
    if person.id_number and (number := normal.id_number(person.id_number)):
        yield "id", number
    if person.phone and (digits := normal.phone(person.phone)):
        yield "phone", digits
    if person.email:
        yield "email", normal.email(person.email)
    if person.name and (name := normal.name(person.name)):
        if person.county:
            yield "name", f"{name}\0{person.county[:6]}"
        if person.address:
            yield "address", f"{name}\0{normal.address(person.address)}"


def identifier(kind: str, value: str, county: str = "", address: str = "") -> str:
    """The normalised value under which `identifiers` files what somebody typed."""
    if kind == "id":
        return normal.id_number(value)
    if kind == "phone":
        return normal.phone(value)
    if kind == "email":
        return normal.email(value)
    if kind == "name":
        return f"{normal.name(value)}\0{county[:6]}"
    if kind == "address":
        return f"{normal.name(value)}\0{normal.address(address)}"
    raise ValueError(kind)
