"""The desk in a real browser: a handler writes an opinion by keyboard alone; axe finds nothing serious."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from tests.web import serving

pytestmark = pytest.mark.browser
SERIOUS = """axe.run().then(r => r.violations.filter(v => ["serious", "critical"].includes(v.impact))
.map(v => v.id + " " + v.nodes[0].target))"""
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


def sign_in(page, server, who: str) -> None:
    page.goto(server.url + "/signin")
    page.keyboard.type(who)
    page.keyboard.press("Tab")
    page.keyboard.type(serving.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")


@pytest.fixture(scope="module")
def handled(server) -> tuple[str, str]:
    """(sign-in name, number) of a handler and a case on which an opinion is to be written."""
    base = sqlite3.connect(server.home / "openredress.sqlite3")
    row = base.execute(
        "SELECT s.username, c.number FROM cases_trackrow t JOIN cases_case c ON c.id = t.case_id "
        "JOIN people_staff s ON s.pseudonym = t.handler JOIN people_appointment a ON a.staff_id = s.id "
        "AND a.unit_id = t.holder_id WHERE t.state = 'handling' AND a.role = 'handler' AND NOT c.withdrawn "
        "AND t.avenue = 'A6' AND c.restricted = 0 AND s.active ORDER BY c.id LIMIT 1"
    ).fetchone()
    base.close()
    assert row, "the made-up city has no case in hand"
    return row


def focus(page, name: str) -> None:
    """Tab on until the input of that name has the focus: as somebody without a mouse gets there."""
    for _ in range(120):
        if page.evaluate("document.activeElement && document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by keyboard")


def test_an_opinion_by_keyboard_alone(page, server, handled):
    who, number = handled
    sign_in(page, server, who)
    page.keyboard.press("/")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/case/{number}")
    page.keyboard.press("b")
    page.wait_for_url("**/move/opinion**")
    claims = sorted(set(re.findall(r'name="facts\.([^"]+)"', page.content())))
    for claim in claims:
        for name in ("facts", "basis", "opinion"):
            focus(page, f"{name}.{claim}")
            page.keyboard.type("经查属实，依照规定办理。")
        focus(page, f"outcome.{claim}")
        page.keyboard.press("Space")
        focus(page, f"execute_by.{claim}")
        page.keyboard.type("12312027")
    focus(page, "remedy")
    page.keyboard.press("Space")
    page.wait_for_selector("#check .ok")
    focus_button(page)
    page.wait_for_url(f"**/desk/case/{number}")
    assert "出具信访处理意见书" in page.inner_text(".note.success")


def focus_button(page) -> None:
    """Tab to the button that sends, and press it."""
    for _ in range(120):
        if page.evaluate("document.activeElement.matches('#move-form button.big')"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError("the button cannot be reached by keyboard")


def test_rows_by_j_k_and_e(page, server, handled):
    sign_in(page, server, handled[0])
    page.goto(server.url + "/desk/cases")
    page.keyboard.press("j")
    first = page.evaluate("document.querySelector('tr.sel').dataset.open")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.querySelector('tr.sel').dataset.open") == first
    page.keyboard.press("?")
    assert page.evaluate("document.getElementById('keys').open")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.wait_for_url("**" + first)


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious_and_nothing_runs_out_of_the_page(page, server, handled, width):
    if not AXE.is_file():
        pytest.skip("axe-core is not here")
    who, number = handled
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, server, who)
    found = {}
    for address in (
        "/desk/worklist",
        f"/desk/case/{number}",
        f"/desk/case/{number}/move/opinion?track=t1",
        f"/desk/case/{number}/move/territorial?track=t1",
        "/desk/obligations",
        "/desk/cases",
        "/desk/search?q=工资",
        "/desk/statistics",
        "/desk/feeds",
    ):
        page.goto(server.url + address)
        page.evaluate(AXE.read_text())
        seen = page.evaluate(SERIOUS)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if seen or wide > width:
            found[address] = (seen, wide)
    assert found == {}
