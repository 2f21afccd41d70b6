"""Templates of text: `{slot}` is filled from a scene, `[a|b]` is one of its choices. Split once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Fill = Callable[[str], str]  # slot name → its text

_SLOT = re.compile(r"\{([a-z0-9]+)\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap to be filled."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several pieces."""

    pieces: tuple[Template, ...]


Part = str | Slot | Choice


@dataclass(frozen=True, slots=True)
class Template:
    """A text with gaps, already split."""

    parts: tuple[Part, ...]
    source: str = ""

    def render(self, fill: Fill, rng: Random) -> str:
        """The text with every gap filled and every choice made."""
        out: list[str] = []
        self._into(out, fill, rng)
        return "".join(out)

    def _into(self, out: list[str], fill: Fill, rng: Random) -> None:
        for part in self.parts:
            if isinstance(part, str):
                out.append(part)
            elif isinstance(part, Slot):
                out.append(fill(part.name))
            else:
                part.pieces[int(rng.random() * len(part.pieces))]._into(out, fill, rng)

    def slots(self) -> set[str]:
        """Names of all gaps, those inside choices too."""
        found: set[str] = set()
        for part in self.parts:
            if isinstance(part, Slot):
                found.add(part.name)
            elif isinstance(part, Choice):
                found.update(*(piece.slots() for piece in part.pieces))
        return found


def compiled(text: str) -> Template:
    """The template of a line. Raises ValueError for a bracket without its partner; choices do not nest."""
    parts: list[Part] = []
    for n, piece in enumerate(re.split(r"\[([^\[\]]*)\]", text)):
        if n % 2:
            parts.append(Choice(tuple(compiled(option) for option in piece.split("|"))))
        else:
            parts.extend(_slotted(piece))
    return Template(tuple(parts), text)


def _slotted(text: str) -> list[Part]:
    if re.search(r"[\[\]]", text) or text.count("{") != len(_SLOT.findall(text)):
        raise ValueError(f"unbalanced template: {text}")
    parts: list[Part] = []
    for n, piece in enumerate(_SLOT.split(text)):
        if n % 2:
            parts.append(Slot(piece))
        elif piece:
            parts.append(piece)
    return parts
