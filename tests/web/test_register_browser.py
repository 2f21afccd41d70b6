"""Rooms of registry and administrators in a real browser: axe finds nothing serious, nothing overflows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.web import serving
from tests.web.test_register import LETTER

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SERIOUS = """axe.run().then(r => r.violations.filter(v => ["serious", "critical"].includes(v.impact))
.map(v => v.id + " " + v.nodes[0].target))"""
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PICTURES = os.environ.get("OPENREDRESS_TEST_PICTURES", "")  # a folder to look at the pages afterwards


def looked_at(page, name: str) -> list[str]:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}-{page.viewport_size['width']}.png", full_page=True)
    page.evaluate(AXE.read_text())
    found = page.evaluate(SERIOUS)
    return found + [f"{page.evaluate(WIDE)} px too wide"] * (page.evaluate(WIDE) > 0)


def fill(page) -> None:
    page.select_option("[name=channel]", LETTER["channel"])
    for name in ("received_at", "text", "claims", "name", "address", "phone"):
        page.fill(f"[name={name}]", LETTER[name])


@pytest.mark.parametrize("width", [390, 1440])
def test_registering_a_letter(page, server, width) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    serving.sign_in(page, server, "lj-xf-clerk1")
    found = {}
    page.goto(server.url + "/desk/register")
    found["form"] = looked_at(page, "register")
    page.click("[name=do][value=check]")
    found["wrong"] = looked_at(page, "register-wrong")
    fill(page)
    page.click("[name=do][value=check]")
    found["second"] = looked_at(page, "register-second")
    page.click("[name=do][value=save]")
    page.wait_for_url("**/desk/register/*")
    found["receipt"] = looked_at(page, "registered")
    for room in ("bulk", "proposals", "identity"):
        page.goto(f"{server.url}/desk/{room}")
        found[room] = looked_at(page, room)
    assert {name: seen for name, seen in found.items() if seen} == {}


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    ("who", "rooms"),
    [
        ("system", ("units", "units/lj-xf", "staff", "staff/lj-xf-clerk1", "calendars", "packs")),
        ("security", ("staff/lj-xf-clerk1",)),
        ("audit", ("audit",)),
    ],
)
def test_administrators_rooms(page, server, who, rooms, width) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    serving.sign_in(page, server, f"{who}-admin")
    found = {}
    for room in rooms:
        page.goto(f"{server.url}/desk/{room}")
        found[room] = looked_at(page, f"{who}-{room.replace('/', '-')}")
    assert {name: seen for name, seen in found.items() if seen} == {}
