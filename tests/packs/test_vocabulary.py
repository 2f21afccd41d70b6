"""An imported code table replaces a vocabulary, or is refused with its place."""

from __future__ import annotations

import pytest

from openredress.packs.load import builtin, builtin_files, load, pack_hash
from openredress.packs.reading import PackError
from openredress.packs.vocabulary import replace_vocabulary
from openredress.rules.pack import Term

FILES = builtin_files("cn_national_2022")
CAUSES = [
    Term("010000", '政策"缺失"', "Policy"),
    Term("010100", "政策不衔接\\", "Gap", "010000"),
    Term("其他", "其他", "Other"),
]


def test_replaced_whole_and_only_there() -> None:
    changed = replace_vocabulary(FILES, "root_causes", CAUSES)
    pack, before = load(changed), builtin("cn_national_2022")
    assert list(pack.vocab["root_causes"].values()) == CAUSES
    assert {k: v for k, v in pack.vocab.items() if k != "root_causes"} == {
        k: v for k, v in before.vocab.items() if k != "root_causes"
    }
    assert pack.hash == pack_hash(changed) != before.hash
    assert {name for name in changed if changed[name] != FILES[name]} == {"vocab.toml"}


@pytest.mark.parametrize(
    ("name", "terms", "place", "why"),
    [
        ("moods", CAUSES, "vocab.toml.vocab.moods", "no such vocabulary"),
        (
            "root_causes",
            [*CAUSES, CAUSES[0]],
            "vocab.toml.vocab.root_causes.010000",
            "the code is there twice",
        ),
        ("root_causes", CAUSES[1:], "vocab.toml.vocab.root_causes.010100", "unknown parent '010000'"),
        ("categories", CAUSES, "routing.toml.route[5].category", "unknown category '160000'"),
    ],
)
def test_refused(name: str, terms: list[Term], place: str, why: str) -> None:
    with pytest.raises(PackError) as error:
        replace_vocabulary(FILES, name, terms)
    assert (error.value.place, error.value.why) == (place, why)
