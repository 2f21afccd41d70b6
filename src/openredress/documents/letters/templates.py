"""The built-in templates, written in code; an office's own lie in `letters/` under its home."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from docx.shared import Pt

from openredress.documents.letters.sheet import Sheet


def _top(sheet: Sheet, title: str) -> None:
    sheet.put("发文机关标志", "{{ 机关名称 }}")
    sheet.put("发文字号", "{{ 发文字号 }}")
    sheet.put("标题", "").paragraph_format.line_spacing = Pt(24)  # two lines below the number
    sheet.put("标题", title)
    sheet.put("主送", "")
    sheet.put("主送", "{{ 主送 }}：")


def _bottom(sheet: Sheet) -> None:
    for _ in range(2):
        sheet.put("正文", "").paragraph_format.keep_with_next = True
    sheet.put("署名", "{{ 机关名称 }}（印章）")
    sheet.put("日期", "{{ 成文日期 }}")


def _where(sheet: Sheet) -> None:
    _top(sheet, "信访事项去向告知书")
    sheet.put("正文", "您提出的信访事项（编号：{{ 编号 }}），我单位于{{ 收到日期 }}收到并登记。")
    sheet.put(
        "正文",
        "根据《信访工作条例》第二十二条的规定，该事项已于{{ 转送日期 }}转送{{ 去向 }}办理。"
        "{{ 去向 }}应当自收到之日起15日内，书面告知您接收情况以及处理途径和程序。",
    )
    sheet.put("正文", "{{ 查询方式 }}")
    sheet.put("正文", "特此告知。")
    _bottom(sheet)


def _receipt(sheet: Sheet) -> None:
    _top(sheet, "信访事项接收（受理）告知书")
    sheet.put("正文", "{{ 来自 }}的信访事项（编号：{{ 编号 }}），我单位于{{ 收到日期 }}收到。事项如下：")
    sheet.put("正文", "{{ 信访事项 }}")
    sheet.put(
        "正文",
        "根据《信访工作条例》第二十三条、第三十一条的规定，该事项按照以下途径处理：{{ 途径 }}。{{ 程序 }}",
    )
    sheet.put("正文", "办理期限：{{ 办理期限 }}")
    sheet.put("正文", "承办人：{{ 承办人 }}。联系方式：{{ 联系方式 }}。")
    sheet.put("正文", "特此告知。")
    _bottom(sheet)


def _extension(sheet: Sheet) -> None:
    _top(sheet, "信访事项延长办理期限告知书")
    sheet.put("正文", "您提出的信访事项（编号：{{ 编号 }}），原办理期限至{{ 原期限 }}届满。")
    sheet.put(
        "正文", "因{{ 延长理由 }}，根据《信访工作条例》第三十四条的规定，经{{ 批准人 }}批准，{{ 新的期限 }}"
    )
    sheet.put("正文", "特此告知。")
    _bottom(sheet)


def _opinion(sheet: Sheet) -> None:
    _top(sheet, "信访事项处理意见书")
    sheet.put("正文", "{{ 信访人身份 }}")
    sheet.put(
        "正文", "您提出的信访事项（编号：{{ 编号 }}），我单位于{{ 收到日期 }}收到。经调查核实，现答复如下："
    )
    sheet.put("一级标题", "一、投诉请求")
    sheet.loose("{%p for 项 in 各项 %}")
    sheet.put("正文", "（{{ 项.序 }}）{{ 项.投诉请求 }}")
    sheet.loose("{%p endfor %}")
    sheet.put("一级标题", "二、事实和理由")
    sheet.loose("{%p for 项 in 各项 %}")
    sheet.put("正文", "（{{ 项.序 }}）{{ 项.事实和理由 }}")
    sheet.loose("{%p endfor %}")
    sheet.put("一级标题", "三、处理意见及其法律法规依据")
    sheet.loose("{%p for 项 in 各项 %}")
    sheet.put("正文", "（{{ 项.序 }}）{{ 项.结论 }}。{{ 项.处理意见 }}")
    sheet.put("正文", "依据：{{ 项.法律法规依据 }}")
    sheet.loose("{%p endfor %}")
    sheet.put("一级标题", "四、救济途径")
    sheet.put("正文", "{{ 救济途径 }}")
    _bottom(sheet)


_MADE: dict[str, Callable[[Sheet], None]] = {
    "where": _where, "receipt_notice": _receipt, "extension": _extension, "opinion": _opinion,
}  # fmt: skip


@cache
def builtin(kind: str) -> bytes:
    """The template that comes with the program. Raises KeyError for a paper that is only uploaded."""
    sheet = Sheet()
    _MADE[kind](sheet)
    return sheet.bytes()


def place(kind: str) -> Path:
    """Where the office's own template of that kind lies."""
    return Path(settings.HOME) / "letters" / f"{kind}.docx"


def template(kind: str) -> bytes:
    """The office's own template if there is one, else the built-in one."""
    if kind not in _MADE:
        raise KeyError(kind)
    own = place(kind)
    return own.read_bytes() if own.is_file() else builtin(kind)
