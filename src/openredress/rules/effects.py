"""The closed list of effects: what an entry changes in the facts of a case.

An effect never refuses and never reads words. Packs name effects; a pack cannot invent one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from openredress.rules.facts import CaseFacts, Claim, Entry, Hop, Owed, PartyFacts, Track, evolve
from openredress.rules.pack import Move, Pack

Effect = Callable[..., None]


class Draft:
    """A case and one of its tracks while an entry is being folded in."""

    __slots__ = ("case", "entry", "move", "pack", "to", "track")

    def __init__(self, case: CaseFacts, track: Track | None, entry: Entry, move: Move, pack: Pack) -> None:
        self.case = case
        self.track = track
        self.entry = entry
        self.move = move
        self.pack = pack
        self.to = move.to[0] if move.to and track is not None else ""

    def rests(self, track: Track) -> bool:
        """Whether the track is in a terminal state; one that this law does not know is open."""
        state = self.pack.states.get(track.state)
        return state is not None and state.terminal

    def here(self) -> Track:
        """The track of the entry; an entry of a track move always has one."""
        if self.track is None:
            raise ValueError(f"{self.entry.stream}#{self.entry.seq} {self.entry.code}: no such track")
        return self.track

    def set_track(self, **changes: Any) -> None:
        """Change the track of the entry."""
        self.track = evolve(self.here(), **changes)

    def set_case(self, **changes: Any) -> None:
        """Change the case."""
        self.case = evolve(self.case, **changes)


def day_of(value: Any, default: date) -> date:
    """An ISO day in facts as a date; the default when it is not given."""
    return date.fromisoformat(value) if value else default


def register(d: Draft) -> None:
    """Open the case and its first track at the registering office."""
    f, e = d.entry.facts, d.entry
    received = day_of(f.get("received_on"), e.day)
    office = str(f.get("office", ""))
    claims = tuple(Claim(str(c["id"]), "t1", str(c.get("avenue") or "")) for c in f.get("claims", ()))
    hop = Hop(office, "", e.seq, received, "received")
    track = Track(
        id="t1",
        state=d.pack.start,
        holder=office,
        claims=tuple(c.id for c in claims),
        hops=(hop,),
        opened_seq=e.seq,
        since=e.day,
    )
    number = str(f.get("number", ""))
    accused = f.get("accused", ())
    d.set_case(
        number=number,
        family=d.pack.family,
        channel=str(f.get("channel", "")),
        received_on=received,
        office=office,
        direct=bool(f.get("direct", False)),
        stock=bool(f.get("stock", False)),
        sealed=bool(f.get("sealed", False)),
        confidentiality=str(f.get("confidentiality") or "normal"),
        people_count=int(f.get("people_count") or 1),
        parties=_parties(f.get("parties", ())),
        accused_units=frozenset(str(a["unit"]) for a in accused if a.get("unit")),
        accused_staff=frozenset(str(a["staff"]) for a in accused if a.get("staff")),
        claims=claims,
        tracks=(track,),
        petitions=(str(f.get("petition") or number),),
        category=str(f.get("category") or ""),
        place=str(f.get("place") or ""),
    )


def _parties(given: Iterable[Any]) -> tuple[PartyFacts, ...]:
    return tuple(
        PartyFacts(
            str(p["id"]), str(p.get("role") or "lead"), bool(p.get("named", True)), bool(p.get("addressed", True))
        )
        for p in given
    )


def attach(d: Draft) -> None:
    """Add a petition; claims that are new open a track of their own at the office."""
    f, e, case = d.entry.facts, d.entry, d.case
    have = {c.id for c in case.claims}
    fresh = [c for c in f.get("claims") or () if c["id"] not in have]
    known = {p.id for p in case.parties}
    parties = case.parties + tuple(p for p in _parties(f.get("parties") or ()) if p.id not in known)
    petitions = (*case.petitions, str(f.get("petition", "")))
    if not fresh:
        d.set_case(parties=parties, petitions=petitions)
        return
    track_id = _next_track(case)
    claims = tuple(Claim(str(c["id"]), track_id, str(c.get("avenue") or "")) for c in fresh)
    received = day_of(f.get("received_on"), e.day)
    track = Track(
        id=track_id,
        state=d.pack.start,
        holder=case.office,
        claims=tuple(c.id for c in claims),
        hops=(Hop(case.office, "", e.seq, received, "received"),),
        opened_seq=e.seq,
        since=e.day,
    )
    d.set_case(
        parties=parties, petitions=petitions, claims=case.claims + claims, tracks=(*case.tracks, track), answered=False
    )


def _next_track(case: CaseFacts) -> str:
    return f"t{len(case.tracks) + 1}"


def split(d: Draft) -> None:
    """When only some claims go on, they take a new track; it inherits hops, so the first clock stays."""
    wanted = d.entry.facts.get("claims")
    old = d.here()
    if not wanted or set(wanted) >= set(old.claims):
        return
    moved = tuple(c for c in old.claims if c in wanted)
    if not moved:
        return
    new_id = _next_track(d.case)
    rest = evolve(old, claims=tuple(c for c in old.claims if c not in moved))
    child = evolve(old, id=new_id, claims=moved, opened_seq=d.entry.seq)
    d.set_case(
        claims=tuple(evolve(c, track=new_id) if c.id in moved else c for c in d.case.claims),
        tracks=(*(rest if t.id == old.id else t for t in d.case.tracks), child),
    )
    d.track = child


def _hop(d: Draft, unit: str, sender: str, mode: str, received: date) -> tuple[Hop, ...]:
    hops = d.here().hops
    if hops and hops[-1].left_on is None:
        last = hops[-1]
        hops = (*hops[:-1], Hop(last.unit, last.sender, last.seq, last.received_on, last.mode, received))
    return (*hops, Hop(unit, sender, d.entry.seq, received, mode))


def send(d: Draft, mode: str) -> None:
    """Forward 转送 or assign 交办: the unit holds the track from the day it reaches its inbox."""
    f, track = d.entry.facts, d.here()
    received = day_of(f.get("received_on"), d.entry.day)
    unit = str(f["to"])
    if f.get("tier"):
        d.to = d.pack.start  # passed on to the petition office of another level: still to be sent to a handler
    d.set_track(
        holder=unit,
        sender=track.holder,
        sent_as=mode,
        length=str(f.get("length") or ""),
        handler="",
        hops=_hop(d, unit, track.holder, mode, received),
    )
    d.set_case(first_sent=True)


def interlude(d: Draft) -> None:
    """Remember the state to come back to (objection, hearing, contest)."""
    d.set_track(before=d.here().state)


def resume(d: Draft) -> None:
    """Come back from an interlude."""
    d.to = d.here().before
    d.set_track(before="")


def decide_objection(d: Draft) -> None:
    """Upheld: to the designated unit, or back to the sender. Not upheld: stays where it was."""
    f, track, day = d.entry.facts, d.here(), d.entry.day
    if not f.get("upheld"):
        resume(d)
        return
    to = str(f.get("to") or "")
    if to:
        mode = track.sent_as or "forward"
        d.to = "assigned" if mode == "assign" else "forwarded"
        d.set_track(holder=to, handler="", before="", hops=_hop(d, to, track.sender, mode, day))
        return
    d.to = d.pack.start
    sender = track.sender or d.case.office
    d.set_track(
        holder=sender, sender="", sent_as="", handler="", before="", hops=_hop(d, sender, track.holder, "back", day)
    )


def territorial(d: Draft) -> None:
    """Name the territorial unit 属地单位."""
    d.set_track(territorial=str(d.entry.facts["unit"]))


def name_handler(d: Draft) -> None:
    """Name the handler 承办人."""
    d.set_track(handler=str(d.entry.facts["handler"]))


def notify_receipt(d: Draft) -> None:
    """The petitioner was told of receipt, avenue and procedure."""
    f, track = d.entry.facts, d.here()
    d.to = "simple" if track.simple else "handling"
    avenue = str(f.get("avenue") or track.avenue)
    d.set_track(avenue=avenue, told_on=day_of(f.get("served_on"), d.entry.day))
    d.set_case(first_sent=True, claims=_with_avenue(d.case.claims, track.claims, avenue))


def _with_avenue(claims: tuple[Claim, ...], ids: tuple[str, ...], avenue: str) -> tuple[Claim, ...]:
    return tuple(evolve(c, avenue=avenue) if c.id in ids else c for c in claims)


def accept(d: Draft) -> None:
    """Acceptance decision 受理 (2005 procedure, and packs that know acceptance)."""
    d.set_track(told_on=day_of(d.entry.facts.get("served_on"), d.entry.day))
    d.set_case(first_sent=True)


def decide_contest(d: Draft) -> None:
    """A refusal contested: upheld → back in hand; else it stands."""
    track = d.here()
    if not d.entry.facts.get("upheld"):
        resume(d)
        return
    d.to = "handling" if track.opinion_seq else d.pack.start
    d.set_track(before="", reviews=0 if track.opinion_seq else track.reviews, ended="", redo=bool(track.opinion_seq))


def divert(d: Draft) -> None:
    """Lead to another avenue; the diverting unit keeps it until the other body has taken it up."""
    f = d.entry.facts
    split(d)
    track = d.here()
    avenue = str(f["avenue"])
    d.set_track(avenue=avenue, body=str(f.get("to") or ""), before=track.state)
    d.set_case(first_sent=True, claims=_with_avenue(d.case.claims, track.claims, avenue))


def return_from_avenue(d: Draft) -> None:
    """Back in hand with the time used."""
    avenue = str(d.entry.facts.get("avenue") or "A6")
    track = d.here()
    d.set_track(avenue=avenue, body="", before="")
    d.set_case(claims=_with_avenue(d.case.claims, track.claims, avenue))


def simple_start(d: Draft) -> None:
    """Simple procedure 简易办理."""
    told = d.entry.facts.get("told_on")
    track = d.here()
    d.set_track(simple=True, avenue=track.avenue or "A6", told_on=day_of(told, d.entry.day) if told else None)
    d.set_case(first_sent=True)


def convert(d: Draft) -> None:
    """To the ordinary procedure; the ordinary clock counts from the first acceptance."""
    d.set_track(simple=False)


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
    )


def answer(d: Draft) -> None:
    """An answer that reaches the person as it is given (packs without a service of their own)."""
    opinion(d)
    unserved = tuple(p for p in d.here().unserved if p != "opinion")
    d.set_track(unserved=unserved, served_on=day_of(d.entry.facts.get("served_on"), d.entry.day))


def ask_next_stage(d: Draft) -> None:
    """The next stage begins: it may be extended and acknowledged anew."""
    d.set_track(extended=False, told_on=None)


def decide_appeal(d: Draft) -> None:
    """An appeal allowed sends the matter back to the body that answered."""
    track = d.here()
    back = track.opinion_unit or track.holder
    d.to = "handling" if d.entry.facts.get("upheld") else "closed"
    d.set_track(holder=back, reviews=1, hops=_hop(d, back, track.holder, "back", d.entry.day))


def accept_decision(d: Draft) -> None:
    """受理 or 不予受理 (2005 procedure)."""
    f = d.entry.facts
    d.to = "handling" if f.get("accepted") else "refused"
    told = day_of(f.get("served_on"), d.entry.day)
    d.set_track(told_on=told, avenue=str(f.get("avenue") or "A6"))
    d.set_case(first_sent=True)


def _with_outcomes(d: Draft, given: dict[str, Any]) -> tuple[Claim, ...]:
    return tuple(
        evolve(
            c,
            outcome=str(given[c.id].get("outcome") or ""),
            opinion_seq=d.entry.seq,
            execute_by=day_of(given[c.id].get("execute_by"), date.max) if given[c.id].get("execute_by") else None,
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
        d.set_track(unserved=unserved, holder=back, hops=_hop(d, back, track.holder, "back", on))
    elif paper == "final" and track.state == "final_decided":
        d.to = "final"
        back = track.opinion_unit or track.holder
        d.set_track(unserved=unserved, holder=back, ended="final_review", hops=_hop(d, back, track.holder, "back", on))
    else:
        d.set_track(unserved=unserved)


def execute(d: Draft) -> None:
    """A supported claim was carried out."""
    f = d.entry.facts
    claim, done = str(f["claim"]), day_of(f.get("done_on"), d.entry.day)
    evidence = bool(f.get("evidence"))
    d.set_case(
        claims=tuple(
            evolve(c, executed=True, executed_on=done) if c.id == claim and evidence else c for c in d.case.claims
        ),
        owed=tuple(
            _done(o, done, evidence) if o.kind == "execution" and o.id.endswith(f".{claim}") else o
            for o in d.case.owed
        ),
    )


def _done(owed: Owed, on: date, evidence: bool) -> Owed:
    if owed.state in ("done", "late", "waived"):
        return owed
    first = owed.done_on or on  # done again after a dispute: the first day counts
    late = owed.due_on is not None and first > owed.due_on
    return evolve(owed, state="late" if late else "done", done_on=first, evidence=evidence)


def report(d: Draft) -> None:
    """办结报告 filed."""
    d.set_track(reported_on=day_of(d.entry.facts.get("filed_on"), d.entry.day))


def press(d: Draft) -> None:
    """The petitioner presses for an answer."""
    f = d.entry.facts
    d.set_case(
        open_presses=(*d.case.open_presses, (d.entry.seq, str(f["lapsed"]), str(f.get("track") or "")))
    )


def answer_press(d: Draft) -> None:
    """The pressing is answered in writing."""
    seq = d.entry.facts["press_seq"]
    d.set_case(open_presses=tuple(p for p in d.case.open_presses if p[0] != seq))


def ask_review(d: Draft, level: str) -> None:
    """复查 or 复核 asked: the reviewer holds the track."""
    f, track = d.entry.facts, d.here()
    reviewer = str(f["reviewer"])
    received = day_of(f.get("requested_on"), d.entry.day)
    d.set_track(holder=reviewer, reviewer=reviewer, hops=_hop(d, reviewer, track.holder, level, received))


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
        hops=_hop(d, back, track.holder, "back", d.entry.day),
    )


def _replaced(d: Draft, given: dict[str, Any]) -> tuple[Owed, ...]:
    # A promise of an opinion that no longer stands is not owed; what was already done stays on record.
    gone = {f".{c}" for c in given}
    track = d.here()
    return tuple(
        evolve(o, state="waived", waived_on=d.entry.day)
        if o.kind == "execution" and o.track == track.id and o.state == "due" and o.id[o.id.find(".") :] in gone
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
    hops = _hop(d, back, track.holder, "back", d.entry.day) if back != track.holder else track.hops
    d.set_track(holder=back, hops=hops, reviews=0, ended="", before="", served_on=None, extended=False, redo=False)
    d.set_track(annulled=())
    d.set_case(solved=False, solved_by="")


def withdraw(d: Draft) -> None:
    """Every open track rests; faults stay, and it never counts as solved."""
    d.set_case(
        withdrawn=True,
        withdrawn_on=d.entry.day,
        solved=False,
        solved_by="",
        tracks=tuple(
            t if d.rests(t) else evolve(t, before=f"{t.state}|{t.before}", state="withdrawn")
            for t in d.case.tracks
        ),
    )


def restore(d: Draft) -> None:
    """The withdrawal is taken back: each track goes on where it was."""
    tracks = []
    for t in d.case.tracks:
        if t.state == "withdrawn":
            state, _, before = t.before.partition("|")
            t = evolve(t, state=state, before=before)
        tracks.append(t)
    d.set_case(withdrawn=False, withdrawn_on=None, tracks=tuple(tracks))


def confirm_solved(d: Draft) -> None:
    """The petitioner, or an outside office that called back, says whether it is solved."""
    f = d.entry.facts
    solved = bool(f.get("solved"))
    by = "callback" if f.get("via") == "callback" else "petitioner"
    d.set_case(solved=solved, solved_by=by if solved else "", confirmed_on=d.entry.day)


def supervise(d: Draft) -> None:
    """督办: the unit owes a written answer."""
    track = d.here()
    _owe(d, f"s{d.entry.seq}", "supervision", track.holder, d.entry.facts.get("due_on"), track.id)


def leader_note(d: Draft) -> None:
    """批示: the unit owes feedback."""
    f = d.entry.facts
    d.set_case(leader_notes=(*d.case.leader_notes, d.entry.seq))
    _owe(d, f"n{d.entry.seq}", "leader_note", str(f["to"]), f.get("due_on"), str(f.get("track") or ""))


def leader_feedback(d: Draft) -> None:
    """The note is fed back."""
    seq = d.entry.facts["note_seq"]
    done = day_of(d.entry.facts.get("done_on"), d.entry.day)
    d.set_case(
        leader_notes=tuple(s for s in d.case.leader_notes if s != seq),
        owed=tuple(_done(o, done, True) if o.id == f"n{seq}" else o for o in d.case.owed),
    )


def _owe(d: Draft, owed_id: str, kind: str, unit: str, due_on: Any, track: str) -> None:
    due = date.fromisoformat(due_on) if due_on else None
    owed = Owed(owed_id, kind, "unit", unit, due, f"{d.entry.code}#{d.entry.seq}", d.entry.seq, track)
    d.set_case(owed=(*d.case.owed, owed))


def oblige(d: Draft) -> None:
    """An obligation is set."""
    f = d.entry.facts
    owed = Owed(
        id=str(f["id"]),
        kind=str(f["kind"]),
        debtor_kind=str(f["debtor_kind"]),
        debtor=str(f["debtor"]),
        due_on=date.fromisoformat(f["due_on"]) if f.get("due_on") else None,
        basis=f"oblige#{d.entry.seq}",
        seq=d.entry.seq,
        track=str(f.get("track") or ""),
    )
    d.set_case(owed=(*d.case.owed, owed))


def _each_owed(d: Draft, change: Callable[[Owed], Owed]) -> None:
    wanted = str(d.entry.facts["obligation"])
    d.set_case(owed=tuple(change(o) if o.id == wanted else o for o in d.case.owed))


def perform(d: Draft) -> None:
    """An obligation is performed, with evidence; an execution marks its claim too."""
    f = d.entry.facts
    done, evidence = day_of(f.get("done_on"), d.entry.day), bool(f.get("evidence"))
    _each_owed(d, lambda o: _done(o, done, evidence))
    wanted = str(f["obligation"])
    owed = next((o for o in d.case.owed if o.id == wanted), None)
    if owed is not None and owed.kind == "execution":
        claim = wanted.partition(".")[2]
        d.set_case(
            claims=tuple(evolve(c, executed=True, executed_on=done) if c.id == claim else c for c in d.case.claims)
        )


def waive(d: Draft) -> None:
    """An obligation is waived."""
    _each_owed(d, lambda o: evolve(o, state="waived", waived_on=d.entry.day) if o.open else o)


def dispute(d: Draft) -> None:
    """An obligation, or its performance, is disputed."""
    _each_owed(d, lambda o: evolve(o, state="disputed") if o.state != "waived" else o)


def correct(d: Draft) -> None:
    """A fact of the registration is put right; an arrival may only become earlier."""
    f = d.entry.facts
    name, value = str(f["field"]), f["value"]
    if name == "received_on":
        new = date.fromisoformat(value)
        old = d.case.received_on
        if old is None or new < old:
            d.set_case(received_on=new)
    elif name == "people_count":
        d.set_case(people_count=int(value))
    elif name == "direct":
        d.set_case(direct=value == "true")
    elif name in ("channel", "category", "place", "confidentiality"):
        d.set_case(**{name: str(value)})


def link(d: Draft) -> None:
    """Link to another case."""
    d.set_case(links=(*d.case.links, str(d.entry.facts["other"])))


def unlink(d: Draft) -> None:
    """Take a link away."""
    other = str(d.entry.facts["other"])
    d.set_case(links=tuple(x for x in d.case.links if x != other))


def mark(d: Draft) -> None:
    """Set a mark of the pack's list."""
    d.set_case(marks=d.case.marks | {str(d.entry.facts["mark"])})


def unmark(d: Draft) -> None:
    """Take a mark away."""
    d.set_case(marks=d.case.marks - {str(d.entry.facts["mark"])})


EFFECTS: dict[str, Effect] = {
    f.__name__: f
    for f in (
        register, attach, split, send, interlude, resume, decide_objection, territorial, name_handler,
        notify_receipt, accept, accept_decision, answer, ask_next_stage, decide_appeal, decide_contest, divert, return_from_avenue, simple_start, convert, settle,
        extend, opinion, serve, execute, report, press, answer_press, ask_review, decide_review, finality,
        reopen, withdraw, restore, confirm_solved, supervise, leader_note, leader_feedback, oblige, perform,
        waive, dispute, correct, link, unlink, mark, unmark,
    )
}  # fmt: skip
