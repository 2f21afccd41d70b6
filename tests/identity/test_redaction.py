"""Redaction on two hundred hand-marked texts: how much is found, and how much too much is taken."""

from __future__ import annotations

import pytest
from tests.identity import marked

from openredress.identity.person import Person
from openredress.identity.redaction import KnownStrings, redact

RECALL, PRECISION = 0.97, 0.95


def known(row: dict) -> KnownStrings:
    """The vault's strings of a marked text."""
    return KnownStrings(
        names=tuple(filter(None, [row.get("name"), *row.get("others", [])])),
        phones=tuple(filter(None, [row.get("phone")])),
        ids=tuple(filter(None, [row.get("id_number")])),
        addresses=tuple(filter(None, [row.get("address")])),
    )


def score(texts, off=frozenset()):
    """(recall, precision) over marked strings and places taken out."""
    marks = gone = places = wrong = 0
    for one in texts:
        found = [(hit.start, hit.end) for hit in redact(one.text, known(one.known), off=off).found]
        marks += len(one.spans)
        gone += len(one.spans) - len(marked.missed(one, found))
        places += len(found)
        wrong += len(marked.too_much(one, found))
    return gone / marks, 1 - wrong / places


def test_recall_and_precision(capsys):
    everything = marked.texts()
    assert len(everything) == 200
    parts = {"160 open": everything[: -marked.HELD_OUT], "40 held out": everything[-marked.HELD_OUT :]}
    with capsys.disabled():
        for name, texts in parts.items():
            recall, precision = score(texts)
            print(f"\nredaction, {name}: recall {recall:.3f}, precision {precision:.3f}")
    for texts in (everything, *parts.values()):
        recall, precision = score(texts)
        assert recall >= RECALL
        assert precision >= PRECISION


@pytest.mark.parametrize("rule", ["phone", "name", "id", "door"])
def test_control_without_one_rule_it_fails(rule):
    recall, _ = score(marked.texts(), off=frozenset({rule, "introduced" if rule == "name" else rule}))
    assert recall < RECALL


def test_every_usual_spelling_of_a_known_person():
    zhang = KnownStrings.of(
        [
            Person(
                name="张建国",
                phone="13812340001",
                id_number="340599197203142318",
                email="zhang@example.com",
                address="新城路88号3栋2单元501室",
            )
        ]
    )
    spellings = [
        *("张建国", "张 建 国", "张　建国", "张先生", "张老师", "张某", "张某某", "老张", "姓张"),
        *("13812340001", "138-1234-0001", "138 1234 0001", "+8613812340001", "１３８１２３４０００１"),
        *("340599197203142318", "340599 19720314 2318", "zhang@example.com", "88号", "3栋", "501室"),
    ]
    for spelling in spellings:
        assert spelling not in redact(f"反映{spelling}的事", zhang).text, spelling


def test_roads_and_estates_stay():
    text = "新城路翠湖小区，白云路口，李家村，12345热线，〔2023〕15号文件，2026年3月5日，共17栋楼"
    assert redact(text, KnownStrings(names=("白云",))).text == text


def test_what_is_found_lies_where_it_lay():
    text = "我叫张三，电话１３８１２３４０００１。"
    cut = redact(text)
    assert cut.text == "我叫〔姓名〕，电话〔电话〕。"
    assert [text[one.start : one.end] for one in cut.found] == ["张三", "１３８１２３４０００１"]


def test_twice_is_once():
    for one in marked.texts():
        cut = redact(one.text, known(one.known)).text
        assert redact(cut, known(one.known)).text == cut


def test_nothing_known_says_nothing():
    assert "张" not in repr(KnownStrings(names=("张三",)))
    assert "张" not in repr(Person(name="张三"))
    assert redact("").text == ""
