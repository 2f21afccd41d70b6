"""The analyser: one way in for index and question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress.cases import analyser

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("反映被拆遷戶補償問題", "反映被拆迁户补偿问题"),
        ("Ａ７县１２３号", "a7 县 123 号"),
        ("路灯，不亮！", "路灯 不亮"),
        ("㈱ ＡＢＣ ｶﾅ", "株 abc カナ"),
        ("乾隆路", "干隆路"),
        ("", ""),
        ("，。！", ""),
        ("E-mail: Zhang@Example.com", "e mail zhang example com"),
        ("〇一二", "〇一二"),
    ],
)
def test_fold(text, folded):
    assert analyser.fold(text) == folded


@pytest.mark.parametrize(
    ("folded", "tokens"),
    [
        ("信访局", ["信访", "访局", "局"]),
        ("局", ["局"]),
        ("a7 县城", ["a7", "县城", "城"]),
        ("", []),
    ],
)
def test_tokens(folded, tokens):
    assert analyser.tokens(folded) == tokens


@pytest.mark.parametrize(
    ("query", "pieces"),
    [
        ("拆遷", [(("拆迁",), False)]),
        ("拆", [(("拆",), True)]),
        ("A7县", [(("a7", "县"), True)]),
        ("A7县城", [(("a7", "县城"), False)]),
        ("县a7", [(("县", "a7"), False)]),
        ("路灯 不亮", [(("路灯",), False), (("不亮",), False)]),
        ("路灯 路灯", [(("路灯",), False)]),
        ("？ ！", []),
    ],
)
def test_pieces(query, pieces):
    assert [(piece.tokens, piece.prefix) for piece in analyser.pieces(query)] == pieces


@given(HAN, HAN, HAN)
def test_a_part_folds_to_a_part(before, part, after):
    folded = analyser.fold(part)
    assert folded in analyser.fold(before + part + after)
    assert len(folded) == len(part)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text):
    once = analyser.fold(text)
    assert analyser.fold(once) == once


@given(st.text(max_size=60))
def test_tokens_are_letters_and_digits_alone(text):
    """So that no token can be read as an operator by an index."""
    letters = "".join(analyser.tokens(analyser.fold(text)))
    assert [c for c in letters if ord(c) < 128 and not c.isalnum()] == []


def test_every_version_can_still_split():
    assert sorted(analyser.SPLITTERS) == list(range(1, analyser.VERSION + 1))
    assert analyser.SPLITTERS[1]("信访局 a7") == ["信访", "访局", "局", "a7"]
