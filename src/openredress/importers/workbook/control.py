"""The deny-list: which columns are not imported, and which staff-written phrases go back to the writer.

The words themselves stand only in `importers/denylist.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from opencc import OpenCC

PATH = Path(__file__).parent.parent / "denylist.toml"
NOT_RECORDED = ("不导入：本系统不记录", "not imported: this system does not record it")

_HIDING = re.compile(r"[\s\u200b-\u200f\u2060\ufeff·•*_\-—~|]+")
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_NEVER = re.compile(r"(?!)")
_ASCII_WORD = re.compile(r"[A-Za-z]{3}")


@cache
def _simplify() -> OpenCC:
    return OpenCC("t2s")


def tight(text: str) -> str:
    """One spelling: half-width, simplified, lower-case, without blanks and signs that could hide a word."""
    return str(_simplify().convert(_HIDING.sub("", unicodedata.normalize("NFKC", text)).lower()))


def _spaced(text: str) -> str:
    return _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()


def _any_of(literals: Sequence[str], patterns: Sequence[str] = ()) -> re.Pattern[str]:
    parts = [re.escape(tight(word)) for word in literals] + list(patterns)
    return re.compile("|".join(parts)) if parts else _NEVER


def _words(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b") if patterns else _NEVER


class Denylist:
    """The two lists, compiled. `Denylist({})` refuses nothing: the tests' red control."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        headings, phrases = data.get("headings", {}), data.get("phrases", {})
        self._heading = _any_of(headings.get("contains", ()))
        self._exact = {tight(word) for word in headings.get("exact", ())}
        self._heading_en = _words(headings.get("english", ()))
        self._phrase = _any_of(phrases.get("contains", ()), phrases.get("patterns", ()))
        self._except = _any_of(phrases.get("except", ()))
        self._phrase_en = _words(phrases.get("english", ()))
        self.phrase = lru_cache(maxsize=20_000)(self._find_phrase)

    def heading(self, text: str) -> bool:
        """Whether a column of this heading is of the kind that is not recorded."""
        flat = tight(text)
        return bool(
            self._heading.search(flat) or flat in self._exact or self._heading_en.search(_spaced(text))
        )

    def _find_phrase(self, text: str) -> str:
        """The listed words found in a staff-written text, or an empty string. Never more of the text."""
        flat = self._except.sub("〇", tight(text))
        if found := self._phrase.search(flat):
            return found.group()
        if _ASCII_WORD.search(text) and (found := self._phrase_en.search(_spaced(text))):
            return found.group()
        return ""


@cache
def load(path: Path = PATH) -> Denylist:
    """The deny-list as shipped."""
    return Denylist(tomllib.loads(path.read_text(encoding="utf-8")))
