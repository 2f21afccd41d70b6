"""When something may be said to have happened.

An arrival may always be dated earlier: that only burdens the office. A unit's own act is dated when it is
recorded, unless paper with a scan shows another day; never before the unit's last entry on this case, and
never a service without proof. Nothing is dated in the future.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from openredress.rules.facts import Actor, CaseFacts, Refusal
from openredress.rules.pack import Move

# Days that a unit gives for what it did itself. Days that others gave it (received_on …) are not among them.
OWN_DAYS = ("served_on", "done_on", "told_on", "held_on", "opened_on", "closed_on", "filed_on", "accepted_on")


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None  # the rules refuse it by its form


def _early(field: str, zh: str, en: str, todo: str, todo_en: str, code: str = "dated_too_early") -> Refusal:
    return Refusal(code, zh, en, field=field, what_to_do=todo, what_to_do_en=todo_en)


def check(
    facts: CaseFacts,
    move: Move,
    given: Mapping[str, Any],
    actor: Actor,
    *,
    at: datetime,
    occurred_at: datetime,
    scanned: bool,
) -> Refusal | None:
    """Why the move may not be dated so, or None. `scanned`: a scan of the paper lies with it."""
    if occurred_at > at:
        return _early(
            "occurred_at",
            "发生时间晚于现在",
            "It cannot have happened in the future",
            "填写实际发生的时间",
            "give when it really happened",
            "dated_in_future",
        )
    if move.arrival or not move.unit_act or actor.kind == "petitioner":
        return None
    own = [("occurred_at", occurred_at.date())]
    own += [(name, day) for name in OWN_DAYS if (day := _day(given.get(name))) is not None]
    today = at.astimezone(occurred_at.tzinfo).date()
    last = facts.last_at.get(actor.unit or "")
    for name, day in own:
        if refusal := _own_day(name, day, today, last, move, given, scanned):
            return refusal
    return None


def _own_day(
    name: str, day: date, today: date, last: date | None, move: Move, given: Mapping[str, Any], scanned: bool
) -> Refusal | None:
    if day > today:
        return _early(
            name,
            f"“{name}”晚于今天",
            f"“{name}” lies in the future",
            "填写实际日期",
            "give the real day",
            "dated_in_future",
        )
    if day == today:
        return None
    if last is not None and day < last:
        return _early(
            name,
            f"不能早于本单位在本案的上一条记录（{last}）",
            f"Not before this unit's last entry on this case ({last})",
            "按实际记录时间填写；原记录有误的，另作更正",
            "date it as it is recorded; correct the earlier entry if that one is wrong",
        )
    if name == "served_on" and not given.get("proof"):
        return _early(
            name,
            "补记送达须有送达凭证",
            "A service dated earlier needs proof of service",
            "上传送达回证或邮寄凭证",
            "upload the receipt of service or of the post",
            "service_without_proof",
        )
    if name == "occurred_at" and not scanned:
        return _early(
            name,
            "补记纸质办理须附扫描件",
            "An act on paper that is dated earlier needs its scan",
            "上传扫描件，或按今天记录",
            "upload the scan, or date it today",
            "scan_missing",
        )
    return None
