"""Adding entries up: step by step or all at once, now or as known earlier, with words or after erasure."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openredress.rules.facts import CaseFacts, Entry, Refusal
from openredress.rules.fold import fold, step
from openredress.rules.lifecycle import decide, open_moves, pack_for
from openredress.rules.pack import Move

from .office import (
    CITY,
    CLERK,
    HOUSING,
    LEADER,
    PACKS,
    PETITIONER,
    PROVINCE,
    SYSTEM,
    TRANSPORT,
    at,
    registered,
    served,
    words,
)

ACTORS = (CLERK, HOUSING, TRANSPORT, CITY, PROVINCE, LEADER, PETITIONER, SYSTEM)


def test_known_at_stops_where_knowledge_stopped() -> None:
    walk = served()
    for count in range(1, len(walk.entries) + 1):
        known = walk.entries[count - 1].recorded_at
        assert fold(walk.entries, PACKS, known) == fold(walk.entries[:count], PACKS)
    before = walk.entries[0].recorded_at - timedelta(seconds=1)
    assert fold(walk.entries, PACKS, before) == CaseFacts(stream="")


def test_words_change_nothing() -> None:
    walk = served()
    erased = [replace(entry, words={}) for entry in walk.entries]
    assert fold(erased, PACKS) == walk.facts


def test_entry_that_its_pack_does_not_know_is_named() -> None:
    walk = registered()
    odd = replace(walk.entries[0], seq=2, code="confiscate")
    with pytest.raises(ValueError, match=r"case/.*#2: pack cn_national_2022 knows no move 'confiscate'"):
        step(walk.facts, odd, PACKS)
    lost = replace(walk.entries[0], seq=2, code="forward", facts={"track": "t9", "to": "x"})
    with pytest.raises(ValueError, match=r"#2 forward: no such track"):
        step(walk.facts, lost, PACKS)


def test_facts_and_packs_travel_between_processes() -> None:
    walk = served()
    assert pickle.loads(pickle.dumps(walk.facts)) == walk.facts
    assert fold(walk.entries, pickle.loads(pickle.dumps(PACKS))) == walk.facts


def test_last_day_of_each_unit_is_kept() -> None:
    assert served().facts.last_at == {"lj-xf": date(2026, 9, 4), "lj-zj": date(2026, 10, 12)}


def fill(draw: st.DataObject, move: Move, facts: CaseFacts, pack_vocab: dict, day: date) -> dict[str, object]:
    """Values for the fields of a move: mostly fitting, drawn at random."""
    tracks = [t.id for t in facts.tracks]
    track = draw.draw(st.sampled_from(tracks))
    claims = next(t.claims for t in facts.tracks if t.id == track)
    given: dict[str, object] = {"track": track} if "track" in move.fields else {}
    for field in move.fields.values():
        if field.name == "track" or not (field.required or draw.draw(st.booleans())):
            continue
        given[field.name] = _value(draw, field, facts, pack_vocab, day, claims)
    if "facts" in move.fields:
        given.update(words(*claims))
    return given


def _value(draw, field, facts, vocab, day, claims):
    if field.kind == "date":
        return (day - timedelta(days=draw.draw(st.integers(0, 3)))).isoformat()
    if field.kind in ("int", "bool", "claims"):
        return {
            "int": draw.draw(st.integers(1, 30)),
            "bool": draw.draw(st.booleans()),
            "claims": list(claims[:1]),
        }[field.kind]
    if field.kind in ("choice", "code") and field.options:
        options = field.options if field.kind == "choice" else tuple(vocab[field.options[0]])
        return draw.draw(st.sampled_from(sorted(options)))
    if field.name in ("obligation", "lapsed"):
        return draw.draw(st.sampled_from([o.id for o in facts.owed] or ["C03"]))
    if field.kind == "list":
        return _list(draw, field.name, claims, day)
    plain = {
        "unit": ["lj-zj", "lj-jt", "lj", "prov"],
        "staff": ["staff/boss", "staff/housing"],
        "text": ["文字"],
    }
    return draw.draw(st.sampled_from(plain.get(field.kind, ["C05", "c1", "30", "2026-QQQQQQ-Q"])))


def _list(draw, name, claims, day):
    if name == "outcomes":
        codes = st.sampled_from(["support", "explain", "reject", "adopt"])
        return [
            {"claim": c, "outcome": draw.draw(codes), "execute_by": (day + timedelta(days=9)).isoformat()}
            for c in claims
        ]
    if name == "steps":
        return [{"debtor": "lj-zj", "due_on": (day + timedelta(days=5)).isoformat()}]
    return [{"id": f"c{draw.draw(st.integers(1, 9))}"}] if name == "claims" else []


@settings(max_examples=150)
@given(st.data())
def test_random_legal_walks_never_raise_and_fold_the_same(data: st.DataObject) -> None:
    walk = registered("2026-03-02")
    entries: list[Entry] = list(walk.entries)
    facts, day = walk.facts, date(2026, 3, 2)
    for _ in range(data.draw(st.integers(3, 14))):
        day += timedelta(days=data.draw(st.sampled_from([0, 1, 2, 10, 40])))
        actor = data.draw(st.sampled_from(ACTORS))
        buttons = [b for b in open_moves(facts, actor, PACKS, at(day)) if b.refusal is None]
        leading = [b for b in buttons if b.track] or buttons
        if not leading:
            continue
        button = data.draw(st.sampled_from(leading))
        track = facts.track(button.track)
        pack = pack_for(facts, track, PACKS, at(day))
        given_now = fill(data, pack.moves[button.move], facts, dict(pack.vocab), day)
        if button.track:
            given_now["track"] = button.track
        made = decide(facts, button.move, given_now, actor, PACKS, at(day))
        if isinstance(made, Refusal):
            assert made.zh
            continue
        for entry in made:
            assert entry.recorded_at.tzinfo is UTC
            entries.append(entry)
            facts = step(facts, entry, PACKS)
    assert facts == fold(entries, PACKS)
    assert {c.id for c in facts.claims} == {c for t in facts.tracks for c in t.claims}
    assert all(o.debtor_kind in ("unit", "staff", "payer") for o in facts.owed)
