"""The word files beside the code, read once: matters, ways of speaking, names of places and people."""

from __future__ import annotations

import tomllib
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

from openredress.importers.demo.templates import Template, compiled

T = TypeVar("T")

HERE = Path(__file__).parent
MANNERS = ("plain", "formal", "colloq", "long", "angry", "terse")
# Voices that a matter may name and that are a persona in a certain mood.
MOODS = {
    "angryowner": ("owner", "angry"),
    "angryparent": ("parent", "angry"),
    "angry": ("citizen", "angry"),
    "pregnant": ("worker", "plain"),
    "anon": ("citizen", "plain"),
}


@dataclass(frozen=True, slots=True)
class Matter:
    """What people come about: a kind of trouble with its texts, its department and its legal road."""

    id: str
    first: str  # 一级
    second: str  # 二级
    dept: str  # suffix of the unit code
    level: str  # c county, m city, s street
    place: str
    weight: int
    avenue: str
    voices: tuple[str, ...]
    titles: tuple[Template, ...]
    facts: tuple[Template, ...]
    claims: tuple[Template, ...]
    basis: str
    fitting: tuple[
        tuple[tuple[Template, ...], tuple[Template, ...]], ...
    ] = ()  # by fact: titles, claims, best first

    @property
    def templates(self) -> int:
        """How many templates it holds."""
        return len(self.titles) + len(self.facts) + len(self.claims)


@dataclass(frozen=True, slots=True)
class Persona:
    """A kind of speaker."""

    me: tuple[str, ...]
    rel: tuple[str, ...]
    age: tuple[int, int]
    home: str
    manners: Urn[str]
    channels: Urn[str]


class Urn(Generic[T]):
    """Things with weights, drawn by one random number."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        kept = [(thing, weight) for thing, weight in pairs if weight > 0]
        self.things = tuple(thing for thing, _ in kept)
        self._upto = list(accumulate(weight for _, weight in kept))

    def draw(self, rng: Random) -> T:
        """One of them."""
        return self.things[bisect(self._upto, rng.random() * self._upto[-1])]


Lines = Mapping[str, Mapping[str, tuple[Template, ...]]]  # section → tag → templates


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("# 各") and not line.startswith("# 办"):
            yield line.strip()


def sections(name: str) -> Lines:
    """A file of `= section` headings and `tags | template` lines, by section and tag."""
    found: dict[str, dict[str, list[Template]]] = {}
    here: dict[str, list[Template]] = {}
    for line in _lines((HERE / "words" / name).read_text(encoding="utf-8")):
        if line.startswith("= "):
            here = found.setdefault(line[2:].strip(), {})
            continue
        tags, _, text = line.partition(" | ")
        template = compiled(text.strip())
        for tag in tags.split(","):
            here.setdefault(tag.strip(), []).append(template)
    return {name: {tag: tuple(made) for tag, made in tags.items()} for name, tags in found.items()}


def _matter(first: str, number: int, head: str, body: list[str]) -> Matter:
    second, dept, place, weight, avenue, voices = (part.strip() for part in head.split("|"))
    kinds: dict[str, list[Template]] = {"t": [], "f": [], "c": []}
    basis = ""
    for line in body:
        if line[0] == "b":
            basis = line[2:]
        else:
            kinds[line[0]].append(compiled(line[2:]))
    code, _, level = dept.partition(".")
    fitting = tuple((_alike(fact, kinds["t"])[:1], _alike(fact, kinds["c"])) for fact in kinds["f"])
    return Matter(
        id=f"{first}{number}",
        first=first,
        second=second,
        dept=code,
        level=level,
        place=place,
        weight=int(weight),
        avenue=avenue,
        voices=tuple(voices.split(",")),
        titles=tuple(kinds["t"]),
        facts=tuple(kinds["f"]),
        claims=tuple(kinds["c"]),
        basis=basis,
        fitting=fitting,
    )


def _alike(fact: Template, others: list[Template]) -> tuple[Template, ...]:
    """The others, those with most pairs of characters in common with the fact first."""
    text = fact.source
    pairs = {text[n : n + 2] for n in range(len(text) - 1)}

    def shared(other: Template) -> int:
        source = other.source
        return sum(source[n : n + 2] in pairs for n in range(len(source) - 1))

    return tuple(sorted(others, key=shared, reverse=True))


def _category(path: Path) -> tuple[int, list[Matter]]:
    first, weight, head, body = "", 1, "", list[str]()
    made: list[Matter] = []
    for line in [*_lines(path.read_text(encoding="utf-8")), "# end"]:
        if line.startswith("= "):
            _, first, weight_text = line.split()
            weight = int(weight_text)
        elif line.startswith("# "):
            if head:
                made.append(_matter(first, len(made) + 1, head, body))
            head, body = line[2:], []
        else:
            body.append(line)
    return weight, made


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the makers draw from."""

    matters: Urn[Matter]
    speech: Lines
    staff: Lines
    personas: Mapping[str, Persona]
    places: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]

    def templates(self) -> int:
        """How many templates there are, in the letters themselves and in what staff write."""
        lines = {
            t
            for group in (self.speech, self.staff)
            for tags in group.values()
            for ts in tags.values()
            for t in ts
        }
        return sum(matter.templates for matter in self.matters.things) + len(lines)


def _matters() -> Urn[Matter]:
    pairs: list[tuple[Matter, float]] = []
    for path in sorted((HERE / "matters").glob("*.txt")):
        weight, made = _category(path)
        total = sum(matter.weight for matter in made)
        pairs += [(matter, weight * matter.weight / total) for matter in made]
    return Urn(pairs)


def _persona(row: Mapping[str, Any]) -> Persona:
    return Persona(
        me=tuple(row["me"]),
        rel=tuple(row["rel"]),
        age=(row["age"][0], row["age"][1]),
        home=row["home"],
        manners=Urn(row["manners"].items()),
        channels=Urn(zip(("letter", "visit", "web", "phone"), row["channels"], strict=True)),
    )


def toml(name: str) -> dict[str, Any]:
    """A data file of the demo."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


@cache
def catalogue() -> Catalogue:
    """The word files, read and split once a process."""
    names = [line.split(maxsplit=1) for line in _lines((HERE / "words" / "names.txt").read_text("utf-8"))]
    return Catalogue(
        matters=_matters(),
        speech=sections("petition.txt"),
        staff=sections("staff.txt"),
        personas={name: _persona(row) for name, row in toml("words/personas.toml").items()},
        places={name: tuple(words) for name, words in toml("words/places.toml").items()},
        names={row[0]: row[1] for row in names},
    )
