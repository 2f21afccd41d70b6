"""Effects of arriving, sending on, telling and leading elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openredress.rules.draft import Draft, day_of, hop_to, next_track, with_avenue
from openredress.rules.facts import Claim, Hop, PartyFacts, Track, evolve


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
            str(p["id"]),
            str(p.get("role") or "lead"),
            bool(p.get("named", True)),
            bool(p.get("addressed", True)),
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
    track_id = next_track(case)
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
        parties=parties,
        petitions=petitions,
        claims=case.claims + claims,
        tracks=(*case.tracks, track),
        answered=False,
    )


def split(d: Draft) -> None:
    """When only some claims go on, they take a new track; it inherits hops, so the first clock stays."""
    wanted = d.entry.facts.get("claims")
    old = d.here()
    if not wanted or set(wanted) >= set(old.claims):
        return
    moved = tuple(c for c in old.claims if c in wanted)
    if not moved:
        return
    new_id = next_track(d.case)
    rest = evolve(old, claims=tuple(c for c in old.claims if c not in moved))
    child = evolve(old, id=new_id, claims=moved, opened_seq=d.entry.seq)
    d.set_case(
        claims=tuple(evolve(c, track=new_id) if c.id in moved else c for c in d.case.claims),
        tracks=(*(rest if t.id == old.id else t for t in d.case.tracks), child),
    )
    d.track = child


def send(d: Draft, mode: str) -> None:
    """Forward 转送 or assign 交办: the unit holds the track from the day it reaches its inbox."""
    f, track = d.entry.facts, d.here()
    received = day_of(f.get("received_on"), d.entry.day)
    unit = str(f["to"])
    if f.get("tier"):
        d.to = (
            d.pack.start
        )  # passed on to the petition office of another level: still to be sent to a handler
    d.set_track(
        holder=unit,
        sender=track.holder,
        sent_as=mode,
        length=str(f.get("length") or ""),
        handler="",
        hops=hop_to(d, unit, track.holder, mode, received),
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
        d.set_track(holder=to, handler="", before="", hops=hop_to(d, to, track.sender, mode, day))
        return
    d.to = d.pack.start
    sender = track.sender or d.case.office
    d.set_track(
        holder=sender,
        sender="",
        sent_as="",
        handler="",
        before="",
        hops=hop_to(d, sender, track.holder, "back", day),
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
    d.set_case(first_sent=True, claims=with_avenue(d.case.claims, track.claims, avenue))


def accept(d: Draft) -> None:
    """Acceptance decision 受理 (2005 procedure, and packs that know acceptance)."""
    d.set_track(told_on=day_of(d.entry.facts.get("served_on"), d.entry.day))
    d.set_case(first_sent=True)


def accept_decision(d: Draft) -> None:
    """受理 or 不予受理 (2005 procedure)."""
    f = d.entry.facts
    d.to = "handling" if f.get("accepted") else "refused"
    told = day_of(f.get("served_on"), d.entry.day)
    d.set_track(told_on=told, avenue=str(f.get("avenue") or "A6"))
    d.set_case(first_sent=True)


def decide_contest(d: Draft) -> None:
    """A refusal contested: upheld → back in hand; else it stands."""
    track = d.here()
    if not d.entry.facts.get("upheld"):
        resume(d)
        return
    d.to = "handling" if track.opinion_seq else d.pack.start
    d.set_track(
        before="", reviews=0 if track.opinion_seq else track.reviews, ended="", redo=bool(track.opinion_seq)
    )


def divert(d: Draft) -> None:
    """Lead to another avenue; the diverting unit keeps it until the other body has taken it up."""
    f = d.entry.facts
    split(d)
    track = d.here()
    avenue = str(f["avenue"])
    d.set_track(avenue=avenue, body=str(f.get("to") or ""), before=track.state)
    d.set_case(first_sent=True, claims=with_avenue(d.case.claims, track.claims, avenue))


def return_from_avenue(d: Draft) -> None:
    """Back in hand with the time used."""
    avenue = str(d.entry.facts.get("avenue") or "A6")
    track = d.here()
    d.set_track(avenue=avenue, body="", before="")
    d.set_case(claims=with_avenue(d.case.claims, track.claims, avenue))


def simple_start(d: Draft) -> None:
    """Simple procedure 简易办理."""
    told = d.entry.facts.get("told_on")
    track = d.here()
    d.set_track(simple=True, avenue=track.avenue or "A6", told_on=day_of(told, d.entry.day) if told else None)
    d.set_case(first_sent=True)


def convert(d: Draft) -> None:
    """To the ordinary procedure; the ordinary clock counts from the first acceptance."""
    d.set_track(simple=False)
