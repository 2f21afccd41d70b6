"""Seeing an identity with a reason: ask, a second person agrees, it runs out, and each look is logged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from openredress.identity import vault
from openredress.identity.models import UnmaskDecision, UnmaskRequest
from openredress.identity.person import FIELDS
from openredress.people.errors import refuse

LIFETIME = timedelta(hours=24)


def ask(
    person: str, *, reader: vault.Reader, subject: str, fields: Sequence[str], reason: str, at: datetime
) -> UnmaskRequest:
    """Ask to see these fields of one person for this subject. Raises `Refused` without a reason."""
    if not reason.strip() or not fields or set(fields) - set(FIELDS):
        raise refuse(
            "reason_needed",
            "申请查看身份须写明理由和要看的字段",
            "A request to see an identity names its reason and the fields",
            field="reason",
        )
    return UnmaskRequest.objects.create(
        ref=vault.new_ref(),
        person=person,
        subject=subject,
        requester=reader.pseudonym,
        role=reader.role,
        unit=reader.unit,
        fields=",".join(fields),
        reason=reason.strip()[:200],
        at=at,
    )


def decide(request: UnmaskRequest, *, approver: str, approved: bool, at: datetime) -> UnmaskDecision:
    """A second person's answer, once; a yes holds 24 hours. Raises `Refused` for the asker's own."""
    if approver == request.requester:
        raise refuse(
            "second_person_needed",
            "不能批准自己的申请，须由第二人批准",
            "Nobody approves their own request: a second person must",
            field="approver",
        )
    if UnmaskDecision.objects.filter(request=request).exists():
        raise refuse("already_decided", "此申请已有决定", "This request has been decided", field="request")
    return UnmaskDecision.objects.create(
        request=request,
        requester=request.requester,
        approver=approver,
        approved=approved,
        at=at,
        expires_at=at + LIFETIME,
    )


@transaction.atomic
def view(ref: str, *, reader: vault.Reader, at: datetime) -> dict[str, str]:
    """The approved fields, logged under the request. Raises `Refused` unless approved and not run out."""
    request = UnmaskRequest.objects.select_related("decision").filter(ref=ref).first()
    decision = getattr(request, "decision", None)
    if request is None or request.requester != reader.pseudonym or decision is None or not decision.approved:
        raise refuse(
            "not_approved",
            "没有获批的查看申请",
            "There is no approved request",
            what_to_do="先申请，并由第二人批准 / ask first; a second person approves",
        )
    if not decision.at <= at < decision.expires_at:
        raise refuse(
            "approval_ran_out",
            "批准已过 24 小时",
            "The approval ran out after 24 hours",
            what_to_do="重新申请 / ask again",
        )
    fields = request.fields.split(",")
    return vault.read(
        request.person, reader, request.subject, request.reason, at, fields=fields, request=request.ref
    )
