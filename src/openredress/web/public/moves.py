"""What a petitioner may do on their own matter. The rules draw the buttons; a refused one says why."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from openredress.cases import actions, following
from openredress.cases.models import Party
from openredress.identity import normal, vault
from openredress.ledger import store
from openredress.people import tree
from openredress.people.models import Unit
from openredress.rules.facts import Refusal
from openredress.rules.lifecycle import OpenMove, open_moves
from openredress.web import clock
from openredress.web.language import sentence, t
from openredress.web.public import bound, limits
from openredress.web.public.filing import go, keep_files
from openredress.web.public.page import door, show, source, switching, throttle

# What each form asks, in order; a move without a form here is not the petitioner's to make on this page.
FORMS: dict[str, tuple[str, ...]] = {
    "message": ("text!",),
    "material": ("text", "files"),
    "press": ("lapsed!", "text"),
    "request_review": ("reviewer!", "good_cause", "text"),
    "request_final": ("reviewer!", "good_cause", "text"),
    "confirm_solved": ("solved!", "text"),
    "rate": ("object!", "value!", "rating_reason", "text"),
    "withdraw": ("reason",),
    "restore": ("reason",),
    "contest_refusal": ("reason!",),
    "dispute_obligation": ("obligation!", "reason"),
    "dispute": ("station!", "text!", "files"),
    "reopen": ("reason",),
}
# A code that staff has seen confirms nothing alone: these ask for what only the petitioner gave.
SECOND_FACTOR = frozenset({"withdraw", "confirm_solved", "rate"})
ORDER = (
    "press", "request_review", "request_final", "contest_refusal", "message", "material", "rate",
    "confirm_solved", "dispute_obligation", "reopen", "restore", "withdraw",
)  # fmt: skip
_SAID = {
    "message": ("留言", "Send a message"),
    "material": ("补充材料", "Add material"),
    "press": ("申请督促", "Press for an answer"),
    "confirm_solved": ("说说解决了没有", "Say whether it is solved"),
    "dispute": ("对一条记录有异议", "Dispute a record"),
}
WRONG_FACTOR = Refusal(
    "factor_wrong",
    "手机号或证件号码与登记的不一致",
    "The phone or ID number is not the one that was registered",
    field="factor",
    what_to_do="核对后再试，或者到办理单位以外的窗口当面确认",
    what_to_do_en="check it, or confirm in person at an office outside the handling unit",
)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to do now, or why not."""

    move: str
    track: str
    label: str
    article: str
    refusal: str


def label(move: str, zh: str = "", en: str = "") -> str:
    """What the button says."""
    said = _SAID.get(move, (zh, en))
    return t(*said)


def _offered(mine: bound.Mine) -> list[OpenMove]:
    known = mine.known
    return list(open_moves(known.facts, mine.actor, known.packs, mine.local, known.deadlines))


def buttons(mine: bound.Mine) -> list[Button]:
    """Everything the rules offer this petitioner, refused ones with their sentence."""
    found: dict[tuple[str, str], Button] = {}
    for one in _offered(mine):
        if one.move in FORMS and (one.move != "dispute_obligation" or mine.known.facts.owed):
            why = sentence(one.refusal) if one.refusal else ""
            key = (one.move, one.track if len(mine.known.facts.tracks) > 1 else "")
            made = Button(one.move, one.track, label(one.move, one.zh, one.en), one.article, why)
            if key not in found or found[key].refusal:
                found[key] = made
    ranked = sorted(found.values(), key=lambda one: (bool(one.refusal), ORDER.index(one.move), one.track))
    return ranked


def claims_of(mine: bound.Mine) -> list[tuple[str, str, str]]:
    """(id, words, outcome) of the claims that this petition brought."""
    said = store.words_of("case", mine.known.stream).get(mine.petition.seq, {})
    texts: Mapping[str, Any] = said.get("claim_texts") or {}
    pack = mine.known.packs.pack(mine.known.facts.pack)
    names = {row.code: t(row.zh, row.en) for stage in pack.outcomes.values() for row in stage}
    found = []
    for name, words in texts.items():
        claim = mine.known.facts.claim(name)
        track = mine.known.facts.track(claim.track) if claim else None
        told = track is not None and (track.served_on is not None or bool(track.ended))
        outcome = names.get(claim.outcome, claim.outcome) if claim and told else ""
        found.append((name, str(words), outcome))
    return found


def reviewers(mine: bound.Mine, track: str, move: str) -> list[Unit]:
    """Bodies above the one that answered, nearest first, where review may be asked."""
    here = mine.known.facts.track(track)
    asked = here.first_reviewer if here and move == "request_final" and here.first_reviewer else ""
    unit = tree.by_code(asked or (here.opinion_unit or here.holder if here else ""))
    above = tree.ancestors(unit) if unit is not None else ()
    accused = mine.known.facts.accused_units
    units = {one.code: one for one in Unit.objects.filter(code__in=above, active=True)}
    return [units[code] for code in above if code in units and code not in accused]


def _choices(mine: bound.Mine, move: str, track: str) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen in each field of a form."""
    pack = mine.known.packs.pack(mine.known.facts.pack)
    names = following.unit_names(mine.known)
    found: dict[str, list[tuple[str, str]]] = {}
    for name in (one.rstrip("!") for one in FORMS[move]):
        if name == "lapsed":
            rows = following.lapsed(mine.known, mine.on)
            found[name] = [(f"{what}|{at}", f"{t(zh, en)}（{due}）") for what, at, zh, en, due in rows]
        elif name == "reviewer":
            found[name] = [(unit.code, unit.name) for unit in reviewers(mine, track, move)]
        elif name == "solved":
            found[name] = [("yes", t("已经解决", "Solved")), ("no", t("没有解决", "Not solved"))]
        elif name == "object":
            found[name] = [
                ("unit", t("办理单位", "The handling unit")),
                ("office", t("信访部门", "The petition office")),
            ]
        elif name == "value":
            found[name] = [(code, t(x.zh, x.en)) for code, x in pack.vocab.get("ratings", {}).items()]
        elif name == "rating_reason":
            terms = pack.vocab.get("rating_reasons", {})
            found[name] = [("", t("不填", "None")), *((code, t(x.zh, x.en)) for code, x in terms.items())]
        elif name == "obligation":
            found[name] = [
                (owed.id, f"{t('应于', 'due')} {owed.due_on or ''} {names.get(owed.debtor, '')}")
                for owed in mine.known.facts.owed
            ]
        elif name == "station":
            seen = following.stations(mine.known, mine.petition, mine.actor.pseudonym, names)
            found[name] = [(str(one.seq), f"{one.on} {t(one.zh, one.en)}") for one in seen if not one.mine]
    return found


def given(mine: bound.Mine, move: str, track: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, as the move wants it."""
    text = typed.get("text", "").replace("\r\n", "\n").strip()
    reason = typed.get("reason", "").replace("\r\n", "\n").strip()
    made: dict[str, Any] = {"text": text, "reason": reason}
    if move == "message":
        made["to"] = "unit"
    elif move in ("material", "dispute"):
        made["received_on"] = mine.on
        if move == "dispute":
            made |= {"kind": "dispute", "text": f"对第 {typed.get('station', '')} 条记录有异议：{text}"}
    elif move == "press":
        lapsed, _, at = typed.get("lapsed", "").partition("|")
        made |= {"lapsed": lapsed, "track": at}
    elif move in ("request_review", "request_final"):
        made |= {
            "track": track,
            "reviewer": typed.get("reviewer", ""),
            "requested_on": mine.on,
            "good_cause": typed.get("good_cause") == "yes",
        }
    elif move == "confirm_solved":
        made |= {"solved": typed.get("solved") == "yes", "via": "portal"}
    elif move in ("withdraw", "restore"):
        made["via"] = "portal"
    elif move == "rate":
        made |= {"object": typed.get("object", ""), "value": typed.get("value", "")}
        made["reason"] = typed.get("rating_reason", "")
    elif move in ("contest_refusal", "reopen"):
        made["track"] = track
        if move == "reopen":
            made["ground"] = "broken_promise"
    elif move == "dispute_obligation":
        made["obligation"] = typed.get("obligation", "")
    return {key: value for key, value in made.items() if value not in ("", None)}


def _missing(move: str, typed: Mapping[str, str], choices: Mapping[str, list[tuple[str, str]]]) -> str:
    for field in FORMS[move]:
        name = field.rstrip("!")
        value = typed.get(name, "").strip()
        if field.endswith("!") and not value:
            return t("还有没填的：请补上再提交", "Something is still missing: fill it in and send again")
        if value and name in choices and value not in {code for code, _ in choices[name]}:
            return t("所选的一项现在不能选了，请重新选择", "What was chosen is no longer open: choose again")
    return ""


def _factor_wrong(mine: bound.Mine, typed: str, at: Any) -> Refusal | None:
    """Whether what was typed is a phone or ID number of this petition; guesses are counted."""
    buckets = ((f"factor/{mine.petition.number}", 5),)
    if refusal := throttle().locked(buckets, at):
        return refusal
    refs = Party.objects.filter(petition=mine.petition).exclude(person="").values_list("person", flat=True)
    wanted = [normal.phone(typed), normal.id_number(typed)]
    for person in vault.for_machine(list(refs)):
        known = [normal.phone(person.phone), normal.id_number(person.id_number)]
        for have, want in zip(known, wanted, strict=True):
            if have and want and hmac.compare_digest(have.encode(), want.encode()):
                return None
    throttle().failed(buckets, at)
    return WRONG_FACTOR


@door
def act(request: HttpRequest, move: str, track: str = "") -> HttpResponse:
    """One thing to do: its form, then the move itself. What was typed comes back when it is refused."""
    mine = bound.mine(request)
    if mine is None:
        return go("follow")
    button = _button(mine, move, track)
    if button is None:
        raise Http404
    typed = {key: str(value) for key, value in request.POST.items()}
    choices = _choices(mine, move, button.track)
    wrong: list[str] = [button.refusal] if button.refusal else []
    bad: list[tuple[str, str]] = []
    if request.method == "POST" and not switching(request) and not wrong:
        missing = _missing(move, typed, choices)
        done = Refusal("", missing, missing) if missing else _perform(request, mine, button, typed, bad)
        if done is None:
            messages.success(request, t("已经记下", "It is on record"))
            for name, why in bad:
                messages.warning(request, f"{name}：{why}")
            return go("matter")
        wrong = [missing or sentence(done)]
    context = {
        "button": button, "fields": FORMS[move], "choices": choices, "typed": typed, "wrong": wrong,
        "bad": bad, "factor": _asks_factor(mine, move), "form": "act", "version": mine.known.version,
    }  # fmt: skip
    return show(request, "act.html", context)


def _asks_factor(mine: bound.Mine, move: str) -> bool:
    return mine.petition.code_shown and move in SECOND_FACTOR


def _button(mine: bound.Mine, move: str, track: str) -> Button | None:
    if move == "dispute":
        return Button("dispute", "", label("dispute"), t("信访工作条例第二十一条", "art. 21"), "")
    mine_buttons = [one for one in buttons(mine) if one.move == move]
    return next((one for one in mine_buttons if not track or one.track == track), None)


def _perform(
    request: HttpRequest,
    mine: bound.Mine,
    button: Button,
    typed: Mapping[str, str],
    bad: list[tuple[str, str]],
) -> Refusal | None:
    """Make the move; None when it is on record, also when a second click finds it there."""
    at = clock.now()
    if refusal := limits.acting(source(request), at):
        return refusal
    if _asks_factor(mine, button.move) and (wrong := _factor_wrong(mine, typed.get("factor", ""), at)):
        return wrong
    made = given(mine, button.move, button.track, typed)
    if "files" in FORMS[button.move]:
        good, refused = keep_files(request, at)
        bad += refused
        if good:
            made["files"] = [one["sha256"] for one in good]
        if button.move == "material" and not good and not made.get("text"):
            why = "；".join(f"{name}：{reason}" for name, reason in refused)
            return Refusal(
                "nothing_given", why or "请写几句，或者选择文件", why or "Write a line or choose a file"
            )
    move = "material" if button.move == "dispute" else button.move
    seen = typed.get("version", "")
    expected = int(seen) if seen.isdigit() else mine.known.version
    done = actions.perform(mine.known.stream, move, made, actor=mine.actor, at=at, expected=expected)
    if not isinstance(done, Refusal):
        return None
    if done.code == "changed_meanwhile" and _on_record(mine, move, made, expected):
        return None
    if done.code == "changed_meanwhile":
        # Somebody else wrote: a petitioner's own word does not depend on that.
        again = actions.perform(mine.known.stream, move, made, actor=mine.actor, at=at)
        return again if isinstance(again, Refusal) else None
    return done


def _on_record(mine: bound.Mine, move: str, made: Mapping[str, Any], since: int) -> bool:
    """Whether the same word of mine stands there already: this is its second click."""
    words = store.words_of("case", mine.known.stream)
    said = {key: made[key] for key in ("text", "reason") if key in made and move != "rate"}
    for entry in store.read("case", mine.known.stream):
        if entry.seq > since and entry.code == move and entry.actor == mine.actor.pseudonym:
            held = words.get(entry.seq, {})
            if {key: held.get(key) for key in said} == said:
                return True
    return False


urls: list[URLPattern] = [
    path("matter/do/<slug:move>", act, name="act"),
    path("matter/do/<slug:move>/<slug:track>", act, name="act-on"),
]
