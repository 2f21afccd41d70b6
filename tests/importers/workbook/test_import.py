"""The troubled workbook into a record: what is created, refused, dropped, known again, proposed."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from tests.importers.workbook import make_troubles
from tests.importers.workbook.conftest import AT
from tests.importers.workbook.trouble_files import CANARIES, EXPECTED, put, wrong_cells

from openredress.cases import proposals
from openredress.cases.models import Case, LedgerRow, ObligationRow, Petition, Proposal
from openredress.config.commands.import_ledger import _as_json, _counts
from openredress.identity import vault
from openredress.identity.models import Person
from openredress.importers.workbook import control, report
from openredress.importers.workbook.control import Denylist
from openredress.importers.workbook.drafts import system_actor
from openredress.importers.workbook.run import Outcome, Wish, import_file
from openredress.importers.workbook.sheets import read
from openredress.ledger.models import Entry
from openredress.people.models import Unit

WANTED = EXPECTED["troubles"]
NEXT = EXPECTED["next_week"]


def bring(path: Path, office: Unit, *, denied: Denylist | None = None, at: datetime = AT, **more) -> Outcome:
    return import_file(path, Wish(office, at, **more), denied=denied)


def everything_stored(database: str) -> bytes:
    """All bytes that the database keeps, on either engine."""
    if connection.vendor == "sqlite":
        connection.close()
        found = [Path(database + tail) for tail in ("", "-wal", "-journal")]
        return b"".join(path.read_bytes() for path in found if path.exists())
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows).encode()


def canaries_in(data: bytes) -> list[str]:
    low = data.lower()
    return [one for one in CANARIES if one.encode() in low]


def numbers_by_place(outcome: Outcome) -> dict[str, str]:
    """sheet and Excel row → the number of the case that it became."""
    keys = {new.key: f"{new.row.sheet} {new.row.row}" for new in outcome.plan.new}
    rows = LedgerRow.objects.filter(key__in=keys).values_list("key", "case__number")
    return {keys[key]: number for key, number in rows}


def test_nothing_is_written_on_an_error_or_on_trial(office, own_database, tmp_path):
    path = put(tmp_path, "troubles.xlsx")
    before = Entry.objects.count(), Unit.objects.count(), Person.objects.count()
    whole = bring(path, office)
    trial = bring(path, office, dry_run=True, create_units=True)
    assert (Entry.objects.count(), Unit.objects.count(), Person.objects.count()) == before
    assert (whole.written, whole.created, whole.exit_code) == (False, 0, 1)
    assert (trial.written, trial.units_made) == (False, [])
    assert Case.objects.count() == 0


def test_good_rows_in_bad_cells_named_control_data_nowhere(office, own_database, tmp_path):
    path = put(tmp_path, "troubles.xlsx")
    outcome = bring(path, office, skip_bad=True)
    told = _as_json(outcome)
    assert (told["rows"], told["created"], outcome.exit_code) == (WANTED["rows"], WANTED["created"], 1)
    assert wrong_cells(told["bad"], WANTED["bad"]) == []
    assert len({(bad["sheet"], bad["row"]) for bad in told["bad"]}) == WANTED["bad_rows"]
    assert told["not_imported"] == WANTED["not_imported"]
    assert Case.objects.count() == WANTED["created"]
    assert Case.objects.filter(stock=False).count() == 0
    assert canaries_in(everything_stored(own_database)) == []


def test_control_an_emptied_deny_list_lets_the_canaries_in(office, own_database, tmp_path):
    bring(put(tmp_path, "troubles.xlsx"), office, skip_bad=True, denied=Denylist({}))
    found = canaries_in(everything_stored(own_database))
    assert len(found) >= 20


def test_each_good_row_became_what_was_written_down(office, own_database, tmp_path):
    outcome = bring(put(tmp_path, "troubles.xlsx"), office, skip_bad=True)
    numbers = numbers_by_place(outcome)
    assert sorted(numbers) == sorted(WANTED["cases"])
    names = dict(Unit.objects.values_list("pk", "name"))
    for place, wanted in WANTED["cases"].items():
        case = Case.objects.get(number=numbers[place])
        holder = case.tracks.get().holder_id
        due = ObligationRow.objects.filter(stream_id=case.stream).values_list("due_on", "unit", "kind")
        petition = Petition.objects.get(case=case)
        found = {
            "first": case.received_on,
            "unit": names[holder],
            "channel": case.channel,
            "people": case.people_count,
            "claims": case.claim_rows.count(),
            "named": petition.parties.count(),
        } | ({"due": due[0][0]} if due else {})
        assert found == wanted, place
        assert [(names[unit], kind) for _, unit, kind in due] == [(wanted["unit"], "ledger_target")] * len(
            due
        )
        assert (case.solved, case.answered) == (False, False), place


def test_identities_lie_in_the_vault_alone(office, own_database, tmp_path):
    bring(put(tmp_path, "troubles.xlsx"), office, skip_bad=True)
    with_names = [row for row in make_troubles.MAIN.values() if row.get("身份证号") and row.get("电话")]
    stored = everything_stored(own_database)
    for secret in (make_troubles.ID[0], make_troubles.ID[3], "13900000001", "13900000003"):
        assert secret.encode() not in stored
    found = vault.matching("id", [make_troubles.ID[0], make_troubles.ID[4]])
    assert [len(refs) for refs in found.values()] == [1, 1]
    assert with_names


def test_the_same_file_again_adds_nothing(office, own_database, tmp_path):
    path = put(tmp_path, "troubles.xlsx")
    bring(path, office, skip_bad=True)
    before = Entry.objects.count(), Case.objects.count(), Person.objects.count()
    again = _as_json(bring(path, office, skip_bad=True, at=AT + timedelta(hours=1)))
    assert (Entry.objects.count(), Case.objects.count(), Person.objects.count()) == before
    wanted = EXPECTED["again"]
    assert {key: again[key] for key in ("rows", "created", "already_there", "changed")} == {
        key: wanted[key] for key in ("rows", "created", "already_there", "changed")
    }
    assert again["vanished"] == []
    assert Proposal.objects.count() == 0


def test_next_week_proposes_lists_and_removes_nothing(office, own_database, tmp_path):
    first = bring(put(tmp_path, "troubles.xlsx"), office, skip_bad=True)
    numbers = numbers_by_place(first)
    later = AT + timedelta(days=7)
    outcome = bring(put(tmp_path, "next_week.xlsx"), office, skip_bad=True, at=later)
    told = _as_json(outcome)
    for key in ("rows", "created", "already_there", "changed"):
        assert told[key] == NEXT[key], key
    assert wrong_cells(told["bad"], NEXT["bad"]) == []
    gone = {numbers[f"积案台账 {row}"] for row in NEXT["vanished_from_rows"]}
    assert {known["number"] for known in told["vanished"]} == gone
    assert Case.objects.count() == WANTED["created"] + NEXT["created"]
    diffs = {
        str(one["row"]): {cell["column"]: [cell["old"], cell["new"]] for cell in one["cells"]}
        for one in told["proposals"]
    }
    assert diffs == NEXT["diffs"]
    assert Proposal.objects.filter(state="open").count() == NEXT["changed"]
    assert canaries_in(everything_stored(own_database)) == []
    again = bring(put(tmp_path, "next_week.xlsx"), office, skip_bad=True, at=later + timedelta(hours=1))
    assert (again.created, again.changed, again.proposals_made) == (0, NEXT["changed"], 0)


def test_an_accepted_proposal_is_known_and_a_declined_one_stays_declined(office, own_database, tmp_path):
    bring(put(tmp_path, "troubles.xlsx"), office, skip_bad=True)
    path = put(tmp_path, "next_week.xlsx")
    later = AT + timedelta(days=7)
    bring(path, office, skip_bad=True, at=later)
    actor = system_actor(office.code)
    for n, one in enumerate(Proposal.objects.order_by("pk")):
        if n == 2:
            assert proposals.decline(one, actor=actor, at=later) is None
        else:
            assert isinstance(proposals.accept(one, actor=actor, at=later), list)
    again = bring(path, office, skip_bad=True, at=later + timedelta(days=1))
    assert (again.created, again.changed) == (0, 0)
    assert again.already_there == NEXT["rows"] - 1  # one row is bad
    changed = ObligationRow.objects.filter(due_on=date(2027, 1, 31))
    assert changed.count() == 1


def test_the_flat_ledger_is_known_in_every_form(office, own_database, tmp_path):
    wanted = EXPECTED["flat"]
    made = []
    for name in ("troubles.xls", "troubles_gbk.csv", "troubles_utf8.csv"):
        outcome = bring(put(tmp_path, name), office, skip_bad=True)
        told = _as_json(outcome)
        assert (told["rows"], told["not_imported"]) == (wanted["rows"], wanted["not_imported"])
        assert wrong_cells(told["bad"], wanted["bad"]) == []
        made.append(told["created"])
    assert made == [wanted["created"], 0, 0]
    assert canaries_in(everything_stored(own_database)) == []


def test_another_units_ledger_is_another_ledger(office, own_database, tmp_path):
    path = put(tmp_path, "troubles.xls")
    bring(path, office, skip_bad=True)
    other = Unit.objects.get(name="清河镇人民政府")
    assert bring(path, other, skip_bad=True).created == EXPECTED["flat"]["created"]


def test_unknown_units_are_made_when_asked(office, own_database, tmp_path):
    outcome = bring(put(tmp_path, "troubles.xlsx"), office, skip_bad=True, create_units=True)
    assert outcome.units_made == ["住房和城乡健设局"]
    assert outcome.created == WANTED["created"] + 1
    made = Unit.objects.get(name="住房和城乡健设局")
    assert made.parent == office.parent


def test_the_report_marks_each_bad_cell_and_carries_no_control_data(office, own_database, tmp_path):
    outcome = bring(put(tmp_path, "troubles.xlsx"), office, dry_run=True)
    out = tmp_path / "report.xlsx"
    report.write(out, outcome.plan, _counts(outcome), control.load(), lambda zh, en: zh)
    pages = {sheet.name: sheet.rows for sheet in read(out)}
    assert list(pages) == ["汇总", "问题", "变化", "积案台账", "来访登记"]
    listed = [(str(row[0]), int(str(row[1])), str(row[2])) for row in pages["问题"][1:]]
    assert listed == [(bad["sheet"], bad["row"], bad["column"]) for bad in _as_json(outcome)["bad"]]
    words = "\n".join(str(cell) for rows in pages.values() for row in rows for cell in row)
    assert canaries_in(words.encode()) == []
    assert "=HYPERLINK" in words
    with zipfile.ZipFile(out) as parts:
        whole = b"\n".join(parts.read(name) for name in parts.namelist())
    assert canaries_in(whole) == []
    assert b"<f>" not in whole
    comments = [name for name in zipfile.ZipFile(out).namelist() if "comments" in name]
    assert len(comments) == 2


def test_control_an_emptied_list_would_copy_canaries_into_the_report(office, own_database, tmp_path):
    outcome = bring(put(tmp_path, "troubles.xlsx"), office, dry_run=True, denied=Denylist({}))
    out = tmp_path / "report.xlsx"
    report.write(out, outcome.plan, _counts(outcome), Denylist({}), lambda zh, en: zh)
    words = "\n".join(str(cell) for sheet in read(out) for row in sheet.rows for cell in row)
    assert len(canaries_in(words.encode())) >= 20


@pytest.mark.parametrize("mistake", ["card number added", "address spelled anew"])
def test_a_person_is_known_again_when_a_cell_was_mended(office, own_database, tmp_path, mistake):
    head = ["信访人", "身份证号", "住址", "信访事项", "首次信访时间"]
    rows = [
        ["甲木", "", "河东村1号", "路不平。", "2026-01-05"],
        ["乙木", make_troubles.ID[2], "河东村2号", "灯不亮", "2026-01-06"],
    ]
    mended = [list(row) for row in rows]
    if mistake == "card number added":
        mended[0][1] = make_troubles.ID[1]
    else:
        mended[0][2], mended[1][3] = "河东村 1号", "灯不亮。"
    for name, content in (("one.csv", rows), ("two.csv", mended)):
        with (tmp_path / name).open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([head, *content])
    assert bring(tmp_path / "one.csv", office).created == 2
    second = bring(tmp_path / "two.csv", office, at=datetime(2026, 11, 30, tzinfo=UTC))
    assert second.created == 0
    assert second.plan.vanished == []


def test_a_newer_change_takes_the_place_of_one_nobody_decided_on(office, own_database, tmp_path):
    head = ["信访人", "住址", "信访事项", "进展情况"]
    for n, progress in enumerate(["", "已勘查", "已开工", "已勘查"]):
        with (tmp_path / "one.csv").open("w", newline="", encoding="gb18030") as out:
            csv.writer(out).writerows([head, ["甲木", "河东村1号", "路不平。", progress]])
        bring(tmp_path / "one.csv", office, at=AT + timedelta(days=7 * n))
    shown = {one.cells[0]["new"]: one.state for one in Proposal.objects.all()}
    assert shown == {"已勘查": "open", "已开工": "stale"}


def test_an_erased_row_is_neither_created_nor_proposed_again(office, own_database, tmp_path):
    path = put(tmp_path, "troubles.xls")
    bring(path, office, skip_bad=True)
    LedgerRow.objects.update(cells={}, digest="")  # what erasing a case leaves of its row
    again = bring(path, office, skip_bad=True)
    assert (again.created, again.changed, again.already_there) == (0, 0, EXPECTED["flat"]["created"])
