"""What the made-up people write: many ways, hardly ever twice the same, nothing but words of their own."""

from __future__ import annotations

import pytest
from tests.house.test_vocabulary import controls
from tests.importers.demo import cases
from tests.importers.demo.near_duplicates import copies

from openredress.identity import idnumber
from openredress.importers.demo import draft
from openredress.importers.demo.catalogue import catalogue
from openredress.importers.demo.templates import Choice, compiled

SAMPLE = 5_000


@pytest.fixture(scope="module")
def sample():
    made = cases.world(SAMPLE)
    found = [draft.written(made, n) for n in range(SAMPLE)]
    groups = [group.first if (group := draft.group_of(made, n)) else None for n in range(SAMPLE)]
    return [petition.text for petition in found], groups


def test_there_are_more_than_three_hundred_templates():
    matters = catalogue().matters.things
    assert sum(len(matter.facts) for matter in matters) >= 300
    assert catalogue().templates() >= 1_000
    assert len({matter.first for matter in matters}) == 17


def test_every_matter_is_whole_and_its_words_are_in_the_vocabulary():
    codes = cases.world(10).categories
    for matter in catalogue().matters.things:
        assert matter.titles, matter.id
        assert matter.facts, matter.id
        assert matter.claims, matter.id
        assert matter.basis, matter.id
        assert matter.second in codes, (matter.id, matter.second)


def test_at_most_one_in_twenty_has_a_near_copy(sample):
    texts, groups = sample
    assert len(copies(texts, groups)) / len(texts) <= 0.05


def test_control_copies_are_found(sample):
    texts, _ = sample
    doubled = [*texts[:200], *(text.replace("，", "、", 1) for text in texts[:200])]
    assert len(copies(doubled)) > 380


def test_groups_share_a_matter_in_different_words(sample):
    texts, groups = sample
    members = [n for n, group in enumerate(groups) if group is not None]
    assert len({groups[n] for n in members}) >= SAMPLE // draft.BLOCK - 1
    assert len({texts[n] for n in members}) == len(members)


def test_not_a_word_of_control_data(sample):
    texts, _ = sample
    assert [word for text in texts for word in controls(text)] == []
    lines = catalogue().staff
    written = [t.source for tags in lines.values() for templates in tags.values() for t in templates]
    assert [word for text in written for word in controls(text)] == []


def test_people_are_nobody():
    made = cases.world(300)
    parties = [party for n in range(300) for party in draft.written(made, n).parties]
    numbers = [party.id_number for party in parties if party.id_number]
    assert [n for n in numbers if not n.startswith("3799") or idnumber.check(n).problem] == []
    assert [party.phone for party in parties if party.phone and not party.phone.startswith("1990000")] == []
    assert len(numbers) > 150


def test_a_template_with_a_loose_bracket_is_refused():
    assert isinstance(compiled("a[b|c]").parts[1], Choice)
    for wrong in ("a[b", "a]b", "{N}", "{n"):
        with pytest.raises(ValueError, match="unbalanced"):
            compiled(wrong)
