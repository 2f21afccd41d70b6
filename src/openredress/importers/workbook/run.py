"""One import from file to outcome: plan it whole, then write it row by row, then propose what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils.timezone import get_default_timezone

from openredress.cases import proposals
from openredress.cases.actions import append_batch
from openredress.cases.models import LedgerRow, Proposal
from openredress.cases.proposals import Proposed
from openredress.importers.workbook import control, drafts, sheets
from openredress.importers.workbook.cells import Why
from openredress.importers.workbook.check import Bad
from openredress.importers.workbook.control import Denylist
from openredress.importers.workbook.match import Known, index_secrets
from openredress.importers.workbook.plan import Against, Change, Plan, Tell, plan
from openredress.importers.workbook.units import Units
from openredress.people.models import Unit
from openredress.rules.facts import Refusal

_AT_ONCE = 100  # proposals in one transaction, so that nobody waits long


@dataclass(slots=True)
class Outcome:
    """What an import did, or with `dry_run` or bad cells would have done."""

    plan: Plan
    written: bool = False
    created: int = 0
    already_there: int = 0
    proposed: list[Change] = field(default_factory=list)  # rows that wait for a person
    proposals_made: int = 0  # of those, the ones not proposed before
    units_made: list[str] = field(default_factory=list)
    longest: float = 0.0  # seconds of the longest transaction
    entries: int = 0

    @property
    def changed(self) -> int:
        """Rows that differ from the record and wait for a person."""
        return len(self.proposed)

    @property
    def exit_code(self) -> int:
        """0 done, 1 bad data found."""
        return 1 if self.plan.bad else 0


@dataclass(frozen=True, slots=True)
class Wish:
    """How to import: the office whose ledger it is, and what may be done."""

    office: Unit
    at: datetime
    create_units: bool = False
    dry_run: bool = False
    skip_bad: bool = False


def _silent(zh: str, en: str, done: int, of: int) -> None:
    """No progress wanted."""


def import_file(path: Path, wish: Wish, *, denied: Denylist | None = None, tell: Tell = _silent) -> Outcome:
    """Import one file. Raises `sheets.Unreadable`, and `KeysMissing` when the vault is locked.

    All rows are read and checked first. With a bad cell nothing is written unless `skip_bad`. Rows are
    written whole, in short transactions; a run that was broken off goes on with the rest next time.
    """
    units = Units(wish.office, create=wish.create_units)
    against = Against(
        office=wish.office.code,
        units=units,
        denied=denied or control.load(),
        lookup=lambda ledger: known_rows(ledger, wish.office.authority),
        keys=index_secrets(),
        today=wish.at.astimezone(get_default_timezone()).date(),
    )
    outcome = Outcome(plan(sheets.read(path), against, tell))
    found = outcome.plan
    open_changes, outcome.already_there = _undecided(found.changed)
    outcome.already_there += found.same
    outcome.proposed = open_changes
    if wish.dry_run or (found.bad and not wish.skip_bad):
        outcome.created = len(found.new) if wish.dry_run else 0
        return outcome
    outcome.units_made = units.make(wish.office, by="system", at=wish.at)
    _create(outcome, wish, tell)
    wanted = [_proposed(change, wish.office.code) for change in open_changes]
    for start in range(0, len(wanted), _AT_ONCE):
        outcome.proposals_made += proposals.propose(
            wanted[start : start + _AT_ONCE], actor=drafts.system_actor(wish.office.code), at=wish.at
        )
    outcome.written = True
    return outcome


def known_rows(ledger: str, authority: int = 1) -> list[Known]:
    """What was imported from this ledger before."""
    rows = LedgerRow.objects.filter(authority=authority, ledger=ledger).order_by("pk")
    return [
        Known(*values)
        for values in rows.values_list(
            "pk", "case_id", "case__stream", "case__number", "key", "digest", "cells"
        )
    ]


def _undecided(changes: Sequence[Change]) -> tuple[list[Change], int]:
    """Changes still to be decided, and how many were declined before: those count as known."""
    cases = {change.known.case_id for change in changes}
    declined = set(Proposal.objects.filter(state="declined", case__in=cases).values_list("case_id", "digest"))
    kept = [change for change in changes if (change.known.case_id, change.digest) not in declined]
    return kept, len(changes) - len(kept)


def _create(outcome: Outcome, wish: Wish, tell: Tell) -> None:
    new = outcome.plan.new
    zone = get_default_timezone()
    batch = append_batch(
        (drafts.case_draft(one, wish.office.code, wish.at, zone) for one in new),
        actor=drafts.system_actor(wish.office.code),
        recorded_at=wish.at,
        progress=_progress(tell, len(new)),
    )
    outcome.created, outcome.entries, outcome.longest = batch.cases, batch.entries, batch.longest
    outcome.already_there += batch.already
    for refused in batch.refused:
        row = new[refused.index].row
        outcome.plan.bad.append(
            Bad(row.sheet, row.row, _column(row.heading.of, refused.refusal), _why(refused.refusal))
        )


def _progress(tell: Tell, of: int) -> Callable[[int], None]:
    return lambda done: tell("导入", "importing", done, of)


def _column(label: Callable[[str], str], refusal: Refusal) -> str:
    field_of = {"received_on": "first_on", "to": "unit", "due_on": "due_on", "people_count": "people"}
    return label(field_of.get(refusal.field, "name"))


def _why(refusal: Refusal) -> Why:
    todo, todo_en = refusal.what_to_do, refusal.what_to_do_en or refusal.what_to_do
    return Why("；".join(filter(None, (refusal.zh, todo))), "; ".join(filter(None, (refusal.en, todo_en))))


def _proposed(change: Change, office: str) -> Proposed:
    moves = drafts.proposed_moves(change.diff, change.cells, change.digest, office)
    return Proposed(
        case=change.known.case_id,
        source=f"import-ledger {office}",
        digest=change.digest,
        cells=change.diff,
        moves=tuple(moves),
        ledger_key=change.known.key,
        ledger_cells=change.cells,
    )
