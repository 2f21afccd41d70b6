"""TOML bytes → a checked pack. What does not hold together is refused, and its place named."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from pathlib import Path

from openredress.packs import calendars
from openredress.packs.clockfile import check_events
from openredress.packs.clockfile import parse as parse_clocks
from openredress.packs.lettersfile import read_letters
from openredress.packs.lifecyclefile import Lifecycle, read_lifecycle
from openredress.packs.reading import PackError, Table, parse
from openredress.packs.tablesfile import (
    read_faults,
    read_ladder,
    read_obligations,
    read_outcomes,
    read_permits,
    read_retention,
    read_routes,
    read_vocab,
)
from openredress.rules.pack import CalendarRevision, Letter, Pack, PackRevision, Packs, Term

FOLDER = Path(__file__).parent
BUILTIN = ("cn_national_2005", "cn_national_2022", "uk_housing_2024", "in_cpgrams_2024", "example")
FILES = (
    "pack.toml",
    "clocks.toml",
    "lifecycle.toml",
    "permits.toml",
    "outcomes.toml",
    "routing.toml",
    "faults.toml",
    "ladder.toml",
    "vocab.toml",
    "retention.toml",
    "obligations.toml",
)
OPTIONAL = ("letters.toml",)  # a law without papers of its own has none


def pack_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over sorted (name, length, bytes) of the TOML files; examples are tests, not law."""
    digest = hashlib.sha256()
    for name in sorted(files):
        if name.endswith(".toml") and name != "examples.toml":
            digest.update(f"{name}\n{len(files[name])}\n".encode())
            digest.update(files[name])
    return digest.hexdigest()


def load(files: Mapping[str, bytes]) -> Pack:
    """The pack in these files. Raises PackError(place, why)."""
    for name in files:
        if name.endswith(".toml") and name not in (*FILES, *OPTIONAL, "examples.toml"):
            raise PackError(name, "unknown file")
    docs = {name: _document(files, name) for name in FILES}
    head = docs["pack.toml"]
    vocab, labels = read_vocab(docs["vocab.toml"])
    retention = read_retention(docs["retention.toml"])
    obligations = read_obligations(docs["obligations.toml"])
    vocab["retention"] = {r.id: Term(r.id, r.zh, r.en) for r in retention.values()}
    vocab["obligations"] = {o.id: Term(o.id, o.zh, o.en) for o in obligations.values()}
    cycle = read_lifecycle(docs["lifecycle.toml"], labels)
    _check_vocabularies(cycle, vocab)
    roles, permits, reads = read_permits(docs["permits.toml"], cycle.moves)
    outcomes, rows, axes = read_outcomes(docs["outcomes.toml"], vocab)
    clocks = parse_clocks(files["clocks.toml"], "clocks.toml")
    check_events(clocks, cycle.moves, "clocks.toml")
    _check_lapses(cycle, {clock.id for clock in clocks})
    from_day, until = head.day("valid_from"), head.day("valid_until")
    if from_day is None:
        raise head.fail("valid_from", "missing")
    head.texts("laws", [])
    pack = Pack(
        id=head.text("id"),
        hash=pack_hash(files),
        family=head.text("family"),
        zh=head.text("zh"),
        en=head.text("en"),
        valid_from=from_day,
        valid_until=until,
        calendar=head.text("calendar"),
        states=cycle.states,
        moves=cycle.moves,
        start=cycle.start,
        permits=permits,
        reads=reads,
        outcomes=outcomes,
        rows=rows,
        axes=axes,
        routes=read_routes(docs["routing.toml"], vocab),
        faults=read_faults(docs["faults.toml"]),
        ladder=read_ladder(docs["ladder.toml"], roles),
        vocab=vocab,
        retention=retention,
        obligations=obligations,
        lapses=cycle.lapses,
        clocks={clock.id: clock for clock in clocks},
        roles=roles,
        letters=_letters(files, vocab, cycle),
    )
    head.done()
    return pack


def _document(files: Mapping[str, bytes], name: str) -> Table:
    if name not in files:
        raise PackError(name, "missing file")
    return Table(parse(files[name], name), name)


def _letters(
    files: Mapping[str, bytes], vocab: Mapping[str, Mapping[str, Term]], cycle: Lifecycle
) -> dict[str, Letter]:
    if "letters.toml" not in files:
        return {}
    doc = _document(files, "letters.toml")
    return read_letters(doc, vocab.get("papers", {}), cycle.moves, cycle.states)


def _check_vocabularies(cycle: Lifecycle, vocab: Mapping[str, Mapping[str, Term]]) -> None:
    for move in cycle.moves.values():
        for field in move.fields.values():
            if field.kind == "code" and field.options and field.options[0] not in vocab:
                place = f"lifecycle.toml.moves.{move.id}.fields.{field.name}"
                raise PackError(place, f"unknown vocabulary {field.options[0]!r}")


def _check_lapses(cycle: Lifecycle, clocks: Collection[str]) -> None:
    for clock in sorted(cycle.lapses):
        if clock not in clocks:
            raise PackError("lifecycle.toml.lapses", f"unknown clock {clock!r}")


def builtin_files(pack_id: str) -> dict[str, bytes]:
    """The TOML files of a pack that ships with the program. Raises PackError for another id."""
    if pack_id not in BUILTIN:
        raise PackError(pack_id, f"no such pack; there are {', '.join(BUILTIN)}")
    return {path.name: path.read_bytes() for path in sorted((FOLDER / pack_id).glob("*.toml"))}


@cache
def builtin(pack_id: str) -> Pack:
    """A pack that ships with the program."""
    return load(builtin_files(pack_id))


@lru_cache(maxsize=1)
def builtin_packs() -> Packs:
    """All shipped packs with their calendars, as if recorded since ever."""
    packs = [builtin(pack_id) for pack_id in BUILTIN]
    known = sorted({pack.calendar for pack in packs})
    return Packs([PackRevision(p) for p in packs], [CalendarRevision(c, calendars.builtin(c)) for c in known])
