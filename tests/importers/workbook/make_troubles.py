"""Makes the troubled workbooks that the importer is tried on. Everything in them is made up.

Written before the importer and imports nothing from it; `expected.toml` beside it says, by hand,
what has to come of each file. Region code 379901 belongs to nobody.
"""
# ruff: noqa: E501

from __future__ import annotations

import csv
import io
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

Cells = dict[str, Any]

GROUPS = {"姓名": "信访人基本情况", "包姓名": "包案领导"}
# key in this file → (upper heading, lower heading); the lower one is empty where the cell is merged downwards
COLUMNS: dict[str, tuple[str, str]] = {
    "序号": ("序号", ""),
    "姓名": ("信访人基本情况", "姓名"),
    "身份证号": ("", "身份证号码"),
    "电话": ("", "联系电话"),
    "住址": ("", "家庭住址"),
    "人数": ("人 数（人）", ""),
    "问题": ("反映的\n主要问题", ""),
    "诉求": ("诉  求", ""),
    "首次": ("首次信访时间", ""),
    "形式": ("信访形式", ""),
    "责任单位": ("责任单位", ""),
    "属地": ("属地单位", ""),
    "包姓名": ("包案领导", "姓名"),
    "包职务": ("", "职务"),
    "责任人": ("责任人", ""),
    "措施": ("化解措施", ""),
    "时限": ("化解时限", ""),
    "进展": ("进展情况", ""),
    "是否": ("是否化解", ""),
    "化解时间": ("化解时间", ""),
    "备注": ("备 注", ""),
    "控1": ("稳控责任人", ""),
    "控2": ("稳 控\n措 施", ""),
    "控3": ("进京次数", ""),
    "控4": ("风险等级", ""),
    "控5": ("现实表现", ""),
    "金额": ("涉及金额（万元）", ""),
}


def canary(n: int) -> str:
    """A string that stands in control data and may be found nowhere afterwards."""
    return f"kzsj{n:03d}q"


def id_number(stem: str) -> str:
    """Seventeen digits and their check character (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return stem + "10X98765432"[sum(int(d) * w for d, w in zip(stem, weights, strict=True)) % 11]


def wrong(number: str) -> str:
    """The same number with a check character that cannot be right."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")


ID = [id_number(f"37990119{60 + n:02d}0{n % 9 + 1}1{n % 9}{100 + n}") for n in range(40)]


def _control(first: int) -> Cells:
    return {
        "控1": f"王某{canary(first)}",
        "控2": f"安排两人全天盯守{canary(first + 1)}",
        "控3": f"3次{canary(first + 2)}",
        "控4": f"高{canary(first + 3)}",
        "控5": f"情绪不稳{canary(first + 4)}",
    }


# Excel row → cells. Row 13 is blank on purpose.
MAIN: dict[int, Cells] = {
    5: {"序号": 1, "姓名": "宋知远", "身份证号": ID[0], "电话": "13900000001", "住址": "临江市城东街道柳荫路12号",
        "问题": "柳荫路北侧工地夜间十一点以后仍在浇筑，多次投诉无人处理。", "诉求": "1.夜间停工；2.路面洒水",
        "首次": "2026.3.5", "形式": "来访", "责任单位": "住建局", "属地": "城东街道", "包姓名": "郑启明", "包职务": "副市长",
        "责任人": "冯立", "措施": "约谈施工单位，限定作业时间。", "时限": "2026.12.31", "进展": "已约谈一次。", "是否": "否",
        "备注": "", **_control(1)},
    6: {"序号": 2, "姓名": "吕  平", "身份证号": "379901640312108", "电话": "0999-8000002", "住址": "清河镇东湾村三组",
        "问题": "承包地被占修路，补偿款未到账。", "诉求": "补发补偿款", "首次": "2026年3月5日", "形式": "来信",
        "责任单位": "清河镇人民政府", "属地": "清河镇", "措施": "核对丈量表。", "时限": "2026年11月30日", "进展": "正在核对。",
        "是否": "未化解", **_control(6)},
    7: {"序号": 3, "姓名": "何秋萍", "身份证号": ID[2], "电话": 13900000003, "住址": "临江市幸福小区8栋",
        "问题": "小区二次供水水质发黄半年。", "诉求": "更换水箱", "首次": 46000, "形式": "网上信访",
        "责任单位": "住建局", "属地": "城东街道", "措施": "更换水箱。", "时限": 46387, "进展": "招标中。", "是否": "",
        "金额": 12.5, **_control(11)},
    8: {"序号": 4, "姓名": "张三、李四等12人", "身份证号": f"{ID[3]}、{ID[4]}", "电话": "13900000004/13900000005",
        "住址": "城东街道纺织厂宿舍", "人数": 12, "问题": "纺织厂改制后职工医疗保险断缴三年。", "诉求": "补缴医疗保险",
        "首次": datetime(2025, 6, 18), "形式": "走访", "责任单位": "人力资源和社会保障局", "属地": "城东街道",
        "措施": "与清算组协商。", "时限": "2026-12", "进展": "清算组已答复。", "是否": "否", **_control(16)},
    9: {"序号": 5, "姓名": "曹国栋", "身份证号": 3.79901197003154e17, "住址": "临江市新桥路5号", "问题": "新桥路积水。",
        "诉求": "改造排水", "首次": "2026/4/2", "形式": "来电", "责任单位": "住建局"},
    10: {"序号": 6, "姓名": "戴小梅", "身份证号": wrong(ID[6]), "住址": "临江市新桥路7号", "问题": "门面房租金纠纷调处不公。",
         "诉求": "重新调处", "首次": "2026/4/3", "形式": "来电", "责任单位": "住建局"},
    11: {"序号": 7, "姓名": "江海", "身份证号": ID[7], "住址": "清河镇西坝村", "问题": "灌溉渠被堵。", "诉求": "疏通灌溉渠",
         "首次": "2026年2月30日", "形式": "来信", "责任单位": "清河镇人民政府"},
    12: {"序号": 8, "姓名": "崔明", "身份证号": ID[8], "住址": "清河镇西坝村", "问题": "低保停发。", "诉求": "恢复低保",
         "首次": "2027-01-15", "形式": "来信", "责任单位": "清河镇人民政府"},
    14: {"序号": "小计", "人数": 23},
    15: {"序号": 9, "姓名": "程曦", "身份证号": ID[9], "住址": "临江市东风路2号", "问题": "危房鉴定迟迟不做。", "诉求": "尽快鉴定",
         "首次": "2026-05-06", "形式": "来访", "责任单位": "住房和城乡健设局"},
    16: {"序号": 10, "姓名": "陆一鸣", "身份证号": ID[10], "住址": "临江市东风路4号", "问题": "电梯长期停运。", "诉求": "修复电梯",
         "首次": "2026-05-07", "形式": "来访", "责任单位": "住建局", "措施": f"已落实稳控措施，{canary(21)}"},
    17: {"序号": 11, "姓名": "贺兰英", "身份证号": ID[11], "住址": "临江市东风路6号", "问题": "垃圾站异味。", "诉求": "迁移垃圾站",
         "首次": "2026-05-08", "形式": "来访", "责任单位": "住建局", "进展": f"由村干部负责劝 返{canary(22)}",
         "备注": f"去年进京两次{canary(23)}"},
    18: {"序号": 12, "姓名": "龚雪", "身份证号": ID[12], "住址": "清河镇北街9号", "电话": "13900000012",
         "问题": "因反映占地问题被训诫，不服。", "诉求": "请不要再派人稳控我，撤销训诫", "首次": "2026-05-09", "形式": "来信",
         "责任单位": "清河镇人民政府", "进展": "已受理。", "是否": "否"},
    19: {"序号": 13, "姓名": "邵文", "身份证号": ID[13], "住址": "清河镇北街11号", "问题": "宅基地确权面积有误。", "诉求": "更正面积",
         "首次": "2026-05-10", "形式": "来访", "责任单位": "自然资源局", "措施": "一、重新测绘。", "进展": "已测绘。"},
    20: {"措施": "二、更正登记。", "进展": "待登记。"},
    21: {"序号": 14, "姓名": "毛建国", "身份证号": ID[14], "住址": "清河镇南街1号", "问题": "客运班线停开。", "诉求": "恢复班线",
         "首次": "2026-05-11", "形式": "来访", "责任单位": "交通运输局", "时限": "2026年底前"},
    22: {"序号": 15, "姓名": "米兰", "身份证号": ID[15], "住址": "清河镇南街3号", "问题": "乡道塌方未修。", "诉求": "修复乡道",
         "首次": "2026-05-12", "形式": "来访"},
    23: {"序号": 16, "姓名": "成功", "身份证号": ID[16], "住址": "清河镇南街5号", "问题": "农机补贴未发。", "诉求": "发放补贴",
         "首次": datetime(2026, 1, 8), "形式": "来访", "责任单位": "清河镇人民政府", "是否": "√", "化解时间": "2026.9.1"},
    24: {"序号": 17, "姓名": "甘露", "身份证号": wrong(ID[17]), "住址": "清河镇南街7号", "问题": "饮水管道破裂。", "诉求": "修管道",
         "首次": "去年夏天", "形式": "来访", "责任单位": "清河镇人民政府"},
    25: {"序号": 18, "身份证号": ID[18], "住址": "清河镇南街9号", "问题": "村务不公开。", "诉求": "公开村务",
         "首次": "2026-05-13", "形式": "来访", "责任单位": "清河镇人民政府"},
    26: {"序号": 19, "姓名": "乔木", "身份证号": ID[19], "住址": "清河镇南街11号", "首次": "2026-05-14", "形式": "来访",
         "责任单位": "清河镇人民政府"},
    27: {"序号": 20, "姓名": "田野", "问题": "路灯不亮。"},
    28: {"序号": 21, "姓名": "房 山", "身份证号": "".join(chr(ord(c) + 0xFEE0) for c in ID[21]), "住址": "清河镇南街13号",
         "问题": "水库移民后期扶持资金少发。", "诉求": "补发", "首次": 20260305, "形式": "网信", "责任单位": "清河镇人民政府"},
    29: {"序号": 22, "姓名": "柏青", "身份证号": ID[22], "住址": "清河镇南街15号", "问题": "学校门口无红绿灯。", "诉求": "安装红绿灯",
         "首次": "2026年3月", "形式": "传真", "责任单位": "交通运输局", "备注": "=HYPERLINK(\"http://example.invalid\",\"看\")"},
    30: {"序号": 23, "姓名": "水清", "身份证号": "=1+1", "住址": "清河镇南街17号", "问题": "河道采砂影响房屋。", "诉求": "停止采砂",
         "首次": "2026-03", "形式": "来访", "责任单位": "自然资源局"},
    31: {"序号": 24, "姓名": "苗圃等3人", "身份证号": ID[24], "住址": "清河镇南街19号", "人数": 5, "问题": "征收苗圃补偿低。",
         "诉求": "重新评估", "首次": "2026-05-15", "形式": "来访", "责任单位": "自然资源局"},
    32: {"序号": 25, "姓名": "云帆", "身份证号": ID[25], "住址": "清河镇南街21号", "问题": "渔船证未换发。", "诉求": "换证",
         "首次": "2026-05-16", "形式": "来访", "责任单位": "交通运输局", "化解时间": "2027.3.1", "是否": "是"},
    33: {"序号": "合计", "姓名": "25件", "人数": 40},
    34: {"序号": "填表人：周正　　审核人：吴明　　2026年11月16日"},
}  # fmt: skip
MAIN_MERGES = ["A19:A20", "K21:K22", "A34:U34"]

VISIT_HEADINGS = ["编号", "上访人", "证件号码", "手机", "户籍地", "信访事项", "初访时间", "承办单位", "属地",
                  "承办人", "办结时限", "目前进展", "已化解", "是否在控", "行踪", "备注"]  # fmt: skip
VISIT_ROWS: list[list[Any]] = [
    ["一", "辛夷", ID[30], "13900000030", "临江市城东街道", "旧城改造安置房逾期未交。", "2024.11.20", "住建局", "城东街道", "石磊",
     "2026.6.30", "主体已封顶。", "未", f"是{canary(24)}", f"常去省城{canary(25)}", ""],
    ["二", "沈香", "H12345678", "13900000031", "临江市城东街道", "外来务工子女入学难。", "2025.2.11", "城东街道办事处", "城东街道",
     "石磊", "", "已入学。", "已化解", f"是{canary(26)}", f"在家{canary(27)}", ""],
    ["三", "辛夷", ID[30], "13900000030", "临江市城东街道", "安置房楼层与协议不符。", "2025.7.1", "住建局", "城东街道", "石磊", "",
     "", "", f"否{canary(28)}", "", "与第一件同人不同事"],
    ["四", "白芷", ID[32], "139000000", "临江市城东街道", "菜市场占道经营。", "2025.8.1", "城东街道办事处", "城东街道", "", "", "", "",
     "", "", ""],
    ["五", "匿名", "", "", "", "街道食堂账目不公开。", "2025.9.1", "城东街道办事处", "城东街道", "", "", "", "", "", "", ""],
]  # fmt: skip

LIST_ROWS: list[list[Any]] = [
    ["姓名", "是否重点人员", "活动轨迹"],
    ["辛夷", f"是{canary(29)}", f"多次外出{canary(30)}"],
]


def _main_sheet(sheet: Worksheet, rows: dict[int, Cells], week: str) -> None:
    sheet.title = "积案台账"
    sheet["A1"] = f"临江市信访局信访积案台账（{week}）"
    sheet["A2"] = "填报单位：临江市信访局　　　　　　填报日期：2026年11月16日"
    sheet.merge_cells("A1:AA1")
    for at, (upper, lower) in enumerate(COLUMNS.values(), start=1):
        sheet.cell(3, at).value = upper or None
        sheet.cell(4, at).value = lower or None
        if upper and not lower:
            sheet.merge_cells(start_row=3, end_row=4, start_column=at, end_column=at)
    sheet.merge_cells("B3:E3")
    sheet.merge_cells("M3:N3")
    for row, cells in rows.items():
        for at, key in enumerate(COLUMNS, start=1):
            if (value := cells.get(key)) not in (None, ""):
                cell = sheet.cell(row, at)
                cell.value = value
                if isinstance(value, str) and value.startswith("="):
                    cell.data_type = "s"
    for merge in MAIN_MERGES:
        if rows is MAIN:
            sheet.merge_cells(merge)


def troubles_xlsx() -> bytes:
    """Two ledgers (two-row heading; other heading words), a page of notes, a list of persons, a hidden page."""
    book = openpyxl.Workbook()
    assert book.active is not None
    _main_sheet(book.active, MAIN, "2026年11月第3周")
    visits = book.create_sheet("来访登记")
    visits.append(["城东街道来访积案情况表"])
    visits.append(VISIT_HEADINGS)
    for row in VISIT_ROWS:
        visits.append(row)
    notes = book.create_sheet("填表说明")
    notes.append(["一、每周五报送。"])
    notes.append(["二、日期写到日。"])
    people = book.create_sheet("人员名册")
    for row in LIST_ROWS:
        people.append(row)
    hidden = book.create_sheet("选项")
    hidden.append(["来信", "来访"])
    hidden.sheet_state = "hidden"
    return _saved(book)


NEXT_CHANGES: dict[int, Cells] = {  # by row of this week's file
    5: {"进展": "工地已公示夜间作业许可。", "时限": "2027.1.31"},
    7: {"电话": "13900000099", "是否": "是", "化解时间": "2026.11.20"},
    8: {"问题": "纺织厂改制后职工医疗保险断缴三年多。"},
    18: {"进展": f"已训诫一次{canary(31)}"},
}
NEXT_GONE = {6}
NEXT_ROWS = (28, 5, 7, 8, 18, 19, 6, 21, 23, 27, 29)  # another order, numbered anew; 22 is gone too
NEXT_NEW: Cells = {
    "姓名": "新来", "身份证号": ID[35], "住址": "清河镇南街23号", "问题": "田间路未硬化。", "诉求": "硬化田间路",
    "首次": "2026-11-18", "形式": "来访", "责任单位": "交通运输局",
}  # fmt: skip


def next_week_xlsx() -> bytes:
    """Next week's version of the first ledger: another title, order and numbering; changed, gone and new rows."""
    book = openpyxl.Workbook()
    assert book.active is not None
    rows: dict[int, Cells] = {}
    for source in NEXT_ROWS:
        if source in NEXT_GONE:
            continue
        cells = dict(MAIN[source]) | NEXT_CHANGES.get(source, {})
        if source == 19:
            cells |= {"措施": "一、重新测绘。\n二、更正登记。", "进展": "已测绘。\n待登记。"}
        rows[5 + len(rows)] = cells | {"序号": len(rows) + 1}
    rows[5 + len(rows)] = NEXT_NEW | {"序号": len(rows) + 1}
    _main_sheet(book.active, rows, "2026年11月第4周")
    return _saved(book)


FLAT_HEADINGS = ["序号", "信访人", "身份证号", "联系电话", "住址", "主要诉求", "信访时间", "信访形式", "责任单位", "属地单位",
                 "化解措施", "化解时限", "备注", "稳控单位", "是否缠访"]  # fmt: skip
FLAT_ROWS: list[list[Any]] = [
    ["1", "文竹", ID[26], "13900000041", "清河镇河东村", "要求修缮村小学围墙。", "2026.1.6", "来信", "清河镇人民政府", "清河镇",
     "列入计划。", "2026.10.31", "", f"派出所{canary(32)}", f"否{canary(33)}"],
    ["2", "石竹", ID[27], "13900000042", "清河镇河东村", "要求公布集体林分红账目。", "20260107", "来访", "清河镇人民政府", "清河镇",
     "公布账目。", "", "", f"派出所{canary(34)}", f"是{canary(35)}"],
    ["3", "石榴", wrong(ID[28]), "13900000043", "清河镇河东村", "要求退还宅基地押金。", "2026/1/8", "来访", "清河镇人民政府", "清河镇",
     "", "", "", "", ""],
    ["4", "海棠", ID[29], "13900000044", "清河镇河东村", "要求清理废弃鱼塘。", "2026-13-01", "来访", "清河镇人民政府", "清河镇", "",
     "", "", "", ""],
    ["", "", "", "", "", "", "", "", "", "", "", "", "", "", ""],
    ["合计", "4件", "", "", "", "", "", "", "", "", "", "", "", "", ""],
]  # fmt: skip


def troubles_xls() -> bytes:
    """The flat ledger as xls, with a title row, a real date, a serial number and a merged unit."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("台账")
    sheet.write_merge(0, 0, 0, len(FLAT_HEADINGS) - 1, "清河镇信访积案台账")
    for at, heading in enumerate(FLAT_HEADINGS):
        sheet.write(1, at, heading)
    for row, cells in enumerate(FLAT_ROWS, start=2):
        for at, value in enumerate(cells):
            if value and not (at == 6 and row in (2, 3)) and not (at == 8 and row in (2, 3)):
                sheet.write(row, at, value)
    sheet.write(2, 6, date(2026, 1, 6), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    sheet.write(3, 6, 46029)
    sheet.write_merge(2, 3, 8, 8, "清河镇人民政府")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def troubles_csv(encoding: str) -> bytes:
    """The flat ledger as CSV; `gb18030` as Chinese Excel saves it, or `utf-8-sig`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["清河镇信访积案台账", *[""] * (len(FLAT_HEADINGS) - 1)])
    writer.writerow(FLAT_HEADINGS)
    writer.writerows(FLAT_ROWS)
    return out.getvalue().encode(encoding)


def big_xlsx(rows: int) -> bytes:
    """A good ledger of many rows, for the speed measure."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    sheet.append(["临江市信访积案台账"])
    sheet.append(FLAT_HEADINGS)
    units = ("住建局", "清河镇人民政府", "交通运输局", "自然资源局")
    for n in range(rows):
        number = id_number(f"3799011{900 + n % 90}0{n % 9 + 1}1{n % 9}{n % 1000:03d}")
        matter = f"第{n}号地块旁{n % 97}号楼漏水，要求维修并说明原因，已反映{n % 7 + 1}回。"
        sheet.append([n + 1, f"测试{n:05d}", number, f"139{n:08d}", f"清河镇河东村{n}号", matter,
                      f"2026.{n % 9 + 1}.{n % 27 + 1}", "来访", units[n % 4], "清河镇", "逐户核查。", "2026.12.31",
                      "", "派出所", "否"])  # fmt: skip
    return _saved(book)


def _saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FILES = {
    "troubles.xlsx": troubles_xlsx,
    "next_week.xlsx": next_week_xlsx,
    "troubles.xls": troubles_xls,
    "troubles_gbk.csv": lambda: troubles_csv("gb18030"),
    "troubles_utf8.csv": lambda: troubles_csv("utf-8-sig"),
}
CANARIES = tuple(canary(n) for n in range(1, 36))


def write_all(folder: Path) -> None:
    """All troubled files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
