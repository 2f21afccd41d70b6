"""Effects on the case: obligations, confirmation, withdrawal, supervision, corrections, links and marks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from openredress.rules.draft import Draft, day_of
from openredress.rules.facts import Owed, evolve


def execute(d: Draft) -> None:
    """A supported claim was carried out."""
    f = d.entry.facts
    claim, done = str(f["claim"]), day_of(f.get("done_on"), d.entry.day)
    evidence = bool(f.get("evidence"))
    d.set_case(
        claims=tuple(
            evolve(c, executed=True, executed_on=done) if c.id == claim and evidence else c
            for c in d.case.claims
        ),
        owed=tuple(
            done_on(o, done, evidence) if o.kind == "execution" and o.id.endswith(f".{claim}") else o
            for o in d.case.owed
        ),
    )


def done_on(owed: Owed, on: date, evidence: bool) -> Owed:
    if owed.state in ("done", "late", "waived"):
        return owed
    first = owed.done_on or on  # done again after a dispute: the first day counts
    late = owed.due_on is not None and first > owed.due_on
    return evolve(owed, state="late" if late else "done", done_on=first, evidence=evidence)


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
        owed=tuple(done_on(o, done, True) if o.id == f"n{seq}" else o for o in d.case.owed),
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
    _each_owed(d, lambda o: done_on(o, done, evidence))
    wanted = str(f["obligation"])
    owed = next((o for o in d.case.owed if o.id == wanted), None)
    if owed is not None and owed.kind == "execution":
        claim = wanted.partition(".")[2]
        d.set_case(
            claims=tuple(
                evolve(c, executed=True, executed_on=done) if c.id == claim else c for c in d.case.claims
            )
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
