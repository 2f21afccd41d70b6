"""Moves on a case that is there: decide first, then lock, recheck the version, write.

A refusal is data, never an exception; an exception means that nothing was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import get_default_timezone

from openredress.cases import conflict, erasing, facts, policy, reading, rows, telling, timing, units, writing
from openredress.cases.access import ADMINISTRATORS
from openredress.cases.facts import Known
from openredress.cases.models import Case
from openredress.documents.models import StoredFile
from openredress.ledger import gate
from openredress.ledger.store import Appended, VersionConflict
from openredress.people.models import Unit
from openredress.rules.facts import Actor, Deadline, Entry, Refusal
from openredress.rules.lifecycle import decide, pack_for

TRIES = 12  # decide again after losing a race; each time somebody else has got something done


@dataclass(frozen=True, slots=True)
class Done:
    """A move that was made."""

    stream: str
    version: int
    entries: tuple[Appended, ...]
    deadlines: tuple[Deadline, ...]


def office_zone() -> ZoneInfo:
    """The zone in which the office's days begin."""
    return ZoneInfo(str(get_default_timezone()))


def not_found(field: str, zh: str, en: str, missing: set[str]) -> Refusal:
    """A refusal that names what does not exist."""
    names = ", ".join(sorted(missing))[:200]
    return Refusal(
        "not_found",
        f"{zh}不存在：{names}",
        f"No such {en}: {names}",
        field=field,
        what_to_do="核对后重新提交",
        what_to_do_en="check and send again",
    )


def unknown_files(field: str, wanted: Sequence[str]) -> Refusal | None:
    """A refusal when one of these files was never uploaded or has been erased."""
    if not wanted:
        return None
    held = StoredFile.objects.filter(sha256__in=wanted, erased_at=None).values_list("sha256", flat=True)
    missing = set(wanted) - set(held)
    return not_found(field, "附件", "file", missing) if missing else None


NOT_A_CASE = Refusal(
    "no_such_case",
    "没有这件信访事项",
    "There is no such case",
    what_to_do="核对编号",
    what_to_do_en="check the number",
)


def changed(known: Known, expected: int) -> Refusal:
    """Somebody else wrote to the case since it was read."""
    return Refusal(
        "changed_meanwhile",
        f"本案已有新的办理记录（第 {expected + 1} 至 {known.version} 条），本次操作没有保存",
        f"Entries {expected + 1} to {known.version} were written meanwhile; nothing of this was saved",
        what_to_do="看过新的记录后再办",
        what_to_do_en="read the new entries, then decide again",
    )


BUSY = Refusal(
    "too_busy",
    "本案正被多人同时办理，本次操作没有保存",
    "Many people are writing to this case at once; nothing of this was saved",
    what_to_do="请稍后再试",
    what_to_do_en="try again shortly",
)

# These need more than an entry: parties, files or erased rows go with them.
_OWN_ACTION = {
    "register": "actions.open_case",
    "attach": "actions.attach",
    "erase": "actions.erase",
    "issue": "letters.issue",
}


def perform(
    case_stream: str,
    move: str,
    given: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    expected: int | None = None,
    scan: str | None = None,
) -> Done | Refusal:
    """Make one move on a case.

    `expected` is the version the actor saw: another one by now is a Refusal (`changed_meanwhile`);
    without it the move is decided anew on what it finds. `scan` is the SHA-256 of the uploaded scan of
    the paper that an act of the past was done on. `at` and `occurred_at` are aware.
    """
    if move in _OWN_ACTION:
        raise ValueError(f"{move}: use cases.{_OWN_ACTION[move]}")
    for _ in range(TRIES):
        known = facts.load(case_stream, at)
        if known is None:
            return NOT_A_CASE
        if expected is not None and known.version != expected:
            return changed(known, expected)
        drafts = decide_move(known, move, given, actor, at, occurred_at, scan)
        if isinstance(drafts, Refusal):
            return drafts
        try:
            return write(known, drafts, at, purpose="scan" if scan else "material")
        except VersionConflict:
            continue
    return BUSY


def decide_move(
    known: Known,
    move: str,
    given: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    scan: str | None = None,
) -> tuple[Entry, ...] | Refusal:
    """The entries that a move would write, checked in law, time and conflict; nothing is written yet."""
    zone = office_zone()
    local, happened = at.astimezone(zone), (occurred_at or at).astimezone(zone)
    # Only a file that lies in the store makes an act "scanned"; a form cannot claim it.
    asked = {key: value for key, value in given.items() if key != "scanned"} | (
        {"scanned": True} if scan else {}
    )
    if refusal := _barred(known, asked, actor, local.date()):
        return refusal
    who = as_in_pack(actor)
    drafts = decide(
        known.facts, move, asked, who, known.packs, local, occurred_at=happened, deadlines=known.deadlines
    )
    if isinstance(drafts, Refusal):
        return drafts
    track = known.facts.track(str(drafts[0].facts.get("track", "")))
    definition = pack_for(known.facts, track, known.packs, happened).moves[move]
    refusal = timing.check(
        known.facts, definition, asked, actor, at=local, occurred_at=happened, scanned=bool(scan)
    )
    files = [*drafts[0].facts.get("files", ()), *([scan] if scan else ())]
    if refusal := refusal or unknown_files("files", files):
        return refusal
    if scan:
        first = drafts[0]
        with_scan = {**first.facts, "files": [*first.facts.get("files", ()), scan]}
        return (replace(first, facts=with_scan), *drafts[1:])
    return drafts


def as_in_pack(actor: Actor) -> Actor:
    """The actor under the pack's names of roles."""
    return replace(actor, roles=reading.pack_roles(actor.roles)) if actor.kind == "staff" else actor


def _barred(known: Known, given: Mapping[str, Any], actor: Actor, on: date) -> Refusal | None:
    """Nobody barred acts, and nothing is sent to where everybody is barred; lists ask the gate of policy."""
    if not writing.restricted(known.facts):
        return None
    case = Case.objects.select_related("office").get(pk=known.case_id)
    accused = conflict.charges(case)
    if actor.kind == "staff":
        stands = conflict.standing(actor.pseudonym, on)
        if stands is None or stands.barred_by(accused) or _is_sealed_from(case, actor, on):
            return NOT_A_CASE
    if refusal := _may_not_handle(given, accused, on):
        return refusal
    for name in ("to", "reviewer"):
        unit = Unit.objects.filter(code=str(given.get(name) or "")).first()
        if unit is not None and not conflict.can_hold(case, unit, on):
            return Refusal(
                "unit_may_not_hold",
                "该单位须回避，不能办理此事项",
                "That unit may not handle this case: nobody in it is unbarred",
                article="信访工作条例第二十八条",
                field=name,
                what_to_do="送其上一级或其他有权处理的单位",
                what_to_do_en="send it to the unit above, or another competent one",
            )
    return None


def _is_sealed_from(case: Case, actor: Actor, on: date) -> bool:
    """Whether a sealed case does not exist for this person; administrators erase and read nothing."""
    if not case.sealed or reading.pack_roles(actor.roles) & ADMINISTRATORS:
        return False
    with policy.acting_as(actor, on) as gate:
        return gate.reads(case) == "nothing"


def _may_not_handle(given: Mapping[str, Any], accused: conflict.Charges, on: date) -> Refusal | None:
    """A refusal when the handler to be named is barred: nobody could then read a sealed case."""
    named = str(given.get("handler") or "")
    stands = conflict.standing(named, on) if named else None
    if stands is None or not stands.barred_by(accused):
        return None
    return Refusal(
        "handler_barred",
        "该人员须回避，不能承办此事项",
        "That person may not handle this case",
        article="信访工作条例第二十八条",
        field="handler",
        what_to_do="另行指定承办人",
        what_to_do_en="name somebody else",
    )


def write(known: Known, drafts: Sequence[Entry], at: datetime, *, purpose: str = "material") -> Done:
    """Write decided drafts to an existing case. Raises VersionConflict when somebody wrote first."""
    after = known.after(drafts, at)
    wanted = rows.codes(after.facts, after.deadlines)

    def work() -> list[Appended]:
        written = writing.write_entries(known, after, drafts, units.ids(wanted), at, purpose=purpose)
        telling.tell(known, after, drafts, written, at)
        return written

    appended = gate.write(work)
    return Done(known.stream, after.version, tuple(appended), after.deadlines)


def refresh(case_stream: str, at: datetime) -> bool:
    """Refold a case and bring its rows and tallies up to date, without an entry; False when there is none.

    For a changed calendar or pack, and when a declared tie makes a case restricted.
    """
    for _ in range(TRIES):
        known = facts.load(case_stream, at)
        if known is None:
            return False
        try:
            write(known, (), at)
            return True
        except VersionConflict:
            continue
    return False


def correct(
    case_stream: str, seq: int, field: str, value: str, *, reason: str, actor: Actor, at: datetime
) -> Done | Refusal:
    """Put a registered fact right by an entry of its own; the old entry stays. `value` as text."""
    given = {"seq": seq, "field": field, "value": value, "reason": reason}
    return perform(case_stream, "correct", given, actor=actor, at=at)


def erase(
    case_stream: str, retention_class: str, *, actor: Actor, at: datetime, request: str = "", reason: str = ""
) -> Done | Refusal:
    """Erase what a retention class of the pack holds: words, identities, files, index text. Facts stay.

    The erasure is an entry. Asked again when nothing is left it writes nothing and is Done with no entry.
    """
    for _ in range(TRIES):
        known = facts.load(case_stream, at)
        if known is None:
            return NOT_A_CASE
        kept = known.packs.pack(known.facts.pack).retention.get(retention_class)
        holds = kept.holds if kept else ()
        what = erasing.reach(known, holds, retention_class)
        if kept and what == erasing.Reach():
            return Done(known.stream, known.version, (), known.deadlines)
        given = {
            "class": retention_class,
            "entries": list(what.entries),
            "parties": list(what.parties),
            "files": list(what.files),
            "request": request,
            "reason": reason,
        }
        drafts = decide_move(known, "erase", given, actor, at)
        if isinstance(drafts, Refusal):
            return drafts
        try:
            done = gate.write(lambda: _erase(known, drafts, what, at, erasing.INDEX in holds))  # noqa: B023
        except VersionConflict:
            continue
        erasing.remove_files(what.files, at)
        return done
    return BUSY


def _erase(known: Known, drafts: tuple[Entry, ...], what: erasing.Reach, at: datetime, index: bool) -> Done:
    done = write(known, drafts, at)
    erasing.remove(known.case_id, known.stream, what, done.entries[0], index=index)
    erasing.ask_for_purge(at)
    return done
