"""A sheet in the manner of GB/T 9704—2012, made in code: A4, 22 lines of 28 characters, page numbers.

The names of fonts are those of the standard; where they are missing the font table leads to others.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

SONG = "方正小标宋简体"
FANG = "仿宋_GB2312"
HEI = "黑体"
LINE = Pt(28.95)  # 225 mm in 22 lines
BODY = Pt(16)  # 三号
TITLE = Pt(22)  # 二号
HEAD = Pt(30)
PAGE = Pt(14)  # 四号
CHARACTER = Pt(15.75)  # 156 mm hold 28 of them
_LINE_PITCH = 579  # twentieths of a point
# Twentieths of a point between characters. A grid of characters would say the same, but programs
# disagree on what it counts from, and some then set 17 characters a line.
_SPACING = -5
_INSTEAD = {
    SONG: "FZXiaoBiaoSong-B05S;Source Han Serif SC Heavy;Noto Serif CJK SC;Noto Serif SC;SimSun",
    FANG: "仿宋;FangSong;FangSong_GB2312;Noto Serif CJK SC;Noto Serif SC",
    HEI: "SimHei;Source Han Sans SC;Noto Sans CJK SC;Noto Sans SC",
    "宋体": "SimSun;Noto Serif CJK SC;Noto Serif SC",
}
_FONT = (
    '<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/>'
    '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
)
_STILL = (1980, 1, 1, 0, 0, 0)  # a time inside the file would tell who worked when
_NO_AUTHOR = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)


class Sheet:
    """An empty sheet that paragraphs are put on."""

    def __init__(self) -> None:
        self.document: Any = Document()
        _page(self.document)
        _styles(self.document)
        _numbers(self.document)

    def put(self, style: str, text: str) -> Any:
        """One paragraph in one of the sheet's styles."""
        return self.document.add_paragraph(text, style=style)

    def loose(self, text: str) -> Any:
        """A line that only steers the template; it leaves nothing on the paper."""
        return self.document.add_paragraph(text)

    def bytes(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        self.document.save(out)
        return with_fonts(out.getvalue())


def _page(document: Any) -> None:
    """A4; 37 mm above, 35 below, 28 left, 26 right; 22 lines."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)  # number 7 mm below the text
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    grid = f'<w:docGrid {nsdecls("w")} w:type="lines" w:linePitch="{_LINE_PITCH}"/>'
    section._sectPr.append(parse_xml(grid))
    document.settings.odd_and_even_pages_header_footer = True


def _font(style: Any, name: str, size: Any) -> None:
    style.font.size = size
    style.font.name = "Times New Roman"
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{attribute}"), None)
    fonts.set(qn("w:eastAsia"), name)


def _paragraph(style: Any, align: Any, *, line: Any = LINE, indent: int = 0, right: Any = None) -> None:
    form = style.paragraph_format
    form.alignment = align
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, line
    form.space_before = form.space_after = Pt(0)
    form.widow_control = False
    if indent:
        form.first_line_indent = CHARACTER * indent
    if right is not None:
        form.right_indent = right


def _styles(document: Any) -> None:
    """One style for each part of a paper, named as the standard names it."""
    styles = document.styles
    normal = styles["Normal"]
    _font(normal, FANG, BODY)
    _paragraph(normal, WD_ALIGN_PARAGRAPH.JUSTIFY)
    spacing = parse_xml(f'<w:spacing {nsdecls("w")} w:val="{_SPACING}"/>')
    normal.element.rPr.insert_element_before(spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")
    spoken = normal.element.rPr.find(qn("w:lang"))
    if spoken is not None:
        normal.element.rPr.remove(spoken)
    normal.element.rPr.append(
        parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>')
    )
    middle, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
    parts: Mapping[str, tuple[str, Any, Any, dict[str, Any]]] = {
        "发文机关标志": (SONG, HEAD, middle, {"line": Pt(42)}),
        "发文字号": (FANG, BODY, middle, {}),
        "标题": (SONG, TITLE, middle, {"line": Pt(36)}),
        "主送": (FANG, BODY, WD_ALIGN_PARAGRAPH.LEFT, {}),
        "正文": (FANG, BODY, WD_ALIGN_PARAGRAPH.JUSTIFY, {"indent": 2}),
        "一级标题": (HEI, BODY, WD_ALIGN_PARAGRAPH.LEFT, {"indent": 2}),
        "署名": (FANG, BODY, right, {"right": CHARACTER * 3}),
        "日期": (FANG, BODY, right, {"right": CHARACTER * 4}),
    }
    for name, (font, size, align, more) in parts.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _font(style, font, size)
        _paragraph(style, align, **more)
        if name == "署名":
            style.paragraph_format.keep_with_next = True
    styles["发文机关标志"].font.color.rgb = RGBColor(0xE6, 0x00, 0x12)
    rule = (
        f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="18" w:space="8" w:color="E60012"/></w:pBdr>'
    )
    styles["发文字号"].element.get_or_add_pPr().insert_element_before(
        parse_xml(rule), "w:shd", "w:spacing", "w:ind", "w:jc"
    )


def _numbers(document: Any) -> None:
    """— 1 —: right on odd pages, left on even ones, one character from the edge."""
    section = document.sections[0]
    for footer, left in ((section.footer, False), (section.even_page_footer, True)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.RIGHT
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.SINGLE, 1.0
        if left:
            form.left_indent = PAGE
        else:
            form.right_indent = PAGE
        for part in ("— ", "PAGE", " —"):
            _number_run(paragraph, part)


def _number_run(paragraph: Any, part: str) -> None:
    if part != "PAGE":
        run = paragraph.add_run(part)
    else:
        run = paragraph.add_run()
        for kind in ("begin", "", "end"):
            name = "w:fldChar" if kind else "w:instrText"
            inside = "/>" if kind else ">PAGE</w:instrText>"
            attribute = f' w:fldCharType="{kind}"' if kind else ' xml:space="preserve"'
            run._r.append(parse_xml(f"<{name} {nsdecls('w')}{attribute}{inside}"))
    run.font.size = PAGE
    run.font.name = "宋体"
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")


def with_fonts(data: bytes) -> bytes:
    """The same file with other fonts named where those of the standard are not installed."""
    table = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>'
    table += "".join(_FONT.format(name=name, instead=instead) for name, instead in _INSTEAD.items())
    return rewritten(data, {"word/fontTable.xml": (table + "</w:fonts>").encode()})


def rewritten(
    data: bytes, parts: Mapping[str, bytes] | None = None, *, swap: tuple[str, str] | None = None
) -> bytes:
    """The file with these parts put in, one word of the body swapped, and nobody named as its author."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            held = (parts or {}).get(name) or old.read(name)
            if name.startswith("docProps/thumbnail"):
                continue  # a picture of somebody's old page
            if name == "_rels/.rels":
                held = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", held)
            if name == "docProps/core.xml":
                held = _NO_AUTHOR
            if swap is not None and name == "word/document.xml":
                held = held.replace(swap[0].encode(), swap[1].encode())
            new.writestr(zipfile.ZipInfo(name, _STILL), held, zipfile.ZIP_DEFLATED)
    return out.getvalue()
