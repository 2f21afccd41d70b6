"""One petition from hand-in to finality over HTTP: the petitioner with the code, the offices with tokens.

Every day below was worked out by hand from the calendar of 2026: off 25–27 September (中秋) and 1–7 October
(国庆), work on Sunday 20 September and Saturday 10 October; days of 2027 are provisional, not known yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from tests.api.conftest import PETITION, Caller, bearer
from tests.cases import made

from openredress.api import clock
from openredress.cases.models import Petition
from openredress.people import staff, tree
from openredress.people.models import Staff

pytestmark = pytest.mark.django_db
ZONE = timezone(timedelta(hours=8))


class Walk:
    """Callers of one matter, and the day on which they call."""

    def __init__(self, monkeypatch, callers: dict[str, Caller]) -> None:
        self.monkeypatch, self.callers, self.number, self.code = monkeypatch, callers, "", ""

    def on(self, day: str) -> Walk:
        moment = datetime.fromisoformat(f"{day}T10:12:00").replace(tzinfo=ZONE)
        self.monkeypatch.setattr(clock, "frozen", moment)
        return self

    def create(self) -> dict:
        answer = self.callers["petitioner"].create({**PETITION, "claims": ["停工", "洒水", "赔偿"]})
        assert answer.status_code == 201, answer.content.decode()
        body = answer.json()
        self.number, self.code = body["number"], body["query_code"]
        return dues(body)

    def move(self, who: str, move: str, **given) -> dict:
        """The move's days by clock: {clock: (due, provisional)}."""
        own = who == "petitioner"
        place = "petitions" if own else "cases"
        headers = {"X-Query-Code": self.code} if own else {}
        given = given if own and move == "material" else {"track": "t1", **given}
        answer = self.callers[who].post(f"{place}/{self.number}/moves/{move}", given, **headers)
        assert answer.status_code == 200, (move, answer.content.decode())
        return dues(answer.json())

    def seen(self) -> dict:
        answer = self.callers["petitioner"].get(f"petitions/{self.number}", **{"X-Query-Code": self.code})
        assert answer.status_code == 200
        return answer.json()


def dues(body: dict) -> dict:
    return {d["clock"]: d["due"] + ("?" if d["provisional"] else "") for d in body["deadlines"]}


@pytest.fixture
def walk(office, caller, token, monkeypatch) -> Walk:
    province = tree.add("prov", "江东省人民政府", kind="authority", by="system", at=made.AT)
    tree.move(office.root, province, by="system", at=made.AT)
    made.person("reviewer", office.root, "reviewer")
    made.person("final", province, "reviewer")
    head = staff.hire("head", "周某", by="system", at=made.AT)
    staff.appoint(head, office.housing, "unit_head", since=made.AT.date(), by="system", at=made.AT)
    scopes = ("cases:read", "cases:write")
    names = ("clerk", "handler", "other", "reviewer", "final")
    callers = {name: Caller(**bearer(token(name, *scopes))) for name in names}
    return Walk(monkeypatch, {"petitioner": caller, **callers})


def words(what: str) -> dict[str, str]:
    return {f"c{n}": f"{what}{n}" for n in (1, 2, 3)}


def opinion() -> dict:
    outcomes = [
        {"claim": "c1", "outcome": "support", "execute_by": "2026-12-15"},
        {"claim": "c2", "outcome": "explain"},
        {"claim": "c3", "outcome": "reject"},
    ]
    return {
        "outcomes": outcomes, "remedy": True, "facts": words("事实"), "basis": words("依据"),
        "opinion": words("意见"),
    }  # fmt: skip


def test_from_hand_in_to_finality(walk, office):
    # Thursday 3 September + 15 days = Friday 18 September
    assert walk.on("2026-09-03").create() == {"C01": "2026-09-18"}
    # Monday 14th: told by +15 = Tuesday 29th; objects within 15, 16, 17, 18 and Sunday 20th, a make-up day;
    # untold, handling runs from the 29th: + 60 = Saturday 28 November, so Monday 30th
    forwarded = walk.on("2026-09-14").move("clerk", "forward", to="jtj")
    assert forwarded == {"C03": "2026-09-29", "C04": "2026-09-20", "C05": "2026-11-30"}
    # Friday 18th: two working days are Sunday 20th and Monday 21st
    objected = walk.on("2026-09-18").move("other", "object", proposed="zjj", reason="属住建局职责")
    assert objected["C04r"] == "2026-09-21"
    # Monday 21st back: 15th–21st are not counted, 18th + 7 = Friday 25th, off until Monday 28th
    back = walk.on("2026-09-21").move("clerk", "decide_objection", upheld=True, how="review", reason="成立")
    assert back["C01"] == "2026-09-28"
    # Tuesday 22nd: + 15 = 7 October, off, so Thursday 8th; working days 23, 24, 28, 29, 30
    again = walk.on("2026-09-22").move("clerk", "forward", to="zjj")
    assert (again["C03"], again["C04"]) == ("2026-10-08", "2026-09-30")
    # told on Thursday 24th: + 60 = Monday 23 November
    told = walk.on("2026-09-24").move(
        "handler",
        "notify_receipt",
        avenue="A6",
        served_on="2026-09-24",
        means="hand",
        proof=True,
        text="告知",
    )
    assert told == {"C05": "2026-11-23"}
    # + 30 = Wednesday 23 December
    extended = walk.on("2026-11-20").move(
        "handler", "extend", clock="C05", days=30, told_on="2026-11-20", reason="情况复杂",
        approver=Staff.objects.get(username="head").pseudonym,
    )  # fmt: skip
    assert extended == {"C05": "2026-12-23"}
    walk.on("2026-11-23").move("handler", "opinion", **opinion())
    # served Tuesday 24 November: + 30 = Thursday 24 December
    served = walk.on("2026-11-24").move(
        "handler", "serve", paper="opinion", served_on="2026-11-24", means="hand", proof=True
    )
    assert served["C07"] == "2026-12-24"
    assert "C05" not in served
    # asked on Monday 7 December: + 30 = Wednesday 6 January 2027
    asked = walk.on("2026-12-07").move("petitioner", "request_review", text="请复查")
    assert asked["C08"] == "2027-01-06?"
    walk.on("2026-12-14").move("reviewer", "decide_review", result="maintain", remedy=True, reason="维持")
    # served Tuesday 15 December: + 30 = Thursday 14 January 2027
    reviewed = walk.on("2026-12-15").move(
        "reviewer", "serve", paper="review", served_on="2026-12-15", means="hand", proof=True
    )
    assert reviewed["C09"] == "2027-01-14?"
    # asked on Monday 21 December: + 30 = Wednesday 20 January 2027
    final = walk.on("2026-12-21").move("petitioner", "request_final", text="请复核")
    assert final["C10"] == "2027-01-20?"
    walk.on("2026-12-28").move("final", "decide_final", result="maintain", reason="维持")
    walk.on("2026-12-29").move(
        "final", "serve", paper="final", served_on="2026-12-29", means="hand", proof=True
    )
    page = walk.seen()
    assert page["state"] == "final"
    assert [station["move"] for station in page["stations"]] == [
        "register", "forward", "object", "decide_objection", "forward", "notify_receipt", "extend", "opinion",
        "serve", "request_review", "decide_review", "serve", "request_final", "decide_final", "serve",
    ]  # fmt: skip
    assert [paper["kind"] for one in page["stations"] for paper in one["papers"]] == [
        "notice", "opinion", "review", "final",
    ]  # fmt: skip
    assert page["stations"][1]["to"] == "临江市交通局"
    assert all(station["article"] for station in page["stations"])


def test_a_lapsed_clock_is_pressed_for(walk):
    walk.on("2026-09-03").create()
    walk.on("2026-09-14").move("clerk", "forward", to="zjj")
    walk.on("2026-09-30").move("petitioner", "press", lapsed="C03", text="仍未告知")
    page = walk.seen()
    # 5 working days of our own rule from Wednesday 30 September: 8, 9, Saturday 10th (make-up), 12, 13
    assert {d["due"] for d in page["deadlines"] if "督促" in d["what"]} == {"2026-10-13"}


def test_a_code_that_staff_have_seen_confirms_nothing(walk):
    walk.on("2026-09-03").create()
    Petition.objects.filter(number=walk.number).update(code_shown=True)
    answer = walk.callers["petitioner"].post(
        f"petitions/{walk.number}/moves/withdraw", {}, **{"X-Query-Code": walk.code}
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (403, "X-Query-Code")
