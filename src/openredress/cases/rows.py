"""Facts and deadlines of one case as the rows that lists are made of. Pure: unit ids are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openredress.cases import bulk
from openredress.cases.tallies import Tallies
from openredress.rules.facts import CaseFacts, Deadline, Entry, Track
from openredress.rules.pack import Pack, Packs

TRACKS = bulk.Table(
    "cases_trackrow",
    ("track",),
    ("state", "open", "holder_id", "avenue", "simple", "handler", "territorial_id", "received_on"),
)
DEADLINES = bulk.Table(
    "cases_deadlinerow",
    ("track", "clock", "anchor"),
    (
        "due", "nominal", "due_at", "provisional", "holder_id", "open", "state", "ended_on", "what",
        "article", "next_move",
    ),
)  # fmt: skip
CLAIMS = bulk.Table("cases_claimrow", ("claim",), ("track", "avenue", "outcome", "executed", "execute_by"))
INVOLVED = bulk.Table("cases_involved", ("unit_id", "why"), ())
TABLES = (TRACKS, DEADLINES, CLAIMS, INVOLVED)

CASE_COLUMNS = (
    "version", "pack", "state", "open", "office_id", "lead_id", "territorial_id", "channel", "category",
    "region", "people_count", "confidentiality", "received_on", "last_progress_on", "next_due", "next_clock",
    "sealed", "restricted", "stock", "answered", "solved", "withdrawn", "marks",
)  # fmt: skip

# What moves a matter on: a served paper, evidence, a performed obligation, a held meeting. Notes and reads
# do not count, or a stuck case could be kept looking busy.
PROGRESS = frozenset(
    {
        "notify_receipt", "serve", "execute", "perform_obligation", "hearing_close", "mediate", "settle",
        "report", "divert_accepted", "decide_review", "decide_final",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseRows:
    """All rows of one case, adapted to the database."""

    case: bulk.Row  # in the order of CASE_COLUMNS
    tables: Mapping[str, dict[bulk.Row, bulk.Row]]  # table name → key → row
    tallies: Tallies
    owed: tuple[bulk.Row, ...]


def progress_day(entries: Sequence[Entry], before: date | None = None) -> date | None:
    """The last day on which something moved the matter on, or None."""
    days = [entry.day for entry in entries if entry.code in PROGRESS]
    if before is not None:
        days.append(before)
    return max(days, default=None)


def lead_unit(track: Track) -> str:
    """属事单位: who is to answer; a reviewer that holds the track for a while is not."""
    for hop in reversed(track.hops):
        if hop.mode not in ("review", "final"):
            return hop.unit
    return track.holder


def make(
    facts: CaseFacts,
    due: Sequence[Deadline],
    packs: Packs,
    ids: Mapping[str, int],
    *,
    progress: date | None,
    restricted: bool,
) -> CaseRows:
    """Every row that these facts and deadlines give. `ids` holds at least the units of `codes`."""
    pack = packs.pack(facts.pack)
    tracks = {(t.id,): _track(t, pack, packs, facts, ids) for t in facts.tracks}
    deadlines = {(d.track, d.clock, d.anchor): _deadline(d, packs, ids) for d in due}
    claims = {(c.id,): (c.id, c.track, c.avenue, c.outcome, c.executed, c.execute_by) for c in facts.claims}
    involved = {pair: pair for pair in _involved(facts, ids)}
    settled = {
        TRACKS.name: _adapted(tracks),
        DEADLINES.name: _adapted(deadlines),
        CLAIMS.name: _adapted(claims),
        INVOLVED.name: _adapted(involved),
    }
    case = bulk.adapted([_case(facts, due, tracks, ids, progress, restricted)])[0]
    counted: Tallies = Counter() if restricted else tallies(settled)
    return CaseRows(case, settled, counted, tuple(bulk.adapted(_owed(facts, ids))))


def codes(facts: CaseFacts, due: Sequence[Deadline]) -> set[str]:
    """Unit codes whose ids `make` needs."""
    found = {facts.office} | {d.holder for d in due if d.holder_kind == "unit"}
    for track in facts.tracks:
        found |= {track.holder, track.territorial, track.sender, track.opinion_unit, track.reviewer}
        found |= {hop.unit for hop in track.hops}
    return found | {owed.debtor for owed in facts.owed if owed.debtor_kind == "unit"}


def _adapted(rows: Mapping[Any, bulk.Row]) -> dict[bulk.Row, bulk.Row]:
    return dict(zip(rows, bulk.adapted(rows.values()), strict=True))


def _terminal(state: str, facts: CaseFacts, pack: Pack, packs: Packs) -> bool:
    found = pack.states.get(state)
    if found is None and facts.family and facts.received_on:
        # A procedure that began under a later law may stand in a state the first one does not know.
        later = next((r.pack for r in reversed(packs.revisions) if state in r.pack.states), None)
        found = later.states[state] if later else None
    return found is not None and found.terminal


def _track(
    track: Track, pack: Pack, packs: Packs, facts: CaseFacts, ids: Mapping[str, int]
) -> tuple[Any, ...]:
    received = track.hops[-1].received_on if track.hops else facts.received_on
    return (
        track.id,
        track.state,
        not _terminal(track.state, facts, pack, packs),
        ids[track.holder],
        track.avenue,
        track.simple,
        track.handler,
        ids.get(track.territorial),
        received,
    )


def _deadline(due: Deadline, packs: Packs, ids: Mapping[str, int]) -> tuple[Any, ...]:
    return (
        due.track,
        due.clock,
        due.anchor,
        due.due,
        due.nominal,
        due.due_at,
        due.provisional,
        ids.get(due.holder) if due.holder_kind == "unit" else None,
        due.open,
        due.state,
        due.ended_on,
        due.what[:80],
        due.article[:80],
        _ends(due, packs),
    )


def _ends(due: Deadline, packs: Packs) -> str:
    """The move that would end it: what the holder is to do next."""
    clock = packs.pack(due.pack).clocks.get(due.clock) if due.pack else None
    if clock is None or not due.open:
        return ""
    return next((end.on for end in clock.ends if end.met and not end.pending), "")[:30]


def _involved(facts: CaseFacts, ids: Mapping[str, int]) -> set[tuple[int, str]]:
    found = {(facts.office, "office")}
    for track in facts.tracks:
        found |= {(hop.unit, "held") for hop in track.hops}
        found |= {
            (track.holder, "holder"),
            (track.territorial, "territorial"),
            (track.sender, "sender"),
            (track.opinion_unit, "opined"),
            (track.reviewer, "reviewer"),
        }
    found |= {(owed.debtor, "owes") for owed in facts.owed if owed.debtor_kind == "unit"}
    return {(ids[code], why) for code, why in found if code in ids}


def _owed(facts: CaseFacts, ids: Mapping[str, int]) -> list[tuple[Any, ...]]:
    holders = {track.id: track.holder for track in facts.tracks}
    rows = []
    for owed in facts.owed:
        unit = owed.debtor if owed.debtor_kind == "unit" else holders.get(owed.track, facts.office)
        rows.append(
            (
                owed.id,
                owed.seq,
                owed.track,
                owed.kind,
                owed.debtor_kind,
                owed.debtor,
                ids.get(unit),
                owed.due_on,
                owed.basis,
                owed.state,
                owed.done_on,
                owed.evidence,
            )
        )
    return rows


def _nearest(facts: CaseFacts, due: Sequence[Deadline]) -> tuple[date | None, str]:
    running = [(d.due, d.clock) for d in due if d.open and d.holder_kind == "unit"]
    running += [(o.due_on, o.kind[:20]) for o in facts.owed if o.state == "due" and o.due_on]
    return min(running, default=(None, ""))


def _case(
    facts: CaseFacts,
    due: Sequence[Deadline],
    tracks: Mapping[tuple[str], tuple[Any, ...]],
    ids: Mapping[str, int],
    progress: date | None,
    restricted: bool,
) -> tuple[Any, ...]:
    first = next((t for t in facts.tracks if t.claims), facts.tracks[0])
    lead = lead_unit(first)
    territorial = next((t.territorial for t in facts.tracks if t.territorial), "")
    next_due, next_clock = _nearest(facts, due)
    return (
        facts.version,
        facts.pack,
        facts.state,
        any(row[2] for row in tracks.values()),
        ids[facts.office],
        ids.get(lead),
        ids.get(territorial),
        facts.channel,
        facts.category,
        facts.place[:12],
        facts.people_count,
        facts.confidentiality,
        facts.received_on,
        progress,
        next_due,
        next_clock,
        facts.sealed,
        restricted,
        facts.stock,
        facts.answered,
        facts.solved,
        facts.withdrawn,
        "".join(f" {mark}" for mark in sorted(facts.marks)) + " " if facts.marks else "",
    )


def tallies(tables: Mapping[str, Mapping[bulk.Row, bulk.Row]]) -> Tallies:
    """What these rows add to the tallies of an unrestricted case."""
    counted: Tallies = Counter()
    for row in tables[TRACKS.name].values():
        counted[row[3], "state", row[1]] += 1
    for row in tables[DEADLINES.name].values():
        if row[8] and row[7] is not None:
            counted[row[7], "due", str(row[3])] += 1
    return counted
