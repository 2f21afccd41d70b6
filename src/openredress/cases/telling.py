"""Notices that a move causes, written with it: the petitioner has news, a unit has work.

They are neutral and name nobody; whether they may still be told is asked again when they are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from openredress.cases.facts import Known
from openredress.ledger.store import Appended
from openredress.notices import outbox
from openredress.rules.facts import Entry

CHANNEL = "smtp"
# What a petitioner waits for. Steps inside the office are no news to them.
NEWS = frozenset(
    {
        "notify_receipt", "refuse", "refuse_again", "decide_contest", "divert", "divert_returned",
        "simple_start", "extend", "serve", "answer_press", "settle", "execute", "reopen", "message",
        "deliver",
    }
)  # fmt: skip


def tell(
    before: Known, after: Known, drafts: Sequence[Entry], appended: Sequence[Appended], at: datetime
) -> None:
    """Put what these entries cause into the outbox, in the caller's transaction; each event once."""
    for draft, done in zip(drafts, appended, strict=True):
        event = f"{after.stream}#{done.seq}"
        if draft.code in NEWS and not draft.actor.startswith("party/"):
            outbox.post("news", CHANNEL, f"case/{after.stream}", at=at, once=f"news@{event}")
    held = {track.id: track.holder for track in before.facts.tracks}
    moved = {track.holder for track in after.facts.tracks if held.get(track.id) != track.holder}
    for unit in sorted(moved):
        outbox.post(
            "work", CHANNEL, f"unit/{unit}", at=at, once=f"work@{after.stream}#{after.version}@{unit}"
        )
