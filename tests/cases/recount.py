"""Counts a database by hand: plain SQL over rows and entries. Imports nothing of ours."""

from __future__ import annotations

from collections import Counter


def tallies_by_rows(execute) -> Counter:
    """(unit id, kind, key) → n over unrestricted cases. `execute(sql)` gives rows."""
    found: Counter = Counter()
    hidden = {row[0] for row in execute("SELECT id FROM cases_case WHERE restricted")}
    for case, holder, state in execute("SELECT case_id, holder_id, state FROM cases_trackrow"):
        if case not in hidden:
            found[holder, "state", state] += 1
    for case, holder, due, is_open in execute("SELECT case_id, holder_id, due, open FROM cases_deadlinerow"):
        if case not in hidden and is_open and holder is not None:
            found[holder, "due", str(due)[:10]] += 1
    return found


def tallies_kept(execute) -> Counter:
    """What the tallies say; zeros left out."""
    rows = execute("SELECT unit_id, kind, key, n FROM cases_tally")
    return Counter({(unit, kind, key): n for unit, kind, key, n in rows if n})


def holders_by_record(execute) -> dict[str, str]:
    """Case stream → code of the unit that the last forward, or the registration, sent it to."""
    last: dict[str, tuple[int, str]] = {}
    sql = "SELECT stream, seq, code, facts FROM ledger_entry WHERE kind = 'case' ORDER BY stream, seq"
    for stream, seq, code, facts in execute(sql):
        name = {"register": "office", "forward": "to"}.get(code)
        if name:
            told = facts.split(f'"{name}":"')[1].split('"')[0]
            last[stream] = (seq, told)
    return {stream: unit for stream, (_, unit) in last.items()}
