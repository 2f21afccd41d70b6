"""Forms of moves, made from the fields that the pack names; and what was typed, read back for the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openredress.cases.facts import Known
from openredress.people import staff as people
from openredress.people import tree
from openredress.people.models import Unit
from openredress.rules.facts import Track
from openredress.rules.outcomes import allowed
from openredress.rules.pack import FieldDef, Move, Pack
from openredress.web.desk import said
from openredress.web.desk.access import Desk
from openredress.web.frame import day
from openredress.web.language import t

Typed = Mapping[str, Sequence[str]]  # input's name → values, as a form sends them

SELECT_MOST = 400  # units: more are typed by name
STEPS = 3  # empty rows for the steps of an agreement
_TODAY = frozenset(
    {
        "served_on", "done_on", "told_on", "held_on", "opened_on", "closed_on", "filed_on", "requested_on",
        "accepted_on", "reported_on", "received_on", "effective_on",
    }
)  # fmt: skip
_BY_CLAIM = frozenset({"facts", "basis", "opinion"})
_LONG = frozenset({"text", "reason", "summary", "facts", "basis", "opinion", "conclusion", "note"})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Widget:
    """One field as the template draws it; `kind` names the input: area, line, date, radio, many …"""

    name: str
    label: str
    kind: str
    required: bool = False
    value: str = ""
    options: tuple[Option, ...] = ()
    hint: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True)
class ClaimForm:
    """One claim of an opinion: its text above the fields that answer it."""

    id: str
    n: int
    text: str
    outcome: Widget | None
    execute_by: Widget | None
    words: tuple[Widget, ...]


@dataclass(frozen=True, slots=True)
class MoveForm:
    """The whole form: common fields, and a part for each claim where the answer goes claim by claim."""

    widgets: tuple[Widget, ...]
    claims: tuple[ClaimForm, ...] = ()
    steps: tuple[dict[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Ground:
    """What a form is made for."""

    known: Known
    track: Track | None
    move: Move
    pack: Pack
    desk: Desk
    texts: Mapping[str, str]  # claims in words

    @property
    def claims(self) -> tuple[str, ...]:
        """Claims of the track, in order."""
        return self.track.claims if self.track else tuple(one.id for one in self.known.facts.claims)

    @property
    def by_claim(self) -> bool:
        """Whether the answer goes claim by claim."""
        return "outcomes" in self.move.fields


def first(typed: Typed, name: str) -> str:
    """The one value typed under a name."""
    values = typed.get(name) or ("",)
    return values[0].strip()


# ------------------------------------------------------------------ drawing


def draw(ground: Ground, typed: Typed) -> MoveForm:
    """The form with what was typed so far."""
    fields = [one for one in ground.move.fields.values() if one.name not in _unasked(ground)]
    by_claim = ground.by_claim and set(ground.move.fields) >= _BY_CLAIM
    widgets = [
        _widget(ground, one, typed)
        for one in fields
        if one.name not in ("outcomes", "steps") and not (by_claim and one.name in _BY_CLAIM)
    ]
    answered = ground.claims if ground.by_claim else ()
    return MoveForm(
        tuple(widgets),
        tuple(_claim_form(ground, n, claim, typed, by_claim) for n, claim in enumerate(answered, 1)),
        _steps_typed(typed) if "steps" in ground.move.fields else (),
    )


def _unasked(ground: Ground) -> frozenset[str]:
    """Fields that a form of this move has no use for now."""
    annulled = ground.track is not None and ground.track.annulled
    return frozenset({"track", "answered"} if annulled else {"track", "answered", "changed"})


def _widget(ground: Ground, one: FieldDef, typed: Typed) -> Widget:
    known = _SPECIAL.get(one.name)
    drawn = known(ground, one) if known else None
    if drawn is None:
        drawn = _DRAWN[one.kind](ground, one)
    return _filled(
        replace(drawn, name=one.name, label=t(one.zh, one.en), required=one.required), typed, ground
    )


def _filled(widget: Widget, typed: Typed, ground: Ground) -> Widget:
    values = [value for value in typed.get(widget.name, ()) if value]
    if widget.options:
        only = widget.required and len(widget.options) == 1
        return replace(
            widget,
            options=tuple(
                replace(one, chosen=one.value in values or (only and not typed)) for one in widget.options
            ),
        )
    if not values and not typed and widget.kind == "date" and widget.name in _TODAY and widget.required:
        return replace(widget, value=ground.desk.on.isoformat())
    return replace(widget, value=values[0] if values else "")


def _options(widget_kind: str, pairs: Sequence[tuple[str, str]], hint: str = "") -> Widget:
    return Widget(
        "", "", widget_kind, options=tuple(Option(value, label) for value, label in pairs), hint=hint
    )


def unit_options() -> tuple[Option, ...]:
    """Units to choose from, in the order of the tree; none where there are too many to choose from a list."""
    rows = Unit.objects.filter(active=True).order_by("path").values_list("code", "name")[: SELECT_MOST + 1]
    known = [Option(code, name) for code, name in rows]
    return tuple(known) if len(known) <= SELECT_MOST else ()


def _unit(ground: Ground, one: FieldDef) -> Widget:
    known = unit_options()
    if not known:
        return Widget("", "", "line", hint=t("写单位全称或代码", "full name or code of the unit"))
    return Widget("", "", "select", options=known)


def _staff(ground: Ground, one: FieldDef) -> Widget:
    rows = people.active(ground.desk.on).filter(unit__code=ground.desk.actor.unit, staff__active=True)
    found = dict(rows.order_by("staff__name").values_list("staff__pseudonym", "staff__name"))
    return _options("select", list(found.items()))


def _code(ground: Ground, one: FieldDef) -> Widget:
    if not one.options:
        return Widget("", "", "line", hint=_HINTS.get(one.name, ""))
    terms = ground.pack.vocab.get(one.options[0], {})
    pairs = [(code, t(term.zh, term.en)) for code, term in terms.items()]
    return _options("radio" if len(pairs) <= 4 else "select", pairs)


def _choice(ground: Ground, one: FieldDef) -> Widget:
    return _options("radio", [(code, said.choice(one.name, code)) for code in one.options])


def _claims(ground: Ground, one: FieldDef) -> Widget:
    hint = t("都不选，就是整条办理线", "none chosen: the whole track")
    return _options("many", [(claim, _claim_label(ground, claim)) for claim in ground.claims], hint)


def _claim_label(ground: Ground, claim: str) -> str:
    return ground.texts.get(claim) or claim


def _list(ground: Ground, one: FieldDef) -> Widget:
    return Widget("", "", "area", hint=t("一行一项", "one on each line"))


def _plain(kind: str) -> Callable[[Ground, FieldDef], Widget]:
    return lambda ground, one: Widget("", "", kind)


def _text(ground: Ground, one: FieldDef) -> Widget:
    return Widget(
        "", "", "area" if one.name in _LONG or one.required else "line", hint=_HINTS.get(one.name, "")
    )


def _bool(ground: Ground, one: FieldDef) -> Widget:
    return Widget("", "", "yesno" if one.required else "check")


_DRAWN: dict[str, Callable[[Ground, FieldDef], Widget]] = {
    "unit": _unit,
    "staff": _staff,
    "date": _plain("date"),
    "datetime": _plain("moment"),
    "int": _plain("number"),
    "bool": _bool,
    "choice": _choice,
    "code": _code,
    "list": _list,
    "text": _text,
    "claims": _claims,
    "file": _plain("file"),
}
_HINTS = {
    "length": "30 = 30 日；10wd = 10 个工作日",
    "agreement": "协议编号，如 T2026-1",
}


# Fields whose choices are on the case itself.


def _open_claims(ground: Ground, one: FieldDef) -> Widget:
    track = ground.track.id if ground.track else ""
    owed = [o for o in ground.known.facts.owed if o.kind == "execution" and o.track in ("", track) and o.open]
    claims = [claim for claim in ground.claims if any(o.id.endswith(f".{claim}") for o in owed)]
    return _options("radio", [(claim, _claim_label(ground, claim)) for claim in claims])


def _extendable(ground: Ground, one: FieldDef) -> Widget:
    track = ground.track.id if ground.track else ""
    running = [d for d in ground.known.deadlines if d.open and d.track == track]
    pairs = []
    for due in running:
        clock = ground.pack.clocks.get(due.clock)
        if clock is not None and clock.extension is not None:
            most = clock.extension.most
            words = t(
                f"{due.what}，{day(due.due)}，最多延长 {most} 日",
                f"{due.what_en}, {day(due.due)}, {most} at most",
            )
            pairs.append((due.clock, words))
    return _options("radio", pairs)


def _lapsed(ground: Ground, one: FieldDef) -> Widget:
    on = ground.desk.on
    late = [
        (d.clock, f"{t(d.what, d.what_en)} {day(d.due)}")
        for d in ground.known.deadlines
        if d.open and d.late(on)
    ]
    late += [(o.id, f"{o.id} {day(o.due_on)}") for o in ground.known.facts.owed if o.open and o.late(on)]
    return _options("radio", list(dict(late).items()))


def _owed(ground: Ground, one: FieldDef) -> Widget:
    kinds = ground.pack.obligations
    pairs = []
    for owed in ground.known.facts.owed:
        if owed.open:
            kind = kinds.get(owed.kind)
            words = t(kind.zh, kind.en) if kind else owed.kind
            pairs.append((owed.id, f"{words} {day(owed.due_on)} {owed.id}"))
    return _options("radio", pairs)


def _presses(ground: Ground, one: FieldDef) -> Widget:
    pairs = [(str(seq), t(f"第 {seq} 条：{lapsed}", f"entry {seq}: {lapsed}")) for seq, lapsed, _ in
             ground.known.facts.open_presses]  # fmt: skip
    return _options("radio", pairs)


def _notes(ground: Ground, one: FieldDef) -> Widget:
    return _options(
        "radio", [(str(seq), t(f"第 {seq} 条", f"entry {seq}")) for seq in ground.known.facts.leader_notes]
    )


def _approver(ground: Ground, one: FieldDef) -> Widget:
    codes = [code for code in (ground.desk.actor.unit, *ground.desk.actor.above[:1]) if code]
    rows = people.active(ground.desk.on).filter(unit__code__in=codes, role="unit_head", staff__active=True)
    found = dict(rows.order_by("staff__name").values_list("staff__pseudonym", "staff__name"))
    return _options("radio", list(found.items()))


_SPECIAL: dict[str, Callable[[Ground, FieldDef], Widget]] = {
    "claim": _open_claims,
    "clock": _extendable,
    "lapsed": _lapsed,
    "obligation": _owed,
    "press_seq": _presses,
    "note_seq": _notes,
    "approver": _approver,
}


def _claim_form(ground: Ground, n: int, claim: str, typed: Typed, by_claim: bool) -> ClaimForm:
    avenue = (ground.track.avenue if ground.track else "") or ground.pack.axes["avenue"][-1]
    codes = allowed(ground.pack, "opinion", avenue)
    outcome = Widget(
        f"outcome.{claim}",
        t("意见类别", "Outcome"),
        "radio",
        ground.move.fields["outcomes"].required,
        options=tuple(
            Option(code, t(one.zh, one.en), first(typed, f"outcome.{claim}") == code)
            for code, one in codes.items()
        ),
    )
    by = Widget(
        f"execute_by.{claim}", t("应于何日前执行（支持的写）", "To be executed by (when supported)"), "date",
        value=first(typed, f"execute_by.{claim}"),
    )  # fmt: skip
    words = tuple(
        Widget(
            f"{name}.{claim}", t(one.zh, one.en), "area", True, first(typed, f"{name}.{claim}"), claim=claim
        )
        for name, one in ground.move.fields.items()
        if by_claim and name in _BY_CLAIM
    )
    executes = any(one.executes for one in codes.values())
    return ClaimForm(claim, n, _claim_label(ground, claim), outcome, by if executes else None, words)


def _steps_typed(typed: Typed) -> tuple[dict[str, str], ...]:
    rows = []
    for at in range(STEPS + 3):
        row = {name: first(typed, f"step.{name}.{at}") for name in ("debtor", "due_on", "kind")}
        if at < STEPS or any(row.values()):
            rows.append({**row, "n": str(at)})
    return tuple(rows)


# ------------------------------------------------------------------ reading


def read(ground: Ground, typed: Typed) -> dict[str, Any]:
    """What was typed as the move's fields; what cannot be read stays as typed, for the rules to refuse."""
    given: dict[str, Any] = {}
    for one in ground.move.fields.values():
        if one.name == "track":
            continue
        if one.name == "outcomes":
            value: Any = _outcomes(ground, typed)
        elif one.name == "steps":
            value = _steps(ground, typed)
        elif ground.by_claim and one.name in _BY_CLAIM:
            value = {c: text for c in ground.claims if (text := first(typed, f"{one.name}.{c}"))}
        else:
            value = _read_one(one, typed)
        if value not in ("", None, [], {}):
            given[one.name] = value
    if ground.track is not None:
        given["track"] = ground.track.id
    return given


def _read_one(one: FieldDef, typed: Typed) -> Any:
    text = first(typed, one.name)
    if one.kind == "bool":
        return {"yes": True, "no": False}.get(text)
    if one.kind == "int":
        return int(text) if text.lstrip("-").isdigit() else text
    if one.kind == "unit":
        return _unit_code(text)
    if one.kind == "list":
        values = [value.strip() for value in typed.get(one.name, ())]
        lines = [line.strip() for value in values for line in value.splitlines()]
        return [line for line in lines if line]
    if one.kind in ("claims", "file"):
        return [value for value in typed.get(one.name, ()) if value]
    return text


def _unit_code(text: str) -> str:
    if not text or tree.by_code(text) is not None:
        return text
    found = tree.by_name(text)
    return found.code if found is not None else text


def _outcomes(ground: Ground, typed: Typed) -> list[dict[str, str]]:
    found = []
    for claim in ground.claims:
        code = first(typed, f"outcome.{claim}")
        if not code:
            continue
        row = {"claim": claim, "outcome": code}
        if by := first(typed, f"execute_by.{claim}"):
            row["execute_by"] = by
        found.append(row)
    return found


def _steps(ground: Ground, typed: Typed) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for row in _steps_typed(typed):
        if row["due_on"] or row["debtor"]:
            unit = _unit_code(row["debtor"]) or (ground.desk.actor.unit or "")
            known = tree.by_code(unit) is not None
            found.append(
                {
                    "id": f"{first(typed, 'agreement') or 'step'}.{len(found) + 1}",
                    "debtor_kind": "unit" if known else "payer",
                    "debtor": unit,
                    "due_on": row["due_on"],
                }
            )
    return found


# ------------------------------------------------------------------ what is missing


def missing(ground: Ground, typed: Typed) -> list[tuple[str, str]]:
    """(input's name, words) of everything that a complete form would still need."""
    found: list[tuple[str, str]] = []
    form = draw(ground, typed)
    for widget in form.widgets:
        if widget.required and not any(value.strip() for value in typed.get(widget.name, ())):
            found.append((widget.name, widget.label))
    for claim in form.claims:
        found += _missing_of(claim, typed, ground)
    return found


def _missing_of(claim: ClaimForm, typed: Typed, ground: Ground) -> list[tuple[str, str]]:
    wanted = [*claim.words]
    if claim.outcome is not None and claim.outcome.required:
        wanted.append(claim.outcome)
    codes = allowed(ground.pack, "opinion", (ground.track.avenue if ground.track else "") or "A6")
    chosen = codes.get(first(typed, f"outcome.{claim.id}"))
    if claim.execute_by is not None and chosen is not None and chosen.executes:
        wanted.append(claim.execute_by)
    label = t(f"诉求 {claim.n}", f"Claim {claim.n}")
    return [(one.name, f"{label} {one.label}") for one in wanted if not first(typed, one.name)]
