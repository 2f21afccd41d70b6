"""Reading and checking the troubled files, without any database: sheets, headings, records, bad cells."""

from __future__ import annotations

import pytest
from tests.importers.workbook.trouble_files import EXPECTED, TODAY, UNITS, put, wrong_cells

from openredress.importers.workbook import control, headings, records, sheets
from openredress.importers.workbook.cells import Why
from openredress.importers.workbook.check import Checker
from openredress.importers.workbook.sheets import Sheet

NAMES = {name for names in UNITS for name in names}


class _Units:
    """The units of the tests by name, with the full names as codes."""

    def known(self, names):
        for name in names:
            if name not in NAMES:
                return Why(f"没有单位“{name}”；最接近的：住房和城乡建设局", "")
        return tuple(next(unit[0] for unit in UNITS if name in unit) for name in names)


def _read(path):
    good, bad, passed, columns = {}, [], [], []
    count = 0
    for sheet in sheets.read(path):
        heading = headings.find(sheet, control.load())
        if sheet.hidden or isinstance(heading, Why):
            passed.append((sheet.name, 0))
            continue
        columns += heading.columns
        found, skipped = records.records(sheet, heading)
        passed += [(one.sheet, one.row) for one in skipped]
        checker = Checker(sheet.name, heading, control.load(), _Units(), TODAY)
        for record in found:
            if row := checker.row(record):
                good[f"{row.sheet} {row.row}"] = row
        count += len(found)
        bad += [
            {"sheet": one.sheet, "row": one.row, "column": one.column, "reason": one.why.zh}
            for one in checker.bad
        ]
    return count, good, bad, passed, columns


def test_the_troubled_workbook(tmp_path):
    wanted = EXPECTED["troubles"]
    count, good, bad, passed, columns = _read(put(tmp_path, "troubles.xlsx"))
    assert count == wanted["rows"]
    assert wrong_cells(bad, wanted["bad"]) == []
    assert [c.label for c in columns if c.control] == wanted["not_imported"]
    assert [c.label for c in columns if not c.control and not c.field] == wanted["unknown_columns"]
    assert [name for name, row in passed if not row] == wanted["skipped_sheets"]
    assert [{"sheet": name, "row": row} for name, row in passed if row] == wanted["skipped_rows"]
    assert sorted(good) == sorted(wanted["cases"])
    for place, row in good.items():
        case = wanted["cases"][place]
        assert (row.first_on or TODAY) == case["first"], place
        assert (row.units or ("临江市信访局",))[0] == case["unit"], place
        assert (row.channel, row.people_count) == (case["channel"], case["people"]), place
        assert row.due_on == case.get("due"), place
        assert len(row.people.names) == case["named"], place


@pytest.mark.parametrize("name", ["troubles.xls", "troubles_gbk.csv", "troubles_utf8.csv"])
def test_the_flat_ledger_in_three_forms(name, tmp_path):
    wanted = EXPECTED["flat"]
    count, good, bad, _, columns = _read(put(tmp_path, name))
    assert (count, len(good)) == (wanted["rows"], wanted["created"])
    assert wrong_cells(bad, wanted["bad"]) == []
    assert [c.label for c in columns if c.control] == wanted["not_imported"]
    assert [row.units for row in good.values()] == [("清河镇人民政府",)] * 2
    assert [row.first_on.isoformat() for row in good.values()] == ["2026-01-06", "2026-01-07"]


def _grid(*rows, merges=()):
    return Sheet("甲", [list(row) for row in rows], tuple(merges))


def test_headings_with_blanks_brackets_and_line_breaks():
    sheet = _grid(
        ["台账"],
        ["序 号", "信访人\n姓名", "住 址（详细）", "反映的\n主要问题", "化解时限(年月日)", "领导包案"],
        [1, "甲某", "河东", "路不平", "2026.1.1", "乙某"],
    )
    heading = headings.find(sheet, control.load())
    assert not isinstance(heading, Why)
    assert [c.field for c in heading.columns] == ["seq", "name", "address", "matter", "due_on", "leader"]
    assert (heading.row, heading.data_row, heading.title) == (1, 2, "台账")


def test_two_row_heading_without_merged_cells():
    sheet = _grid(
        ["序号", "信访人", "", "信访事项", "包案领导", "", "稳控情况", ""],
        ["", "姓名", "电话", "", "姓名", "职务", "责任人", "措施"],
        [1, "甲某", "13900000001", "路不平", "乙某", "副市长", "丙某", "看着"],
    )
    heading = headings.find(sheet, control.load())
    assert not isinstance(heading, Why)
    assert heading.data_row == 2
    assert [(c.field, c.control) for c in heading.columns] == [
        ("seq", False), ("name", False), ("phone", False), ("matter", False),
        ("leader", False), ("leader_post", False), ("", True), ("", True),
    ]  # fmt: skip


def test_a_second_column_of_one_field_is_joined_or_kept_apart():
    sheet = _grid(
        ["姓名", "户籍地址", "现住址", "信访事项", "责任单位", "牵头单位"],
        ["甲某", "河东", "河西", "路不平", "住建局", "交通运输局"],
    )
    heading = headings.find(sheet, control.load())
    assert not isinstance(heading, Why)
    assert [c.field for c in heading.columns] == ["name", "address", "address", "matter", "unit", ""]
    found, _ = records.records(sheet, heading)
    row = Checker("甲", heading, control.load(), _Units(), TODAY).row(found[0])
    assert row is not None
    assert row.address == "河东；河西"
    assert row.extra == {"牵头单位": "交通运输局"}


def test_the_heading_again_and_group_lines_are_passed_over():
    head = ["序号", "姓名", "信访事项", "责任单位"]
    sheet = _grid(
        head,
        ["一、城建", "", "", ""],
        [1, "甲某", "路不平", ""],
        head,
        [2, "乙某", "灯不亮", ""],
        [3, "", "", ""],
    )
    heading = headings.find(sheet, control.load())
    assert not isinstance(heading, Why)
    found, skipped = records.records(sheet, heading)
    assert [record.row for record in found] == [3, 5]
    assert [one.row for one in skipped] == [2, 4, 6]


def test_a_line_of_measures_alone_is_bad_rather_than_lost():
    sheet = _grid(
        ["序号", "姓名", "信访事项", "化解措施"], [1, "甲某", "路不平", "一"], ["", "", "", "二、再议"]
    )
    heading = headings.find(sheet, control.load())
    assert not isinstance(heading, Why)
    found, _ = records.records(sheet, heading)
    checker = Checker("甲", heading, control.load(), _Units(), TODAY)
    assert [checker.row(record) is not None for record in found] == [True, False]
    assert [(bad.row, bad.column) for bad in checker.bad] == [(3, "姓名"), (3, "信访事项")]


def test_a_sheet_without_the_two_columns_says_which_is_missing():
    sheet = _grid(["序号", "信访事项", "责任单位", "化解措施", "备注"], [1, "路不平", "", "", ""])
    found = headings.find(sheet, control.load())
    assert isinstance(found, Why)
    assert "信访人" in found.zh


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.xlsx", b"PK\x03\x04broken", "损坏"),
        ("a.docx", b"hello", "不是 Excel"),
        ("b.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "损坏"),
    ],
)
def test_unreadable_files_say_why(name, data, word, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(sheets.Unreadable) as error:
        sheets.read(tmp_path / name)
    assert word in error.value.zh
    with pytest.raises(sheets.Unreadable):
        sheets.read(tmp_path / "absent.xlsx")
