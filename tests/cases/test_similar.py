"""Likely repeats: by text, place and unit; through the gate; on real messages where there are any."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from tests.cases import same_matter
from tests.cases.rows import Everyone, case, unit

from openredress.cases import similar
from openredress.cases.models import Case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget():
    similar.forget()


@pytest.fixture
def office():
    return unit("xf", kind="office")


OTHERS = (
    "桂花小区电梯年久失修经常停运",
    "海棠路公交站台没有遮雨棚",
    "滨河公园夜间广场舞噪声扰民",
    "城东工业园区企业排放废气异味大",
    "新村幼儿园入园名额不够",
)


def test_the_same_matter_comes_first(office):
    for text in OTHERS:
        case(office, text=text)
    one = case(office, text="海棠花园小区物业乱收停车费，业主多次反映没有结果")
    likes = similar.similar("物业乱收费", "海棠花园的物业向业主乱收停车费", Everyone())
    assert likes[0].case == one
    assert likes[0].score > 0.2
    assert {"乱收", "棠花"} <= set(likes[0].shared)
    assert [like.score for like in likes] == sorted((like.score for like in likes), reverse=True)


def test_nothing_alike_nothing_shown(office):
    for text in OTHERS:
        case(office, text=text)
    assert similar.similar("低保金停发", "本人低保金自三月起停发", Everyone()) == []
    assert similar.similar("", "", Everyone()) == []


def test_traditional_finds_simplified(office):
    one = case(office, text="被拆迁户补偿款没有发放")
    assert [like.case for like in similar.similar("被拆遷戶補償款沒有發放", "", Everyone())] == [one]


def test_only_readable_cases(office):
    seen, hidden = (case(office, text="海棠花园小区物业乱收停车费") for _ in range(2))

    class Gate:
        def searchable(self):
            return Case.objects.exclude(pk=hidden.pk)

    assert [like.case for like in similar.similar("海棠花园小区物业乱收停车费", "", Gate())] == [seen]


def test_never_by_person():
    """No parameter can carry a person, and the module reads no table that leads to one."""
    assert list(inspect.signature(similar.similar).parameters) == ["title", "body", "gate", "k"]
    source = Path(similar.__file__).read_text(encoding="utf-8")
    assert [word for word in ("Party", "identity", "vault", "person", "petitioner") if word in source] == []


def test_a_true_partner_among_the_first_five(office, capsys):
    """Among a fifth of the messages; `bench/search.py` asks among all."""
    if not same_matter.present():
        pytest.skip(same_matter.ABSENT)
    found, asked = same_matter.recall(office, every=5)
    with capsys.disabled():
        print(f"similar: a true partner among the first five {found / asked:.3f} of {asked}")
    assert found / asked >= 0.95
