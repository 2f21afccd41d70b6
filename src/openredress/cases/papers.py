"""Deadlines as the outside sees them: with holder, arithmetic and article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openredress.cases import units
from openredress.rules.facts import Deadline


def deadline_papers(due: Sequence[Deadline]) -> list[dict[str, Any]]:
    """Open deadlines, nearest first, each with its steps; holders by name."""
    running = sorted((d for d in due if d.open), key=lambda d: (d.due, d.clock, d.track))
    codes = {d.holder for d in running if d.holder_kind == "unit"}
    names = units.names(codes)
    return [
        {
            "clock": d.clock,
            "track": d.track,
            "what": d.what,
            "what_en": d.what_en,
            "holder": names.get(d.holder, "信访人" if d.holder_kind == "petitioner" else d.holder),
            "due": d.due.isoformat(),
            "nominal": d.nominal.isoformat(),
            "provisional": d.provisional,
            "article": d.article,
            "steps": list(d.steps),
        }
        for d in running
    ]
