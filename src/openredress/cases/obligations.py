"""应办事项: what somebody owes by a day, about any stream. A unit, a member of staff or a paying third party
owes; a petitioner never does.

On a case they are entries (`oblige`, `perform_obligation`, …) and this module only reads. On other streams
(a campaign, a joint meeting) `owe` and `settle` write the entry too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone

from openredress.cases.models import ObligationRow
from openredress.ledger import gate, store
from openredress.people.models import Unit
from openredress.rules.facts import Entry, Refusal

DEBTORS = ("unit", "staff", "payer")
OPEN = ("due", "disputed")

NOT_A_DEBTOR = Refusal(
    "debtor_may_not_owe",
    "应办事项只能由单位、工作人员或付款的第三方承担，不能由信访人承担",
    "A unit, a member of staff or a paying third party owes; a petitioner never does",
    field="debtor_kind",
    what_to_do="写明承担的单位或人员",
    what_to_do_en="name the unit or person that owes it",
)


@dataclass(frozen=True, slots=True)
class Owe:
    """An obligation to be set on a stream other than a case."""

    id: str
    kind: str
    debtor_kind: str
    debtor: str
    due_on: date | None
    basis: str
    text: str = ""
    unit: str = ""  # on whose list; the debtor itself when it is a unit


def of_unit(unit: Unit, *, state: str = "due") -> QuerySet[ObligationRow]:
    """What is on this unit's list, nearest day first; those without a day last."""
    return ObligationRow.objects.filter(unit=unit, state=state).order_by("due_on", "pk")


def about(stream_kind: str, stream_id: str) -> QuerySet[ObligationRow]:
    """Everything owed about one stream, in the order in which it was set."""
    return ObligationRow.objects.filter(stream_kind=stream_kind, stream_id=stream_id).order_by("seq", "pk")


def overdue(on: date) -> QuerySet[ObligationRow]:
    """Open obligations whose day has passed."""
    return ObligationRow.objects.filter(state__in=OPEN, due_on__lt=on).order_by("due_on", "pk")


def owe(
    stream_kind: str, stream_id: str, wanted: Owe, *, actor: str, at: datetime
) -> ObligationRow | Refusal:
    """Set an obligation on a campaign, unit or system stream: an entry and its row."""
    if wanted.debtor_kind not in DEBTORS:
        return NOT_A_DEBTOR
    if stream_kind == "case":
        raise ValueError("on a case an obligation is a move: perform(…, 'oblige', …)")
    facts: dict[str, Any] = {
        "id": wanted.id,
        "kind": wanted.kind,
        "debtor_kind": wanted.debtor_kind,
        "debtor": wanted.debtor,
        "due_on": wanted.due_on.isoformat() if wanted.due_on else None,
        "basis": wanted.basis,
    }

    def work() -> ObligationRow:
        seq = _append(stream_kind, stream_id, "oblige", facts, {"text": wanted.text}, actor, at)
        code = wanted.unit or (wanted.debtor if wanted.debtor_kind == "unit" else "")
        unit = Unit.objects.filter(code=code).first() if code else None
        return ObligationRow.objects.create(
            stream_kind=stream_kind,
            stream_id=stream_id,
            obligation=wanted.id,
            seq=seq,
            kind=wanted.kind,
            debtor_kind=wanted.debtor_kind,
            debtor=wanted.debtor,
            unit=unit,
            due_on=wanted.due_on,
            basis=wanted.basis,
        )

    return gate.write(work)


def settle(
    row: ObligationRow, *, done_on: date, evidence: bool, actor: str, at: datetime, note: str = ""
) -> ObligationRow | Refusal:
    """Mark an obligation performed, with evidence; late when its day had passed."""
    if not evidence:
        return Refusal(
            "evidence_needed",
            "履行须有凭证",
            "Performance needs evidence",
            field="evidence",
            what_to_do="上传凭证",
            what_to_do_en="upload the evidence",
        )
    if done_on > at.astimezone(get_default_timezone()).date():
        return Refusal(
            "dated_in_future", "履行日期晚于今天", "It cannot have been done in the future", field="done_on"
        )
    if row.state not in OPEN:
        return Refusal("not_owed", "此事项已了结", "This is no longer owed", field="obligation")
    late = row.due_on is not None and done_on > row.due_on
    facts = {"obligation": row.obligation, "done_on": done_on.isoformat(), "evidence": True}

    def work() -> ObligationRow:
        _append(row.stream_kind, row.stream_id, "perform_obligation", facts, {"note": note}, actor, at)
        row.state, row.done_on, row.evidence = ("late" if late else "done"), done_on, True
        row.save(update_fields=["state", "done_on", "evidence"])
        return row

    return gate.write(work)


def _append(
    kind: str,
    stream: str,
    code: str,
    facts: Mapping[str, Any],
    words: Mapping[str, str],
    actor: str,
    at: datetime,
) -> int:
    standing = store.head(kind, stream)
    version = standing.version if standing else 0
    said = {key: value for key, value in words.items() if value}
    entry = Entry(
        stream=f"{kind}/{stream}",
        seq=version + 1,
        code=code,
        actor=actor,
        occurred_at=at.astimezone(get_default_timezone()).replace(microsecond=0),
        recorded_at=at.astimezone(UTC),
        pack="",
        facts=dict(facts),
        words=said,
    )
    return store.append(kind, stream, [entry], expected=version, recorded_at=at)[0].seq
