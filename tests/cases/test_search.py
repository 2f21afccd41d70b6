"""Search on whichever database the tests run on: same hits, same order."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.cases.rows import Everyone, case, unit

from openredress.cases import analyser, index_postgresql, search
from openredress.cases.models import Case, SearchText

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return unit("xf", kind="office")


class Few:
    """A gate that shows only some cases."""

    def __init__(self, *cases):
        self.ids = [one.pk for one in cases]

    def searchable(self):
        return Case.objects.filter(pk__in=self.ids)


TEXTS = {
    "a": "反映滨江路被拆迁户补偿款没有发放",
    "b": "A7县路灯不亮，夜里走路危险",
    "c": "滨江花园物业收费 路面破损",
    "d": "ＡＢＣ公司拖欠工资3个月",
    "e": "局",
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("拆迁", "a"),
        ("拆遷戶", "a"),
        ("被拆迁户补偿", "a"),
        ("路", "abc"),
        ("路灯", "b"),
        ("滨江", "ac"),
        ("滨江 路面", "c"),
        ("滨江路", "a"),
        ("灯", "b"),
        ("险", "b"),
        ("局", "e"),
        ("A7县", "b"),
        ("a7", "b"),
        ("7县", ""),
        ("abc公司", "d"),
        ("Abc", "d"),
        ("AB", ""),
        ("工资３个月", "d"),
        ("花园 拆迁", ""),
        ("江滨", ""),
        ("", ""),
        ("。", ""),
        ('" OR *', ""),
        ("' | !", ""),
    ],
)
def test_what_is_found(office, query, found):
    made = {name: case(office, text=text).pk for name, text in TEXTS.items()}
    hits = [one.pk for one in search.search(query, Everyone())]
    assert hits == sorted((made[name] for name in found), reverse=True)
    assert search.count(query, Everyone()) == search.Counted(len(found), False)


def test_newest_first_and_no_more_than_asked(office):
    made = [case(office).pk for _ in range(45)]
    assert [one.pk for one in search.search("路灯", Everyone(), limit=20)] == made[:-21:-1]
    assert [one.pk for one in search.search("路灯", Everyone(), limit=100)] == made[::-1]


def test_counts_are_capped(office):
    for _ in range(12):
        case(office)
    assert str(search.count("路灯", Everyone(), cap=10)) == "10+"
    assert str(search.count("路灯", Everyone(), cap=12)) == "12"
    assert str(search.Counted(1000, True)) == "1,000+"


def test_only_what_the_gate_shows(office):
    made = [case(office) for _ in range(50)]
    gate = Few(made[3], made[40])
    assert search.search("路灯", gate) == [made[40], made[3]]
    assert search.count("路灯", gate).n == 2
    both = {"路灯": 1.0, "灯不": 2.0, "海棠": 4.0}
    assert search.readable_with(both, gate, 50) == {made[3].pk: 3.0, made[40].pk: 3.0}
    assert search.readable_with(both, gate, 10) == {made[40].pk: 3.0}


def test_a_narrow_gate_is_answered_from_its_own_texts(office, monkeypatch):
    made = [case(office) for _ in range(60)]
    gate = Few(*made[:3])
    slow = search.search("路灯 A7", gate), search.search("路灯", gate)
    monkeypatch.setattr(search, "PATIENCE", 10)
    assert (search.search("路灯 A7", gate), search.search("路灯", gate)) == slow == ([], made[2::-1])


def test_changed_text_is_found_by_the_new_words_only(office):
    one = case(office, text="滨江路路灯不亮")
    one.petitions.update(redacted="滨江路积水")
    Case.objects.filter(pk=one.pk).update(title="滨江路积水")
    one.refresh_from_db()
    search.reindex(one)
    assert search.search("路灯", Everyone()) == []
    assert search.search("积水", Everyone()) == [one]
    assert SearchText.objects.get(case=one).version == analyser.VERSION


def test_removed_is_gone_from_the_index_itself(office):
    """What remains in the index's own pages is looked at, not what a query shows."""
    one, other = case(office, text="海棠花园"), case(office, text="桂花小区")
    search.remove(one)
    search.remove(one)  # nothing happens
    search.purge()
    assert search.search("海棠", Everyone()) == []
    assert search.search("桂花", Everyone()) == [other]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT block FROM cases_searchindex_data")
            pages = b"".join(row[0] for row in cursor.fetchall())
        assert "桂花".encode() in pages
        assert "海棠".encode() not in pages


def test_a_text_indexed_by_an_older_analyser_can_be_taken_out(office, monkeypatch):
    one = case(office, text="路灯不亮")
    monkeypatch.setattr(analyser, "tokens", lambda folded: folded.split())
    search.remove(one)
    monkeypatch.undo()
    assert search.search("路灯", Everyone()) == []


def test_red_control_old_tokens_are_needed(office, monkeypatch):
    """Handing SQLite other tokens than went in leaves the old ones findable: why the text is kept."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps tokens in the row")
    one = case(office, text="路灯不亮")
    monkeypatch.setitem(analyser.SPLITTERS, analyser.VERSION, lambda folded: folded.split())
    search.remove(one)
    assert list(index_rows("路灯")) == [one.pk]


def index_rows(token):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rowid FROM cases_searchindex WHERE cases_searchindex MATCH %s", [f'"{token}"'])
        return [row[0] for row in cursor.fetchall()]


def test_blocks_are_walked_and_left_for_rare_words(office, monkeypatch):
    """With blocks of four cases: a common word block by block, a rare one in one question for the rest."""
    monkeypatch.setattr(index_postgresql, "BLOCK_BITS", 2)
    monkeypatch.setattr(index_postgresql, "COMMON", 2)
    made = [case(office, text="路灯" if n != 1 else "海棠路灯") for n in range(40)]
    assert [one.pk for one in search.search("路灯", Everyone(), limit=33)] == [c.pk for c in made[:-34:-1]]
    assert search.search("海棠", Everyone()) == [made[1]]
    assert search.count("路灯", Everyone()).n == 40


class TestAgainstScanning(TestCase):
    """Whatever is written and asked, the index says what reading every text would say."""

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.text("路灯不亮a7 ，", max_size=12), min_size=1, max_size=8),
        st.text("路灯不亮a7 ", min_size=1, max_size=5),
    )
    def test_same_as_scanning(self, texts, query):
        office = unit("xf")
        made = [case(office, text=text) for text in texts]
        asked = analyser.pieces(query)
        kept = {row.case_id: f" {row.text} " for row in SearchText.objects.all()}
        expected = [
            one for one in made[::-1] if asked and all(_stands(piece.text, kept[one.pk]) for piece in asked)
        ]
        assert search.search(query, Everyone()) == expected


def _stands(piece: str, text: str) -> bool:
    """Written apart from the index: try each place, a word may not go on at either side."""

    def word(character: str) -> bool:
        return character.isascii() and character.isalnum()

    for at in range(len(text)):
        if text.startswith(piece, at):
            before, after = text[at - 1 : at], text[at + len(piece) : at + len(piece) + 1]
            if not (word(piece[0]) and word(before)) and not (word(piece[-1]) and word(after)):
                return True
    return False
