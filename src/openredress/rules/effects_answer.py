"""Effects of answering: settlement, opinion, service, review, finality, reopening."""

from __future__ import annotations

from datetime import date
from typing import Any

from openredress.rules.draft import Draft, day_of, hop_to
from openredress.rules.facts import Claim, Owed, evolve


def settle(d: Draft) -> None:
    """Agreement 协议: its steps become obligations of units, staff or payers."""
    f, track = d.entry.facts, d.here()
    agreement = str(f.get("agreement", ""))
    owed = tuple(
        Owed(
            id=str(s.get("id") or f"{agreement}.{n}"),
            kind="settlement",
            debtor_kind=str(s.get("debtor_kind") or "unit"),
            debtor=str(s.get("debtor") or track.holder),
            due_on=date.fromisoformat(s["due_on"]) if s.get("due_on") else None,
            basis=agreement,
            seq=d.entry.seq,
            track=track.id,
        )
        for n, s in enumerate(f.get("steps") or (), start=1)
    )
    d.set_case(owed=d.case.owed + owed)


def extend(d: Draft) -> None:
    """The period is extended; once only."""
    d.set_track(extended=True)


def opinion(d: Draft) -> None:
    """The opinion 处理意见, claim by claim; supported claims become obligations to execute."""
    f, e, track = d.entry.facts, d.entry, d.here()
    given = {o["claim"]: o for o in f.get("outcomes") or ()}
    d.set_case(claims=_with_outcomes(d, given), owed=d.case.owed + _to_execute(d, given))
    d.set_track(
        opinion_seq=e.seq,
        opinion_unit=track.holder,
        unserved=(*(p for p in track.unserved if p != "opinion"), "opinion"),
        remedy=bool(f.get("remedy")),
        served_on=None,
        first_reviewer="",  # a new answer may be reviewed by the same next higher body again
    )


def answer(d: Draft) -> None:
    """An answer that reaches the person as it is given (packs without a service of their own)."""
    opinion(d)
    unserved = tuple(p for p in d.here().unserved if p != "opinion")
    d.set_track(unserved=unserved, served_on=day_of(d.entry.facts.get("served_on"), d.entry.day))


def _with_outcomes(d: Draft, given: dict[str, Any]) -> tuple[Claim, ...]:
    return tuple(
        evolve(
            c,
            outcome=str(given[c.id].get("outcome") or ""),
            opinion_seq=d.entry.seq,
            execute_by=day_of(given[c.id].get("execute_by"), date.max)
            if given[c.id].get("execute_by")
            else None,
            executed=False,
            executed_on=None,
        )
        if c.id in given
        else c
        for c in d.case.claims
    )


def _to_execute(d: Draft, given: dict[str, Any]) -> tuple[Owed, ...]:
    codes = {o.code for stage in d.pack.outcomes.values() for o in stage if o.executes}
    track = d.here()
    return tuple(
        Owed(
            id=f"x{d.entry.seq}.{claim}",
            kind="execution",
            debtor_kind="unit",
            debtor=str(o.get("by_unit") or track.opinion_unit or track.holder),
            due_on=date.fromisoformat(o["execute_by"]) if o.get("execute_by") else None,
            basis=f"opinion#{d.entry.seq}",
            seq=d.entry.seq,
            track=track.id,
        )
        for claim, o in given.items()
        if o.get("outcome") in codes
    )


def serve(d: Draft) -> None:
    """A paper reached the petitioner."""
    f, track = d.entry.facts, d.here()
    paper, on = str(f["paper"]), day_of(f.get("served_on"), d.entry.day)
    d.to = track.state
    unserved = tuple(p for p in track.unserved if p != paper)
    if paper == "opinion" and track.state == "opined":
        d.to = "served"
        d.set_track(unserved=unserved, served_on=on)
    elif paper == "review" and track.state == "reviewed":
        d.to = "review_served"
        back = track.opinion_unit or track.holder
        d.set_track(unserved=unserved, holder=back, hops=hop_to(d, back, track.holder, "back", on))
    elif paper == "final" and track.state == "final_decided":
        d.to = "final"
        back = track.opinion_unit or track.holder
        d.set_track(
            unserved=unserved,
            holder=back,
            ended="final_review",
            hops=hop_to(d, back, track.holder, "back", on),
        )
    else:
        d.set_track(unserved=unserved)


def report(d: Draft) -> None:
    """办结报告 filed."""
    d.set_track(reported_on=day_of(d.entry.facts.get("filed_on"), d.entry.day))


def ask_review(d: Draft, level: str) -> None:
    """复查 or 复核 asked: the reviewer holds the track."""
    f, track = d.entry.facts, d.here()
    reviewer = str(f["reviewer"])
    received = day_of(f.get("requested_on"), d.entry.day)
    d.set_track(holder=reviewer, reviewer=reviewer, hops=hop_to(d, reviewer, track.holder, level, received))


def decide_review(d: Draft, level: str) -> None:
    """维持/变更: to be served. 撤销: the body that answered handles it anew and may not answer the same."""
    f, track = d.entry.facts, d.here()
    level_no = 1 if level == "review" else 2
    unserved = (*(p for p in track.unserved if p != level), level)
    first = track.reviewer if level == "review" else track.first_reviewer
    d.set_track(reviews=level_no, unserved=unserved, first_reviewer=first)
    if f.get("result") != "annul":
        d.to = "reviewed" if level == "review" else "final_decided"
        given = {o["claim"]: o for o in f.get("outcomes") or ()}
        if given:
            d.set_case(claims=_with_outcomes(d, given), owed=_replaced(d, given) + _to_execute(d, given))
        return
    d.to = "handling"
    old = {c.id: c.outcome for c in d.case.claims}
    back = track.opinion_unit or track.holder
    d.set_case(owed=_replaced(d, {c: {} for c in track.claims}))
    d.set_track(
        redo=True,
        annulled=tuple((c, old.get(c, "")) for c in track.claims),
        reviews=0,
        served_on=None,
        extended=False,
        holder=back,
        hops=hop_to(d, back, track.holder, "back", d.entry.day),
    )


def ask_next_stage(d: Draft) -> None:
    """The next stage begins: it may be extended and acknowledged anew."""
    d.set_track(extended=False, told_on=None)


def decide_appeal(d: Draft) -> None:
    """An appeal allowed sends the matter back to the body that answered."""
    track = d.here()
    back = track.opinion_unit or track.holder
    d.to = "handling" if d.entry.facts.get("upheld") else "closed"
    d.set_track(holder=back, reviews=1, hops=hop_to(d, back, track.holder, "back", d.entry.day))


def _replaced(d: Draft, given: dict[str, Any]) -> tuple[Owed, ...]:
    # A promise of an opinion that no longer stands is not owed; what was already done stays on record.
    gone = {f".{c}" for c in given}
    track = d.here()
    return tuple(
        evolve(o, state="waived", waived_on=d.entry.day)
        if o.kind == "execution"
        and o.track == track.id
        and o.state == "due"
        and o.id[o.id.find(".") :] in gone
        else o
        for o in d.case.owed
    )


def finality(d: Draft) -> None:
    """The procedure has ended."""
    d.set_track(ended=str(d.entry.facts.get("ground", "")))


def reopen(d: Draft) -> None:
    """Back in hand under the same number; the first clock is inherited, no mark of repetition."""
    track = d.here()
    back = track.opinion_unit or track.holder
    hops = hop_to(d, back, track.holder, "back", d.entry.day) if back != track.holder else track.hops
    d.set_track(
        holder=back, hops=hops, reviews=0, ended="", before="", served_on=None, extended=False, redo=False
    )
    d.set_track(annulled=())
    d.set_case(solved=False, solved_by="")
