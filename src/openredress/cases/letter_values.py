"""What a paper says: facts and words of the case, and what its writer adds, by the names in the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openredress.cases.facts import Known
from openredress.identity.redaction import KnownStrings, redact
from openredress.ledger import store
from openredress.people.models import Staff, Unit
from openredress.rules.facts import Entry, Track
from openredress.rules.pack import Letter, Pack

NUMERALS = "一二三四五六七八九十"
NO_REMEDY = "本意见书没有告知请求复查的机关和期限，三十日的复查申请期不因送达本意见书而起算。"
QUERY = (
    "您可以凭信访件编号和登记时领取的查询码，在信访门户“查询”栏目查看办理进度和结果，也可以到我单位窗口查询。"
)
PROCEDURE = "我单位将听取您的陈述，调查核实，并书面答复处理意见。"
# Free words: what the working copy shows of them is redacted.
_WORDS = frozenset(
    {"信访事项", "程序", "延长理由", "投诉请求", "事实和理由", "处理意见", "法律法规依据", "去向"}
)
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Writing:
    """A paper that is being written: what it rests on, for which unit, on which day."""

    known: Known
    letter: Letter
    track: Track
    source: Entry | None
    pack: Pack
    unit: Unit
    on: date
    typed: Mapping[str, str]

    def text(self, name: str, otherwise: str = "") -> str:
        """What the writer put there, else what the record gives."""
        return self.typed.get(name, "").strip() or otherwise


def zh_day(day: date | None) -> str:
    """2026年9月3日."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def numeral(n: int) -> str:
    """一 … 十, 十一 …; plain figures above 19."""
    return NUMERALS[n - 1] if n <= 10 else f"十{NUMERALS[n - 11]}" if n < 20 else str(n)


def values(w: Writing, name: str, address: str, due: date | None) -> Values:
    """All that the template may ask for. `due` is the day that the service of this paper will set."""
    who = (
        f"信访人：{name}" + (f"，住址：{address}" if address else "")
        if name
        else "信访人：（不在文书中载明身份）"
    )
    common = {
        "机关名称": w.unit.name,
        "编号": w.known.facts.number,
        "收到日期": zh_day(_received(w)),
        "成文日期": zh_day(w.on),
        "主送": name or "信访人",
        "信访人身份": f"{who}。",
    }
    return common | _OF[w.letter.id](w, due)


def _received(w: Writing) -> date | None:
    if w.letter.id == "where" or not w.track.hops:
        return w.known.facts.received_on
    mine = [hop.received_on for hop in w.track.hops if hop.unit == w.unit.code]
    return mine[-1] if mine else w.known.facts.received_on


def claim_texts(known: Known) -> dict[str, str]:
    """What each claim asks, in the petitioner's own words."""
    held = store.words_of("case", known.stream)
    found: dict[str, str] = {}
    for entry in known.entries:
        texts = held.get(entry.seq, {}).get("claim_texts") if entry.code in ("register", "attach") else None
        if isinstance(texts, Mapping):
            found.update({key: str(text) for key, text in texts.items()})
    return found


def unit_name(code: str) -> str:
    """The name of a unit, or its code."""
    return Unit.objects.filter(code=code).values_list("name", flat=True).first() or code


def _where(w: Writing, due: date | None) -> Values:
    source = w.source
    to = unit_name(str(source.facts.get("to") or "")) if source is not None else ""
    if source is not None and not to:
        to = str(store.words_of("case", w.known.stream).get(source.seq, {}).get("body") or "")
    return {
        "去向": w.text("去向", to),
        "转送日期": zh_day(source.day) if source is not None else "",
        "查询方式": w.text("查询方式", QUERY),
    }


def _receipt(w: Writing, due: date | None) -> Values:
    texts = claim_texts(w.known)
    asked = [texts.get(claim, "") for claim in w.track.claims]
    matters = "；".join(f"（{numeral(n)}）{text}" for n, text in enumerate(filter(None, asked), 1))
    term = w.pack.term("avenues", w.typed.get("avenue", ""))
    handler = Staff.objects.filter(pseudonym=w.track.handler).values_list("name", flat=True).first() or ""
    sent = w.track.sent_as in ("forward", "assign") and w.track.sender
    by = {"forward": "转送", "assign": "交办"}.get(w.track.sent_as, "")
    length = (
        f"自受理之日起至{zh_day(due)}（{w.on.month}月{w.on.day}日送达的，期限自次日起算）。" if due else ""
    )
    return {
        "来自": w.text("来自", f"{unit_name(w.track.sender)}{by}" if sent else "您直接提出"),
        "信访事项": w.text("信访事项", matters),
        "途径": term.zh if term else "",
        "程序": w.text("程序", PROCEDURE),
        "承办人": w.text("承办人", handler),
        "联系方式": w.text("联系方式"),
        "办理期限": w.text("办理期限", length),
    }


def _extension(w: Writing, due: date | None) -> Values:
    running = [
        d for d in w.known.deadlines if d.track == w.track.id and d.clock == w.typed.get("clock", "C05")
    ]
    before = max(running, key=lambda d: d.anchor, default=None)
    approver = (
        Staff.objects.filter(pseudonym=w.typed.get("approver", "")).values_list("name", flat=True).first()
    )
    days = w.typed.get("days", "")
    return {
        "原期限": zh_day(before.due) if before else "",
        "延长理由": w.text("延长理由").rstrip("。，；"),
        "新的期限": f"办理期限延长{days}日，延长至{zh_day(due)}。" if due and days else "",
        "批准人": f"本单位负责人{approver}" if approver else "",
    }


def review_body(w: Writing) -> str:
    """Where review is asked: as typed, else the unit above the one that answers."""
    above = w.unit.parent.name if w.unit.parent is not None else ""
    return w.text("复查机关", above)


def _opinion(w: Writing, due: date | None) -> Values:
    source = w.source
    held = store.words_of("case", w.known.stream).get(source.seq, {}) if source is not None else {}
    given = (
        {str(one["claim"]): one for one in (source.facts.get("outcomes") or ())} if source is not None else {}
    )
    texts = claim_texts(w.known)
    terms = {one.code: one.zh for one in w.pack.outcomes.get("opinion", ())}
    rows = [
        {
            "序": numeral(n),
            "投诉请求": texts.get(claim, ""),
            "事实和理由": _of_claim(held.get("facts"), claim),
            "结论": terms.get(str(given.get(claim, {}).get("outcome")), ""),
            "处理意见": _of_claim(held.get("opinion"), claim),
            "法律法规依据": _of_claim(held.get("basis"), claim),
        }
        for n, claim in enumerate(w.track.claims, 1)
    ]
    told = bool(source and source.facts.get("remedy"))
    body = review_body(w)
    remedy = f"如对本意见不服，可以自收到本意见书之日起30日内，向{body}请求复查。" if body else ""
    columns = ("投诉请求", "事实和理由", "处理意见", "法律法规依据")
    return {
        "各项": rows,
        **{name: [row[name] for row in rows] for name in columns},
        "救济途径": remedy if told else NO_REMEDY,
    }


def _of_claim(said: Any, claim: str) -> str:
    return str(said.get(claim, "") if isinstance(said, Mapping) else said or "")


_OF: dict[str, Callable[[Writing, date | None], Values]] = {
    "where": _where, "receipt_notice": _receipt, "extension": _extension, "opinion": _opinion,
}  # fmt: skip


def masked(found: Values, known: KnownStrings, mark: str) -> Values:
    """The values of the working copy: nobody named, free words redacted."""
    shown = {name: _clean(value, known) if name in _WORDS else value for name, value in found.items()}
    if "各项" in shown:
        shown["各项"] = [{name: _clean(value, known) for name, value in row.items()} for row in shown["各项"]]
    return shown | {"主送": f"信访人{mark}", "信访人身份": f"信访人：{mark}（身份信息已隐去）。"}


def _clean(value: Any, known: KnownStrings) -> Any:
    if isinstance(value, list):
        return [_clean(one, known) for one in value]
    return redact(value, known).text if isinstance(value, str) else value
