"""`openredress import-ledger`: an office's 台账 from Excel or CSV into the record."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from openredress.config.cli import say
from openredress.config.clock import now
from openredress.importers.workbook import control, report, sheets
from openredress.importers.workbook.run import Outcome, Wish, import_file
from openredress.ledger.keys import KeysMissing
from openredress.people import tree
from openredress.people.models import Unit

_SHOWN = 20  # bad cells printed; the report and --json have all


def register(subparsers: Any) -> None:
    """Add the command's words."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "import-ledger", help=say("导入信访台账", "import a workbook of cases")
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=say("xlsx、xls 或 csv", "xlsx, xls or csv"))
    parser.add_argument(
        "--unit", metavar="U", help=say("台账属于哪个单位（代码或名称）", "whose ledger it is")
    )
    parser.add_argument(
        "--create-units", action="store_true", help=say("新建不认识的单位", "make unknown units")
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=say("只检查，不写入", "check only, write nothing")
    )
    parser.add_argument("--skip-bad", action="store_true", help=say("跳过有问题的行", "leave bad rows out"))
    parser.add_argument(
        "--report", type=Path, metavar="OUT.xlsx", help=say("标出问题的报告", "a marked report")
    )
    parser.add_argument("--json", action="store_true", help=say("以 JSON 输出", "print JSON"))
    parser.set_defaults(func=run)


def _refuse(zh: str, en: str) -> int:
    print(say(zh, en), file=sys.stderr)
    return 2


def _office(wanted: str | None) -> Unit | str:
    """The unit whose ledger it is, or a sentence saying why it is not known."""
    if wanted:
        found = tree.by_code(wanted.strip().lower()) or tree.by_name(wanted)
        if found is not None and found.active:
            return found
        near = "、".join(tree.nearest(wanted)) or "—"
        return say(f"没有单位“{wanted}”；最接近的：{near}。", f"No unit “{wanted}”; nearest: {near}.")
    offices = list(Unit.objects.filter(active=True, kind="office").order_by("level", "pk")[:10])
    top = [unit for unit in offices if unit.level == offices[0].level]
    if len(top) == 1:
        return top[0]
    names = "、".join(f"{unit.name}（{unit.code}）" for unit in offices) or "—"
    return say(
        f"请用 --unit 说明是哪个单位的台账。信访工作机构：{names}。",
        f"Say whose ledger it is with --unit: {names}.",
    )


class _Progress:
    """One line on stderr, renewed a few times a second; a plain log when stderr is no terminal."""

    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self, zh: str, en: str, done: int, of: int) -> None:
        moment = time.monotonic()
        if done < of and moment - self.last < 0.5:
            return
        self.last = moment
        line = say(f"{zh} {done}/{of} 行", f"{en} {done}/{of} rows")
        if sys.stderr.isatty():
            print(f"\r{line}", end="\n" if done >= of else "", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)


def run(args: argparse.Namespace) -> int:
    """Import a file: 0 done, 1 bad cells found, 2 wrong use or a file that cannot be read."""
    office = _office(args.unit)
    if isinstance(office, str):
        return _refuse(office, office)
    if args.report is not None and (wrong := _unwritable(args.report, args.file)):
        return _refuse(*wrong)
    wish = Wish(office, now(), args.create_units, args.dry_run, args.skip_bad)
    try:
        outcome = import_file(args.file, wish, tell=_Progress())
    except sheets.Unreadable as error:
        return _refuse(error.zh, error.en)
    except KeysMissing as error:
        return _refuse(str(error), str(error))
    if not outcome.plan.read:
        outcome_is = _skipped_lines(outcome)
        return _refuse(
            "没有找到台账：\n" + "\n".join(outcome_is), "No ledger found:\n" + "\n".join(outcome_is)
        )
    if args.report is not None:
        report.write(args.report, outcome.plan, _counts(outcome), control.load(), say)
    if args.json:
        print(json.dumps(_as_json(outcome), ensure_ascii=False, indent=1))
    else:
        _tell(outcome, args)
    return outcome.exit_code


def _unwritable(path: Path, source: Path) -> tuple[str, str] | None:
    if path.suffix.lower() != ".xlsx":
        return f"报告请写成 .xlsx：{path}", f"The report must be an .xlsx: {path}"
    if path.resolve() == source.resolve():
        return "报告不能覆盖台账本身", "The report may not replace the ledger itself"
    if not path.resolve().parent.is_dir():
        return f"没有这个文件夹：{path.parent}", f"No such folder: {path.parent}"
    return None


def _counts(outcome: Outcome) -> list[tuple[str, str]]:
    return [
        (say("信访事项", "matters in the file"), str(outcome.plan.rows)),
        (say("新建", "created"), str(outcome.created)),
        (say("已在库中", "already there"), str(outcome.already_there)),
        (say("有变化，等待确认", "changed, waiting for a person"), str(outcome.changed)),
        (
            say("本次台账中没有（不删除）", "no longer in the ledger (nothing removed)"),
            str(len(outcome.plan.vanished)),
        ),
        (say("问题单元格", "bad cells"), str(len(outcome.plan.bad))),
    ]


def _as_json(outcome: Outcome) -> dict[str, Any]:
    found = outcome.plan
    return {
        "rows": found.rows,
        "created": outcome.created,
        "already_there": outcome.already_there,
        "changed": outcome.changed,
        "written": outcome.written,
        "bad": [
            {"sheet": bad.sheet, "row": bad.row, "column": bad.column, "reason": say(bad.why.zh, bad.why.en)}
            for bad in found.bad
        ],
        "not_imported": list(dict.fromkeys(column for _, column in found.not_imported)),
        "not_imported_columns": [
            {"sheet": sheet, "column": column, "reason": say(*control.NOT_RECORDED)}
            for sheet, column in found.not_imported
        ],
        "unknown_columns": [{"sheet": sheet, "column": column} for sheet, column in found.unknown_columns],
        "skipped": [
            {"sheet": one.sheet, "row": one.row or None, "reason": say(one.why.zh, one.why.en)}
            for one in found.skipped
        ],
        "vanished": [{"number": known.number} for known in found.vanished],
        "proposals": [
            {
                "number": change.known.number,
                "sheet": change.row.sheet,
                "row": change.row.row,
                "cells": [{"column": c.heading, "old": c.old, "new": c.new} for c in change.diff],
            }
            for change in outcome.proposed
        ],
        "units_created": outcome.units_made,
    }


def _skipped_lines(outcome: Outcome) -> list[str]:
    whole = [one for one in outcome.plan.skipped if not one.row]
    return [f"  {one.sheet}：" + say(one.why.zh, one.why.en) for one in whole]


def _tell(outcome: Outcome, args: argparse.Namespace) -> None:
    found = outcome.plan
    for what, count in _counts(outcome):
        print(f"{what}：{count}")
    for line in _skipped_lines(outcome):
        print(say("跳过的工作表", "sheets passed over") + line)
    for sheet, column in found.not_imported:
        print(f"  {sheet} “{column}” " + say(*control.NOT_RECORDED))
    for sheet, column in found.unknown_columns:
        kept = say("不认识的列，作为办理记录保存", "unknown column, kept as a note")
        print(f"  {sheet} “{column}” {kept}")
    for name in outcome.units_made:
        print(say(f"  新建单位：{name}", f"  new unit: {name}"))
    for bad in found.bad[:_SHOWN]:
        where = say(f"第 {bad.row} 行", f"row {bad.row}")
        print(f"  {bad.sheet} {where} “{bad.column}”：" + say(bad.why.zh, bad.why.en))
    if len(found.bad) > _SHOWN:
        rest = len(found.bad) - _SHOWN
        print(
            say(f"  ……还有 {rest} 处，见 --report 或 --json", f"  … and {rest} more: see --report or --json")
        )
    print(_closing(outcome, args))


def _closing(outcome: Outcome, args: argparse.Namespace) -> str:
    if args.dry_run:
        return say("只检查，没有写入。", "Checked only; nothing was written.")
    if not outcome.written:
        return say(
            "有问题，什么都没有写入。请改正后再导入，或加 --skip-bad 先导入其余各行。",
            "Nothing was written. Correct the cells and import again, or add --skip-bad for the other rows.",
        )
    if outcome.proposed:
        return say(
            "已写入。有变化的行没有直接改动，等待有权的人逐格确认。",
            "Written. Changed rows were not altered; they wait for a person to accept them cell by cell.",
        )
    return say("已写入。", "Written.")
