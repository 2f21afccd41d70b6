"""lifecycle.toml → states and moves, and the checks that a case can always go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openredress.packs.reading import PackError, Table
from openredress.rules.effects import EFFECTS
from openredress.rules.fields import KINDS
from openredress.rules.pack import Call, FieldDef, Move, State, Term
from openredress.rules.predicates import CHECKS, GUARDS


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """States and moves of one pack."""

    start: str
    lapses: frozenset[str]
    states: Mapping[str, State]
    moves: Mapping[str, Move]


def read_lifecycle(doc: Table, labels: Mapping[str, Term]) -> Lifecycle:
    """Read and check the whole file. Raises PackError."""
    start = doc.text("start")
    lapses = frozenset(doc.texts("lapses", []))
    states = {name: _state(name, t) for name, t in doc.tables("states").items()}
    moves = {name: _move(name, t, states, labels) for name, t in doc.tables("moves").items()}
    doc.done()
    if start not in states:
        raise doc.fail("start", f"unknown state {start!r}")
    check_graph(states, moves, start, doc.place)
    return Lifecycle(start, lapses, states, moves)


def _state(name: str, t: Table) -> State:
    state = State(
        id=name,
        zh=t.text("zh"),
        en=t.text("en"),
        rank=t.number("rank"),
        terminal=t.flag("terminal"),
        answered=t.flag("answered"),
        in_hand=t.flag("in_hand"),
    )
    t.done()
    return state


def _move(name: str, t: Table, states: Mapping[str, State], labels: Mapping[str, Term]) -> Move:
    article, basis = t.basis()
    level = t.text("level", "track")
    if level not in ("track", "case"):
        raise t.fail("level", f"{level!r} is neither track nor case")
    move = Move(
        id=name,
        zh=t.text("zh"),
        en=t.text("en"),
        level=level,
        article=article,
        basis=basis,
        start=_known_states(t, "from", states),
        to=_known_states(t, "to", states),
        guards=_calls(t, "guards", GUARDS),
        checks=_calls(t, "checks", CHECKS),
        effects=_calls(t, "effects", EFFECTS),
        fields=_fields(t, labels),
        by_hand=t.flag("by_hand"),
        arrival=t.flag("arrival"),
        opens=t.flag("opens"),
    )
    t.done()
    if len(move.to) > 1 and not move.effects:
        raise t.fail("to", "leads to several states, but no effect chooses one")
    return move


def _known_states(t: Table, key: str, states: Mapping[str, State]) -> tuple[str, ...]:
    value = t.data.get(key, [])
    t.asked.add(key)
    names = (value,) if isinstance(value, str) else tuple(value)
    for name in names:
        if name not in states:
            raise t.fail(key, f"unknown state {name!r}")
    return names


def _calls(t: Table, key: str, known: Mapping[str, object]) -> tuple[Call, ...]:
    found = []
    for text in t.texts(key, []):
        name, *args = text.split()
        if name not in known:
            raise t.fail(key, f"unknown {key[:-1]} {name!r}")
        found.append(Call(name, tuple(args)))
    return tuple(found)


def _fields(t: Table, labels: Mapping[str, Term]) -> dict[str, FieldDef]:
    fields: dict[str, FieldDef] = {}
    for name, spec in t.get("fields", dict, {}).items():
        place = f"{t.place}.fields.{name}"
        if not isinstance(spec, str):
            raise PackError(place, f"expected a kind, found {spec!r}")
        head, _, tail = spec.partition(":")
        kind = head.removesuffix("!")
        if kind not in KINDS:
            raise PackError(place, f"unknown kind {kind!r}")
        options = tuple(tail.split("|")) if tail else ()
        if kind == "choice" and len(options) < 2:
            raise PackError(place, "a choice needs options")
        if name not in labels:
            raise PackError(place, "has no label in vocab.toml [labels]")
        label = labels[name]
        fields[name] = FieldDef(name, kind, head.endswith("!"), options, label.zh, label.en)
    return fields


def check_graph(states: Mapping[str, State], moves: Mapping[str, Move], start: str, place: str) -> None:
    """Every state reachable, every state but a terminal one with a way on. Raises PackError."""
    if not any(m.opens for m in moves.values()):
        raise PackError(f"{place}.moves", "no move opens a case")
    reached, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        for move in moves.values():
            if move.opens or (move.start and state not in move.start):
                continue
            for to in move.to:
                if to not in reached:
                    reached.add(to)
                    waiting.append(to)
    for name in states:
        if name not in reached:
            raise PackError(f"{place}.states.{name}", "unreachable state")
    for name, defined in states.items():
        if not defined.terminal and not _way_on(name, states, moves):
            raise PackError(f"{place}.states.{name}", "dead end: no move leads on and it is not terminal")


def _way_on(name: str, states: Mapping[str, State], moves: Mapping[str, Move]) -> bool:
    """Whether a terminal state can be reached; leaving by withdrawal alone is no way on."""
    reached, waiting = {name}, [name]
    while waiting:
        state = waiting.pop()
        for move in moves.values():
            if state not in move.start:
                continue
            for to in move.to:
                if states[to].terminal:
                    return True
                if to not in reached:
                    reached.add(to)
                    waiting.append(to)
    return False
