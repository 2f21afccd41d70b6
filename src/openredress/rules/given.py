"""Predicates about what is given with a move: shapes, dates, names, coverage of claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from openredress.rules.asking import Ask
from openredress.rules.facts import Refusal
from openredress.rules.outcomes import allowed

_LENGTH = re.compile(r"[1-9][0-9]{0,2}(wd)?")
_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")


def office_is_actors(a: Ask) -> Refusal | None:
    """Staff register for their own office."""
    if a.actor.kind == "staff" and a.given.get("office") != a.actor.unit:
        return a.no("office_not_yours", "office")
    return None


def received_not_later(a: Ask) -> Refusal | None:
    """An arrival may be dated earlier than its registration, never later."""
    day = a.day("received_on")
    return a.no("received_in_future", "received_on") if day is not None and day > a.on else None


def _claims_shape(a: Ask, claims: Any) -> Refusal | None:
    seen: set[str] = set()
    for claim in claims:
        claim_id = claim.get("id") if isinstance(claim, Mapping) else None
        if not isinstance(claim_id, str) or not _ID.fullmatch(claim_id) or claim_id in seen:
            return a.no("claim_malformed", "claims")
        avenue = claim.get("avenue")
        if avenue and avenue not in a.pack.vocab["avenues"]:
            return a.no("unknown_avenue", "claims", avenue=avenue)
        seen.add(claim_id)
    return None


def claims_well_formed(a: Ask) -> Refusal | None:
    """At least one claim; ids differ."""
    claims = a.given.get("claims")
    return _claims_shape(a, claims) if claims else a.no("no_claim", "claims")


def new_claims_well_formed(a: Ask) -> Refusal | None:
    """Claims that an attached petition adds."""
    return _claims_shape(a, a.given.get("claims") or ())


def parties_well_formed(a: Ask) -> Refusal | None:
    """Parties have ids; at most five representatives do not limit who may sign."""
    seen: set[str] = set()
    for party in a.given.get("parties") or ():
        party_id = party.get("id") if isinstance(party, Mapping) else None
        if not isinstance(party_id, str) or party_id in seen or party.get("role", "lead") not in _PARTY_ROLES:
            return a.no("party_malformed", "parties")
        seen.add(party_id)
    return None


_PARTY_ROLES = frozenset({"lead", "joint", "agent"})


def accused_well_formed(a: Ask) -> Refusal | None:
    """An accused is a unit or a staff pseudonym."""
    for one in a.given.get("accused") or ():
        if not isinstance(one, Mapping) or not (one.get("unit") or one.get("staff")):
            return a.no("accused_malformed", "accused")
    return None


def accused_are_sealed(a: Ask) -> Refusal | None:
    """Accusations of officials are sealed from the first entry."""
    return a.no("must_be_sealed", "sealed") if a.given.get("accused") and not a.given.get("sealed") else None


def to_another_unit(a: Ask) -> Refusal | None:
    """Sent to another unit than the holder."""
    return a.no("sent_to_itself", "to") if a.given.get("to") == a.here().holder else None


def _accused(a: Ask, field: str) -> Refusal | None:
    return a.no("accused_unit", field) if a.given.get(field) in a.facts.accused_units else None


def to_not_accused(a: Ask) -> Refusal | None:
    """Never to the accused unit."""
    return _accused(a, "to")


def unit_not_accused(a: Ask) -> Refusal | None:
    """Never the accused unit."""
    return _accused(a, "unit")


def reviewer_not_accused(a: Ask) -> Refusal | None:
    """Never reviewed by the accused unit."""
    return _accused(a, "reviewer")


def handler_not_accused(a: Ask) -> Refusal | None:
    """The accused does not handle."""
    return a.no("accused_handler", "handler") if a.given.get("handler") in a.facts.accused_staff else None


def claims_on_track(a: Ask) -> Refusal | None:
    """Claims named are on this track."""
    track = a.here()
    for claim in a.given.get("claims") or ():
        if claim not in track.claims:
            return a.no("claim_elsewhere", "claims", claim=claim)
    return None


def refusal_has_ground(a: Ask) -> Refusal | None:
    """A refusal names its ground."""
    return None if a.given.get("accepted") or a.given.get("ground") else a.no("ground_missing", "ground")


def length_readable(a: Ask) -> Refusal | None:
    """`30` calendar days or `10wd` working days."""
    return None if _LENGTH.fullmatch(str(a.given.get("length", ""))) else a.no("length_unreadable", "length")


def designated_is_named(a: Ask) -> Refusal | None:
    """A designation 指定 that upholds the objection names the unit."""
    if a.given.get("upheld") and a.given.get("how") == "designate" and not a.given.get("to"):
        return a.no("designate_whom", "to")
    return None


def served_not_later(a: Ask) -> Refusal | None:
    """A service cannot lie in the future of its entry."""
    day = a.day("served_on")
    return a.no("served_in_future", "served_on") if day is not None and day > a.on else None


def served_not_before_receipt(a: Ask) -> Refusal | None:
    """Nobody is told before the matter arrived."""
    day, got = a.day("served_on"), a.facts.received_on
    return a.no("served_before_receipt", "served_on") if day and got and day < got else None


def done_not_later(a: Ask) -> Refusal | None:
    """Done on a day that has come."""
    day = a.day("done_on")
    return a.no("done_in_future", "done_on") if day is not None and day > a.on else None


def due_not_before(a: Ask) -> Refusal | None:
    """A day set lies ahead."""
    day = a.day("due_on")
    return a.no("due_in_past", "due_on") if day is not None and day < a.on else None


def same_matter_in_hand(a: Ask) -> Refusal | None:
    """Art. 19(3): accepted or being handled by a unit below this one."""
    state = a.pack.states.get(str(a.given.get("same_as_state")))
    if a.given.get("ground") != "same_matter_in_hand" or state is None or not state.in_hand:
        return a.no("not_in_hand_below", "same_as_state")
    holder = a.given.get("same_as_holder")
    if holder not in a.actor.below and holder not in a.actor.over:
        return a.no("refuse_only_superior", "same_as_holder")
    return None


def by_a_person(a: Ask) -> Refusal | None:
    """A person decides this, never a machine."""
    return None if a.actor.kind == "staff" else a.no("person_decides")


def avenue_is_another(a: Ask) -> Refusal | None:
    """Led elsewhere means an avenue other than 31(6)."""
    return a.no("avenue_is_ours", "avenue") if a.given.get("avenue") in ("A6", "B") else None


def with_evidence(a: Ask) -> Refusal | None:
    """Done means shown."""
    return None if a.given.get("evidence") else a.no("no_evidence", "evidence")


def with_proof(a: Ask) -> Refusal | None:
    """Never a service without proof."""
    return None if a.given.get("proof") else a.no("no_proof", "proof")


def paper_is_waiting(a: Ask) -> Refusal | None:
    """The paper to serve was made."""
    paper = str(a.given.get("paper"))
    if paper == "notice" or paper in a.here().unserved:
        return None
    return a.no("paper_not_made", "paper")


def both_consent(a: Ask) -> Refusal | None:
    """Mediation with consent of both parties."""
    return None if a.given.get("consent") else a.no("no_consent", "consent")


def steps_well_formed(a: Ask) -> Refusal | None:
    """Steps of an agreement: a debtor who is not the petitioner, and a day."""
    steps = a.given.get("steps") or ()
    known = {o.id for o in a.facts.owed}
    if not steps:
        return a.no("no_steps", "steps")
    for step in steps:
        if not isinstance(step, Mapping) or step.get("id") in known or not step.get("due_on"):
            return a.no("step_malformed", "steps")
        if step.get("debtor_kind", "unit") not in _DEBTORS or is_party(str(step.get("debtor", ""))):
            return a.no("petitioner_owes_nothing", "steps")
    return None


_DEBTORS = frozenset({"unit", "staff", "payer"})


def is_party(debtor: str) -> bool:
    """Whether a debtor is a petitioner's pseudonym."""
    return debtor.startswith("party/") or debtor in ("petitioner", "信访人")


def not_for_silence(a: Ask) -> Refusal | None:
    """Nothing is conditioned on giving up petitioning."""
    return a.no("settlement_for_silence", "conditional") if a.given.get("conditional") else None


def extension_fits(a: Ask) -> Refusal | None:
    """The clock can be extended, and by no more days than its law allows."""
    clock = a.pack.clocks.get(str(a.given.get("clock")))
    extension = clock.extension if clock is not None else None
    if extension is None:
        return a.no("clock_not_extendable", "clock")
    days = a.given.get("days")
    if isinstance(days, int) and 1 <= days <= extension.most:
        return None
    return a.no("extension_too_long", "days", most=extension.most)


def approver_is_another(a: Ask) -> Refusal | None:
    """The head approves; nobody approves their own request."""
    approver = a.given.get("approver")
    if approver in (a.actor.pseudonym, a.here().handler):
        return a.no("approves_own", "approver")
    return None


def every_claim_answered(a: Ask) -> Refusal | None:
    """Each claim of the track once, each with an outcome its avenue allows."""
    track = a.here()
    given = a.given.get("outcomes") or ()
    names = [o.get("claim") if isinstance(o, Mapping) else None for o in given]
    missing = [c for c in track.claims if c not in names]
    if missing:
        return a.no("claim_unanswered", "outcomes", claims="、".join(missing))
    return _outcomes_fit(a, given, "opinion")


def _outcomes_fit(a: Ask, given: Any, stage: str) -> Refusal | None:
    track, seen = a.here(), set()
    codes = allowed(a.pack, stage, track.avenue or a.pack.axes["avenue"][-1])
    for one in given:
        claim = one.get("claim") if isinstance(one, Mapping) else None
        if claim not in track.claims or claim in seen:
            return a.no("claim_elsewhere", "outcomes", claim=claim)
        seen.add(claim)
        outcome = codes.get(str(one.get("outcome")))
        if outcome is None:
            return a.no("outcome_not_allowed", "outcomes", outcome=one.get("outcome"), avenue=track.avenue)
        if outcome.executes and not one.get("execute_by"):
            return a.no("execute_by_when", "outcomes", claim=claim)
    return None


def each_claim_in_words(a: Ask) -> Refusal | None:
    """Facts, basis and opinion for each claim, art. 32; one text may stand for a single claim."""
    claims = a.here().claims
    for field in ("facts", "basis", "opinion"):
        text = a.words.get(field)
        if isinstance(text, str) and text.strip() and len(claims) == 1:
            continue
        if not isinstance(text, Mapping) or any(not str(text.get(c) or "").strip() for c in claims):
            return a.no("claim_without_words", field)
    return None


def differs_from_annulled(a: Ask) -> Refusal | None:
    """A redone opinion may not repeat the annulled one unless facts, basis or procedure changed."""
    track = a.here()
    if not track.annulled or a.given.get("changed"):
        return None
    now = {o["claim"]: o.get("outcome") for o in a.given.get("outcomes") or ()}
    if all(now.get(claim) == outcome for claim, outcome in track.annulled):
        return a.no("repeats_annulled", "outcomes")
    return None


def claim_is_supported(a: Ask) -> Refusal | None:
    """Only what was promised is executed."""
    claim = str(a.given.get("claim"))
    owed = (o for o in a.facts.owed if o.kind == "execution" and o.track == a.here().id)
    if any(o.id.endswith(f".{claim}") and o.open for o in owed):
        return None
    return a.no("claim_not_supported", "claim")


def this_press_is_open(a: Ask) -> Refusal | None:
    """The pressing answered is open."""
    wanted = a.given.get("press_seq")
    return None if any(p[0] == wanted for p in a.facts.open_presses) else a.no("no_open_press", "press_seq")


def reviewer_is_another(a: Ask) -> Refusal | None:
    """The reviewer is the next higher body: not the one that answered or reviewed before."""
    track = a.here()
    if a.given.get("reviewer") in (track.opinion_unit, track.first_reviewer or None):
        return a.no("reviewer_not_above", "reviewer")
    return None


def changed_outcomes_given(a: Ask) -> Refusal | None:
    """变更 says what is changed, in outcomes the table knows."""
    if a.given.get("result") != "change":
        return None
    outcomes = a.given.get("outcomes")
    return _outcomes_fit(a, outcomes, "opinion") if outcomes else a.no("change_to_what", "outcomes")


def reopen_ground_holds(a: Ask) -> Refusal | None:
    """New facts are told; a broken promise is on the record; a body that annulled is named by staff."""
    ground = a.given.get("ground")
    if ground == "broken_promise":
        mine = [o for o in a.facts.owed if o.track in ("", a.here().id)]
        broken = any(o.open and o.done_on is None and o.late(a.on) for o in mine)
        return None if broken else a.no("no_broken_promise", "ground")
    if a.actor.kind == "petitioner":
        return a.no("petition_new_facts", "ground")
    if ground == "new_facts" and not (a.given.get("petition") or str(a.words.get("reason") or "").strip()):
        return a.no("which_new_facts", "reason")
    return None


def own_channel_or_callback(a: Ask) -> Refusal | None:
    """The petitioner's own channel, or paper plus a call-back by an office outside the handling line."""
    via = a.given.get("via")
    if via == "portal":
        return None if a.actor.kind == "petitioner" else a.no("petitioner_only", "via")
    unit = a.given.get("callback_unit")
    if not unit:
        return a.no("callback_missing", "callback_unit")
    if unit in {h.unit for t in a.facts.tracks for h in t.hops[1:]} | {
        t.holder for t in a.facts.tracks if t.hops[1:]
    }:
        return a.no("callback_inside", "callback_unit")
    return None


def debtor_may_owe(a: Ask) -> Refusal | None:
    """Owed by a unit, a staff member or a paying third party; never by a petitioner."""
    kind = a.pack.obligations[str(a.given["kind"])]
    debtor_kind, debtor = str(a.given.get("debtor_kind")), str(a.given.get("debtor"))
    if is_party(debtor) or debtor_kind not in _DEBTORS:
        return a.no("petitioner_owes_nothing", "debtor")
    return None if debtor_kind in kind.debtors else a.no("debtor_kind_wrong", "debtor_kind")


def obligation_is_new(a: Ask) -> Refusal | None:
    """Its id is free."""
    return a.no("obligation_known", "id") if any(o.id == a.given.get("id") for o in a.facts.owed) else None


def this_is_owed(a: Ask) -> Refusal | None:
    """The obligation named is open."""
    wanted = a.given.get("obligation")
    good = any(o.id == wanted and o.open for o in a.facts.owed)
    return None if good else a.no("not_owed", "obligation")


def this_is_known(a: Ask) -> Refusal | None:
    """The obligation named is on record."""
    wanted = a.given.get("obligation")
    return None if any(o.id == wanted for o in a.facts.owed) else a.no("not_owed", "obligation")


def not_by_the_debtor(a: Ask) -> Refusal | None:
    """Nobody waives their own debt."""
    wanted = a.given.get("obligation")
    owed = next((o for o in a.facts.owed if o.id == wanted), None)
    if owed is not None and owed.debtor in (a.actor.unit, a.actor.pseudonym):
        return a.no("waives_own_debt", "obligation")
    return None


def this_note_is_open(a: Ask) -> Refusal | None:
    """The note named waits for feedback."""
    return None if a.given.get("note_seq") in a.facts.leader_notes else a.no("no_open_note", "note_seq")


def names_are_units(a: Ask) -> Refusal | None:
    """A report names whom it went to."""
    return None if a.given.get("to") else a.no("report_to_whom", "to")


def link_is_new(a: Ask) -> Refusal | None:
    """Not linked yet, and not to itself."""
    other = a.given.get("other")
    return a.no("linked_already", "other") if other in a.facts.links or other == a.facts.number else None


def link_is_known(a: Ask) -> Refusal | None:
    """Linked before."""
    return None if a.given.get("other") in a.facts.links else a.no("no_link", "other")


def correction_burdens_the_office(a: Ask) -> Refusal | None:
    """An arrival is only ever corrected to an earlier day; every value has the form of its fact."""
    field, value = str(a.given.get("field")), str(a.given.get("value"))
    if not _correctable(a, field, value):
        kind = _CORRECT_KINDS.get(field, ("代码", "code"))
        return a.no("field_malformed", "value", field=value, field_en=value, kind=kind[0], kind_en=kind[1])
    if field != "received_on":
        return None
    new, old = date.fromisoformat(value), a.facts.received_on
    return a.no("correct_only_earlier", "value") if old is not None and new > old else None


_CORRECT_KINDS = {
    "received_on": ("日期（如2026-09-03）", "date"),
    "people_count": ("1 至 1000000 的整数", "whole number from 1 to 1000000"),
    "direct": ("true 或 false", "true or false"),
}
_CORRECT_WORDS = {"channel": "channels", "category": "categories", "confidentiality": "confidentiality"}


def _correctable(a: Ask, field: str, value: str) -> bool:
    if field == "received_on":
        try:
            return bool(date.fromisoformat(value))
        except ValueError:
            return False
    if field == "people_count":
        return value.isascii() and value.isdecimal() and len(value) < 8 and 1 <= int(value) <= 1_000_000
    if field == "direct":
        return value in ("true", "false")
    if field == "place":
        return len(value) <= 12
    return value in a.pack.vocab.get(_CORRECT_WORDS.get(field, ""), {})


GIVEN_CHECKS: dict[str, Callable[..., Refusal | None]] = {
    f.__name__: f
    for f in (
        office_is_actors, received_not_later, claims_well_formed, new_claims_well_formed, parties_well_formed,
        accused_well_formed, accused_are_sealed, to_another_unit, to_not_accused, unit_not_accused,
        refusal_has_ground,
        reviewer_not_accused, handler_not_accused, claims_on_track, length_readable, designated_is_named,
        served_not_later, served_not_before_receipt, done_not_later, due_not_before, same_matter_in_hand,
        by_a_person, avenue_is_another, with_evidence, with_proof, paper_is_waiting, both_consent,
        steps_well_formed, not_for_silence, extension_fits, approver_is_another,
        every_claim_answered, each_claim_in_words, differs_from_annulled, claim_is_supported,
        this_press_is_open, reviewer_is_another, changed_outcomes_given, reopen_ground_holds,
        own_channel_or_callback, debtor_may_owe, obligation_is_new, this_is_owed, this_is_known,
        not_by_the_debtor, this_note_is_open, names_are_units, link_is_new, link_is_known,
        correction_burdens_the_office,
    )
}  # fmt: skip
