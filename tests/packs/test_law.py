"""Every article cited with basis = "law" is found in the text of that law, when the texts are at hand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openredress.packs.load import BUILTIN, FOLDER, builtin, builtin_files

LAW = Path(__file__).resolve().parents[3] / "shared" / "reference" / "law"
TEXTS = {
    "信访工作条例": "xinfang_work_regulations_2022.md",
    "信访条例": "xinfang_regulations_2005.md",
    "人民调解法": "peoples_mediation_law_2010.md",
    "个人信息保护法": "personal_information_protection_law_2021.md",
}
HEADING = re.compile(r"^(第[一二三四五六七八九十百零]+条)", re.MULTILINE)
CITED = re.compile(r"^([^第]+)((?:第[一二三四五六七八九十百零]+条、?)+)$")

needs_texts = pytest.mark.skipif(not LAW.is_dir(), reason=f"the texts of the law are not at {LAW}")


def articles(law: str) -> set[str]:
    """The headings 第…条 of a law's text."""
    return set(HEADING.findall((LAW / TEXTS[law]).read_text(encoding="utf-8")))


def cited(table: Any, place: str) -> Iterator[tuple[str, str]]:
    """(place, article) of everything in a TOML document whose basis is law."""
    if isinstance(table, dict):
        if table.get("basis") == "law":
            yield place, str(table["article"])
        for key, value in table.items():
            yield from cited(value, f"{place}.{key}")
    elif isinstance(table, list):
        for n, value in enumerate(table):
            yield from cited(value, f"{place}[{n}]")


def missing(citation: str) -> list[str]:
    """What of a citation cannot be found; everything when it cannot be read."""
    read = CITED.match(citation)
    if read is None or read[1] not in TEXTS:
        return [citation]
    known = articles(read[1])
    return [article for article in re.findall(r"第[^第]+?条", read[2]) if article not in known]


@needs_texts
@pytest.mark.parametrize("pack_id", BUILTIN)
def test_each_cited_article_is_in_the_law(pack_id: str) -> None:
    lost = []
    for name, data in builtin_files(pack_id).items():
        for place, article in cited(tomllib.loads(data.decode()), name):
            lost += [(place, article, gap) for gap in missing(article)]
    assert lost == []


@needs_texts
def test_enough_is_cited_for_the_test_to_mean_something() -> None:
    counts = {
        pack_id: sum(
            len(list(cited(tomllib.loads(data.decode()), name)))
            for name, data in builtin_files(pack_id).items()
        )
        for pack_id in ("cn_national_2022", "cn_national_2005")
    }
    assert counts["cn_national_2022"] > 80
    assert counts["cn_national_2005"] > 50


@needs_texts
def test_laws_are_read_whole() -> None:
    assert len(articles("信访工作条例")) == 50
    assert len(articles("信访条例")) == 51
    assert len(articles("人民调解法")) == 35
    assert len(articles("个人信息保护法")) == 74


@needs_texts
@pytest.mark.parametrize(
    ("citation", "gap"),
    [
        ("信访工作条例第五十九条", ["第五十九条"]),
        ("信访工作条例第二十二条、第九十条", ["第九十条"]),
        ("人民调解法第三十六条", ["人民调解法第三十六条"[5:]]),
        ("信访工作法第三条", ["信访工作法第三条"]),
        ("信访工作条例第22条", ["信访工作条例第22条"]),
    ],
)
def test_a_wrong_article_is_found_out(citation: str, gap: list[str]) -> None:
    assert missing(citation) == gap


@pytest.mark.parametrize("pack_id", BUILTIN)
def test_sources_say_where_each_rule_comes_from(pack_id: str) -> None:
    told = (FOLDER / pack_id / "sources.md").read_text(encoding="utf-8")
    pack = builtin(pack_id)
    ruled = [
        *pack.moves.values(),
        *pack.clocks.values(),
        *pack.faults,
        *pack.routes,
        *pack.obligations.values(),
    ]
    assert [r.id for r in ruled if f"| {r.article} | {r.basis} |" not in told] == []
    assert [r.id for r in ruled if f"（{r.id}）" not in told] == []
