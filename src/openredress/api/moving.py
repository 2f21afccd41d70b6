"""Moves through the API, the petitioner's and staff's: what goes in, what comes back, what a no is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openredress.api.problems import Problem, refuse
from openredress.api.uploads import contents
from openredress.cases import actions, papers
from openredress.cases.models import Case
from openredress.ledger import receipts
from openredress.rules.facts import Actor, Refusal
from openredress.rules.lifecycle import OpenMove
from openredress.rules.pack import FieldDef, Pack

# These open a case, carry persons, remove words or open identities: not through this door.
ELSEWHERE = frozenset({"register", "attach", "erase", "identity_read", "rule_read", "issue", "deliver"})
TEXT_CHARS = 200_000
_FORM = frozenset(
    {
        "field_unknown", "field_missing", "field_malformed", "code_unknown", "not_found", "which_track",
        "no_such_track",
    }
)  # fmt: skip
_ABSENT = frozenset({"no_such_case", "not_found_case"})


def unknown(name: str) -> Problem:
    """No such move at this door."""
    shown = "".join(ch for ch in name if ch.isprintable())[:40]
    return refuse(
        404, "no_such_move", f"这里没有“{shown}”这个办理动作", f"There is no move “{shown}” here",
        field="move",
        todo=("可办的动作见 open_moves", "see open_moves for what can be done"),
    )  # fmt: skip


def shaped(value: Any, depth: int = 0) -> bool:
    """Lists of flat objects and plain values: what any move's field can be."""
    if isinstance(value, list):
        return depth < 2 and len(value) <= 500 and all(shaped(one, depth + 1) for one in value)
    if isinstance(value, dict):
        return depth < 2 and len(value) <= 100 and all(shaped(one, depth + 1) for one in value.values())
    return not isinstance(value, str) or len(value) <= TEXT_CHARS


def checked(given: Mapping[str, Any], fields: Mapping[str, FieldDef]) -> dict[str, Any]:
    """The given fields with uploads named by their content. Raises Problem (400)."""
    found = dict(given)
    for name, value in given.items():
        kind = fields[name].kind if name in fields else ""
        if not shaped(value):
            raise _malformed(name)
        if kind == "file":
            names = [value] if isinstance(value, str) else value
            if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
                raise _malformed(name)
            found[name] = list(contents(names, name))
    return found


def _malformed(name: str) -> Problem:
    shown = name[:40]
    return refuse(
        400, "field_malformed", f"“{shown}”的内容不符合格式", f"“{shown}” is malformed", field=shown,
        todo=("见 open_moves 中的字段说明", "see the fields in open_moves"),
    )  # fmt: skip


def perform(
    case: Case,
    name: str,
    given: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    expected: int | None = None,
    scan: str | None = None,
) -> actions.Done:
    """Make the move, or raise the Problem that says why not."""
    done = actions.perform(
        case.stream, name, given, actor=actor, at=at, occurred_at=occurred_at, expected=expected, scan=scan
    )
    if isinstance(done, Refusal):
        raise refused(done)
    return done


def refused(no: Refusal) -> Problem:
    """A refusal of the record room as a problem."""
    if no.code == "not_permitted":
        return Problem(403, [no])
    if no.code in _ABSENT:
        return Problem(404, [no])
    if no.code == "unknown_move":
        return Problem(404, [no])
    return Problem(400 if no.code in _FORM else 409, [no])


def answer(case: Case, number: str, name: str, done: actions.Done, english: bool) -> dict[str, Any]:
    """What came of a move: where it stands in the record, with a receipt each, and what is due now."""
    state = Case.objects.values_list("state", flat=True).get(pk=case.pk)
    stream = f"case/{case.stream}"
    return {
        "number": number,
        "move": name,
        "state": state,
        "version": done.version,
        "receipts": [receipts.make(number, one, stream=stream) for one in done.entries],
        "deadlines": [deadline(one, english) for one in papers.deadline_papers(done.deadlines)],
    }


def deadline(paper: dict[str, Any], english: bool) -> dict[str, Any]:
    """A deadline in the caller's language, under the keys that all answers share."""
    shown = {key: value for key, value in paper.items() if key != "what_en"}
    if english and paper.get("what_en"):
        shown["what"] = paper["what_en"]
    return shown


def button(one: OpenMove, law: Pack, english: bool) -> dict[str, Any]:
    """A move as it is offered: with its fields, or with the sentence why not now."""
    move, no = law.moves[one.move], one.refusal
    return {
        "move": one.move,
        "track": one.track,
        "title": one.en if english else one.zh,
        "article": one.article,
        "open": no is None,
        "reason": "" if no is None else (no.en if english else no.zh),
        "fields": [_field(each, english) for each in move.fields.values()],
    }


def _field(one: FieldDef, english: bool) -> dict[str, Any]:
    shown = {"name": one.name, "kind": one.kind, "required": one.required, "options": list(one.options)}
    return {**shown, "title": (one.en if english else one.zh) or one.name}
