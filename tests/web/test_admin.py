"""The administrators' rooms: each for the right one of the three, every change an entry."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cases import made

from openredress.lawbook import book
from openredress.lawbook.models import CalendarRevision, PackRevision
from openredress.ledger import store
from openredress.packs import calendars, load
from openredress.people import admins, signin, staff
from openredress.people.models import Appointment, Staff, Tie, Unit
from openredress.web.models import Draft

PACK = "cn_national_2022"


@pytest.fixture
def three(office) -> None:
    for role in ("system", "security", "audit"):
        one = staff.hire(role, f"{role}管", by="system", at=made.AT)
        admins.make_administrator(one, role, by="system", at=made.AT, on=made.AT.date())


def _codes(kind: str, stream: str) -> list[str]:
    return [entry.code for entry in store.read(kind, stream)]


ROOMS = {
    "units": {"system"},
    "units/zjj": {"system"},
    "staff": {"system", "security"},
    "staff/handler": {"system", "security"},
    "calendars": {"system"},
    "packs": {"system"},
    "security": {"security"},
    "audit": {"audit"},
    "register": {"clerk"},
    "bulk": {"clerk"},
    "proposals": {"clerk", "handler"},
    "identity": {"clerk", "handler"},
    "retaliation": set(),
}


def test_each_room_is_for_the_right_people_only(desk, three) -> None:
    found = {
        room: {
            who
            for who in ("system", "security", "audit", "clerk", "handler")
            if (status := desk(who).get(f"/desk/{room}").status_code) == 200 or status != 403
        }
        for room in ROOMS
    }
    assert found == ROOMS


def test_a_unit_is_added_renamed_moved_and_closed(desk, three) -> None:
    system = desk("system")
    given = {"name": "临江市住建局", "code": "zjj2", "parent": "gov", "kind": "department", "level": "3"}
    assert "确实是另一个单位" in system.post("/desk/units", given).content.decode()
    assert Unit.objects.filter(code="zjj2").count() == 0
    assert system.post("/desk/units", given | {"name": "水务中心", "code": "swj"}).status_code == 302
    for step in ({"do": "rename", "name": "水务局"}, {"do": "move", "parent": "zjj"}, {"do": "close"}):
        assert system.post("/desk/units/swj", step).status_code == 302
    unit = Unit.objects.get(code="swj")
    assert (unit.name, unit.parent.code, unit.active) == ("水务局", "zjj", False)
    assert _codes("unit", "swj") == ["unit_added", "unit_renamed", "unit_moved", "unit_closed"]
    ring = system.post("/desk/units/gov", {"do": "move", "parent": "zjj"})
    assert (ring.status_code, Unit.objects.get(code="gov").parent) == (422, None)
    bad = system.post("/desk/units", given | {"name": "水利站", "code": "Bad Code"})
    assert (bad.status_code, "水利站" in bad.content.decode()) == (422, True)


def test_somebody_is_hired_appointed_and_leaves(desk, three) -> None:
    system, security = desk("system"), desk("security")
    given = {"username": "new", "name": "新来"}
    assert security.post("/desk/staff", given).status_code == 403
    page = system.post("/desk/staff", given).content.decode()
    token = re.search(r"/signin/([\w-]{40,})", page)[1]
    assert signin.use(token, at=made.AT) == Staff.objects.get(username="new")
    appoint = {"do": "appoint", "unit": "临江市住建局", "role": "handler", "since": "2026-09-01"}
    assert system.post("/desk/staff/new", appoint).status_code == 403
    assert security.post("/desk/staff/new", appoint).status_code == 302
    assert security.post("/desk/staff/new", {"do": "administrator", "role": "audit"}).status_code == 422
    held = Appointment.objects.get(staff__username="new")
    assert (
        security.post("/desk/staff/new", {"do": "end", "pk": held.pk, "until": "2026-09-03"}).status_code
        == 302
    )
    assert security.post("/desk/staff/new", {"do": "leave"}).status_code == 403
    assert system.post("/desk/staff/new", {"do": "leave"}).status_code == 302
    assert Staff.objects.get(username="new").active is False
    # whoever leaves on the last day of a role ends that role too, once more
    assert _codes("unit", "zjj")[-3:] == ["appointed", "appointment_ended", "appointment_ended"]
    assert _codes("system", "1")[-2:] == ["hired", "left"]


def test_a_tie_to_a_case_bars_at_once(desk, three) -> None:
    opened = made.opened()
    assert desk("clerk").get(f"/desk/case/{opened.number}").status_code == 200
    assert desk("security").post("/desk/staff/clerk", {"do": "tie", "to": opened.number}).status_code == 302
    assert desk("clerk").get(f"/desk/case/{opened.number}").status_code == 404
    tie = Tie.objects.get()
    assert desk("security").post("/desk/staff/clerk", {"do": "untie", "pk": tie.pk}).status_code == 302
    assert desk("security").post("/desk/staff/clerk", {"do": "tie", "to": "没有的"}).status_code == 422


def test_nobody_changes_their_own_administration(desk, three) -> None:
    own = desk("security").post("/desk/staff/security", {"do": "administrator", "role": "none"})
    assert own.status_code == 422


def _toml(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def test_a_new_year_is_previewed_then_recorded(desk, three) -> None:
    system, before = desk("system"), CalendarRevision.objects.count()
    text = calendars.builtin_file("cn").decode()
    year = max(book.packs().calendar("cn").known_years) + 1
    text = re.sub(r"(?m)^version = .*$", 'version = "next"', text)
    new = text + f'\n[years.{year}]\noff = ["01-01 元旦"]\nwork = []\n'
    page = system.post("/desk/calendars", {"file": _toml("cn.toml", new), "do": "preview"})
    assert (page.status_code, CalendarRevision.objects.count()) == (200, before)
    draft = re.search(r'name="draft" value="(\w+)"', page.content.decode())[1]
    given = {"draft": draft, "do": "record"}
    assert system.post("/desk/calendars", given).status_code == 422  # no basis
    assert system.post("/desk/calendars", given | {"reason": "国办发明电〔2026〕1号"}).status_code == 302
    assert year in book.packs().calendar("cn").known_years
    assert (_codes("system", "1")[-1], Draft.objects.count()) == ("calendar_revision", 0)
    bad = system.post("/desk/calendars", {"file": _toml("cn.toml", new + "[x"), "do": "preview"})
    assert bad.status_code == 422


def test_a_pack_revision_is_checked_then_recorded(desk, three) -> None:
    system, before = desk("system"), PackRevision.objects.count()
    text = load.builtin_files(PACK)["pack.toml"].decode()
    broken = {"pack": PACK, "file": _toml("pack.toml", text + "\nstray = 1\n"), "do": "preview"}
    page = system.post("/desk/packs", broken)
    assert (page.status_code, "pack.toml" in page.content.decode()) == (422, True)
    good = {"pack": PACK, "file": _toml("pack.toml", "# 本市修订\n" + text), "do": "preview"}
    page = system.post("/desk/packs", good)
    assert (page.status_code, PackRevision.objects.count()) == (200, before)
    draft = re.search(r'name="draft" value="(\w+)"', page.content.decode())[1]
    given = {"draft": draft, "do": "record", "applies": "new_cases", "reason": "市里的文件"}
    assert system.post("/desk/packs", given).status_code == 302
    row = PackRevision.objects.order_by("-pk")[0]
    assert (row.pack, row.applies, row.reason) == (PACK, "new_cases", "市里的文件")
    assert _codes("system", "1")[-1] == "pack_revision"
