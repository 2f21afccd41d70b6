"""The troubled files, and what they must come to, for the tests beside this one."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from tests.importers.workbook import make_troubles

HERE = Path(__file__).parent
EXPECTED: dict[str, Any] = tomllib.loads((HERE / "expected.toml").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 23)
UNITS = [tuple(names.split("|")) for names in EXPECTED["units"]]
CANARIES = make_troubles.CANARIES


def put(folder: Path, name: str) -> Path:
    """One of the files on disk."""
    path = folder / name
    path.write_bytes(make_troubles.FILES[name]())
    return path


def wrong_cells(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[Any]:
    """Bad cells found but not expected, expected but not found, or with a reason that lacks its word."""
    places = [(w.get("sheet"), w["row"], w["column"]) for w in wanted]
    seen = [(f["sheet"] if "sheet" in wanted[0] else None, f["row"], f["column"]) for f in found]
    wrong: list[Any] = [place for place in seen if place not in places]
    wrong += [place for place in places if seen.count(place) != 1]
    for one in wanted:
        for bad in found:
            if (bad["row"], bad["column"]) == (one["row"], one["column"]) and one["say"] not in bad["reason"]:
                wrong.append((one, bad["reason"]))
    return wrong
