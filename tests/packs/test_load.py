"""What does not hold together is refused, and the place named."""

# ruff: noqa: E501 — a table reads better with one refusal a line

from __future__ import annotations

import pickle

import pytest

from openredress.packs.load import (
    BUILTIN,
    FILES,
    OPTIONAL,
    builtin,
    builtin_files,
    builtin_packs,
    load,
    pack_hash,
)
from openredress.packs.reading import PackError

PACK = "cn_national_2022"


def edited(name: str, old: str, new: str, count: int = 1) -> dict[str, bytes]:
    """The files of the pack with one place changed."""
    files = builtin_files(PACK)
    text = files[name].decode()
    assert old in text, (name, old)
    return files | {name: text.replace(old, new, count).encode()}


def added(name: str, text: str) -> dict[str, bytes]:
    """The files of the pack with a piece put at the end of one."""
    files = builtin_files(PACK)
    return files | {name: files[name] + b"\n" + text.encode()}


MOVE = '[moves.odd]\nzh = "怪"\nen = "odd"\nlevel = "track"\n'
CITED = 'article = "信访工作条例第五条"\nbasis = "law"\n'
REFUSED = [
    (added("lifecycle.toml", MOVE + CITED + 'colour = "red"'), "lifecycle.toml.moves.odd.colour", "unknown key"),
    (edited("pack.toml", 'family = "cn_national"', 'family = "cn_national"\nfamly = "x"'), "pack.toml.famly", "unknown key"),
    (added("lifecycle.toml", MOVE + 'basis = "law"'), "lifecycle.toml.moves.odd.article", "missing"),
    (added("lifecycle.toml", MOVE + 'article = "x"'), "lifecycle.toml.moves.odd.basis", "missing"),
    (added("lifecycle.toml", MOVE + 'article = "x"\nbasis = "custom"'), "lifecycle.toml.moves.odd.basis", "'custom' is not one of"),
    (added("lifecycle.toml", MOVE + CITED + 'guards = ["is_calm"]'), "lifecycle.toml.moves.odd.guards", "unknown guard 'is_calm'"),
    (added("lifecycle.toml", MOVE + CITED + 'checks = ["is_calm"]'), "lifecycle.toml.moves.odd.checks", "unknown check 'is_calm'"),
    (added("lifecycle.toml", MOVE + CITED + 'effects = ["vanish"]'), "lifecycle.toml.moves.odd.effects", "unknown effect 'vanish'"),
    (added("lifecycle.toml", MOVE + CITED + 'to = "limbo"'), "lifecycle.toml.moves.odd.to", "unknown state 'limbo'"),
    (added("lifecycle.toml", MOVE + CITED + 'to = ["final", "served"]'), "lifecycle.toml.moves.odd.to", "no effect chooses one"),
    (added("lifecycle.toml", MOVE + CITED + 'fields = { x = "colour" }'), "lifecycle.toml.moves.odd.fields.x", "unknown kind 'colour'"),
    (added("lifecycle.toml", MOVE + CITED + 'fields = { xyz = "int" }'), "lifecycle.toml.moves.odd.fields.xyz", "has no label"),
    (added("lifecycle.toml", MOVE + CITED + 'fields = { kind = "choice:a" }'), "lifecycle.toml.moves.odd.fields.kind", "needs options"),
    (added("lifecycle.toml", MOVE + CITED + 'fields = { kind = "code:moods" }'), "lifecycle.toml.moves.odd.fields.kind", "unknown vocabulary 'moods'"),
    (added("lifecycle.toml", MOVE + CITED), "permits.toml.permit", "nobody may make the move 'odd'"),
    (edited("lifecycle.toml", "[states]\n", '[states]\nlimbo = { zh = "无", en = "Limbo", rank = 1 }\n'), "lifecycle.toml.states.limbo", "unreachable state"),
    (edited("lifecycle.toml", 'from = ["opined", "reviewed",', 'from = ["reviewed",'), "lifecycle.toml.states.opined", "dead end"),
    (edited("lifecycle.toml", '["C02", "C03", "C05"]', '["C99"]'), "lifecycle.toml.lapses", "unknown clock 'C99'"),
    (edited("lifecycle.toml", 'start = "registered"', 'start = "limbo"'), "lifecycle.toml.start", "unknown state 'limbo'"),
    (edited("outcomes.toml", 'law = ["silent"] }', 'law = ["conforms"] }'), "outcomes.toml.row (opinion, A5)", "overlap: 2 rows for established + conforms"),
    (edited("outcomes.toml", 'worth = ["partly"]', 'worth = ["sound"]'), "outcomes.toml.row (opinion, B)", "overlap"),
    (edited("outcomes.toml", 'facts = ["established", "not_established"] ', 'facts = ["established", "not_established", "unclear"] '), "outcomes.toml.row (opinion, A5)", "gap: 0 rows for unclear"),
    (edited("outcomes.toml", 'outcome = "explain"', 'outcome = "sigh"'), "outcomes.toml.row[2].outcome", "'sigh' is no outcome"),
    (edited("outcomes.toml", 'code = "explain"', 'code = "support"'), "outcomes.toml.outcome[2].code", "overlap"),
    (edited("outcomes.toml", 'avenues = ["B"]', 'avenues = ["Z"]'), "outcomes.toml.outcome[4].avenues", "unknown avenues 'Z'"),
    (edited("permits.toml", '"object", ', '"objekt", '), "permits.toml.permit[7].moves", "unknown move 'objekt'"),
    (edited("permits.toml", 'roles = ["clerk", "supervisor", "head"]', 'roles = ["king"]'), "permits.toml.permit[9].roles", "unknown roles 'king'"),
    (edited("permits.toml", 'relations = ["outside", "office"]', 'relations = ["cousin"]'), "permits.toml.permit[5].relations", "unknown relations 'cousin'"),
    (edited("routing.toml", 'category = "160000"', 'category = "170000"'), "routing.toml.route[5].category", "unknown category '170000'"),
    (edited("routing.toml", 'act = "court"', 'act = "war"'), "routing.toml.route[2].act", "unknown act 'war'"),
    (edited("routing.toml", 'id = "court"', 'id = "accusation"'), "routing.toml.route", "the id 'accusation' is there twice"),
    (edited("faults.toml", "late C01", "lazy C01"), "faults.toml.fault[1].test", "unknown test 'lazy'"),
    (edited("ladder.toml", 'after = "reminder"', 'after = "flogging"'), "ladder.toml.rung[2].after", "no rung 'flogging' before it"),
    (edited("ladder.toml", 'by_role = "leader"', 'by_role = "king"'), "ladder.toml.rung[5].by_role", "unknown by_role 'king'"),
    (edited("retention.toml", '"words", "index"', '"souls"'), "retention.toml.retention.petition_words.holds", "unknown holds 'souls'"),
    (edited("obligations.toml", 'debtors = ["unit"]', 'debtors = ["petitioner"]'), "obligations.toml.obligations.execution.debtors", "unknown debtors 'petitioner'"),
    (edited("vocab.toml", '["来信", "Letter"]', '["来信"]'), "vocab.toml.vocab.channels.letter", "expected [zh, en]"),
    (edited("pack.toml", "valid_from = 2022-05-01", ""), "pack.toml.valid_from", "missing"),
    (edited("pack.toml", 'calendar = "cn"', 'calendar = 7'), "pack.toml.calendar", "expected str, found 7"),
    (edited("pack.toml", 'id = "cn', 'id = cn'), "pack.toml", "not TOML"),
    (builtin_files(PACK) | {"extra.toml": b""}, "extra.toml", "unknown file"),
    ({k: v for k, v in builtin_files(PACK).items() if k != "faults.toml"}, "faults.toml", "missing file"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "place", "why"), REFUSED, ids=[f"{p}: {w[:24]}" for _, p, w in REFUSED])
def test_refused_with_its_place(files: dict[str, bytes], place: str, why: str) -> None:
    with pytest.raises(PackError) as error:
        load(files)
    assert error.value.place == place
    assert why in error.value.why


def test_a_clock_that_never_stops_is_refused() -> None:
    clock = (
        '[[clock]]\nid = "C99"\nzh = "无终点"\nen = "endless"\nholder = "unit"\nlength = 15\n'
        'unit = "cal_day"\narticle = "信访工作条例第二十三条"\nbasis = "law"\nmark = "S1"\n'
        'starts = [{ on = "register", zh = "收到", en = "received" }]\nends = []\n'
    )
    with pytest.raises(PackError, match=r"clocks\.toml\.C99"):
        load(added("clocks.toml", clock))


def test_a_clock_that_waits_for_an_unknown_move_is_refused() -> None:
    with pytest.raises(PackError, match="unknown event 'request_mercy'"):
        load(edited("clocks.toml", 'on = "request_review"', 'on = "request_mercy"'))


@pytest.mark.parametrize("pack_id", BUILTIN)
def test_shipped_packs_load_clean(pack_id: str) -> None:
    pack = builtin(pack_id)
    assert (pack.id, pack.hash) == (pack_id, pack_hash(builtin_files(pack_id)))
    assert pickle.loads(pickle.dumps(pack)) == pack
    assert set(builtin_files(pack_id)) - {"examples.toml", *OPTIONAL} == set(FILES)
    assert (FILES[0], len(pack.clocks) > 2, len(pack.moves) > 10) == ("pack.toml", True, True)


def test_hash_is_of_the_law_not_of_its_examples() -> None:
    files = builtin_files(PACK)
    assert pack_hash(files) == pack_hash(files | {"examples.toml": b"", "sources.md": b"x"})
    assert pack_hash(files) != pack_hash(edited("pack.toml", "2022-05-01", "2022-05-02"))


def test_no_such_pack() -> None:
    with pytest.raises(PackError, match="no such pack; there are cn_national_2005"):
        builtin("atlantis")
    assert builtin_packs() is builtin_packs()
