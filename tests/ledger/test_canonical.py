"""The ledger's bytes against vectors that another program computed."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress.ledger import canonical as c

from .golden_check import FOLDER, check
from .golden_check import canonical as by_hand
from .golden_check import root as by_rfc

VECTORS = sorted(FOLDER.glob("*.json"))
ENTRIES = [path for path in VECTORS if "entry" in json.loads(path.read_text(encoding="utf-8"))]


def test_there_are_vectors_enough():
    assert len(ENTRIES) >= 8


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vectors_hold_without_the_ledger(path):
    assert check(path, write=False) == []


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_entry_vector(path):
    vector = json.loads(path.read_text(encoding="utf-8"))
    entry = vector["entry"]
    digest = entry.get("erased_digest")
    if entry["words"]:
        assert c.canonical_text(entry["words"]) == vector["words_text"]
        digest = c.words_digest(bytes.fromhex(entry["salt"]), entry["words"])
    members = [
        entry[name] for name in ("kind", "id", "seq", "code", "actor", "occurred_at", "recorded_at", "pack")
    ]
    members += [c.canonical_text(entry["facts"]), digest, entry["prev"]]
    assert c.entry_bytes(*members).decode() == vector["preimage"]
    assert c.entry_hash(*members) == vector["hash"]


def test_each_member_is_under_the_hash():
    """Control: change any one column and the hash is another."""
    members = ["case", "abc", 1, "note", "system", "a", "b", "", "{}", None, ""]
    honest = c.entry_hash(*members)
    for place, other in enumerate(["unit", "abd", 2, "npte", "sYstem", "c", "d", "0", '{"a":1}', "", "0"]):
        assert c.entry_hash(*members[:place], other, *members[place + 1 :]) != honest


@pytest.mark.parametrize("text", json.loads((FOLDER / "30-refused.json").read_text())["refused"])
def test_refused(text):
    with pytest.raises(c.CanonicalError, match=r"value"):
        c.canonical_text(json.loads(text))


class Colour(IntEnum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, {"b": 1.5}]}, "facts.a.1.b"),
        ({"a": {1: 2}}, "facts.a"),
        ({"a": {None: 2}}, "facts.a"),
        ({"a": datetime(2026, 1, 1, tzinfo=UTC)}, "facts.a"),
        ({"a": b"x"}, "facts.a"),
        ({"a": {1, 2}}, "facts.a"),
        ({"a": 2**53 + 1}, "facts.a"),
    ],
)
def test_refusal_names_the_place(value, place):
    with pytest.raises(c.CanonicalError, match=re.escape(place) + ":"):
        c.canonical_text(value, "facts")


def test_tuples_and_read_only_maps_are_taken():
    assert c.canonical_text(MappingProxyType({"b": (1, 2), "a": True})) == '{"a":true,"b":[1,2]}'


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_same_as_the_writer_made_by_hand(value):
    assert c.canonical_text(value) == by_hand(value)


@given(values)
def test_reading_back_and_writing_again_changes_nothing(value):
    text = c.canonical_text(value)
    assert c.canonical_text(json.loads(text)) == text


def test_times():
    east = timezone(timedelta(hours=8))
    assert c.occurred_text(datetime(2026, 9, 3, 10, 12, 0, 999, east)) == "2026-09-03T10:12:00+08:00"
    assert c.occurred_text(datetime(2026, 9, 3, 10, 12, tzinfo=UTC)) == "2026-09-03T10:12:00+00:00"
    assert c.recorded_text(datetime(2026, 9, 3, 10, 12, 0, 7, east)) == "2026-09-03T02:12:00.000007Z"
    assert c.recorded_text(datetime(2026, 9, 3, 2, 12, tzinfo=UTC)) == "2026-09-03T02:12:00.000000Z"
    for make in (c.occurred_text, c.recorded_text):
        with pytest.raises(c.CanonicalError, match="without zone"):
            make(datetime(2026, 9, 3))


def test_tree_is_the_one_of_the_rfc():
    vector = json.loads((FOLDER / "20-tree.json").read_text())
    tree = c.Tree()
    for number, root in enumerate(vector["roots"]):
        tree.add(hashlib.sha256(bytes([number])).hexdigest())
        assert tree.root() == root
        again = c.Tree.resume(tree.count, tree.state())
        assert again.root() == root


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70), st.integers(0, 70))
def test_a_resumed_tree_goes_on_as_if_never_stopped(leaves, stop):
    first = c.Tree()
    first.extend(leaf.hex() for leaf in leaves[:stop])
    second = c.Tree.resume(first.count, first.state())
    second.extend(leaf.hex() for leaf in leaves[stop:])
    assert (second.count, second.root()) == (len(leaves), by_rfc(leaves).hex())


def test_peaks_must_fit_the_count():
    with pytest.raises(ValueError, match="cannot stand"):
        c.Tree.resume(3, [])


@pytest.mark.parametrize(
    ("kind", "stream"),
    [("Case", "a"), ("case", ""), ("case", "A"), ("case", "a" * 41), ("case", "a\n")],
)
def test_streams_outside_the_form(kind, stream):
    with pytest.raises(c.CanonicalError):
        c.check_stream(kind, stream)


@pytest.mark.parametrize(
    "members",
    [
        ("", "system", ""),
        ("Note", "system", ""),
        ("note", "张三", ""),
        ("note", "", ""),
        ("note", "system", "ab"),
    ],
)
def test_members_outside_the_form(members):
    with pytest.raises(c.CanonicalError):
        c.check_members(*members)
