"""Which answer may be given under which avenue, and which one the findings lead to."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from openredress.rules.pack import Outcome, OutcomeRow, Pack


def allowed(pack: Pack, stage: str, avenue: str) -> Mapping[str, Outcome]:
    """The outcomes of that stage (opinion, review, final) that the avenue allows, by code."""
    return {o.code: o for o in pack.outcomes.get(stage, ()) if avenue in o.avenues}


def proposed(pack: Pack, stage: str, avenue: str, findings: Mapping[str, str]) -> Outcome | None:
    """The outcome that the decision table gives for these findings (art. 32); None when some are missing."""
    for row in pack.rows:
        if row.stage != stage or avenue not in row.avenues:
            continue
        if all(findings.get(axis) in values for axis, values in row.findings.items()):
            return allowed(pack, stage, avenue).get(row.outcome)
    return None


def cells(
    rows: tuple[OutcomeRow, ...], axes: Mapping[str, tuple[str, ...]], stage: str, avenue: str
) -> dict[tuple[str, ...], int]:
    """How many rows answer each combination of findings: 0 is a gap, 2 an overlap."""
    mine = [r for r in rows if r.stage == stage and avenue in r.avenues]
    names = sorted({axis for row in mine for axis in row.findings})
    return {
        combination: sum(
            all(
                value in row.findings.get(axis, (value,))
                for axis, value in zip(names, combination, strict=True)
            )
            for row in mine
        )
        for combination in product(*(axes[name] for name in names))
    }
