"""Made-up people: names, ID numbers of a region that does not exist, phones nobody has."""

from __future__ import annotations

from datetime import date
from random import Random

from openredress.importers.demo.catalogue import catalogue

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


class Made:
    """One made-up person."""

    __slots__ = ("address", "age", "county", "id_number", "name", "phone", "sex", "surname")

    def __init__(self, rng: Random, region: str, address: str, ages: tuple[int, int], on: date) -> None:
        """`region` is the county's code; `on` the day the age counts from."""
        names = catalogue().names
        man = rng.random() < 0.55
        roll = rng.random()
        pool = names["surnames"]
        self.surname = (
            rng.choice(names["rare"].split()) if roll < 0.006 else pool[int(rng.random() * len(pool))]
        )
        letters = names["men"] if man else names["women"]
        first = letters[int(rng.random() * len(letters))]
        second = letters[int(rng.random() * len(letters))]
        self.name = self.surname + (first if roll > 0.82 else first + second)
        self.sex = "男" if man else "女"
        self.age = ages[0] + int(rng.random() * (ages[1] - ages[0] + 1))
        self.phone = f"1990000{int(rng.random() * 10000):04d}"
        self.address = address
        self.county = region
        self.id_number = id_number(region, on.year - self.age, rng, man)


def id_number(region: str, year: int, rng: Random, man: bool) -> str:
    """Eighteen characters with a right check character, of a region code that nobody has."""
    serial = int(rng.random() * 498) * 2 + (1 if man else 2)
    body = f"{region}{year:04d}{1 + int(rng.random() * 12):02d}{1 + int(rng.random() * 28):02d}{serial:03d}"
    return body + _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]
