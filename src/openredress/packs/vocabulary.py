"""Putting an imported vocabulary (a code table of the State's, say) into a pack's files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from openredress.packs.load import load
from openredress.packs.reading import PackError
from openredress.rules.pack import Term


def replace_vocabulary(files: Mapping[str, bytes], name: str, terms: Sequence[Term]) -> dict[str, bytes]:
    """The files of a pack with one vocabulary replaced whole; to be recorded as a revision.

    The result is loaded once, so that a code which a route or field still needs cannot go missing.
    Raises PackError: no such vocabulary, a code twice, an unknown parent, or a pack that no longer holds.
    """
    place = f"vocab.toml.vocab.{name}"
    codes = [term.code for term in terms]
    for term in terms:
        if codes.count(term.code) > 1:
            raise PackError(f"{place}.{term.code}", "the code is there twice")
        if term.parent and term.parent not in codes:
            raise PackError(f"{place}.{term.code}", f"unknown parent {term.parent!r}")
    text = files["vocab.toml"].decode("utf-8")
    section = re.search(rf"^\[vocab\.{re.escape(name)}\]\n(?:(?!\[).*\n)*", text, re.MULTILINE)
    if section is None:
        raise PackError(place, "no such vocabulary")
    table = f"[vocab.{name}]\n" + "".join(_line(term) for term in terms) + "\n"
    changed = dict(files) | {"vocab.toml": (text[: section.start()] + table + text[section.end() :]).encode()}
    load(changed)
    return changed


def _line(term: Term) -> str:
    row = [term.zh, term.en, *([term.parent] if term.parent else [])]
    return f"{json.dumps(term.code, ensure_ascii=False)} = {json.dumps(row, ensure_ascii=False)}\n"
