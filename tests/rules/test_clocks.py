"""The no-dodge rules one by one, each on a small case whose dates can be checked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.rules.clock_ledgers import BEIJING, LawBook, china, clocks_of, entry, moment

from openredress.packs import calendars
from openredress.rules.clocks import deadlines, explain
from openredress.rules.facts import Refusal

CHINA = china()
CLOCKS = clocks_of("cn_national_2022")
CN = calendars.builtin("cn")
D = date.fromisoformat


def case(*rows, law="2022"):
    """Entries from (code, day, facts[, recorded])."""
    made = []
    for seq, (code, day, facts, *recorded) in enumerate(rows, start=1):
        plain = {"seq": seq, "code": code, "day": D(day), "law": law}
        plain |= {"recorded": D(recorded[0]) if recorded else D(day), "facts": {"track": "t1", **facts}}
        made.append(entry(plain))
    return made


def dated(entries, clock, known=None, **more):
    """The runnings of one clock."""
    known_at = moment(D(known)) + timedelta(hours=1) if known else None
    return [d for d in deadlines(entries, CHINA, known_at, **more) if d.clock == clock]


def one(entries, clock, known=None, **more):
    (found,) = dated(entries, clock, known, **more)
    return found


PARTY = [{"id": "p1", "role": "lead", "named": True, "addressed": True}]
DIRECT = (
    "register",
    "2026-07-10",
    {"office": "u1", "received_on": "2026-07-10", "direct": True, "parties": PARTY},
)
OFFICE = ("register", "2026-06-01", {"office": "o1", "received_on": "2026-06-01", "parties": PARTY})
TOLD = ("notify_receipt", "2026-07-17", {"avenue": "A6", "served_on": "2026-07-17"})
APPROVED = {"clock": "C05", "days": 30, "approver": "staff/1"}
EARLY = ("register", "2025-11-03", {**DIRECT[2], "received_on": "2025-11-03"})
FINAL = [EARLY, ("request_final", "2026-03-02", {"reviewer": "r1", "requested_on": "2026-03-02"})]


# ------------------------------------------------------------- from arrival, never from a click
def test_runs_from_arrival_not_from_registration():
    late_click = ("register", "2026-09-10", {"office": "o1", "received_on": "2026-09-03"})
    assert one(case(late_click), "C01").due == D("2026-09-18")


def test_an_arrival_corrected_to_earlier_moves_the_due_day_back_only():
    earlier = (
        "correct",
        "2026-06-03",
        {"track": "", "seq": 1, "field": "received_on", "value": "2026-05-28"},
    )
    later = ("correct", "2026-06-03", {"track": "", "seq": 1, "field": "received_on", "value": "2026-06-09"})
    assert one(case(OFFICE, earlier), "C01").due == D("2026-06-12")
    assert one(case(OFFICE, later), "C01").due == D("2026-06-16")


# ------------------------------------------------------------- re-routing
def test_rerouting_never_restarts_the_handling():
    entries = case(
        OFFICE,
        ("forward", "2026-06-05", {"to": "u1"}),
        TOLD,
        ("object", "2026-07-20", {}),
        ("decide_objection", "2026-07-22", {"upheld": True, "to": "u2"}),
        ("notify_receipt", "2026-08-20", {"avenue": "A6", "served_on": "2026-08-20"}),
    )
    running = one(entries, "C05")
    assert running.start == D("2026-06-20")  # receipt + 15 days, before anybody was told
    assert running.due == D("2026-08-19")
    assert running.holder == "u2"


def test_an_upheld_objection_brings_the_office_back_its_own_days():
    entries = case(
        OFFICE,
        ("forward", "2026-06-05", {"to": "u1"}),
        ("object", "2026-06-10", {}),
        ("decide_objection", "2026-06-15", {"upheld": True}),
    )
    back = one(entries, "C01")
    assert (back.due, back.state, back.holder) == (D("2026-06-26"), "running", "o1")
    assert "2026-06-05 转送，2026-06-15 异议成立交还：其间 10 日不计入，已用的日子照算" in back.steps


def test_each_body_has_its_own_notice_and_the_first_one_stops():
    entries = case(
        OFFICE,
        ("forward", "2026-06-05", {"to": "u1"}),
        ("object", "2026-06-10", {}),
        ("decide_objection", "2026-06-15", {"upheld": True}),
        ("forward", "2026-06-24", {"to": "u2"}),
    )
    first, second = dated(entries, "C03")
    assert (first.holder, first.state) == ("u1", "stopped")
    assert (second.holder, second.state, second.due) == ("u2", "running", D("2026-07-09"))


# ------------------------------------------------------------- acceptance never told
@pytest.mark.parametrize(
    ("told", "start", "anchor"),
    [(None, "2026-07-25", 1), ("2026-07-17", "2026-07-17", 2), ("2026-08-30", "2026-07-25", 1)],
)
def test_handling_starts_at_the_notice_or_fifteen_days_after_receipt(told, start, anchor):
    rows = [DIRECT] + ([("notify_receipt", told, {"avenue": "A6", "served_on": told})] if told else [])
    running = one(case(*rows), "C05")
    assert (running.start, running.anchor) == (D(start), anchor)


def test_another_avenue_told_in_time_never_starts_the_sixty_days():
    other = ("notify_receipt", "2026-07-17", {"avenue": "A4", "served_on": "2026-07-17"})
    assert dated(case(DIRECT, other), "C05") == []


def test_another_avenue_told_too_late_stops_what_had_begun():
    other = ("notify_receipt", "2026-08-17", {"avenue": "A4", "served_on": "2026-08-17"})
    assert one(case(DIRECT, other), "C05").state == "stopped"


# ------------------------------------------------------------- diverted claims
def test_a_diverted_claim_stays_on_the_list_until_it_is_taken_up():
    divert = ("divert", "2026-08-01", {"avenue": "A4", "to": "u9"})
    running = one(case(DIRECT, TOLD, divert), "C05", "2026-09-20")
    assert (running.due, running.state, running.holder) == (D("2026-09-15"), "lapsed", "u1")


def test_it_comes_back_with_its_time_used():
    entries = case(
        DIRECT,
        TOLD,
        ("divert", "2026-08-01", {"avenue": "A4"}),
        ("divert_accepted", "2026-08-11", {"accepted_on": "2026-08-11", "evidence": True}),
        ("divert_returned", "2026-08-31", {}),
    )
    assert one(entries, "C05").due == D("2026-10-08")


# ------------------------------------------------------------- pauses and extensions
def test_a_hearing_in_the_final_review_is_not_counted():
    hearing = [("hearing_open", "2026-03-10", {}), ("hearing_close", "2026-03-15", {})]
    paused = one(case(*FINAL, *hearing), "C10")
    assert paused.due == D("2026-04-07")
    assert "听证 2026-03-10 至 2026-03-15 共 6 日不计入" in paused.steps


def test_a_hearing_while_handling_pauses_nothing():
    hearing = [("hearing_open", "2026-08-10", {}), ("hearing_close", "2026-08-15", {})]
    assert one(case(DIRECT, TOLD, *hearing), "C05").due == D("2026-09-15")


def test_an_open_hearing_is_a_pause_and_never_late():
    paused = one(case(*FINAL, ("hearing_open", "2026-03-10", {})), "C10", "2026-06-01")
    assert paused.state == "paused"
    assert not paused.late(D("2026-12-01"))


def test_a_pause_after_expiry_does_nothing_and_says_so():
    hearing = [("hearing_open", "2026-04-02", {}), ("hearing_close", "2026-04-09", {})]
    found = one(case(*FINAL, *hearing), "C10", "2026-04-20")
    assert (found.due, found.state) == (D("2026-04-01"), "lapsed")
    assert any("不算" in step for step in found.steps)


def test_a_pause_put_on_file_after_expiry_does_nothing():
    hearing = [
        ("hearing_open", "2026-03-10", {}, "2026-04-03"),
        ("hearing_close", "2026-03-15", {}, "2026-04-03"),
    ]
    assert one(case(*FINAL, *hearing), "C10").due == D("2026-04-01")


@pytest.mark.parametrize(
    ("row", "due"),
    [
        (("extend", "2026-09-15", APPROVED), "2026-10-15"),  # on the last day: in time
        (("extend", "2026-09-16", APPROVED), "2026-09-15"),  # a day late
        (("extend", "2026-09-15", APPROVED, "2026-09-16"), "2026-09-15"),  # put on file a day late
        (("extend", "2026-09-01", APPROVED | {"days": 31}), "2026-09-15"),
        (("extend", "2026-09-01", APPROVED | {"approver": ""}), "2026-09-15"),
        (("extend", "2026-09-01", APPROVED | {"clock": "C08"}), "2026-09-15"),
        (("extend", "2026-09-01", APPROVED | {"clock": "C06", "days": 1}), "2026-09-16"),
    ],
)
def test_an_extension_counts_only_when_lawful(row, due):
    assert one(case(DIRECT, TOLD, row), "C05").due == D(due)


def test_an_extension_counts_once():
    twice = [
        ("extend", "2026-09-01", APPROVED | {"days": 10}),
        ("extend", "2026-09-02", APPROVED | {"days": 10}),
    ]
    found = one(case(DIRECT, TOLD, *twice), "C05")
    assert (found.due, found.extended_by) == (D("2026-09-28"), 10)  # 70 days: 25 September is a holiday


def test_a_holiday_after_the_extension_is_rolled_over_once():
    assert explain(CLOCKS["C05"], CN, D("2026-08-03"), extend=30).due == D("2026-11-02")


# ------------------------------------------------------------- the petitioner's own time
def served(remedy, **facts):
    opinion = ("opinion", "2026-09-01", {"remedy": remedy})
    return case(
        DIRECT,
        TOLD,
        opinion,
        ("serve", "2026-09-02", {"paper": "opinion", "served_on": "2026-09-02", **facts}),
    )


def test_without_a_remedy_line_the_thirty_days_do_not_start():
    assert dated(served(False), "C07") == []
    assert one(served(True), "C07").due == D("2026-10-08")


def test_a_service_without_proof_ends_nothing_and_starts_nothing():
    entries = served(True, proof=False)
    assert one(entries, "C05").state == "running"
    assert dated(entries, "C07") == []


def test_a_right_lapses_and_is_nobodys_lateness():
    right = one(served(True), "C07", "2026-12-01")
    assert right.state == "expired"
    assert not right.late(D("2026-12-01"))
    assert one(served(True), "C07").gone(D("2026-12-01"))


def test_nobody_named_is_owed_no_notice():
    nameless = [{"id": "p1", "role": "lead", "named": True, "addressed": False}]
    unclear = ("register", "2026-07-10", {"office": "u1", "direct": True, "parties": nameless})
    assert one(case(unclear), "C02").state == "exempt"


# ------------------------------------------------------------- reopening, withdrawal
def test_reopening_gives_a_new_running_and_keeps_the_old():
    entries = [
        *served(True),
        *case(*[("note", "2026-10-01", {})] * 4, ("reopen", "2026-10-20", {"ground": "new_facts"}))[4:],
    ]
    old, new = dated(entries, "C05")
    assert (old.state, old.due) == ("met", D("2026-09-15"))
    assert (new.state, new.start, new.due) == ("running", D("2026-10-20"), D("2026-12-21"))


def test_withdrawal_keeps_lateness():
    entries = case(DIRECT, TOLD, ("withdraw", "2026-09-20", {"track": ""}))
    stopped = one(entries, "C05")
    assert stopped.state == "stopped"
    assert stopped.late(D("2026-09-20"))


def test_restored_with_the_time_used():
    entries = case(
        DIRECT, TOLD, ("withdraw", "2026-08-16", {"track": ""}), ("restore", "2026-08-26", {"track": ""})
    )
    assert one(entries, "C05").due == D("2026-09-28")  # 15 + 10 = 25 September, a holiday


# ------------------------------------------------------------- tracks, tiers, packs, knowledge
def test_a_claim_that_goes_on_alone_takes_its_clock_along():
    two = dict(OFFICE[2], claims=[{"id": "c1"}, {"id": "c2"}])
    entries = case(("register", "2026-06-01", two), ("forward", "2026-06-05", {"to": "u1", "claims": ["c2"]}))
    found = {(d.track, d.state) for d in dated(entries, "C01")}
    assert found == {("t1", "running"), ("t2", "met")}


def test_an_inner_clock_is_never_shown_later_than_the_outer():
    national = dict(OFFICE[2], tier="national")
    entries = case(
        ("register", "2026-06-01", national),
        ("forward", "2026-06-15", {"to": "o2", "tier": "province"}),
    )
    inner, outer = one(entries, "C01b"), one(entries, "C01")
    assert outer.due == D("2026-06-16")
    assert inner.due == outer.due
    assert inner.steps[-1] == "不得晚于 C01 的 2026-06-16"
    assert one(entries, "C01a").state == "met_late"


def test_an_entry_runs_by_the_law_it_pins():
    old = case(("register", "2022-04-20", {"office": "o1", "received_on": "2022-04-20"}), law="2005")
    new = case(("note", "2022-05-01", {}), ("forward", "2022-05-05", {"to": "u1"}))[1:]
    found = {d.clock: d.article for d in deadlines(old + new, CHINA)}
    assert found["C01"] == "信访条例第二十一条"
    assert found["C03"] == "信访工作条例第二十三条"


def test_what_was_known_on_a_past_day():
    entries = served(True)
    assert [d.clock for d in deadlines(entries, CHINA, moment(D("2026-07-12")))] == ["C02", "C05"]
    assert one(entries, "C05", "2026-08-01").state == "running"


def test_beyond_the_calendar_a_date_is_provisional_and_another_calendar_re_dates_it():
    entries = case(("register", "2026-12-25", {"office": "o1", "received_on": "2026-12-25"}))
    assert one(entries, "C01").provisional
    fuller = replace(CN, version="2027", known_years=CN.known_years | {2027}, off=dict(CN.off) | {
        D("2027-01-11"): CN.off[D("2026-01-01")],
    })  # fmt: skip
    again = one(entries, "C01", calendar=fuller)
    assert (again.due, again.provisional, again.calendar) == (D("2027-01-12"), False, "2027")


def test_a_stock_case_owes_nothing_statutory_before_go_live():
    old = (
        "register",
        "2024-03-01",
        {"office": "o1", "received_on": "2024-03-01", "stock": True},
        "2026-07-01",
    )
    told = ("notify_receipt", "2026-07-17", {"avenue": "A6", "served_on": "2026-07-17"})
    assert deadlines(case(old), CHINA) == ()
    assert [d.clock for d in deadlines(case(old, told), CHINA)] == ["C05"]


def test_the_office_zone_decides_the_day():
    first = case(OFFICE)[0]
    night = replace(first, facts={**first.facts, "received_on": None})
    night = replace(night, occurred_at=datetime(2026, 6, 2, 0, 30, tzinfo=BEIJING))
    night = replace(night, recorded_at=datetime(2026, 6, 1, 16, 30, tzinfo=UTC))
    (found,) = deadlines([night], CHINA)
    assert found.start == D("2026-06-02")


# ------------------------------------------------------------- hours, months, the made-up town
def fairmeadow(*rows):
    book = LawBook({"x": _Example()})
    made = []
    for seq, (code, at, facts) in enumerate(rows, start=1):
        day = datetime.fromisoformat(at).replace(tzinfo=BEIJING)
        plain = {"seq": seq, "code": code, "day": day, "recorded": day.date(), "law": "x", "facts": facts}
        made.append(entry(plain))
    return {d.clock: d for d in deadlines(made, book)}


class _Example:
    hash = "x"
    calendar = "example"
    clocks = clocks_of("example")


def test_working_hours_run_over_the_weekend_and_are_met_by_the_minute():
    start = ("register", "2026-03-06T15:00", {"track": "t1"})
    open_ = fairmeadow(start)["EX1"]
    assert open_.due_at == datetime(2026, 3, 9, 15, tzinfo=BEIJING)
    ack = {"track": "t1"}
    assert fairmeadow(start, ("acknowledge", "2026-03-09T14:59", ack))["EX1"].state == "met"
    assert fairmeadow(start, ("acknowledge", "2026-03-09T15:01", ack))["EX1"].state == "met_late"


def test_a_clock_that_starts_on_the_acknowledgement():
    start = ("register", "2026-03-06T15:00", {"track": "t1"})
    found = fairmeadow(start, ("acknowledge", "2026-03-09T10:00", {"track": "t1"}))
    assert found["EX2"].due == D("2026-04-09")
    assert found["EX3"].due == D("2026-03-20")  # first day counted: 9-13, 16-20 March


# ------------------------------------------------------------- explaining
@pytest.mark.parametrize(
    ("clock", "more", "code"),
    [
        ("C01", {"extend": 5}, "no_extension"),
        ("C14", {"extend": 5}, "no_extension"),
        ("C05", {"extend": 31}, "extension_too_long"),
        ("C05", {"extend": -1}, "extension_too_long"),
        ("C05", {"pauses": [(D("2026-08-10"), D("2026-08-11"))]}, "no_pause"),
        ("C10", {"pauses": [(D("2026-08-11"), D("2026-08-10"))]}, "pause_backwards"),
        ("C06", {}, "no_length"),
        ("C12", {}, "no_length"),
        ("C18", {}, "no_length"),
        ("C11", {}, "length_missing"),
        ("C11", {"length": "ten"}, "length_unreadable"),
        ("C11", {"length": "0"}, "length_unreadable"),
        ("C01", {"length": "20"}, "length_fixed"),
    ],
)
def test_what_a_clock_does_not_allow_is_refused_with_its_article(clock, more, code):
    refusal = explain(CLOCKS[clock], CN, D("2026-08-03"), **more)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.article) == (code, CLOCKS[clock].article)
    assert refusal.zh
    assert refusal.en


def test_a_day_off_the_calendar_is_refused():
    assert explain(CLOCKS["C05"], CN, date(2199, 12, 1)).code == "out_of_range"


def test_the_steps_read_as_a_clerk_would_write_them():
    assert explain(CLOCKS["C01"], CN, D("2026-09-03")).steps == (
        "2026-09-03 收到，次日起算",
        "＋15日 ＝ 2026-09-18（周五，工作日）",
    )
    assert explain(CLOCKS["C01"], CN, D("2026-09-18")).steps == (
        "2026-09-18 收到，次日起算",
        "＋15日 ＝ 2026-10-03（周六，国庆节假期）",
        "2026-10-03 是国庆节假期，顺延至 2026-10-08",
    )
    assert explain(CLOCKS["C01"], CN, D("2026-09-18")).internal_due == D("2026-09-30")
    assert explain(CLOCKS["C01"], CN, D("2026-12-25")).steps[-1].startswith("2027 年放假安排")
