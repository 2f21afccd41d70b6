"""letters.toml → kinds of papers and what each must hold."""

from __future__ import annotations

from collections.abc import Mapping

from openredress.packs.reading import Table
from openredress.rules.pack import Content, Letter, Move, State, Term


def read_letters(
    doc: Table,
    papers: Mapping[str, Term],
    moves: Mapping[str, Move],
    states: Mapping[str, State],
) -> dict[str, Letter]:
    """Kinds of papers by their code in the vocabulary `papers`. Raises PackError."""
    found = {}
    for name, t in doc.tables("letters").items():
        if name not in papers:
            raise doc.fail("letters", f"unknown paper {name!r}")
        found[name] = _letter(t, papers[name], moves, states)
    doc.done()
    return found


def _letter(t: Table, term: Term, moves: Mapping[str, Move], states: Mapping[str, State]) -> Letter:
    article, basis = t.basis()
    letter = Letter(
        term.code,
        term.zh,
        term.en,
        article,
        basis,
        t.text("word"),
        t.flag("written"),
        _known(t, "rests_on", moves),
        _known(t, "states", states),
        t.text("serve"),
        t.text("paper", ""),
        tuple(_content(row) for row in t.rows("contents")),
    )
    if letter.serve not in moves:
        raise t.fail("serve", f"unknown move {letter.serve!r}")
    if not letter.contents:
        raise t.fail("contents", "a paper that need hold nothing is no paper")
    t.done()
    return letter


def _known(t: Table, key: str, names: Mapping[str, object]) -> tuple[str, ...]:
    values = t.texts(key, [])
    for value in values:
        if value not in names:
            raise t.fail(key, f"unknown {key} {value!r}")
    return values


def _content(t: Table) -> Content:
    article, basis = t.basis()
    content = Content(t.text("id"), t.text("zh"), t.text("en"), article, basis)
    t.done()
    return content
