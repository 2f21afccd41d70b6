"""From a good row to a stock case: the petition in the petitioner's words, then what the office wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from openredress.cases.actions import CaseDraft, MoveDraft
from openredress.cases.intake import PartyInput, PetitionInput
from openredress.cases.proposals import Cell
from openredress.importers.workbook.check import Row
from openredress.importers.workbook.plan import New
from openredress.rules.facts import Actor

_ITEMS = re.compile(
    r"(?:^|[\n；;。])\s*(?:[（(]?\d{1,2}[.、)）．]|[（(]?[一二三四五六七八九十]{1,2}[、)）])\s*"
)
_PLAIN_ITEMS = re.compile(r"[\n；;]+")
_CLAIM_CHARS = 4_000
TRACK = "t1"


def system_actor(office: str) -> Actor:
    """The importer: the system, acting for the office whose ledger it is."""
    return Actor("system", "system", unit=office, roles=frozenset({"system"}))


def claims(demand: str) -> tuple[str, ...]:
    """The demands one by one: as numbered, else by line or semicolon."""
    pieces = _ITEMS.split(demand)
    if len([piece for piece in pieces if piece.strip()]) < 2:
        pieces = _PLAIN_ITEMS.split(demand)
    found = (piece.strip().rstrip("；;。，,") for piece in pieces)
    return tuple(piece[:_CLAIM_CHARS] for piece in found if piece)[:50] or (demand[:_CLAIM_CHARS],)


def petition(row: Row, zone: ZoneInfo) -> PetitionInput:
    """The arrival that the row records, on its first day."""
    received = datetime.combine(row.first_on, time(), zone) if row.first_on else None
    return PetitionInput(
        text=row.matter if row.demand == row.matter else f"{row.matter}\n诉求：{row.demand}",
        claims=claims(row.demand),
        channel=row.channel,
        received_at=received,
        confidentiality="normal" if row.people.names else "anonymous",
        parties=_parties(row),
        people_count=row.people_count,
    )


def _parties(row: Row) -> tuple[PartyInput, ...]:
    each = len(row.phones) == len(row.people.names)
    return tuple(
        PartyInput(
            role="joint" if n else "lead",
            name=name,
            address=row.address if n == 0 else "",
            id_number=row.id_numbers[n] if n < len(row.id_numbers) else "",
            phone=row.phones[n] if row.phones and (each or n == 0) else "",
        )
        for n, name in enumerate(row.people.names)
    )


def note(row: Row) -> str:
    """What the office wrote beside the matter, column by column, and what is still to be added."""
    label = row.heading.of
    leader = " ".join(part for part in (row.leader, row.leader_post) if part)
    spare = row.phones[1:] if len(row.phones) != len(row.people.names) else ()
    lines = [
        (label("leader"), leader),
        (label("handler"), row.handler),
        (label("measures"), row.measures),
        (label("progress"), row.progress),
        ("台账记为", _settled(row)),
        (label("note"), row.note),
        ("配合单位", "、".join(row.units[1:])),
        ("其他联系电话", "、".join(spare)),
        *row.extra.items(),
        ("待补", "、".join(_missing(row))),
    ]
    return "\n".join(f"{name}：{words}" for name, words in lines if words)


def _settled(row: Row) -> str:
    if row.solved is None and row.solved_on is None:
        return ""
    if row.solved is False:
        return "未化解"
    on = f"（{row.solved_on}）" if row.solved_on else ""
    return f"已化解{on}；须经信访人确认，本系统不据此认定"


def _missing(row: Row) -> list[str]:
    have = {
        "住址": row.address or row.people.anonymous,
        "首次信访时间": row.first_on,
        "责任单位": row.units,
        "信访形式": row.channel != "ledger",
    }
    return [name for name, value in have.items() if not value]


def moves(row: Row, office: str, at: datetime) -> tuple[MoveDraft, ...]:
    """What follows the registration: the responsible unit, the territorial one, the promise, the notes."""
    holder = row.units[0] if row.units else office
    asked: list[tuple[str, dict[str, Any]]] = []
    if holder != office:
        asked.append(("forward", {"track": TRACK, "to": holder}))
    if row.territorial:
        asked.append(("territorial", {"track": TRACK, "unit": row.territorial[0]}))
    if row.due_on:
        asked.append(("oblige", target(holder, row.due_on.isoformat(), "o1")))
    if words := note(row):
        asked.append(("note", {"track": TRACK, "text": words}))
    actor = system_actor(office)
    return tuple(MoveDraft(move, given, actor, at) for move, given in asked)


def target(holder: str, due_on: str, number: str) -> dict[str, Any]:
    """化解时限: owed by the unit that holds the matter, on the basis of the ledger alone."""
    return {
        "id": number,
        "kind": "ledger_target",
        "debtor_kind": "unit",
        "debtor": holder,
        "due_on": due_on,
        "track": TRACK,
    }


def case_draft(new: New, office: str, at: datetime, zone: ZoneInfo) -> CaseDraft:
    """The whole row as one case, written whole or not at all."""
    return CaseDraft(
        petition=petition(new.row, zone),
        office=office,
        stock=True,
        moves=moves(new.row, office, at),
        ledger_key=new.key,
        ledger=new.ledger,
        ledger_digest=new.digest,
        ledger_cells=new.cells,
        registered_at=at,
    )


def proposed_moves(
    diff: tuple[Cell, ...], cells: Mapping[str, Any], digest: str, office: str
) -> list[tuple[str, dict[str, Any]]]:
    """What accepting a changed row performs: a note of each change, and a changed day as a new promise.

    The old promise stays: whoever owed it by then still did. Re-routing, identities and the demands
    themselves are changed by their own moves, never by a list.
    """
    lines = [
        f"{cell.heading}：{cell.old or '（空）'} → {cell.new or '（空）'}"
        if cell.old or cell.new
        else f"{cell.heading}：已变"
        for cell in diff
    ]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("note", {"track": TRACK, "text": "台账更新\n" + "\n".join(lines)})
    ]
    due = next((cell.new for cell in diff if cell.field == "due_on"), "")
    if due:
        holder = str(cells["unit"]).split("、")[0] or office
        asked.append(("oblige", target(holder, due, f"o-{digest[:8]}")))
    return asked
