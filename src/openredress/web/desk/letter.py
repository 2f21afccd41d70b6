"""The registration form as typed, and the petition that it makes: as intake reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from openredress.cases import intake
from openredress.importers.workbook import control
from openredress.people import tree
from openredress.people.models import Appointment, Staff, Unit
from openredress.rules.facts import Refusal
from openredress.web.desk import chat
from openredress.web.language import t

CHAT = "chat"  # pasted from a messenger: registered as an online petition
CHANNELS = ("letter", "visit", "phone", CHAT, "mail", "fax", "web", "transfer")
WHO = ("name", "address", "phone", "id_number")
# Kept in the draft: what happened and what is asked, never by whom.
ABOUT = (
    "channel", "received_at", "confidentiality", "people_count", "title", "text", "claims", "place",
    "category", "purpose", "misconduct", "accused_unit", "accused_name",
)  # fmt: skip
IDENTITY = (*WHO, "others")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")
_ID = re.compile(r"\d{17}[\dXx]")
_NUMBERED = re.compile(r"^\s*(?:[（(]?\d{1,2}[）).、．]|[一二三四五六七八九十]{1,3}[、．])\s*")
MOST_NAMED = 5  # colleagues of one name that an accusation bars


@dataclass
class Typed:
    """What stands in the fields, and what was noticed while reading it."""

    about: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ABOUT, ""))
    who: dict[str, str] = field(default_factory=lambda: dict.fromkeys(IDENTITY, ""))
    files: list[dict[str, Any]] = field(default_factory=list)
    heads: tuple[str, ...] = ()  # lines split off a chat


def typed(request: HttpRequest) -> Typed:
    """The form as it came."""
    about = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in ABOUT}
    return Typed(about, {name: request.POST.get(name, "").strip() for name in IDENTITY})


def split_chat(form: Typed, now: datetime) -> None:
    """Take a pasted chat apart: who wrote when goes off the text, into the fields that are still empty."""
    found = chat.split(form.about["text"]) if form.about["channel"] == CHAT else None
    if found is None:
        return
    form.about["text"], form.heads = found.text, found.heads
    came = chat.moment(found, now)
    if came is not None and came <= now:
        form.about["received_at"] = came.strftime("%Y-%m-%dT%H:%M")
    if not form.who["name"] and len(found.senders) == 1:
        form.who["name"] = found.senders[0]


def others(text: str) -> list[dict[str, str]]:
    """Further petitioners, one a line: the name, then phone, ID and address in any order; 代理: an agent."""
    found = []
    for line in text.splitlines():
        rest, one = line.strip(), dict.fromkeys(("name", "address", "phone", "id_number"), "")
        if not rest:
            continue
        role = "agent" if rest.startswith(("代理", "agent ")) else "joint"
        rest = re.sub(r"^(代理人?|agent)[\s:：]+", "", rest)
        for key, pattern in (("id_number", _ID), ("phone", _PHONE)):
            if hit := pattern.search(rest):
                one[key], rest = hit[0], rest[: hit.start()] + " " + rest[hit.end() :]
        parts = [part for part in re.split(r"[\s,，、;；\t]+", rest) if part]
        one["name"], one["address"] = (parts[0] if parts else ""), "".join(parts[1:])
        found.append({"role": role, **one})
    return found


def claims(text: str) -> list[str]:
    """Demands, one a line, without the clerk's numbering."""
    return [found for line in text.splitlines() if (found := _NUMBERED.sub("", line).strip())]


def data_of(form: Typed, zone: ZoneInfo) -> dict[str, Any]:
    """The petition as intake reads it. A name that is missing stays 待补 only where the law allows."""
    about = form.about
    lead = {key: form.who[key] for key in WHO}
    parties = [{"role": "lead", **lead}] if any(lead.values()) else []
    parties += others(form.who["others"])
    count = about["people_count"].strip()
    misconduct = bool(about["misconduct"])
    return {
        "channel": "web" if about["channel"] == CHAT else about["channel"] or "letter",
        "received_at": moment(about["received_at"], zone),
        "confidentiality": about["confidentiality"] or "normal",
        "parties": parties,
        "people_count": int(count) if count.isdigit() and int(count) else max(1, len(parties)),
        "about_misconduct": misconduct,
        "accused": accused(about) if misconduct else [],
        "title": about["title"].strip(),
        "text": about["text"],
        "claims": claims(about["claims"]),
        "place": about["place"].strip(),
        "category": "" if misconduct else about["category"],
        "purpose": about["purpose"],
        "attachments": [one["sha256"] for one in form.files],
    }


def moment(text: str, zone: ZoneInfo) -> datetime | str | None:
    """When it came, on the office's clock; what cannot be read goes to intake, which says so."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError:
        return text


def accused(about: Mapping[str, str]) -> list[dict[str, str]]:
    """Whom it is about: the unit by its name, colleagues of exactly that name, and the words."""
    name = about["accused_name"].strip()
    unit = _unit(about["accused_unit"])
    found = [{"unit": unit.code}] if unit is not None else []
    if name:
        people = Staff.objects.filter(name=name, active=True)
        if unit is not None:
            there = Appointment.objects.filter(unit__path__startswith=unit.path).values("staff")
            people = people.filter(pk__in=there)
        known = people.order_by("pk").values_list("pseudonym", flat=True)[:MOST_NAMED]
        found += [{"staff": one} for one in known]
        found.append({"name": name})
    return found


def _unit(typed_name: str) -> Unit | None:
    wanted = typed_name.strip()
    return tree.by_name(wanted) or tree.by_code(wanted) if wanted else None


def problems(form: Typed, data: Mapping[str, Any], found: list[Refusal]) -> list[Refusal]:
    """What keeps it from being registered, beside what intake says of it."""
    about, more = form.about, list(found)
    if about["confidentiality"] == "anonymous" and data["parties"]:
        more.append(_ANONYMOUS)
    wanted = about["accused_unit"].strip()
    if about["misconduct"] and wanted and _unit(wanted) is None:
        more.append(_no_unit(wanted[:40]))
    if about["misconduct"] and not data["accused"] and not wanted:
        more.append(_NOBODY)
    if phrase := control.load().phrase(about["title"]):
        more.append(
            Refusal(
                "control_words",
                f"标题里有本系统不记录的内容：{phrase}",
                f"The title holds what is not recorded here: {phrase}",
                field="title",
                what_to_do="删去后再登记；来件原话照录在正文里",
                what_to_do_en="cut it; the petitioner's own words stay in the text",
            )
        )
    return more


def _no_unit(wanted: str) -> Refusal:
    near = tree.nearest(wanted)
    return Refusal(
        "unit_unknown",
        f"没有“{wanted}”这个单位",
        f"There is no unit “{wanted}”",
        field="accused_unit",
        what_to_do=f"最接近的：{'、'.join(near) or '无'}；不在其中的清空此栏，写进“被反映的人或名称”",
        what_to_do_en=f"nearest: {', '.join(near) or 'none'}; or leave it empty and name it below",
    )


_ANONYMOUS = Refusal(
    "anonymous_yet_named",
    "选了匿名，又写了姓名或联系方式",
    "Anonymous, yet a name or address is given",
    field="confidentiality",
    what_to_do="匿名的请清空信访人一栏；要求保密的改选“要求保密”",
    what_to_do_en="empty the petitioner's fields, or choose confidential",
)
_NOBODY = Refusal(
    "accused_missing",
    "没有写被反映的单位或人员",
    "Nobody is named as accused",
    field="accused_name",
    what_to_do="写单位全称或人名；来件没写明的，写“不详”",
    what_to_do_en="name the unit or person; write “unknown” if the letter does not say",
)
FIELD_OF = {"parties[0].name": "name", "parties[0].address": "address"}


def beside(one: Refusal) -> str:
    """The input that a refusal is about; an empty string for none of them."""
    name = FIELD_OF.get(one.field) or one.field.split("[")[0].split(".")[0]
    if name == "parties":
        return "others"
    if name == "accused":
        return "accused_name"
    return name if name in (*ABOUT, *IDENTITY) else "file" if name == "attachments" else ""


def channel_choices() -> list[tuple[str, str]]:
    """The ways in which it came, the usual ones first."""
    names = {
        "letter": ("来信", "Letter"), "visit": ("来访", "Visit"), "phone": ("来电", "Call"),
        CHAT: ("聊天记录（粘贴）", "Chat, pasted"), "mail": ("电子邮件", "E-mail"), "fax": ("传真", "Fax"),
        "web": ("网信", "Online"), "transfer": ("上级或其他单位转来", "Passed on by another body"),
    }  # fmt: skip
    return [(code, t(*names[code])) for code in CHANNELS]


def checked(form: Typed, zone: ZoneInfo, pack: Any, at: datetime) -> intake.PetitionInput | list[Refusal]:
    """The petition, or everything that is wrong with the form."""
    data = data_of(form, zone)
    made = intake.check(data, pack=pack, at=at)
    found = problems(form, data, made if isinstance(made, list) else [])
    return found if found or isinstance(made, list) else made
