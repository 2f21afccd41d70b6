"""The sheet: measures of GB/T 9704, its number put in once, no author, no code run by a template."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docx.shared import Mm, Pt

from openredress.documents import intake
from openredress.documents.letters import render, sheet, templates
from openredress.packs.load import builtin
from openredress.people.errors import Refused

LETTERS = builtin("cn_national_2022").letters
VALUES = {
    "机关名称": "临江市住建局", "主送": "信访人", "编号": "2026-7QK4M2-X",
    "收到日期": "2026年9月3日",
    "成文日期": "2026年9月18日", "去向": "临江市交通局", "转送日期": "2026年9月4日",
    "查询方式": "凭查询码查询。",
}  # fmt: skip


@pytest.mark.parametrize("kind", [one.id for one in LETTERS.values() if one.written])
def test_every_template_has_the_measures_and_asks_for_all_that_is_mandatory(kind):
    paper = Document(io.BytesIO(templates.builtin(kind)))
    one = paper.sections[0]
    edges = (one.top_margin, one.bottom_margin, one.left_margin, one.right_margin)
    # Word counts in twentieths of a point: a quarter of a millimetre is nothing to it.
    assert [round(edge / Mm(1)) for edge in edges] == [37, 35, 28, 26]
    assert (round(one.page_width / Mm(1)), round(one.page_height / Mm(1))) == (210, 297)
    normal = paper.styles["Normal"]
    assert (normal.font.size, round(normal.paragraph_format.line_spacing / Pt(1), 1)) == (Pt(16), 28.9)
    asked = "\n".join(p.text for p in paper.paragraphs)
    for content in LETTERS[kind].contents:
        assert f"{{{{ {content.zh} }}}}" in asked or f"{{{{ 项.{content.zh} }}}}" in asked, content.zh


def test_only_the_four_are_written_here():
    written = sorted(one.id for one in LETTERS.values() if one.written)
    assert written == ["extension", "opinion", "receipt_notice", "where"]
    with pytest.raises(KeyError):
        templates.template("refusal")


def test_the_number_is_put_in_once_and_the_file_may_be_kept(tmp_path):
    paper = render.numbered(render.render("where", VALUES), "临住建信告〔2026〕12号")
    said = render.text_of(paper)
    assert (said.count("临住建信告〔2026〕12号"), said.count(render.NUMBER)) == (1, 0)
    (tmp_path / "a.docx").write_bytes(paper)
    assert intake.inspect(tmp_path / "a.docx", "a.docx").endswith("wordprocessingml.document")
    with zipfile.ZipFile(io.BytesIO(paper)) as packed:
        fonts = packed.read("word/fontTable.xml").decode()
        assert all(name in fonts for name in (sheet.SONG, sheet.FANG, "Noto Serif CJK SC"))
        assert b"python-docx" not in b"".join(packed.read(name) for name in packed.namelist())


def test_the_same_values_give_the_same_bytes():
    assert render.render("where", VALUES) == render.render("where", VALUES)


@pytest.mark.parametrize("tag", ["{{ 没有这一项 }}", "{{ ''.__class__.__mro__ }}", "{% for %}"])
def test_a_template_reads_values_and_runs_nothing(tag):
    poor = Document(io.BytesIO(templates.builtin("where")))
    poor.add_paragraph(tag)
    out = io.BytesIO()
    poor.save(out)
    with pytest.raises(Refused) as no:
        render.render("where", VALUES, out.getvalue())
    assert no.value.refusal.code == "template_broken"


def test_what_is_typed_stays_text():
    typed = VALUES | {"查询方式": "<w:p>&{{ 编号 }}"}
    assert "<w:p>&{{ 编号 }}" in render.text_of(render.render("where", typed))


def test_an_empty_row_is_missing_too():
    values = {
        "投诉请求": ["一", "二"],
        "事实和理由": ["有", " "],
        "处理意见": ["有", "有"],
        "法律法规依据": ["有", "有"],
    }
    assert [one.zh for one in render.missing(LETTERS["opinion"], values)] == ["事实和理由", "救济途径"]
