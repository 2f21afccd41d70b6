"""The worklist, obligations, proposals, extracts, a new calendar: what the commands give."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date, timedelta

import pytest
from django.db import connection
from tests.cases import made
from tests.cases.made import AT

from openredress.cases import actions, extract, facts, obligations, proposals, recalendar
from openredress.cases.models import Case, DeadlineRow, ObligationRow, Proposal, Tally
from openredress.cases.obligations import Owe
from openredress.cases.proposals import Cell, Proposed
from openredress.config import cli, clock
from openredress.config.commands import due as due_command
from openredress.jobs.models import Job
from openredress.lawbook import book
from openredress.ledger import store
from openredress.packs import calendars
from openredress.rules.facts import Refusal

KEYS = {
    "number", "title", "track", "clock", "article", "due", "days_left", "holder", "handler", "next_move",
    "late",
}  # fmt: skip


@pytest.fixture
def house(db, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(due_command, "now", lambda: AT + timedelta(days=17))
    return made.office()


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setattr(cli, "_home_missing", lambda: "")

    def command(*words):
        code = cli.main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


# ---------------------------------------------------------------- due


def test_what_is_due_nearest_first(house, run):
    one = made.opened(text="工地夜间施工。")
    two = made.opened(received_at=AT - timedelta(days=5))
    made.forward(two.stream, "zjj", house.clerk)
    named = {"track": "t1", "handler": house.handler.pseudonym}
    actions.perform(two.stream, "name_handler", named, actor=house.handler, at=AT)
    code, out, _ = run("due", "--json")
    rows = json.loads(out)
    assert code == 0
    assert [row["due"] for row in rows] == sorted(row["due"] for row in rows)
    assert all(set(row) >= KEYS for row in rows)
    mine = next(row for row in rows if row["number"] == one.number)
    assert {key: mine[key] for key in KEYS} == {
        "number": one.number,
        "title": "工地夜间施工",
        "track": "t1",
        "clock": "C01",
        "article": "信访工作条例第二十二条",
        "due": "2026-09-18",
        "days_left": -2,
        "holder": "临江市信访局",
        "handler": "",
        "next_move": "转送",
        "late": True,
    }
    assert {row["handler"] for row in rows if row["number"] == two.number} == {"handler某"}


def test_of_one_unit_only_its_own(house, run):
    made.opened()
    made.forward(made.opened().stream, "zjj", house.clerk)
    for name in ("zjj", "临江市住建局"):
        code, out, _ = run("due", "--unit", name, "--json")
        assert code == 0
        assert {row["holder"] for row in json.loads(out)} == {"临江市住建局"}
    code, _, err = run("due", "--unit", "临江市住健局")
    assert code == 2
    assert "临江市住建局" in err


def test_sealed_cases_are_not_printed(house, run):
    actions.open_case(made.accusing(unit="zjj"), actor=made.SOMEBODY, at=AT)
    code, out, _ = run("due", "--json")
    assert (code, json.loads(out)) == (0, [])
    assert Case.objects.count() == 1


def test_the_table_stands_straight_with_wide_characters(house, run):
    made.opened()
    made.forward(made.opened(text="Noise at night on Xincheng Road. Every day.").stream, "zjj", house.clerk)
    _, out, _ = run("due")
    lines = out.splitlines()
    assert len(lines) == 1 + 4 + 1
    days = [re.search(r"20\d\d-\d\d-\d\d", line[14:]).start() + 14 for line in lines[1:-1]]
    assert len({due_command.width(line[:day]) for line, day in zip(lines[1:-1], days, strict=True)}) == 1
    assert len(set(days)) > 1  # counted in characters they would not stand straight
    assert due_command.width("甲a，") == 5
    assert [due_command.width(due_command.fit("新城路夜间施工", n)) for n in (4, 5, 20)] == [4, 5, 20]


def test_promises_are_on_the_list_beside_clocks(house, run):
    one = made.opened()
    promise = {
        "id": "o1",
        "kind": "plan_step",
        "debtor_kind": "unit",
        "debtor": "xfj",
        "due_on": "2026-09-10",
        "text": "走访",
    }
    done = actions.perform(one.stream, "oblige", promise, actor=made.SYSTEM, at=AT)
    assert not isinstance(done, Refusal), done
    rows = json.loads(run("due", "--json")[1])
    assert (rows[0]["clock"], rows[0]["due"], rows[0]["late"]) == ("plan_step", "2026-09-10", True)
    assert Case.objects.get().next_due == date(2026, 9, 10)


def test_tallies_command_finds_and_mends(house, run):
    made.opened()
    assert run("tallies", "check")[0] == 0
    Tally.objects.update(n=9)
    code, out, _ = run("tallies", "check", "--json")
    assert (code, json.loads(out)["ok"]) == (1, False)
    assert run("tallies", "check", "--repair")[0] == 1
    assert run("tallies", "check")[0] == 0


# ---------------------------------------------------------------- obligations


def test_a_petitioner_owes_nothing(house):
    wanted = Owe("m1", "meeting_decision", "petitioner", "p1", date(2026, 10, 1), "会议纪要")
    assert obligations.owe("campaign", "c1", wanted, actor="system", at=AT) == obligations.NOT_A_DEBTOR
    one = made.opened()
    given = {"id": "o1", "kind": "plan_step", "debtor_kind": "petitioner", "debtor": "p1"}
    assert isinstance(actions.perform(one.stream, "oblige", given, actor=made.SYSTEM, at=AT), Refusal)
    assert ObligationRow.objects.count() == 0


def test_an_obligation_about_any_stream(house):
    wanted = Owe("m1", "meeting_decision", "unit", "zjj", date(2026, 10, 1), "会议纪要", text="限期复核")
    row = obligations.owe("campaign", "c1", wanted, actor="system", at=AT)
    assert [held.obligation for held in obligations.of_unit(house.housing)] == ["m1"]
    assert [held.pk for held in obligations.overdue(date(2026, 10, 2))] == [row.pk]
    bare = obligations.settle(row, done_on=AT.date(), evidence=False, actor="system", at=AT)
    assert bare.code == "evidence_needed"
    late = AT + timedelta(days=60)
    done = obligations.settle(row, done_on=late.date(), evidence=True, actor="system", at=late)
    assert done.state == "late"
    assert [entry.code for entry in store.read("campaign", "c1")] == ["oblige", "perform_obligation"]
    assert (
        obligations.settle(row, done_on=late.date(), evidence=True, actor="system", at=late).code
        == "not_owed"
    )


# ---------------------------------------------------------------- proposals


def proposed(one, digest="d" * 64, to="zjj"):
    return Proposed(
        case=one.case,
        source="ledger",
        digest=digest,
        cells=(Cell("unit", "责任单位", "", "临江市住建局"),),
        moves=(("forward", {"track": "t1", "to": to}), ("note", {"track": "t1", "text": "台账更新"})),
    )


def test_a_changed_row_waits_for_a_person(house):
    one = made.opened()
    assert proposals.propose([proposed(one)], actor=made.SYSTEM, at=AT) == 1
    assert proposals.propose([proposed(one)], actor=made.SYSTEM, at=AT) == 0
    [waiting] = proposals.waiting(Case.objects.all())
    assert proposals.preview(waiting) == (Cell("unit", "责任单位", "", "临江市住建局"),)
    done = proposals.accept(waiting, actor=made.SYSTEM, at=AT)
    assert not isinstance(done, Refusal), done
    assert [entry.code for entry in store.read("case", one.stream)] == ["register", "forward", "note"]
    assert list(proposals.waiting(Case.objects.all())) == []
    assert proposals.accept(waiting, actor=made.SYSTEM, at=AT).code == "already_decided"


def test_accepting_is_all_or_nothing(house):
    one = made.opened()
    bad = proposed(one)
    bad = Proposed(bad.case, bad.source, bad.digest, bad.cells, (*bad.moves, ("forward", {"to": "zjj"})))
    proposals.propose([bad], actor=made.SYSTEM, at=AT)
    waiting = Proposal.objects.get()
    assert isinstance(proposals.accept(waiting, actor=made.SYSTEM, at=AT), Refusal)
    waiting.refresh_from_db()
    assert waiting.state == "open"
    assert [entry.code for entry in store.read("case", one.stream)] == ["register"]


def test_a_declined_change_is_not_proposed_again(house):
    one = made.opened()
    proposals.propose([proposed(one)], actor=made.SYSTEM, at=AT)
    assert proposals.decline(Proposal.objects.get(), actor=house.clerk, at=AT) is None
    assert proposals.declined([(one.case, "d" * 64), (one.case, "e" * 64)]) == {(one.case, "d" * 64)}
    assert proposals.propose([proposed(one)], actor=made.SYSTEM, at=AT) == 0


# ---------------------------------------------------------------- extracts


def test_an_extract_is_redacted_and_leaves_restricted_cases_out(house):
    made.opened(text="我是张三，电话13800138000，夜里施工。")
    made.opened(text="还是我。")
    actions.open_case(made.accusing(unit="zjj"), actor=made.SOMEBODY, at=AT)
    rows = list(extract.petitions())
    assert len(rows) == 2
    assert "13800138000" not in str(rows)
    assert "张三" not in str(rows)
    assert {"id", "received_at", "subject", "body", "petitioner_key", "unit", "category", "place"} <= set(
        rows[0]
    )
    keys = {row["petitioner_key"] for row in rows}
    assert len(keys) == 1  # the same phone
    assert keys != {row["petitioner_key"] for row in extract.petitions()}  # of this extract only
    assert len(list(extract.cases(book.packs(), AT))) == 2
    assert list(extract.cases(book.packs(), AT - timedelta(days=1))) == []


# ---------------------------------------------------------------- a new calendar

NEXT_YEAR = """
id = "cn"
version = "2027.1"
source = "made up for a test"
[years.2027]
off = ["01-01..01-05 元旦"]
work = ["01-09"]
"""


def test_a_new_year_moves_running_clocks_and_says_why(house, run, tmp_path):
    one = made.opened(received_at=AT)
    made.forward(one.stream, "zjj", house.clerk)
    far = made.opened(received_at=AT)
    entered = AT + timedelta(days=104)  # 2026-12-16: fifteen days end on New Year's Eve
    late = actions.open_case(made.petition("年底来信。"), actor=made.SOMEBODY, at=entered)
    received = made.petition("十二月十八日来信。", received_at=entered + timedelta(days=2))
    held = actions.open_case(received, actor=made.SOMEBODY, at=entered + timedelta(days=2))
    blob = recalendar.merged(recalendar.newest("cn"), NEXT_YEAR.encode())
    new = calendars.load(blob)
    assert 2005 in new.known_years
    assert 2027 in new.known_years
    at = entered + timedelta(days=3)
    moved = list(recalendar.preview(new, book.packs(), at))
    assert [(row.number, row.clock, row.before, row.after) for row in moved] == [
        (held.number, "C01", date(2027, 1, 4), date(2027, 1, 6))
    ]
    since = recalendar.first_change(book.packs().calendar("cn"), new)
    assert since == date(2027, 1, 1)
    recalendar.take(blob, new, since, reason="通知", actor="system", at=at)
    [job] = Job.objects.filter(kind=recalendar.JOB)
    assert recalendar.redate(job.payload, at) == 1
    assert DeadlineRow.objects.get(case=held.case, clock="C01").due == date(2027, 1, 6)
    assert DeadlineRow.objects.get(case=late.case, clock="C01").due == date(2026, 12, 31)
    assert DeadlineRow.objects.get(case=far.case, clock="C01").due == date(2026, 9, 18)
    assert list(recalendar.preview(new, book.packs(), at)) == []
    assert store.read("system", "1")[-1].code == "calendar_revision"
    assert facts.load(held.stream, at).deadlines[0].provisional is False


def test_the_calendar_command_previews_and_takes(house, run, tmp_path):
    made.opened()
    path = tmp_path / "2027.toml"
    path.write_text(NEXT_YEAR, encoding="utf-8")
    code, out, _ = run("calendar", "import", str(path), "--dry-run", "--json")
    assert (code, json.loads(out)) == (0, {"version": "2027.1", "moved": []})
    assert Job.objects.count() == 0
    assert run("calendar", "import", str(path))[0] == 0
    assert Job.objects.get().kind == recalendar.JOB
    path.write_text('id = "cn"\n[years.2027]\noff = ["13-01 元旦"]\n', encoding="utf-8")
    assert run("calendar", "import", str(path))[0] == 1
    assert run("calendar", "import", str(tmp_path / "nowhere"))[0] == 2


def test_a_whole_file_is_taken_as_it_is():
    blob = calendars.builtin_file("cn")
    assert recalendar.merged(blob, blob) == blob
    whole = recalendar.merged(blob, NEXT_YEAR.encode())
    assert tomllib.loads(whole.decode())["years"]["2006"] == tomllib.loads(blob.decode())["years"]["2006"]
    with pytest.raises(ValueError, match="id"):
        recalendar.merged(blob, NEXT_YEAR.replace('"cn"', '"uk"').encode())
    assert connection.vendor
