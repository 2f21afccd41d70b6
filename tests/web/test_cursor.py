"""The place in a list is carried in words that tell nothing about the rows in between."""

from __future__ import annotations

from datetime import date

from openredress.web.desk import cursor


def test_a_place_comes_back_and_shows_no_number():
    place = (date(2026, 9, 20), 1234)
    text = cursor.written(place)
    assert cursor.read(text) == place
    assert "1234" not in text
    assert cursor.written(place) == text


def test_anything_else_is_the_first_page():
    assert [cursor.read(text) for text in ("", "nonsense", "2026-09-20.1234", "····", "A" * 40)] == [None] * 5
    assert cursor.written(None) == ""
