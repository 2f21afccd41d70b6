"""Writing notices with the change that causes them, and sending them until they are through."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from openredress.ledger import gate
from openredress.notices.channels import Channel, Message
from openredress.notices.models import Outbox
from openredress.notices.texts import SUBJECT, TEXTS

LEASE = timedelta(minutes=2)
ATTEMPTS = 6
_FIRST_WAIT = timedelta(minutes=1)
KEPT = timedelta(days=90)

Resolve = Callable[[str, str], str | None]  # (channel, to_ref) → address, or None: nobody to tell any more
Allow = Callable[[str, str], bool]  # (kind, to_ref) → may it still be sent?


def post(
    kind: str,
    channel: str,
    to_ref: str,
    *,
    at: datetime,
    send_after: datetime | None = None,
    once: str | None = None,
    language: str = "zh",
    authority: int = 1,
) -> None:
    """Put a notice into the outbox, in the caller's transaction: no commit, no notice.

    `to_ref` is an opaque reference, never an address. `once` names the event, so that telling it again
    writes nothing. Raises KeyError for a kind that has no neutral text.
    """
    TEXTS[kind]
    row = Outbox(
        message_id=secrets.token_hex(13),
        kind=kind,
        channel=channel,
        to_ref=to_ref,
        language=language,
        once=once,
        made_at=at,
        send_after=send_after or at,
        authority=authority,
    )
    Outbox.objects.bulk_create([row], ignore_conflicts=once is not None)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one notice: sent | again | dead | dropped."""

    message_id: str
    state: str
    problem: str = ""


_CLAIM = """
UPDATE notices_outbox SET lease = %s, leased_until = %s, attempts = attempts + 1 WHERE id = (
  SELECT id FROM notices_outbox WHERE state = 'ready' AND send_after <= %s
    AND (leased_until IS NULL OR leased_until <= %s)
  ORDER BY send_after, id LIMIT 1 {skip}) RETURNING id"""


def _claim(at: datetime) -> Outbox | None:
    lease = secrets.token_hex(8)
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    adapt = connection.ops.adapt_datetimefield_value
    until, now = adapt(at + LEASE), adapt(at)

    def take() -> Outbox | None:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM.format(skip=skip), [lease, until, now, now])
            row = cursor.fetchone()
        return Outbox.objects.get(pk=row[0]) if row else None

    return gate.write(take)


def _settle(held: Outbox, state: str, at: datetime, problem: str = "") -> Sent:
    """Write down what became of it, unless another sender holds it by now."""
    again = state == "again"
    wait = _FIRST_WAIT * 2 ** (held.attempts - 1)

    def write() -> None:
        Outbox.objects.filter(pk=held.pk, lease=held.lease).update(
            state="ready" if again else state,
            send_after=at + wait if again else held.send_after,
            sent_at=at if state == "sent" else None,
            lease="",
            leased_until=None,
            problem=problem,
        )

    gate.write(write)
    return Sent(held.message_id, state, problem)


def send_one(channels: Mapping[str, Channel], at: datetime, *, resolve: Resolve, allow: Allow) -> Sent | None:
    """Send the next notice that is due; None when there is none.

    Sent at least once: after a crash between sending and writing it down it goes again, under the same
    message id, so the receiving side shows it once. `allow` is asked at this very moment, for somebody
    may have been barred since the notice was written.
    """
    held = _claim(at)
    if held is None:
        return None
    if held.attempts > ATTEMPTS:
        return _settle(held, "dead", at, "the sender died each time")
    channel = channels.get(held.channel)
    address = resolve(held.channel, held.to_ref) if allow(held.kind, held.to_ref) else None
    if address is None:
        return _settle(held, "dropped", at, "nobody to tell")
    text = TEXTS[held.kind]
    message = Message(
        id=held.message_id,
        kind=held.kind,
        to=address,
        subject=getattr(SUBJECT, held.language),
        text=getattr(text, held.language),
    )
    try:
        if channel is None:
            raise LookupError(f"no channel {held.channel}")
        channel.send(message)
    except Exception as error:  # a mail server may fail in any way; the notice stays
        state = "dead" if held.attempts >= ATTEMPTS else "again"
        return _settle(held, state, at, type(error).__name__)
    return _settle(held, "sent", at)


def purge(at: datetime) -> int:
    """Forget notices sent or dropped long ago; returns how many went."""
    old = Outbox.objects.filter(state__in=["sent", "dropped"], made_at__lt=at - KEPT)
    return old.delete()[0]
