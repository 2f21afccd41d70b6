"""One analyser for what is indexed and what is asked: 繁→简, width and case folded, CJK bigrams, Latin words.

Two steps. `fold` rests on tables that change with libraries (Unicode, OpenCC), so its result is what
the index keeps. `tokens` rests on nothing but this file, so an index entry can always be taken out again.
Both work character by character: a part of a text folds to a part of the folded text, whatever stands
around it, so 拆迁 is found in 被拆遷戶 and 乾 in 乾隆, as asked and as written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import add

import opencc

VERSION = 1
QUERY_CHARS = 80  # a question longer than this is cut: the index answers words, not letters
QUERY_PIECES = 8

_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002f7ff\U00030000-\U000323af"
_RUN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]{{1,64}}")
_CJK_CHAR = re.compile(f"[{_CJK}]")
# Full-width punctuation separates words whether it is folded or not, so it does not force the slow fold.
_TO_NORMALISE = re.compile(
    "[^\x00-\x7f\u2010-\u2027\u3000-\u303f\u3400-\u9fff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a question that must stand in the text as written: its folded form and its tokens."""

    text: str
    tokens: tuple[str, ...]
    prefix: bool  # the last token is one CJK character: any bigram that starts with it will do
    open_start: bool  # starts with CJK: may begin inside a run
    open_end: bool  # ends with CJK: may end inside a run


@cache
def _simplified() -> dict[int, str]:
    """Code point → simplified character, for every traditional one OpenCC knows by itself."""
    characters = [
        chr(point)
        for first, last in ((0x3400, 0x9FFF), (0x20000, 0x2A6DF))
        for point in range(first, last + 1)
    ]
    # One character a line: OpenCC converts by phrases, and a phrase never crosses a line.
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(old): new for old, new in zip(characters, converted, strict=True) if old != new}


@cache
def _traditional() -> re.Pattern[str]:
    """Finds what may need converting; rare planes as one range, or the search is 100 times slower."""
    common = "".join(chr(point) for point in _simplified() if point < 0x10000)
    return re.compile(f"[{common}]|[\U00020000-\U0002a6df]")


def fold(text: str) -> str:
    """The text as the index keeps it: its runs of CJK characters and its words, one space between."""
    if _TO_NORMALISE.search(text):
        text = unicodedata.normalize("NFKC", text)
    text = text.lower()
    if _traditional().search(text):
        text = text.translate(_simplified())
    return " ".join(_RUN.findall(text))


def tokens(folded: str) -> list[str]:
    """The tokens of a folded text, in order: 信访局 a7 → 信访 访局 局 a7.

    The last character of a run stands alone as well, so that each character begins some token
    and one character can be asked for by prefix.
    """
    found: list[str] = []
    for run in folded.split():
        if is_cjk(run[0]):
            found.extend(map(add, run, run[1:]))
            found.append(run[-1])
        else:
            found.append(run)
    return found


def pieces(query: str) -> tuple[Piece, ...]:
    """What a question asks for: the parts between its spaces, each as one phrase. Empty without a word."""
    found = []
    for part in query[:QUERY_CHARS].split():
        folded = fold(part)
        if folded:
            found.append(_piece(folded))
    return tuple(dict.fromkeys(found[:QUERY_PIECES]))


def bigrams(folded: str) -> list[str]:
    """The CJK bigrams and words of a folded text, without the lone characters; for likeness."""
    return [token for token in tokens(folded) if len(token) > 1 or not is_cjk(token)]


def is_cjk(character: str) -> bool:
    """Whether it is a Han character, which is indexed by pairs."""
    return _CJK_CHAR.match(character) is not None


def _piece(folded: str) -> Piece:
    last = folded.rpartition(" ")[2]
    cjk_end = is_cjk(last[-1])
    found = tokens(folded)
    if cjk_end and len(last) > 1:
        found.pop()  # the text may go on after the last character
    return Piece(
        text=folded,
        tokens=tuple(found),
        prefix=cjk_end and len(last) == 1,
        open_start=is_cjk(folded[0]),
        open_end=cjk_end,
    )


SPLITTERS: dict[int, Callable[[str], list[str]]] = {1: tokens}  # a new version keeps the old ones here
