"""Rooms around the register: links, many at once, identities asked for, retaliation, workbook changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cases import made

from openredress.cases import actions, facts, proposals
from openredress.cases.models import Petition, Proposal, TrackRow
from openredress.identity.models import IdentityRead, UnmaskRequest
from openredress.oversight import retaliation
from openredress.oversight.models import RetaliationReport
from openredress.people.models import Staff
from openredress.web import clock


@pytest.fixture
def head(office) -> str:
    made.person("head", office.office, "supervisor")
    return "head"


def _links(opened) -> tuple[str, ...]:
    known = facts.load(opened.stream, made.AT)
    assert known is not None
    return tuple(known.facts.links)


def test_two_cases_are_linked_after_a_look_and_taken_apart(desk) -> None:
    clerk, one, two = desk("clerk"), made.opened(), made.opened()
    clocks = [facts.load(case.stream, made.AT).deadlines for case in (one, two)]
    given = {"other": two.number, "kind": "same_matter", "do": "preview"}
    page = clerk.post(f"/desk/case/{one.number}/links", given)
    assert (page.status_code, two.number in page.content.decode(), _links(one)) == (200, True, ())
    assert clerk.post(f"/desk/case/{one.number}/links", given | {"do": "link"}).status_code == 302
    assert (_links(one), _links(two)) == ((two.number,), (one.number,))
    assert [facts.load(case.stream, made.AT).deadlines for case in (one, two)] == clocks
    undo = {"other": two.number, "do": "unlink"}
    assert clerk.post(f"/desk/case/{one.number}/links", undo).status_code == 302
    assert (_links(one), _links(two)) == ((), ())


def test_a_case_one_may_not_see_is_linked_to_nothing(desk) -> None:
    sealed = actions.open_case(made.accusing("jtj"), actor=made.SOMEBODY, at=made.AT)
    one = made.opened()
    answers = [
        desk("clerk").post(f"/desk/case/{one.number}/links", {"other": other, "do": "preview"})
        for other in (sealed.number, "2026-AAAAAA-A")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert desk("other").get(f"/desk/case/{one.number}/links").status_code == 404


def test_many_are_forwarded_each_by_itself(desk) -> None:
    clerk = desk("clerk")
    before = made.opened(category="060000")
    made.forward(before.stream, "zjj", made.SYSTEM)
    good, bad, none = made.opened(category="060000"), made.opened(), made.opened()
    page = clerk.get("/desk/bulk").content.decode()
    assert page.count('value="zjj" selected') == 1  # proposed from where such matters went
    rows = {f"{one.number}.t1": to for one, to in ((good, "zjj"), (bad, "xfj"), (none, ""))}
    given = {"row": list(rows), **{f"to.{key}": to for key, to in rows.items()}}
    assert clerk.post("/desk/bulk", given | {"do": "preview"}).status_code == 200
    assert TrackRow.objects.filter(state="forwarded").count() == 1
    page = clerk.post("/desk/bulk", given | {"do": "send"}).content.decode()
    held = dict(TrackRow.objects.values_list("case__number", "holder__code"))
    assert (held[good.number], held[bad.number], held[none.number]) == ("zjj", "xfj", "xfj")
    assert page.count('<span class="error">') == 2
    assert desk("handler").get("/desk/bulk").status_code == 403


def test_an_identity_takes_two_people_and_runs_out(desk, head, monkeypatch) -> None:
    opened, clerk = made.opened(), desk("clerk")
    made.person("second", Staff.objects.get(username=head).appointments.get().unit, "supervisor")
    asked = {"fields": ["name", "phone"], "reason": "核对送达地址"}
    assert desk(head).post(f"/desk/case/{opened.number}/identity", asked).status_code == 302
    ref = _only_request()
    assert clerk.post(f"/desk/identity/{ref}/decide", {"do": "approve"}).status_code == 403
    assert desk(head).post(f"/desk/identity/{ref}/decide", {"do": "approve"}).status_code == 404
    assert "张三" not in desk(head).post(f"/desk/identity/{ref}/view", follow=True).content.decode()
    assert "核对送达地址" in desk("second").get("/desk/identity").content.decode()
    assert desk("second").post(f"/desk/identity/{ref}/decide", {"do": "approve"}).status_code == 302
    page = desk(head).post(f"/desk/identity/{ref}/view")
    assert ("张三" in page.content.decode(), IdentityRead.objects.filter(request=ref).count()) == (True, 1)
    assert facts.load(opened.stream, made.AT).entries[-1].code == "identity_read"
    assert desk("second").post(f"/desk/identity/{ref}/view").status_code == 404
    monkeypatch.setattr(clock, "frozen", made.AT + timedelta(hours=25))
    late = desk(head).post(f"/desk/identity/{ref}/view", follow=True).content.decode()
    assert ("张三" in late, IdentityRead.objects.filter(request=ref).count()) == (False, 1)


def _only_request() -> str:
    return UnmaskRequest.objects.get().ref


def test_retaliation_is_read_by_its_desk_alone(desk, office) -> None:
    opened = made.opened()
    made.forward(opened.stream, "zjj", made.SYSTEM)
    made.person("officer", office.roads, "retaliation_officer")
    made.person("inside", office.housing, "retaliation_officer")
    row = retaliation.report(Petition.objects.get(number=opened.number), "他们扣了我的低保。", at=made.AT)
    assert isinstance(row, RetaliationReport)
    officer = desk("officer")
    assert opened.number in officer.get("/desk/retaliation").content.decode()
    assert opened.number not in desk("inside").get("/desk/retaliation").content.decode()
    assert desk("inside").post(f"/desk/retaliation/{row.ref}").status_code == 404
    assert desk("handler").get("/desk/retaliation").status_code == 403
    assert "扣了我的低保" in officer.post(f"/desk/retaliation/{row.ref}").content.decode()
    assert officer.post(f"/desk/retaliation/{row.ref}/contact", {"note": "电话"}).status_code == 302
    lost = officer.post(f"/desk/retaliation/{row.ref}/answer", {"text": "已责令改正。"})
    assert (lost.status_code, "已责令改正。" in lost.content.decode()) == (422, True)
    given = {"text": "已责令改正。", "upheld": "yes"}
    assert officer.post(f"/desk/retaliation/{row.ref}/answer", given).status_code == 302
    row.refresh_from_db()
    assert (row.upheld, row.contacted_at) == (True, made.AT)


def test_a_changed_row_waits_for_a_person(desk) -> None:
    opened, clerk = made.opened(), desk("clerk")
    cell = proposals.Cell("place", "问题属地", "旧址", "新址")
    for digest in ("a", "b"):
        wanted = proposals.Proposed(opened.case, f"xfj 台账{digest}", digest, (cell,))
        proposals.propose([wanted], actor=made.SYSTEM, at=made.AT)
    page = clerk.get("/desk/proposals").content.decode()
    assert page.count("<del>旧址</del></td><td><ins>新址</ins>") == 2
    first, second = Proposal.objects.order_by("pk").values_list("pk", flat=True)
    assert desk("other").post(f"/desk/proposals/{first}", {"do": "accept"}).status_code == 404
    clerk.post(f"/desk/proposals/{first}", {"do": "accept"})
    clerk.post(f"/desk/proposals/{second}", {"do": "decline"})
    assert list(Proposal.objects.order_by("pk").values_list("state", flat=True)) == ["accepted", "declined"]
