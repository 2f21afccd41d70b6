"""A changed workbook row never changes a case: it becomes a proposal that a person accepts or declines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from openredress.cases import actions
from openredress.cases.actions import Done
from openredress.cases.models import Case, LedgerRow, Proposal
from openredress.ledger import gate
from openredress.rules.facts import Actor, Refusal


@dataclass(frozen=True, slots=True)
class Cell:
    """One changed cell, as the preview shows it. Identity cells come masked from the importer."""

    field: str
    heading: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A changed row: its case, the cells in sight, and the moves that accepting would make."""

    case: int
    source: str
    digest: str
    cells: tuple[Cell, ...]
    moves: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    ledger_key: str = ""
    ledger_cells: Mapping[str, Any] = field(default_factory=dict)  # kept once accepted


def propose(wanted: Sequence[Proposed], *, actor: Actor, at: datetime) -> int:
    """Store proposals; one whose very change was proposed before is passed over. Returns how many are new."""
    versions = dict(Case.objects.filter(pk__in={one.case for one in wanted}).values_list("pk", "version"))
    rows = [
        Proposal(
            case_id=one.case,
            source=one.source[:120],
            digest=one.digest,
            cells=[_cell(cell) for cell in one.cells],
            moves=[{"move": move, "given": dict(given)} for move, given in one.moves]
            + [{"ledger_key": one.ledger_key, "cells": dict(one.ledger_cells)}],
            made_at=at,
            made_by=actor.pseudonym,
            case_version=versions[one.case],
        )
        for one in wanted
    ]

    def work() -> int:
        cases = {one.case for one in wanted}
        before = Proposal.objects.filter(case__in=cases).count()
        Proposal.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
        for one in wanted:  # a newer version of the row takes the place of one nobody decided on
            same = Proposal.objects.filter(case=one.case, source=one.source[:120])
            same.filter(state="open").exclude(digest=one.digest).update(state="stale")
            same.filter(state="stale", digest=one.digest).update(state="open")
        return Proposal.objects.filter(case__in=cases).count() - before

    return gate.write(work)


def _cell(cell: Cell) -> dict[str, str]:
    return {"field": cell.field, "heading": cell.heading, "old": cell.old, "new": cell.new}


def declined(changes: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of these (case id, digest) changes that a person has declined before."""
    rows = Proposal.objects.filter(state="declined", digest__in=[digest for _, digest in changes])
    return set(rows.values_list("case_id", "digest")) & set(changes)


def waiting(cases: QuerySet[Case]) -> QuerySet[Proposal]:
    """Open proposals on cases that the caller may read (the policy's gate gives them), oldest first."""
    return (
        Proposal.objects.filter(state="open", case__in=cases).select_related("case").order_by("made_at", "pk")
    )


def preview(proposal: Proposal) -> tuple[Cell, ...]:
    """The change, cell by cell."""
    return tuple(Cell(**cell) for cell in proposal.cells)


class _Stopped(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def accept(proposal: Proposal, *, actor: Actor, at: datetime) -> list[Done] | Refusal:
    """Make the proposed moves, each through the rules, and remember the row as now known.

    All in one transaction: the first refusal is the answer, and nothing was done.
    """
    if proposal.state != "open":
        return _decided(proposal)

    def work() -> list[Done]:
        done = []
        for step in proposal.moves:
            if "move" in step:
                made = actions.perform(proposal.case.stream, step["move"], step["given"], actor=actor, at=at)
                if isinstance(made, Refusal):
                    raise _Stopped(made)
                done.append(made)
            elif step.get("ledger_key"):
                row = LedgerRow.objects.filter(key=step["ledger_key"])
                row.update(digest=proposal.digest, cells=step["cells"])
        _close(proposal, "accepted", actor, at)
        return done

    try:
        return gate.write(work)
    except _Stopped as stop:
        return stop.refusal


def decline(proposal: Proposal, *, actor: Actor, at: datetime) -> Refusal | None:
    """Leave the case as it is; the same change is not proposed again."""
    if proposal.state != "open":
        return _decided(proposal)
    gate.write(lambda: _close(proposal, "declined", actor, at))
    return None


def _close(proposal: Proposal, state: str, actor: Actor, at: datetime) -> None:
    proposal.state, proposal.decided_at, proposal.decided_by = state, at, actor.pseudonym
    proposal.save(update_fields=["state", "decided_at", "decided_by"])


def _decided(proposal: Proposal) -> Refusal:
    return Refusal(
        "already_decided",
        "这条变更建议已处理",
        "This proposal has been decided",
        field="proposal",
        what_to_do="刷新列表",
        what_to_do_en="reload the list",
    )
