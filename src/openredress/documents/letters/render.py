"""Template and values → the finished DOCX, and whether everything that must be in it is."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from openredress.documents.letters import sheet, templates
from openredress.people.errors import refuse
from openredress.rules.pack import Content, Letter

NUMBER = "〔待编号〕"  # stands where the 文号 goes until it is drawn
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BLANK = re.compile(r"\s+")

Values = Mapping[str, Any]  # name in the template → text, or a list of rows


def render(kind: str, values: Values, template: bytes | None = None) -> bytes:
    """The paper, without its number. Raises `Refused` when the office's own template is at fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the library about its own dependencies
            paper = DocxTemplate(io.BytesIO(template or templates.template(kind)))
            # A template is a file that somebody uploaded: it reads values, it runs nothing.
            paper.render(
                {**values, "发文字号": NUMBER},
                SandboxedEnvironment(undefined=StrictUndefined),
                autoescape=True,
            )
            out = io.BytesIO()
            paper.save(out)
    except (TemplateError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise refuse(
            "template_broken",
            f"文书模板有误：{error}",
            f"The template is at fault: {error}",
            field="template",
            what_to_do="改正本单位的模板，或移走它以使用内置模板 / mend the template, or remove it",
        ) from None
    return sheet.rewritten(out.getvalue())


def numbered(paper: bytes, number: str) -> bytes:
    """The paper with its 文号."""
    return sheet.rewritten(paper, swap=(NUMBER, number))


def text_of(paper: bytes) -> str:
    """What stands on the paper, paragraph by paragraph."""
    with zipfile.ZipFile(io.BytesIO(paper)) as held:
        root = ElementTree.fromstring(held.read("word/document.xml"))
    return "\n".join("".join(t.text or "" for t in p.iter(f"{_W}t")) for p in root.iter(f"{_W}p"))


def missing(letter: Letter, values: Values) -> tuple[Content, ...]:
    """What the law demands of this paper and the values do not give."""
    return tuple(one for one in letter.contents if not all(_said(values.get(one.zh))))


def left_out(letter: Letter, values: Values, paper: bytes) -> tuple[Content, ...]:
    """What was given and yet does not stand on the paper: the template leaves it out."""
    stands = _BLANK.sub("", text_of(paper))
    return tuple(
        one
        for one in letter.contents
        if any(_BLANK.sub("", text) not in stands for text in _said(values.get(one.zh)))
    )


def _said(value: Any) -> Iterable[str]:
    """The texts of a value; an empty one when there is nothing."""
    texts = (
        [str(one).strip() for one in value]
        if isinstance(value, (list, tuple))
        else [str(value or "").strip()]
    )
    return texts or [""]
