"""One case as the desk shows it: claims, record, clocks, people, moves. Reads only; each through the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from openredress.cases import facts as loading
from openredress.cases import record
from openredress.cases.facts import Known
from openredress.cases.models import Attachment, Case, Involved, Party
from openredress.cases.performing import as_in_pack, office_zone
from openredress.identity.keyring import VaultLocked
from openredress.rules.facts import Claim, Deadline, Entry, Track
from openredress.rules.lifecycle import OpenMove, open_moves
from openredress.rules.pack import Outcome, Pack
from openredress.web.desk import said
from openredress.web.desk.access import Desk
from openredress.web.frame import day
from openredress.web.language import sentence, spoken, t

# These have rooms of their own, or go with a press elsewhere on the page.
NOT_HERE = frozenset(
    {"register", "attach", "erase", "identity_read", "rule_read", "link", "unlink", "issue", "deliver"}
)
_WAITS_FOR_ANSWER = ("registered", "forwarded", "assigned")


class ClaimShown(NamedTuple):
    """A claim with what was answered."""

    n: int
    id: str
    text: str
    kind: str  # yes | no | open
    answer: str
    article: str
    execute: str
    executed: bool
    words: tuple[tuple[str, str], ...]  # facts, basis, opinion


class Said(NamedTuple):
    """One entry of the record."""

    seq: int
    when: str
    iso: str
    name: str
    who: str
    unit: str
    article: str
    facts: list[said.Fact]
    words: list[said.Fact]
    recorded_later: bool


class ClockShown(NamedTuple):
    """A running of a clock with its arithmetic."""

    deadline: Deadline
    what: str
    due: said.Due
    steps: tuple[str, ...]
    holder: str
    ended: str


class Pressable(NamedTuple):
    """A move as a button; `why` when it is refused."""

    move: OpenMove
    name: str
    why: str


@dataclass
class CaseFile:
    """A case that the actor reads whole."""

    case: Case
    known: Known
    desk: Desk

    @cached_property
    def pack(self) -> Pack:
        """The law the case was registered under."""
        return self.known.packs.pack(self.known.facts.pack)

    @cached_property
    def words(self) -> Mapping[int, Mapping[str, Any]]:
        """Redacted words by seq; empty while the vault is locked."""
        try:
            return record.words(self.case.pk, self.case.stream)
        except VaultLocked:
            return {}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Units by code and colleagues by pseudonym, as far as the record names them."""
        wanted = {self.known.facts.office}
        for entry in self.known.entries:
            wanted.add(entry.actor)
            wanted.update(
                value for value in entry.facts.values() if isinstance(value, str) and len(value) <= 40
            )
        for track in self.known.facts.tracks:
            wanted |= {track.holder, track.handler, track.territorial, track.reviewer, track.opinion_unit}
        wanted |= {due.holder for due in self.known.deadlines}
        return said.unit_names_by_code(wanted) | said.staff_names(wanted)

    # ------------------------------------------------------------------ claims

    @cached_property
    def claim_texts(self) -> Mapping[str, str]:
        """What each claim asks, in the petitioner's words, redacted."""
        found: dict[str, str] = {}
        for entry in self.known.entries:
            texts = (
                self.words.get(entry.seq, {}).get("claim_texts")
                if entry.code in ("register", "attach")
                else None
            )
            if isinstance(texts, Mapping):
                found.update(texts)
        return found

    @cached_property
    def claims(self) -> list[ClaimShown]:
        """All claims in their order."""
        return [self._claim(n, claim) for n, claim in enumerate(self.known.facts.claims, 1)]

    def _claim(self, n: int, claim: Claim) -> ClaimShown:
        track = self.known.facts.track(claim.track)
        outcome = _outcome(self.pack, claim.outcome)
        text = self.claim_texts.get(claim.id) or t(f"诉求 {n}", f"Claim {n}")
        execute = day(claim.execute_by, year=True) if claim.execute_by else ""
        if outcome is None:
            return ClaimShown(
                n, claim.id, text, "open", self._unanswered(track), "", execute, claim.executed, ()
            )
        kind = "yes" if outcome.executes or outcome.code.startswith("adopt") else "no"
        written = self.words.get(claim.opinion_seq, {})
        parts = []
        for field, zh, en in (
            ("facts", "事实", "Facts"),
            ("basis", "依据", "Basis"),
            ("opinion", "意见", "Opinion"),
        ):
            words = written.get(field)
            words = words.get(claim.id) if isinstance(words, Mapping) else words
            if words:
                parts.append((t(zh, en), str(words)))
        answer = t(outcome.zh, outcome.en)
        return ClaimShown(
            n,
            claim.id,
            text,
            kind,
            answer,
            said.article(outcome.article),
            execute,
            claim.executed,
            tuple(parts),
        )

    def _unanswered(self, track: Track | None) -> str:
        if track is None:
            return ""
        if track.state in ("diverted", "diverted_accepted"):
            avenue = said.term(self.pack, "avenues", track.avenue)
            return t(f"导入其他途径：{avenue}", f"Led to another avenue: {avenue}")
        if track.state in _WAITS_FOR_ANSWER:
            return t("未答复：等待受理", "Not answered: waiting to be taken up")
        return t("未写：事实、依据、意见", "Not written: facts, basis, opinion")

    # ------------------------------------------------------------------ record

    @cached_property
    def entries(self) -> list[Said]:
        """The record, newest first."""
        return [self._said(entry) for entry in reversed(self.known.entries)]

    def _said(self, entry: Entry) -> Said:
        pack = self.known.packs.pack(entry.pack)
        move = pack.moves.get(entry.code)
        words = []
        for name, value in self.words.get(entry.seq, {}).items():
            field = move.fields.get(name) if move else None
            label = t(field.zh, field.en) if field else name
            words += _words_shown(label, value, self.known)
        return Said(
            entry.seq,
            _moment(entry.occurred_at, self.desk.on),
            entry.occurred_at.isoformat(),
            t(move.zh, move.en) if move else entry.code,
            self._who(entry.actor),
            self.names.get(str(entry.facts.get("by", "")), ""),
            said.article(move.article) if move else "",
            said.facts(move, entry.facts, pack, self.names),
            words,
            entry.recorded_at.astimezone(entry.occurred_at.tzinfo).date() != entry.day,
        )

    def _who(self, actor: str) -> str:
        if actor.startswith("staff/"):
            return self.names.get(actor, t("工作人员", "staff"))
        if actor.startswith("party/"):
            return t("信访人", "petitioner")
        return t("系统", "system") if actor == "system" else t("对接系统", "partner system")

    # ------------------------------------------------------------------ clocks

    @cached_property
    def clocks(self) -> tuple[list[ClockShown], list[ClockShown]]:
        """Open runnings, nearest first; ended ones, latest first."""
        packs, on = self.known.packs, self.desk.on
        calendar = packs.calendar(self.pack.calendar)
        running: list[ClockShown] = []
        ended: list[ClockShown] = []
        for one in sorted(self.known.deadlines, key=lambda due: (due.due, due.clock)):
            right = one.on_expiry == "right_lapses"
            shown = ClockShown(
                one,
                t(one.what, one.what_en),
                said.due(one.due, on, calendar, right=right, paused=one.state == "paused"),
                one.steps_en if spoken() == "en" else one.steps,
                t("信访人", "petitioner")
                if one.holder_kind == "petitioner"
                else self.names.get(one.holder, one.holder),
                _ended(one),
            )
            (running if one.open else ended).append(shown)
        return running, ended[::-1]

    @cached_property
    def late(self) -> Deadline | None:
        """The clock that a unit is late with longest."""
        late = [
            one
            for one in self.known.deadlines
            if one.open and one.holder_kind == "unit" and one.late(self.desk.on)
        ]
        return min(late, key=lambda due: due.due, default=None)

    # ------------------------------------------------------------------ moves

    @cached_property
    def moves(self) -> list[Pressable]:
        """Buttons in the pack's order; refused ones carry their sentence."""
        local = self.desk.at.astimezone(office_zone())
        facts, actor = self.known.facts, as_in_pack(self.desk.actor)
        found = open_moves(facts, actor, self.known.packs, local, self.known.deadlines)
        return [
            Pressable(one, t(one.zh, one.en), sentence(one.refusal) if one.refusal else "")
            for one in found
            if one.move not in NOT_HERE
        ]

    def serving(self) -> bool:
        """Whether a paper or a notice is to be served now by the actor's unit."""
        mine = [track for track in self.known.facts.tracks if track.holder == self.desk.actor.unit]
        return any(track.unserved or track.state in ("forwarded", "assigned") for track in mine)


def _moment(when: datetime, on: date) -> str:
    """9月15日 10:05, with the year when it is another one."""
    return f"{day(when.date(), year=when.year != on.year)} {when:%H:%M}"


def _short(value: Any) -> bool:
    return isinstance(value, str) and 2 <= len(value) <= 40


def _outcome(pack: Pack, code: str) -> Outcome | None:
    for stage in ("opinion", "review", "final"):
        for one in pack.outcomes.get(stage, ()):
            if one.code == code:
                return one
    return None


def _words_shown(label: str, value: Any, known: Known) -> list[said.Fact]:
    if isinstance(value, str):
        return [said.Fact(label, value)]
    if isinstance(value, Mapping):
        order = {claim.id: n for n, claim in enumerate(known.facts.claims, 1)}
        return [said.Fact(f"{label} {order.get(key, key)}", str(one)) for key, one in value.items() if one]
    return [said.Fact(label, str(value))] if value else []


_ENDED = {
    "met": ("按期完成", "met in time"),
    "met_late": ("超期完成", "met late"),
    "stopped": ("停止", "stopped"),
    "exempt": ("不计", "not counted"),
    "expired": ("已过期", "over"),
}


def _ended(due: Deadline) -> str:
    if due.open:
        return ""
    words = t(*_ENDED.get(due.state, (due.state, due.state)))
    return f"{day(due.ended_on, year=True)} {words}" if due.ended_on else words


# ------------------------------------------------------------------ from the database


def load(desk: Desk, number: str) -> CaseFile | Case | None:
    """The whole file; the row alone of a case that has left the unit; None whether absent or barred.

    The number of an attached petition finds its case too.
    """
    wanted = number.strip().upper()
    case = desk.gate.whole(wanted)
    if case is None:
        part = desk.gate.case(wanted)
        if part is None:
            return None
        if desk.gate.reads(part) != "whole":
            return part
        case = part
    known = loading.load(case.stream, desk.at)
    return CaseFile(case, known, desk) if known is not None else None


class PartyShown(NamedTuple):
    """A petitioner under their mark."""

    mark: str
    role: str
    party: str
    person: str


_ROLES = {"lead": ("主访", "lead"), "joint": ("联名", "joint"), "agent": ("代理人", "agent")}


def parties(case: Case) -> list[PartyShown]:
    """甲（主访）, 乙 …: never a name."""
    rows = Party.objects.filter(case=case).order_by("pk").values_list("mark", "role", "party", "person")
    return [
        PartyShown(mark, t(*_ROLES.get(role, (role, role))), party, person)
        for mark, role, party, person in rows
    ]


def attachments(case: Case) -> list[Attachment]:
    """Files of the case that are still kept."""
    return list(Attachment.objects.filter(case=case, erased=False).order_by("seq", "pk"))


def linked(desk: Desk, numbers: Iterable[str]) -> list[tuple[str, str]]:
    """Number and title of linked cases, as far as the actor may know them."""
    wanted = list(numbers)
    found = desk.gate.cases().filter(number__in=wanted) if wanted else None
    return list(found.values_list("number", "title")) if found is not None else []


def own_part(desk: Desk, case: Case) -> list[tuple[str, date | None]]:
    """Of a case that has left the unit: what the unit itself owed and when it ended."""
    rows = desk.gate.deadlines().filter(case=case).order_by("due")
    return list(rows.values_list("what", "due"))


def involved(case: Case) -> int:
    """How many different units have held it."""
    return Involved.objects.filter(case=case, why="held").count()
