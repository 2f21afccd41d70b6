"""Reads the hand-marked texts and counts what a redactor found of them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

_MARK = re.compile(r"\{([a-z]):([^}]*)\}")
HELD_OUT = 40


@dataclass(frozen=True)
class Marked:
    """A text without its marks, the marked places, and what the vault knows."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    known: dict


def texts() -> list[Marked]:
    """All two hundred, in order; the last forty are held out."""
    rows = tomllib.loads((Path(__file__).parent / "marked.toml").read_text(encoding="utf-8"))["text"]
    return [_read(row) for row in rows]


def _read(row: dict) -> Marked:
    plain, spans, at = "", [], 0
    for mark in _MARK.finditer(row["t"]):
        plain += row["t"][at : mark.start()]
        spans.append((len(plain), len(plain) + len(mark[2]), mark[1]))
        plain += mark[2]
        at = mark.end()
    return Marked(plain + row["t"][at:], tuple(spans), row.get("known", {}))


def missed(one: Marked, found: list[tuple[int, int]]) -> list[str]:
    """Marked strings of which at least one letter or figure is still readable."""
    gone = {place for start, end in found for place in range(start, end)}
    return [
        one.text[start:end]
        for start, end, _ in one.spans
        if any(place not in gone and one.text[place].isalnum() for place in range(start, end))
    ]


def too_much(one: Marked, found: list[tuple[int, int]]) -> list[str]:
    """Places taken out that touch no mark."""
    return [
        one.text[start:end]
        for start, end in found
        if not any(start < stop and begin < end for begin, stop, _ in one.spans)
    ]
