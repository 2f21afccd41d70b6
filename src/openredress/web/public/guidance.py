"""Which body it looks like, and by when what is told: computed for the reader, never a refusal."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from openredress.lawbook import book
from openredress.people.models import Unit
from openredress.rules.clocks import explain
from openredress.rules.facts import Deadline, Refusal
from openredress.rules.lifecycle import DEFAULT_FAMILY
from openredress.rules.pack import Pack
from openredress.rules.routing import Query, RouteProposal, routes

CATEGORY = "categories"


@dataclass(frozen=True, slots=True)
class Expected:
    """What is told by when, each with its arithmetic."""

    forwarded: Deadline | None  # None: this body handles it itself
    told: Deadline


@dataclass(frozen=True, slots=True)
class Guess:
    """A category that the words point to, and the body that usually handles it."""

    category: str
    zh: str
    en: str
    route: RouteProposal


def law(on: date) -> Pack:
    """The law in force that day."""
    return book.packs().for_day(DEFAULT_FAMILY, on)


def expected(on: date, office: Unit | None) -> Expected | None:
    """By when a petition that arrives on this day is forwarded and its receipt told, at the latest."""
    pack = law(on)
    calendar = book.packs().calendar(pack.calendar)
    direct = office is not None and office.kind != "office"
    names = ("C02",) if direct else ("C01", "C03")
    found: list[Deadline] = []
    for name in names:
        clock = pack.clocks.get(name)
        made = explain(clock, calendar, found[-1].due if found else on) if clock else None
        if made is None or isinstance(made, Refusal):
            return None
        found.append(made)
    return Expected(None if direct else found[0], found[-1])


@lru_cache(maxsize=1)
def _words() -> tuple[tuple[str, str], ...]:
    """(word, category) from the list beside this module, longest words first."""
    table = tomllib.loads(Path(__file__).with_name("guidance.toml").read_text())
    pairs = [(word, code) for code, words in table["words"].items() for word in words]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def guess(text: str, on: date, chosen: str = "") -> Guess | None:
    """What the words look like; `chosen` is the petitioner's own choice and goes before any guess."""
    pack = law(on)
    vocabulary = pack.vocab.get(CATEGORY, {})
    code = chosen if chosen in vocabulary else _likely(text)
    if code not in vocabulary:
        return None
    best = routes(Query(category=code), pack)[0]
    if best.route == "otherwise":
        return None
    term = vocabulary[code]
    return Guess(code, term.zh, term.en, best)


def _likely(text: str) -> str:
    score: dict[str, int] = {}
    for word, code in _words():
        if word in text:
            score[code] = score.get(code, 0) + len(word)
    return max(score, key=lambda code: score[code], default="")


def choices(on: date) -> tuple[tuple[str, str, str], ...]:
    """The broad categories to choose from: code, zh, en."""
    vocabulary = law(on).vocab.get(CATEGORY, {})
    return tuple((code, term.zh, term.en) for code, term in vocabulary.items() if code.endswith("0000"))
