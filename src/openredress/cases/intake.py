"""A petition as it arrives at any door: one form for portal, desk, API, mail and imports.

Bad input goes back with sentences that say where, why and what to do; nothing a petitioner wrote is cut.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from openredress.ledger.canonical import canonical
from openredress.rules.facts import Refusal
from openredress.rules.pack import Pack

CHANNELS = ("letter", "visit", "web", "phone", "fax", "mail", "transfer", "ledger")
CONFIDENTIALITY = ("normal", "confidential", "anonymous")
ROLES = ("lead", "joint", "agent")

TEXT_CHARS = 200_000
CLAIMS = 50
PARTIES = 2_000
FILES = 50
_ARTICLE = "信访工作条例第十九条"
_PARTY_TEXTS = {
    "name": 120, "address": 300, "phone": 60, "id_number": 40, "email": 120, "org": 200, "county": 12,
}  # fmt: skip
_TEXTS = {"title": 200, "place": 200, "region": 12, "category": 40, "office": 40, "mode": 40, "purpose": 40}
_KEYS = {
    "channel", "received_at", "confidentiality", "parties", "people_count", "about_misconduct", "accused",
    "text", "claims", "place", "attachments", "language",
} | set(_TEXTS)  # fmt: skip
_UPLOAD = re.compile(r"[0-9A-Za-z_-]{1,64}")
_BROKEN = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PartyInput:
    """One person behind a petition, as named there. Empty means not said."""

    role: str = "lead"
    name: str = ""
    address: str = ""
    phone: str = ""
    id_number: str = ""
    email: str = ""
    org: str = ""
    county: str = ""  # GB/T 2260, so that equal names of other places stay apart

    def __repr__(self) -> str:
        return f"PartyInput(role={self.role!r}, …)"  # identities must not slip into a log


@dataclass(frozen=True, slots=True)
class AccusedInput:
    """Whom an accusation is about: a unit code, a staff pseudonym, or only words."""

    unit: str = ""
    staff: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PetitionInput:
    """One arrival. `received_at` None means: now. `claims` are the demands, in the petitioner's words."""

    text: str
    claims: tuple[str, ...]
    channel: str = "web"
    received_at: datetime | None = None
    confidentiality: str = "normal"
    parties: tuple[PartyInput, ...] = ()
    people_count: int = 1
    about_misconduct: bool = False
    accused: tuple[AccusedInput, ...] = ()
    place: str = ""
    attachments: tuple[str, ...] = ()
    language: str = "zh"
    title: str = ""
    region: str = ""  # GB/T 2260 of the place the matter is about
    category: str = ""
    office: str = ""  # unit code of where it arrived; empty: the door's own
    mode: str = ""
    purpose: str = ""
    avenues: tuple[str, ...] = field(default=())  # by claim, where the clerk knows them already

    def __repr__(self) -> str:
        return f"PetitionInput(channel={self.channel!r}, {len(self.text)} characters, …)"


_PETITION_FIELDS = tuple(one.name for one in fields(PetitionInput))
_PARTY_FIELDS = tuple(one.name for one in fields(PartyInput))


def body_digest(petition: PetitionInput) -> str:
    """Hex SHA-256 over everything the sender gave: equal bodies, equal digests."""
    given = {name: getattr(petition, name) for name in _PETITION_FIELDS}
    given["parties"] = [{name: getattr(one, name) for name in _PARTY_FIELDS} for one in petition.parties]
    given["accused"] = [asdict(one) for one in petition.accused]
    given["received_at"] = petition.received_at.isoformat() if petition.received_at else None
    return hashlib.sha256(canonical(given)).hexdigest()


def _bad(where: str, code: str, zh: str, en: str, todo: str, article: str = "") -> Refusal:
    return Refusal(code, zh, en, article=article, field=where, what_to_do=todo)


class _Reader:
    """Takes values out of loose data and collects what is wrong with them."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.problems: list[Refusal] = []

    def wrong(self, where: str, code: str, zh: str, en: str, todo: str, article: str = "") -> None:
        self.problems.append(_bad(where, code, zh, en, todo, article))

    def text(self, data: Mapping[str, Any], key: str, where: str, most: int) -> str:
        value = data.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(
                where, "not_text", f"“{where}”应为文字", f"“{where}” must be text", "填写文字 / give text"
            )
            return ""
        if _BROKEN.search(value):
            self.wrong(
                where,
                "broken_text",
                f"“{where}”里有无法保存的字符",
                f"“{where}” holds characters that cannot be kept",
                "以 UTF-8 重新发送 / send it again as UTF-8",
            )
            return ""
        if len(value) > most:
            self.wrong(
                where,
                "too_long",
                f"“{where}”有 {len(value)} 字，超过 {most} 字",
                f"“{where}” has {len(value)} characters, more than {most}",
                "把较长的内容作为附件上传 / upload the longer part as a file",
            )
            return ""
        return value.strip() if key != "text" else value

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.data.get(key, default)
        if isinstance(value, str) and value in allowed:
            return value
        self.wrong(
            key,
            "not_a_choice",
            f"“{key}”的值 {str(value)[:40]!r} 不在可选范围内",
            f"“{key}” cannot be {str(value)[:40]!r}",
            "可选 / one of: " + ", ".join(allowed),
        )
        return default

    def flag(self, key: str) -> bool:
        value = self.data.get(key, False)
        if isinstance(value, bool):
            return value
        self.wrong(
            key,
            "not_yes_or_no",
            f"“{key}”应为 true 或 false",
            f"“{key}” must be true or false",
            "true | false",
        )
        return False

    def items(self, key: str, most: int) -> list[Any]:
        value = self.data.get(key)
        if value is None:
            return []
        if isinstance(value, list | tuple) and len(value) <= most:
            return list(value)
        self.wrong(
            key,
            "not_a_list",
            f"“{key}”应为列表，最多 {most} 项",
            f"“{key}” must be a list of at most {most}",
            "填写列表 / give a list",
        )
        return []


def check(
    data: Mapping[str, Any], *, pack: Pack | None, at: datetime | None = None
) -> PetitionInput | list[Refusal]:
    """The petition, or everything that keeps it from being registered, each with what to do.

    `pack` gives the vocabularies (None: only the form is checked); `at` lets a future arrival be refused.
    An anonymous petition needs no name; a ledger row may lack the address (待补).
    """
    reader = _Reader(data)
    for key in sorted(set(data) - _KEYS):
        reader.wrong(
            str(key)[:40],
            "unknown_field",
            f"没有“{str(key)[:40]}”这个字段",
            f"There is no field “{str(key)[:40]}”",
            "去掉它 / leave it out",
        )
    texts = {key: reader.text(data, key, key, most) for key, most in _TEXTS.items()}
    petition = PetitionInput(
        text=reader.text(data, "text", "text", TEXT_CHARS),
        claims=_claims(reader),
        channel=reader.choice("channel", CHANNELS, "web"),
        received_at=_received(reader, at),
        confidentiality=reader.choice("confidentiality", CONFIDENTIALITY, "normal"),
        parties=_parties(reader),
        people_count=_count(reader),
        about_misconduct=reader.flag("about_misconduct"),
        accused=_accused(reader),
        attachments=_attachments(reader),
        language=reader.choice("language", ("zh", "en"), "zh"),
        title=texts["title"],
        place=texts["place"],
        region=texts["region"],
        category=texts["category"],
        office=texts["office"],
        mode=texts["mode"],
        purpose=texts["purpose"],
    )
    _legal_fields(reader, petition)
    if pack is not None:
        _codes(reader, petition, pack)
    return reader.problems or petition


def _claims(reader: _Reader) -> tuple[str, ...]:
    found = []
    for n, _ in enumerate(given := reader.items("claims", CLAIMS)):
        text = reader.text({"claim": given[n]}, "claim", f"claims[{n}]", 4_000)
        if text:
            found.append(text)
    return tuple(found)


def _parties(reader: _Reader) -> tuple[PartyInput, ...]:
    found = []
    for n, given in enumerate(reader.items("parties", PARTIES)):
        where = f"parties[{n}]"
        if not isinstance(given, Mapping):
            reader.wrong(where, "not_an_object", f"“{where}”应为对象", f"“{where}” must be an object", "{…}")
            continue
        for key in sorted(set(given) - set(_PARTY_TEXTS) - {"role"}):
            reader.wrong(
                f"{where}.{str(key)[:40]}",
                "unknown_field",
                f"没有“{str(key)[:40]}”这个字段",
                f"There is no field “{str(key)[:40]}”",
                "去掉它 / leave it out",
            )
        role = given.get("role", "lead" if n == 0 else "joint")
        if role not in ROLES:
            reader.wrong(
                f"{where}.role",
                "not_a_choice",
                "身份应为主访人、联名人或代理人",
                "A party is lead, joint or agent",
                "lead | joint | agent",
            )
            role = "joint"
        texts = {key: reader.text(given, key, f"{where}.{key}", most) for key, most in _PARTY_TEXTS.items()}
        found.append(PartyInput(role=role, **texts))
    return tuple(found)


def _accused(reader: _Reader) -> tuple[AccusedInput, ...]:
    found = []
    for n, given in enumerate(reader.items("accused", 50)):
        where = f"accused[{n}]"
        row = {"name": given} if isinstance(given, str) else given
        if not isinstance(row, Mapping) or not set(row) <= {"unit", "staff", "name"} or not any(row.values()):
            reader.wrong(
                where,
                "accused_form",
                f"“{where}”应写明单位、人员或名称",
                f"“{where}” names a unit, a person of staff, or a name",
                '{"unit": …} | {"staff": …} | {"name": …}',
            )
            continue
        found.append(AccusedInput(**{key: reader.text(row, key, f"{where}.{key}", 200) for key in row}))
    return tuple(found)


def _attachments(reader: _Reader) -> tuple[str, ...]:
    found = []
    for n, given in enumerate(reader.items("attachments", FILES)):
        if isinstance(given, str) and _UPLOAD.fullmatch(given):
            found.append(given)
        else:
            reader.wrong(
                f"attachments[{n}]",
                "not_an_upload",
                "附件应写上传后得到的编号",
                "An attachment is named by the id its upload gave",
                "先上传文件 / upload the file first",
            )
    return tuple(found)


def _count(reader: _Reader) -> int:
    value = reader.data.get("people_count", 1)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000:
        return value
    reader.wrong(
        "people_count",
        "not_a_count",
        "人数应为 1 以上的整数",
        "The number of people is a whole number from 1",
        "填写实际人数 / give the number of people",
    )
    return 1


def _received(reader: _Reader, at: datetime | None) -> datetime | None:
    value = reader.data.get("received_at")
    if value is None or isinstance(value, datetime):
        moment = value
    else:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
    if value is not None and (moment is None or moment.tzinfo is None or not 1949 <= moment.year <= 2200):
        reader.wrong(
            "received_at",
            "not_a_time",
            "收到时间应带时区，如 2026-09-03T10:12:00+08:00",
            "The time of receipt has a zone, as 2026-09-03T10:12:00+08:00",
            "按此格式填写 / write it so",
        )
        return None
    if moment is not None and at is not None and moment > at:
        reader.wrong(
            "received_at",
            "in_the_future",
            "收到时间晚于现在",
            "The time of receipt lies in the future",
            "填写实际收到的时间 / give when it really came",
        )
    return moment


def _legal_fields(reader: _Reader, petition: PetitionInput) -> None:
    """The four that the law asks for: name, address, request, facts."""
    if not petition.text.strip() and not any(p.field == "text" for p in reader.problems):
        reader.wrong(
            "text",
            "text_missing",
            "缺少事实和理由",
            "The facts and reasons are missing",
            "写明事情经过 / say what happened",
            _ARTICLE,
        )
    if not petition.claims and not any(p.field.startswith("claims") for p in reader.problems):
        reader.wrong(
            "claims",
            "claim_missing",
            "缺少请求",
            "There is no request",
            "至少写一项诉求 / give at least one demand",
            _ARTICLE,
        )
    if petition.confidentiality == "anonymous":
        return
    lead = next((party for party in petition.parties if party.role == "lead"), None)
    if lead is None or not (lead.name or lead.org):
        reader.wrong(
            "parties[0].name",
            "name_missing",
            "缺少信访人姓名（名称）",
            "The petitioner's name is missing",
            "填写姓名，或选择匿名 / give the name, or choose anonymous",
            _ARTICLE,
        )
    if petition.channel != "ledger" and (lead is None or not lead.address):
        reader.wrong(
            "parties[0].address",
            "address_missing",
            "缺少信访人住址",
            "The petitioner's address is missing",
            "填写住址，或选择匿名 / give the address, or choose anonymous",
            _ARTICLE,
        )


def _codes(reader: _Reader, petition: PetitionInput, pack: Pack) -> None:
    """Codes must be in the pack's vocabularies."""
    wanted = (
        ("category", petition.category, "categories"),
        ("channel", petition.channel, "channels"),
        ("purpose", petition.purpose, "purposes"),
    )
    for key, code, vocabulary in wanted:
        known = pack.vocab.get(vocabulary)
        if code and known is not None and code not in known:
            reader.wrong(
                key,
                "not_in_vocabulary",
                f"词表里没有“{code[:40]}”",
                f"The vocabulary has no “{code[:40]}”",
                "从词表中选择 / choose from the vocabulary",
            )
