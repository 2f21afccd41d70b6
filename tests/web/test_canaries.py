"""Canaries: a marker wherever somebody can be known, looked for wherever it may come out, as every role.

The set of (role, place) in which each is found has to equal the tables below; who reads a case at all
follows `access.toml`, which stands beside the packs' own table of roles.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image
from PIL.ExifTags import Base
from tests.documents.samples import docx
from tests.web import worlds
from tests.web.test_matrix import NOTHING, ROLES, TABLE, Asker
from tests.web.test_two_worlds import crawl, feed

from openredress.api import clock as api_clock
from openredress.cases import actions, extract, prepare
from openredress.cases.access import PACK_ROLE
from openredress.cases.models import Case
from openredress.cases.policy import acting_as
from openredress.cases.roles_table import ACCESS
from openredress.config import backup
from openredress.identity.redaction import Redacted
from openredress.notices import outbox
from openredress.notices.channels import FileChannel
from openredress.notices.models import Outbox
from openredress.people import ties
from openredress.rules.facts import Refusal
from openredress.web import clock
from openredress.web.logs import JsonLine

# What only the vault may hold, what stands in the petitioner's own text, and what hides in files.
pytestmark = pytest.mark.once

MARKS = {
    "name": "欧阳金雀",
    "phone": "13977654321",
    "id": "11010519491231002X",
    "address": "槐安里4711号",
    "name in text": "司徒白鹭",
    "phone in text": "13966655544",
    "word": "紫杉呢喃",
    "file name": "青雀密函",
    "exif": "ExifCanaryQ7",
    "author": "DocxCanaryQ8",
}
TEXT = (
    f"{MARKS['word']}：我叫{MARKS['name in text']}，电话{MARKS['phone in text']}，工地夜间施工。"
    f"{MARKS['name']}（{MARKS['phone']}）也在场。"
)
IN_TEXT = {"word", "name in text", "phone in text", "name", "phone"}  # what the petitioner wrote out

# Whoever handed the case on keeps its line: number, title, and that it is elsewhere now.
PART = ("page", "api", "export")

# Places that no role enters: what lies or leaves there. The record keeps the petitioner's words as they are
# (erasable), the store keeps originals; a machine's disk and its backups hold both, and no name of a file.
LIES = {
    "log": set(),
    "outbox": set(),
    "mail": set(),
    "extract": {"word"},
    "database": IN_TEXT,
    "files": {"exif", "author"},
    "backup": IN_TEXT | {"exif", "author"},
}


def reads(role: str) -> str:
    """How much the role reads of the marked case, which stands like `own`."""
    return TABLE["reads"].get(role, {}).get("own", "nothing")


def table() -> set[tuple[str, str, str]]:
    """(role, place, mark) that may be found; by hand but for who reads the case."""
    found = set()
    for role in TABLE["reads"]:
        if reads(role) == "whole":
            found |= {(role, place, "word") for place in ("page", "search", "similar", "api", "export")}
        if reads(role) == "part":  # the title of what one handed on
            found |= {(role, place, "word") for place in PART}
    found |= {("handler", "press", mark) for mark in ("name", "phone")}  # name and phone, nothing more
    found |= {("handler", "original", mark) for mark in ("exif", "author")}  # an original: a logged read
    return found


@dataclass
class Marked:
    """The office with the marked case."""

    world: worlds.World
    case: Case
    folder: Path
    lines: list[str]


@pytest.fixture
def marked(own_database, monkeypatch, tmp_path) -> Iterator[Marked]:
    """One petition with a marker everywhere, handed in through the API, handled like `own`."""
    monkeypatch.setattr(clock, "frozen", worlds.NOW)
    monkeypatch.setattr(api_clock, "frozen", worlds.NOW)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setattr(settings, "HOME", home)
    lines: list[str] = []
    hand = _Lines(lines)
    root, own = logging.getLogger(), logging.getLogger("openredress")
    level = own.level
    root.addHandler(hand)
    own.setLevel(logging.DEBUG)
    try:
        world = worlds.build(accused=False)
        yield Marked(world, handed_in(world), tmp_path, lines)
    finally:
        root.removeHandler(hand)
        own.setLevel(level)


class _Lines(logging.Handler):
    """Keeps every line as the office would write it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines
        self.setFormatter(JsonLine())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def photo() -> bytes:
    """A picture that tells who took it."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[Base.Artist] = MARKS["exif"]
    Image.new("RGB", (8, 8), (9, 9, 9)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def letter() -> bytes:
    """A DOCX that tells who wrote it."""
    core = f"<cp:coreProperties><dc:creator>{MARKS['author']}</dc:creator></cp:coreProperties>"
    return docx({"docProps/core.xml": core})


def handed_in(world: worlds.World) -> Case:
    """Uploads, petition, forward to zjj, handler named, a note."""
    client = Client(SERVER_NAME="localhost")
    uploads = []
    for name, content in ((f"{MARKS['file name']}.docx", letter()), (f"{MARKS['file name']}.jpg", photo())):
        made = client.post("/api/v1/uploads", {"file": SimpleUploadedFile(name, content)})
        assert made.status_code == 201, made.content
        uploads.append(made.json()["id"])
    party = {"role": "lead", "name": MARKS["name"], "phone": MARKS["phone"], "id_number": MARKS["id"],
             "address": MARKS["address"]}  # fmt: skip
    body = {"channel": "web", "received_at": worlds.NOW.isoformat(), "confidentiality": "normal",
            "parties": [party], "people_count": 1, "about_misconduct": False, "text": TEXT,
            "claims": ["夜间停工"], "attachments": uploads, "language": "zh"}  # fmt: skip
    made = client.post(
        "/api/v1/petitions", json.dumps(body), "application/json", headers={"Idempotency-Key": "c" * 32}
    )
    assert made.status_code == 201, made.content
    case = Case.objects.get(number=made.json()["number"])
    steps = (
        ("forward", {"track": "t1", "to": "zjj"}, "clerk"),
        ("name_handler", {"track": "t1", "handler": world.people["handler"].pseudonym}, "head"),
        ("message", {"text": "已收到。", "to": "petitioner"}, "handler"),
    )
    for move, given, who in steps:
        done = actions.perform(case.stream, move, given, actor=world.actor(who), at=worlds.NOW)
        assert not isinstance(done, Refusal), done
    barred = world.people["barred"]
    ties.declare(barred, on=worlds.AT.date(), by="system", at=worlds.AT, case=case.stream)
    return case


def seen(body: bytes | str) -> set[str]:
    """Which marks are in it, as text or as a packed part."""
    raw = body.encode() if isinstance(body, str) else body
    found = {mark for mark, text in MARKS.items() if text.encode() in raw}
    escaped = {mark for mark, text in MARKS.items() if json.dumps(text)[1:-1].encode() in raw}
    inner: set[str] = set()
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            inner = set().union(*(seen(packed.read(name)) for name in packed.namelist()))
    return found | escaped | inner


def places(marked: Marked, role: str) -> dict[str, set[str]]:
    """Everything that one role can open, press, look for and take out."""
    asker, number = Asker(marked.world, role), marked.case.number
    page = f"/desk/case/{number}"
    told = {"page": set(), "search": set(), "api": set()}
    pages = crawl(asker, ["/desk/", page], 60, only=(page, "/desk/w", "/desk/cases", "/desk/st"))
    for address, body in pages.items():
        if "/similar" not in address and "/search" not in address:
            told["page"] |= seen(body)
    for mark, text in MARKS.items():
        if number.encode() in asker.ask("GET", f"/desk/search?q={text}").body:
            told["search"].add(mark)  # found by it; the page itself repeats what was asked
    own = marked.world.cases["own"]
    told["similar"] = seen(asker.ask("GET", f"/desk/case/{own.number}/similar").body)
    for address in ("cases", f"cases/{number}", f"cases/{NOTHING}", f"petitions/{number}"):
        told["api"] |= seen(asker.ask("GET", f"/api/v1/{address}").body)
    told["press"] = seen(asker.ask("POST", f"{page}/identity").body) - {"word"}
    told["original"] = set()
    for file in marked.case.attachments.all():
        told["original"] |= seen(asker.ask("POST", f"{page}/file/{file.ref}").body) - {"word"}
    if role == "petitioner":
        for address in ("/matter", "/receipt", "/receipt/print", "/receipt/file"):
            told["page"] |= seen(asker.ask("GET", address).body)  # of another petition
    if role in TABLE["reads"]:
        told["ics"] = seen(feed(asker))
        with acting_as(marked.world.actor(role), worlds.ON) as gate:
            told["export"] = seen(repr(gate.export(Case.objects.all(), reason="核对")))
    return told


def lying(marked: Marked) -> dict[str, set[str]]:
    """What lies on the machine and what leaves it without anybody opening a page."""
    told = {"log": seen("\n".join(marked.lines))}
    told["outbox"] = seen(repr(list(Outbox.objects.values())))
    folder = marked.folder / "mail"
    channel = FileChannel(folder)
    while outbox.send_one(
        {"smtp": channel}, worlds.NOW + timedelta(days=1), resolve=lambda _, ref: ref, allow=lambda *_: True
    ):
        pass
    sent = list(folder.iterdir())
    assert sent
    told["mail"] = set().union(*(seen(one.read_bytes()) for one in sent))
    told["extract"] = seen(repr(list(extract.petitions())))
    files = [one for one in (settings.HOME / "files").rglob("*") if one.is_file()]
    told["files"] = set().union(*(seen(one.read_bytes()) for one in files))
    if connection.vendor == "sqlite":
        made = backup.make(marked.folder / "backup", worlds.NOW).folder
        copies = [one for one in made.rglob("*") if one.is_file()]
        told["backup"] = set().union(*(seen(one.read_bytes()) for one in copies))
        told["database"] = seen(next(made.glob("*.sqlite3")).read_bytes())
    return told


def found(marked: Marked, roles: tuple[str, ...]) -> set[tuple[str, str, str]]:
    """(role, place, mark) for everything that came out."""
    return {
        (role, place, mark)
        for role in roles
        for place, marks in places(marked, role).items()
        for mark in marks
    }


def test_what_each_role_finds_equals_the_table(marked):
    came_out, may = found(marked, ROLES), table()
    assert (sorted(came_out - may), sorted(may - came_out)) == ([], [])


def test_what_lies_on_the_machine_equals_the_table(marked):
    assert lying(marked) == {place: LIES[place] for place in lying_places()}


def lying_places() -> list[str]:
    """On PostgreSQL the database is no file of ours; its dump is the same rows."""
    only_sqlite = () if connection.vendor == "sqlite" else ("database", "backup")
    return [place for place in LIES if place not in only_sqlite]


def test_who_reads_follows_the_table_of_roles():
    """No role reads the text here that the packs' table lets read no text at all."""
    may = {row.role for row in ACCESS if "text" in row.reads}
    roles = {name: role for name, _, role in worlds.PEOPLE} | {one: one for one in worlds.ADMINISTRATORS}
    whole = {PACK_ROLE.get(roles[name], roles[name]) for name in TABLE["reads"] if reads(name) == "whole"}
    assert whole <= may


# ---------------------------------------------------------------- red control


def test_red_control_without_redaction_names_come_out(own_database, monkeypatch, tmp_path, request):
    monkeypatch.setattr(prepare, "redact", lambda text, *_, **__: Redacted(text, ()))
    marked = request.getfixturevalue("marked")
    come_out = {mark for _, place, mark in found(marked, ("supervisor",)) if place in ("page", "search")}
    assert {"name in text", "phone in text", "name", "phone"} <= come_out
