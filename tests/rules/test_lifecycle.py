"""The 2022 procedure walked from registration to the end and back, and every way to be refused."""

from __future__ import annotations

import pytest

from openredress.packs.load import BUILTIN, builtin
from openredress.rules.fold import step
from openredress.rules.lifecycle import next_move, pack_for
from openredress.rules.sentences import SENTENCES

from .office import (
    CITY,
    CLERK,
    HOUSING,
    LEADER,
    PACKS,
    PETITIONER,
    PROVINCE,
    STRANGER,
    THREE,
    TRANSPORT,
    Walk,
    at,
    handling,
    registered,
    served,
    staff,
    words,
)


def test_whole_way_from_letter_to_reopening() -> None:
    w = registered("2026-01-05")
    w.do("2026-01-07", "forward", CLERK, to="lj-jt")
    w.do("2026-01-09", "object", TRANSPORT, reason="属住建职责")
    assert w.state() == "objected"
    w.do("2026-01-12", "decide_objection", CLERK, upheld=True, how="designate", to="lj-zj", reason="同意")
    assert (w.state(), w.facts.tracks[0].holder) == ("forwarded", "lj-zj")
    w.do("2026-01-13", "name_handler", HOUSING, handler="staff/housing")
    w.do("2026-01-15", "notify_receipt", HOUSING, avenue="A6", served_on="2026-01-15", means="post")
    w.do("2026-02-01", "investigate", HOUSING, kind="site", with_petitioner=True)
    told = {"told_on": "2026-03-10", "reason": "情况复杂"}
    w.do("2026-03-10", "extend", HOUSING, clock="C05", days=30, approver="staff/boss", **told)
    opinion = {"remedy": True, **words("c1", "c2", "c3")}
    first = [{**THREE[0], "execute_by": "2026-04-30"}, *THREE[1:]]
    w.do("2026-04-01", "opinion", HOUSING, outcomes=first, **opinion)
    serve = {"means": "hand", "proof": True}
    w.do("2026-04-03", "serve", HOUSING, paper="opinion", served_on="2026-04-03", **serve)
    assert (w.facts.answered, w.facts.solved) == (True, False)
    lapsed = w.facts.owed[0].id
    w.do("2026-05-06", "press", PETITIONER, lapsed=lapsed)
    w.do("2026-05-08", "answer_press", HOUSING, press_seq=w.facts.version, text="本月完成")
    w.do("2026-05-20", "execute", HOUSING, claim="c1", done_on="2026-05-20", evidence=True)
    assert w.facts.owed[0].state == "late"
    assert w.refused(
        "2026-05-21", "request_review", PETITIONER, reviewer="lj", requested_on="2026-05-21"
    ).code == ("asked_too_late")
    w.do("2026-05-21", "request_review", HOUSING, reviewer="lj", requested_on="2026-04-28")
    w.do("2026-06-01", "decide_review", CITY, result="annul", grounds="facts", reason="事实不清")
    assert (w.state(), w.facts.tracks[0].holder, w.facts.answered) == ("handling", "lj-zj", False)
    w.do("2026-06-02", "serve", CITY, paper="review", served_on="2026-06-02", **serve)
    assert w.refused("2026-06-20", "opinion", HOUSING, outcomes=THREE, **opinion).code == "repeats_annulled"
    again = [{"claim": "c1", "outcome": "support", "execute_by": "2026-08-01"}, *(
        {"claim": c, "outcome": "reject"} for c in ("c2", "c3")
    )]  # fmt: skip
    w.do("2026-06-20", "opinion", HOUSING, outcomes=again, **opinion)
    w.do("2026-06-22", "serve", HOUSING, paper="opinion", served_on="2026-06-22", **serve)
    w.do("2026-07-01", "execute", HOUSING, claim="c1", done_on="2026-07-01", evidence=True)
    w.do("2026-07-03", "request_review", PETITIONER, reviewer="lj", requested_on="2026-07-03")
    w.do("2026-07-20", "decide_review", CITY, result="maintain", reason="维持")
    w.do("2026-07-21", "serve", CITY, paper="review", served_on="2026-07-21", **serve)
    w.do("2026-08-03", "request_final", PETITIONER, reviewer="prov", requested_on="2026-08-03")
    w.do("2026-08-10", "hearing_open", PROVINCE, opened_on="2026-08-10")
    w.do("2026-08-12", "hearing_close", PROVINCE, closed_on="2026-08-12", conclusion="如笔录")
    w.do("2026-08-20", "decide_final", PROVINCE, result="maintain", reason="维持")
    w.do("2026-08-21", "serve", PROVINCE, paper="final", served_on="2026-08-21", **serve)
    assert (w.state(), w.facts.state) == ("final", "final")
    w.do(
        "2026-09-07",
        "attach",
        CLERK,
        petition="2026-XXXXXX-X",
        channel="letter",
        received_on="2026-09-07",
        same_facts=True,
    )
    w.do("2026-09-08", "refuse_again", HOUSING, ground="same_facts_and_reasons", reason="同一事实和理由")
    w.do("2026-09-10", "contest_refusal", PETITIONER, reason="有新证据")
    w.do("2026-09-14", "decide_contest", CITY, upheld=False, reason="不成立")
    assert w.state() == "refused_again"
    w.do(
        "2026-09-20",
        "attach",
        CLERK,
        petition="2026-YYYYYY-Y",
        channel="letter",
        received_on="2026-09-20",
        same_facts=False,
    )
    w.do("2026-09-21", "reopen", HOUSING, ground="new_facts", petition="2026-YYYYYY-Y")
    assert (w.state(), w.facts.number) == ("handling", "2026-9BWE52-Q")
    assert w.refolded() == w.facts


def _states_of(w: Walk) -> set[str]:
    facts, seen = None, set()
    for entry in w.entries:
        facts = step(facts, entry, PACKS)
        seen |= {t.state for t in facts.tracks}
    return seen


def test_every_state_of_2022_is_reached_by_pressing_buttons() -> None:
    seen: set[str] = set()
    serve = {"means": "hand", "proof": True}
    w = registered()
    w.do("2026-09-04", "assign", CLERK, to="lj-jt", length="30")
    w.do("2026-09-07", "object", TRANSPORT, reason="x")
    w.do("2026-09-08", "decide_objection", CLERK, upheld=False, reason="y")
    w.do("2026-09-08", "simple_start", TRANSPORT, ground="clear", told_on="2026-09-08")
    w.do("2026-09-09", "convert", TRANSPORT)
    w.do("2026-09-10", "hearing_open", TRANSPORT).do("2026-09-11", "hearing_close", TRANSPORT)
    w.do("2026-09-12", "mediate", TRANSPORT, consent=True)
    step1 = {"id": "s1", "debtor": "lj-jt", "due_on": "2026-10-01"}
    w.do("2026-09-14", "settle", TRANSPORT, agreement="a1", kind="mediation", steps=[step1])
    assert (
        w.refused("2026-09-15", "finality", TRANSPORT, ground="agreement_performed").code == "settlement_open"
    )
    w.do("2026-09-30", "perform_obligation", TRANSPORT, obligation="s1", done_on="2026-09-30", evidence=True)
    w.do("2026-10-01", "finality", TRANSPORT, ground="agreement_performed")
    w.do("2026-10-09", "report", TRANSPORT, summary="已履行")
    seen |= _states_of(w)
    d = handling(claims=2)
    d.do("2026-09-12", "divert", HOUSING, claims=["c2"], avenue="A2", body="劳动仲裁委", reason="劳动争议")
    assert [(t.id, t.state, t.claims) for t in d.facts.tracks] == [
        ("t1", "handling", ("c1",)),
        ("t2", "diverted", ("c2",)),
    ]
    assert d.facts.tracks[1].holder == "lj-zj"
    d.do("2026-09-20", "divert_accepted", HOUSING, track="t2", accepted_on="2026-09-18", evidence=True)
    d.do("2026-09-25", "divert_returned", HOUSING, track="t2", avenue="A6", reason="仲裁委撤回受理")
    d.do("2026-09-26", "withdraw", PETITIONER, via="portal")
    assert (d.facts.withdrawn, d.facts.state) == (True, "withdrawn")
    seen |= _states_of(d)
    d.do("2026-10-20", "restore", PETITIONER, via="portal")
    assert [t.state for t in d.facts.tracks] == ["handling", "handling"]
    r = served().do("2026-10-20", "request_review", PETITIONER, reviewer="lj", requested_on="2026-10-20")
    r.do("2026-10-21", "decide_review", CITY, result="maintain", reason="x")
    r.do("2026-10-22", "serve", CITY, paper="review", served_on="2026-10-22", **serve)
    r.do("2026-10-23", "request_final", PETITIONER, reviewer="prov", requested_on="2026-10-23")
    r.do("2026-10-25", "decide_final", PROVINCE, result="maintain", reason="x")
    r.do("2026-10-26", "serve", PROVINCE, paper="final", served_on="2026-10-26", **serve)
    r.do("2026-10-28", "refuse_again", HOUSING, ground="same_facts_and_reasons", reason="x")
    r.do("2026-10-29", "contest_refusal", PETITIONER)
    seen |= _states_of(r) | _states_of(_refused_by_the_superior())
    assert seen == set(builtin("cn_national_2022").states)


def _refused_by_the_superior() -> Walk:
    city = staff("city-clerk", "lj", "clerk", below=("lj-zj",))
    w = registered(office="lj", actor=city)
    same = {"ground": "same_matter_in_hand", "same_as": "2026-AAAAAA-A", "same_as_holder": "lj-zj"}
    code = w.refused("2026-09-04", "refuse", city, same_as_state="served", reason="x", **same).code
    assert code == "not_in_hand_below"
    other = {**same, "same_as_holder": "elsewhere"}
    assert w.refused("2026-09-04", "refuse", city, same_as_state="handling", reason="x", **other).code == (
        "refuse_only_superior"
    )
    return w.do("2026-09-04", "refuse", city, same_as_state="handling", reason="x", **same)


def test_refusal_is_the_same_on_the_button_and_on_the_press() -> None:
    compared = 0
    for walk in (registered(), handling(), served()):
        for actor in (CLERK, HOUSING, CITY, PETITIONER, LEADER):
            for button in walk.buttons("2026-11-16", actor).values():
                if button.refusal is None:
                    continue
                given = _something(walk, button.move, actor)
                pressed = walk.refused("2026-11-16", button.move, actor, **given)
                assert pressed == button.refusal
                compared += 1
    assert compared > 40


def _something(walk: Walk, move: str, actor: object) -> dict[str, object]:
    """Well-formed values for all required fields."""
    pack = pack_for(walk.facts, None, PACKS, at("2026-11-16"))
    values = {
        "date": "2026-11-16",
        "int": 1,
        "bool": True,
        "unit": "u",
        "staff": "staff/x",
        "text": "x",
        "claims": ["c1"],
    }
    given: dict[str, object] = {}
    for field in pack.moves[move].fields.values():
        if field.required:
            code = field.options[0] if field.kind == "choice" else "x"
            if field.kind == "code" and field.options:
                code = next(iter(pack.vocab[field.options[0]]))
            given[field.name] = [{"id": "c1"}] if field.kind == "list" else values.get(field.kind, code)
    return given


def test_no_machine_proposes_what_only_a_person_may_think_of() -> None:
    final = served()
    final.do("2026-10-20", "request_review", PETITIONER, reviewer="lj", requested_on="2026-10-20")
    final.do("2026-10-21", "decide_review", CITY, result="maintain", reason="x")
    final.do("2026-10-22", "serve", CITY, paper="review", served_on="2026-10-22", means="hand", proof=True)
    final.do("2026-10-23", "request_final", PETITIONER, reviewer="prov", requested_on="2026-10-23")
    final.do("2026-10-25", "decide_final", PROVINCE, result="maintain", reason="x")
    final.do("2026-10-26", "serve", PROVINCE, paper="final", served_on="2026-10-26", means="hand", proof=True)
    button = final.buttons("2026-10-27", HOUSING)["refuse_again"]
    assert (button.refusal, button.by_hand) == (None, True)
    proposed = next_move(final.facts, HOUSING, PACKS, at("2026-10-27"))
    assert proposed is not None
    assert proposed.move == "reopen"
    for pack_id in BUILTIN:
        by_hand = {m.id for m in builtin(pack_id).moves.values() if m.by_hand}
        assert not by_hand & {"forward", "opinion", "serve"}
        assert {"refuse", "refuse_again", "exclude"} & set(builtin(pack_id).moves) <= by_hand


@pytest.mark.parametrize(
    ("day", "given", "code"),
    [
        ("2026-11-15", {}, "extension_too_late"),
        ("2026-11-01", {"days": 31}, "extension_too_long"),
        ("2026-11-01", {"approver": "staff/housing"}, "approves_own"),
        ("2026-11-01", {"clock": "C08"}, "clock_not_extendable"),
        ("2026-11-01", {"reason": ""}, "field_missing"),
        ("2026-11-01", {"told_on": "2026-11-12"}, "extension_told_late"),
    ],
)
def test_extension_is_refused(day: str, given: dict[str, object], code: str) -> None:
    full = {"clock": "C05", "days": 30, "approver": "staff/boss", "told_on": "2026-11-01", "reason": "复杂"}
    assert handling().refused(day, "extend", HOUSING, **full | given).code == code


def test_extension_once_only() -> None:
    given = {"clock": "C05", "days": 10, "approver": "staff/boss", "told_on": "2026-11-01", "reason": "复杂"}
    walk = handling().do("2026-11-01", "extend", HOUSING, **given)
    assert walk.refused("2026-11-02", "extend", HOUSING, **given).code == "extended_before"


def test_objection_needs_its_five_working_days() -> None:
    walk = registered("2026-09-03").do("2026-09-04", "forward", CLERK, to="lj-zj")
    assert walk.press("2026-09-11", "object", HOUSING, reason="x")[0].code == "object"  # type: ignore[index]
    assert walk.refused("2026-09-14", "object", HOUSING, reason="x").code == "objection_too_late"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"outcomes": THREE[:2]}, "claim_unanswered"),
        ({"outcomes": [*THREE[:2], {"claim": "c3", "outcome": "adopt"}]}, "outcome_not_allowed"),
        ({"outcomes": [{"claim": "c1", "outcome": "support"}, *THREE[1:]]}, "execute_by_when"),
        ({"outcomes": [*THREE, {"claim": "c9", "outcome": "reject"}]}, "claim_elsewhere"),
        ({"basis": {"c1": "x", "c2": " ", "c3": "x"}}, "claim_without_words"),
        ({"opinion": "一句话答复全部"}, "claim_without_words"),
        ({"remedy": None}, "field_missing"),
        ({"colour": "red"}, "field_unknown"),
        ({"remedy": "yes"}, "field_malformed"),
        ({"root_cause": "x"}, "code_unknown"),
    ],
)
def test_opinion_is_refused(change: dict[str, object], code: str) -> None:
    given = {"outcomes": THREE, "remedy": True, **words("c1", "c2", "c3")}
    assert handling().refused("2026-10-01", "opinion", HOUSING, **given | change).code == code


def test_opinion_without_remedy_is_let_through_but_starts_no_time_of_the_petitioner() -> None:
    walk = served(remedy=False)
    assert not walk.facts.tracks[0].remedy
    assert walk.press("2027-03-01", "request_review", PETITIONER, reviewer="lj", requested_on="2027-03-01")[0]  # type: ignore[index]
    no = walk.refused("2027-03-01", "finality", HOUSING, ground="no_request_in_time")
    assert no.code == "remedy_was_not_told"


def test_finality_waits_for_the_petitioners_thirty_days() -> None:
    walk = served()
    assert (
        walk.refused("2026-11-11", "finality", HOUSING, ground="no_request_in_time").code
        == "review_still_open"
    )
    assert walk.do("2026-11-12", "finality", HOUSING, ground="no_request_in_time").state() == "final"


def test_only_the_petitioner_or_an_outside_office_says_solved() -> None:
    walk = served()
    assert (
        walk.refused("2026-10-20", "confirm_solved", HOUSING, solved=True, via="paper").code
        == "not_permitted"
    )
    inside = {"solved": True, "via": "callback", "callback_unit": "lj-zj"}
    assert walk.refused("2026-10-20", "confirm_solved", CLERK, **inside).code == "callback_inside"
    assert (
        walk.refused("2026-10-20", "confirm_solved", CLERK, solved=True, via="portal").code
        == "petitioner_only"
    )
    assert (
        walk.refused("2026-10-20", "confirm_solved", STRANGER, solved=True, via="portal").code
        == "not_permitted"
    )
    walk.do("2026-10-20", "confirm_solved", PETITIONER, solved=True, via="portal")
    assert (walk.facts.solved, walk.facts.solved_by) == (True, "petitioner")
    walk.do("2026-10-25", "confirm_solved", PETITIONER, solved=False, via="portal")
    assert (walk.facts.solved, walk.facts.solved_by) == (False, "")


def test_no_obligation_has_a_petitioner_as_debtor() -> None:
    walk = served()
    given = {"id": "o1", "kind": "settlement", "debtor_kind": "unit", "due_on": "2026-12-01"}
    for debtor in ("party/01234567.p1", "petitioner", "信访人"):
        assert (
            walk.refused("2026-10-20", "oblige", HOUSING, debtor=debtor, **given).code
            == "petitioner_owes_nothing"
        )
    petitioner = given | {"debtor_kind": "petitioner"}
    assert walk.refused("2026-10-20", "oblige", HOUSING, debtor="x", **petitioner).code == "code_unknown"
    steps = [{"debtor": "party/01234567.p1", "due_on": "2026-12-01"}]
    code = walk.refused("2026-10-20", "settle", HOUSING, agreement="a", kind="mediation", steps=steps).code
    assert code == "petitioner_owes_nothing"
    step1 = {"debtor": "lj-zj", "due_on": "2026-12-01"}
    silence = walk.refused(
        "2026-10-20", "settle", HOUSING, agreement="a", kind="mediation", steps=[step1], conditional=True
    )
    assert silence.code == "settlement_for_silence"


def test_accused_units_and_persons_stay_out() -> None:
    accused = [{"unit": "lj-zj"}, {"staff": "staff/bad"}]
    walk = registered(accused=accused, sealed=True)
    assert walk.refused("2026-09-04", "forward", CLERK, to="lj-zj").code == "accused_unit"
    walk.do("2026-09-04", "forward", CLERK, to="lj-jt")
    assert (
        walk.refused("2026-09-05", "name_handler", TRANSPORT, handler="staff/bad").code == "accused_handler"
    )
    unsealed = Walk().refused(
        "2026-09-03", "register", CLERK, number="n", channel="web", received_on="2026-09-03", office="lj-xf",
        claims=[{"id": "c1"}], accused=accused,
    )  # fmt: skip
    assert unsealed.code == "must_be_sealed"


def test_dates_cannot_be_dodged() -> None:
    walk = handling()
    past = at("2026-09-20")
    assert walk.refused("2026-09-25", "investigate", HOUSING, occurred_at=past).code == "backdated"
    walk.do("2026-09-25", "investigate", HOUSING, occurred_at=past, scanned=True)
    earlier = at("2026-09-12")
    no = walk.refused("2026-09-26", "investigate", HOUSING, occurred_at=earlier, scanned=True)
    assert no.code == "before_last"
    assert (
        walk.refused("2026-09-26", "investigate", HOUSING, occurred_at=at("2026-09-28")).code == "in_future"
    )
    given = {"petition": "2026-ZZZZZZ-Z", "channel": "letter", "same_facts": True}
    walk.do("2026-09-26", "attach", HOUSING, occurred_at=earlier, received_on="2026-09-12", **given)
    late = {"seq": 1, "field": "received_on", "reason": "x"}
    assert (
        walk.refused("2026-09-27", "correct", CLERK, value="2026-09-30", **late).code
        == "correct_only_earlier"
    )
    assert walk.do("2026-09-27", "correct", CLERK, value="2026-09-01", **late).facts.received_on is not None


def test_petitioner_presses_only_for_what_lapsed() -> None:
    walk = registered("2026-09-03").do("2026-09-04", "forward", CLERK, to="lj-zj")
    assert walk.refused("2026-09-10", "press", PETITIONER, lapsed="C03").code == "nothing_lapsed"
    assert walk.refused("2026-09-25", "press", PETITIONER, lapsed="C05").code == "this_not_lapsed"
    walk.do("2026-09-25", "press", PETITIONER, lapsed="C03", track="t1")
    assert walk.refused("2026-09-25", "press", PETITIONER, lapsed="C03", track="t1").code == "pressed_already"
    assert [p[1:] for p in walk.facts.open_presses] == [("C03", "t1")]
    walk.do("2026-09-26", "answer_press", HOUSING, press_seq=3, text="今日告知")
    assert walk.facts.open_presses == ()


def test_some_claims_go_on_and_keep_their_first_clock() -> None:
    walk = registered().do("2026-09-04", "forward", CLERK, to="lj-zj", claims=["c2"])
    walk.do("2026-09-05", "assign", CLERK, to="lj-jt", claims=["c1", "c3"], length="10wd")
    assert [(t.id, t.state, t.holder, t.claims) for t in walk.facts.tracks] == [
        ("t1", "assigned", "lj-jt", ("c1", "c3")),
        ("t2", "forwarded", "lj-zj", ("c2",)),
    ]
    assert {t.hops[0].received_on.isoformat() for t in walk.facts.tracks} == {"2026-09-03"}
    assert walk.refused("2026-09-06", "note", HOUSING, colour=1).code == "field_unknown"
    assert walk.refolded() == walk.facts


def test_two_laws_a_step_follows_the_one_in_force_when_it_began() -> None:
    walk = Walk().do(
        "2022-04-20", "register", CLERK, number="n", channel="letter", received_on="2022-04-20",
        office="lj-xf", claims=[{"id": "c1"}],
    )  # fmt: skip
    walk.do("2022-04-28", "forward", CLERK, to="lj-zj")
    assert walk.refused("2022-05-05", "object", HOUSING, reason="x").code == "unknown_move"
    given = {"accepted": True, "served_on": "2022-05-05", "means": "hand"}
    walk.do("2022-05-05", "accept_decision", HOUSING, **given)
    assert PACKS.pack(walk.entries[-1].pack).id == "cn_national_2005"
    walk.do("2022-05-20", "investigate", HOUSING)
    assert PACKS.pack(walk.entries[-1].pack).id == "cn_national_2022"


def test_every_refusal_says_why_and_what_to_do_in_both_languages() -> None:
    for code, sentences in SENTENCES.items():
        assert len(sentences) == 4, code
        assert all(s.strip() for s in sentences), code
        assert sentences[0].endswith("。"), code
        assert sentences[1].endswith("."), code
    no = handling().refused("2026-09-20", "forward", HOUSING, to="lj-jt")
    assert (no.code, no.article) == ("wrong_state", "信访工作条例第二十二条")
    assert no.zh == "办理线t1现为“办理中”，不能“转送”。"
    assert no.what_to_do
    assert no.what_to_do_en


def test_tier_offices_pass_on_and_the_matter_still_waits_for_a_handler() -> None:
    walk = registered().do("2026-09-04", "forward", CLERK, to="lj-jt", tier="county")
    assert (walk.state(), walk.facts.tracks[0].holder) == ("registered", "lj-jt")
