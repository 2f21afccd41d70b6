"""One spelling for each identifier, so that equal people give equal digests."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

from openredress.identity import idnumber

_NOT_DIGIT = re.compile(r"[^0-9]+")
_NOT_NAME = re.compile(r"[\s·•・‧．.\-,，、]+")
_NOT_ADDRESS = re.compile(r"[\s,，。.、#（）()\-—]+")
_SIMPLIFIED = OpenCC("t2s")


def phone(raw: str) -> str:
    """Digits alone, without the country's 86."""
    if len(raw) == 11 and raw.isascii() and raw.isdigit():
        return raw  # the usual case, and imports are long
    digits = _NOT_DIGIT.sub("", unicodedata.normalize("NFKC", raw))
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) in (10, 11):
            return digits[len(prefix) :]
    return digits


def email(raw: str) -> str:
    """Half-width and lower-case."""
    return unicodedata.normalize("NFKC", raw).strip().lower()


@lru_cache(maxsize=4096)
def _simplified(text: str) -> str:
    return str(_SIMPLIFIED.convert(text))


def name(raw: str) -> str:
    """Simplified characters without blanks and dots, lower-case."""
    return _simplified(_NOT_NAME.sub("", unicodedata.normalize("NFKC", raw)).lower())


def address(raw: str) -> str:
    """Simplified characters without blanks and punctuation, lower-case."""
    return _simplified(_NOT_ADDRESS.sub("", unicodedata.normalize("NFKC", raw)).lower())


def id_number(raw: str) -> str:
    """18 characters where it can be; what came otherwise."""
    return idnumber.normalised(raw)
