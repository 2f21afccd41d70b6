"""The tree of units: paths, moves, nearest names, and an entry for every change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from openredress.ledger import store
from openredress.people import tree
from openredress.people.errors import Refused
from openredress.people.models import Unit

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def add(code: str, name: str, parent: Unit | None = None) -> Unit:
    return tree.add(code, name, parent=parent, by="system", at=AT)


@pytest.fixture
def city():
    root = add("lj", "临江市信访局")
    housing = add("lj-zj", "临江市住房和城乡建设局", root)
    quality = add("lj-zj-zl", "质量监督站", housing)
    street = add("lj-xc", "新城街道办事处", root)
    return {unit.code: unit for unit in (root, housing, quality, street)}


def test_ancestors_nearest_first_and_descendants(city):
    assert tree.ancestors(city["lj-zj-zl"]) == ("lj-zj", "lj")
    assert tree.descendants(city["lj"]) == {"lj-zj", "lj-zj-zl", "lj-xc"}
    assert tree.descendants(city["lj-xc"]) == frozenset()


def test_moving_takes_the_subtree_along(city):
    tree.move(city["lj-zj"], city["lj-xc"], by="staff/0123456789", at=AT)
    quality = Unit.objects.get(code="lj-zj-zl")
    assert tree.ancestors(quality) == ("lj-zj", "lj-xc", "lj")
    assert tree.descendants(Unit.objects.get(code="lj-xc")) == {"lj-zj", "lj-zj-zl"}
    last = store.read("unit", "lj-zj")[-1]
    assert (last.code, dict(last.facts)) == ("unit_moved", {"unit": "lj-zj", "from": "lj", "to": "lj-xc"})


def test_a_unit_hangs_where_its_parent_is_now(city):
    """The parent was read before somebody else moved it: its old path must not be trusted."""
    read_before = Unit.objects.get(code="lj-zj")
    tree.move(Unit.objects.get(code="lj-zj"), city["lj-xc"], by="system", at=AT)
    made = add("lj-zj-xin", "新成立的科", read_before)
    assert read_before.path != Unit.objects.get(code="lj-zj").path
    assert tree.ancestors(Unit.objects.get(pk=made.pk)) == ("lj-zj", "lj-xc", "lj")
    assert tree.descendants(Unit.objects.get(code="lj-xc")) == {"lj-zj", "lj-zj-zl", "lj-zj-xin"}


def test_moving_to_the_root_and_back(city):
    tree.move(city["lj-zj"], None, by="system", at=AT)
    assert tree.ancestors(Unit.objects.get(code="lj-zj-zl")) == ("lj-zj",)
    tree.move(city["lj-zj"], city["lj"], by="system", at=AT)
    assert tree.ancestors(Unit.objects.get(code="lj-zj-zl")) == ("lj-zj", "lj")


def test_no_ring(city):
    with pytest.raises(Refused) as caught:
        tree.move(city["lj"], city["lj-zj-zl"], by="system", at=AT)
    assert caught.value.refusal.code == "unit_ring"


def test_a_move_that_is_rolled_back_leaves_no_entry(city):
    before = len(store.read("unit", "lj-zj"))
    with pytest.raises(Refused):
        tree.move(city["lj-zj"], city["lj-zj-zl"], by="system", at=AT)
    assert len(store.read("unit", "lj-zj")) == before


@pytest.mark.parametrize("code", ["LJ", "临江", "a b", "", "-a", "x" * 41])
def test_codes_that_name_no_stream(code):
    with pytest.raises(Refused) as caught:
        add(code, "某局")
    assert caught.value.refusal.code == "unit_code_form"


def test_taken_code(city):
    with pytest.raises(Refused) as caught:
        add("lj", "另一个")
    assert caught.value.refusal.code == "unit_code_taken"


def test_renaming_keeps_the_old_name_in_the_record(city):
    tree.rename(city["lj-xc"], "新城街道", by="system", at=AT)
    assert tree.by_name("新城街道") == city["lj-xc"]
    assert store.words_of("unit", "lj-xc")[2] == {"name": "新城街道", "before": "新城街道办事处"}


def test_names_never_stand_among_the_facts(city):
    for entry in store.read("unit", "lj-zj"):
        assert "住房" not in str(entry.facts)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("住房城乡建设局", "临江市住房和城乡建设局"),
        ("住建局", "临江市住房和城乡建设局"),
        ("新城街办", "新城街道办事处"),
        ("质监站", "质量监督站"),
        ("临江市信坊局", "临江市信访局"),
    ],
)
def test_nearest_names(city, typed, meant):
    assert tree.nearest(typed)[0] == meant


def test_nearest_of_nothing_alike(city):
    assert tree.nearest("ZZZ") == ()
    assert len(tree.nearest("局", n=2)) == 2


def test_by_name_is_silent_when_two_share_it(city):
    add("a1", "综合科", city["lj-zj"])
    assert tree.by_name("综合科") is not None
    add("a2", "综合科", city["lj-xc"])
    assert tree.by_name("综合科") is None


def test_closed_units_are_not_found_by_name(city):
    tree.close(city["lj-xc"], by="system", at=AT)
    assert tree.by_name("新城街道办事处") is None
    assert "新城街道办事处" not in tree.nearest("新城街道办事处")


def test_regions_are_made_once():
    assert tree.region("340500", "马鞍山市") == tree.region("340500", "马鞍山市")
