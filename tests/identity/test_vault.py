"""The vault: nothing readable at rest, no look without its log, locked without keys, gone when erased."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.db import DatabaseError, connection, transaction

from openredress.identity import lookup, models, rotate, unmask, vault
from openredress.identity.person import Person, identifier
from openredress.identity.vault import Reader, VaultLocked
from openredress.ledger import keys, triggers
from openredress.people.errors import Refused

AT = datetime(2026, 9, 3, 2, 12, tzinfo=UTC)
LI = Reader("staff/abcdefghjk", "handler", "lj-zj")
ZHANG = Person(
    name="张三",
    id_number="11010519491231002X",
    phone="138-1234-0001",
    email="Zhang@Example.com",
    address="新城路88号3栋501室",
    county="340503",
)
pytestmark = pytest.mark.django_db


def read(ref, at=AT):
    return vault.read(ref, LI, "case/abc", "电话回访", at)


def stored() -> str:
    """Everything in the vault's tables, as a thief of the file would read it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("identity_"):
                cursor.execute(f"SELECT * FROM {table}")
                found += [
                    bytes(cell).decode("utf-8", "ignore") + bytes(cell).hex()
                    if isinstance(cell, bytes | memoryview)
                    else str(cell)
                    for row in cursor.fetchall()
                    for cell in row
                ]
    return "\n".join(found)


def test_nothing_of_a_person_is_readable_at_rest(home):
    ref = vault.put(ZHANG)
    read(ref)
    text = stored()
    for secret in ("张三", "11010519491231002", "13812340001", "138-1234", "xample", "新城路"):
        assert secret not in text
        assert secret.encode().hex() not in text


def test_a_read_gives_the_fields_and_is_logged(home):
    ref = vault.put(ZHANG)
    assert read(ref) == {"name": "张三", "phone": "138-1234-0001"}
    assert vault.reads_of("case/abc") == [
        {"at": "2026-09-03T02:12:00+00:00", "role": "handler", "unit": "lj-zj", "purpose": "电话回访"}
    ]


def test_no_log_no_read(home):
    ref = vault.put(ZHANG)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE identity_identityread RENAME TO elsewhere")
    with pytest.raises(DatabaseError), transaction.atomic():
        read(ref)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE elsewhere RENAME TO identity_identityread")


def test_a_read_without_purpose_or_with_unknown_fields_is_refused(home):
    ref = vault.put(ZHANG)
    for purpose, fields in (("  ", ("name",)), ("看看", ("salary",))):
        with pytest.raises(Refused) as caught:
            vault.read(ref, LI, "case/abc", purpose, AT, fields=fields)
        assert caught.value.refusal.code == "purpose_needed"
    assert models.IdentityRead.objects.count() == 0


def test_the_log_cannot_be_rewritten(home):
    read(vault.put(ZHANG))
    for change in (
        lambda: models.IdentityRead.objects.update(purpose="别的"),
        lambda: models.IdentityRead.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert models.IdentityRead.objects.get().purpose == "电话回访"


def test_control_without_triggers_the_log_is_rewritten(home):
    read(vault.put(ZHANG))
    triggers.remove(connection, "identity")
    try:
        models.IdentityRead.objects.update(purpose="别的")
        assert models.IdentityRead.objects.get().purpose == "别的"
    finally:
        triggers.install(connection, "identity")


def test_swapped_and_altered_rows_do_not_open(home):
    first, second = vault.put_many([ZHANG, Person(name="李四", phone="13912340002")])
    sealed = bytes(models.Person.objects.get(ref=first).sealed)
    models.Person.objects.filter(ref=second).update(sealed=sealed)
    with pytest.raises(InvalidTag):
        read(second)
    models.Person.objects.filter(ref=first).update(sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(InvalidTag):
        read(first)


def test_locked_without_keys_and_open_again_with_them(home, tmp_path):
    ref = vault.put(ZHANG)
    shutil.move(home / "keys", home / "elsewhere")
    for attempt in (lambda: read(ref), lambda: vault.put(ZHANG), lambda: vault.matching("id", ["x"])):
        with pytest.raises(VaultLocked):
            attempt()
    assert models.IdentityRead.objects.count() == 0
    shutil.move(home / "elsewhere", home / "keys")
    assert read(ref)["name"] == "张三"


def test_erased_is_gone_and_its_reads_stay(home):
    ref = vault.put(ZHANG)
    read(ref)
    vault.erase([ref])
    vault.erase([ref])
    assert models.Person.objects.count() == models.BlindIndex.objects.count() == 0
    assert len(vault.reads_of("case/abc")) == 1
    with pytest.raises(Refused) as caught:
        read(ref)
    assert caught.value.refusal.code == "identity_erased"


@pytest.mark.parametrize(
    ("kind", "typed", "more"),
    [
        ("id", "11010519491231002x", {}),
        ("id", "110105491231002", {}),
        ("phone", "+86 13812340001", {}),
        ("email", "zhang@example.COM", {}),
        ("name", "張 三", {"county": "340503"}),
        ("address", "张三", {"address": "新城路 88号 3栋501室"}),
    ],
)
def test_the_blind_index_finds_every_spelling(home, kind, typed, more):
    ref, _ = vault.put_many([ZHANG, Person(name="张三", phone="13900000000", county="340504")])
    wanted = identifier(kind, typed, **more)
    assert vault.matching(kind, [wanted]) == {wanted: [ref]}


def test_amended_is_found_under_the_new_and_not_the_old(home):
    ref = vault.put(ZHANG)
    vault.amend(ref, Person(name="张三", phone="13700000000"))
    assert vault.matching("phone", ["13812340001", "13700000000"]) == {
        "13812340001": [],
        "13700000000": [ref],
    }
    assert read(ref) == {"name": "张三", "phone": "13700000000"}


def test_rotation_moves_everybody_and_old_keys_serve_meanwhile(home):
    refs = vault.put_many([Person(name=f"张{n}", phone=f"1380000{n:04}") for n in range(25)])
    keys.rotate("vault", AT)
    keys.rotate("index", AT)
    assert read(refs[3])["name"] == "张3"
    assert vault.matching("phone", ["13800000003"]) == {"13800000003": [refs[3]]}
    assert sum(rotate.left_behind().values()) == 25
    assert rotate.rotate_all(size=10) == 25
    assert rotate.left_behind() == {}
    assert rotate.rotate_all(size=10) == 0
    old = [key.id for kind in ("vault", "index") for key in keys.keyring().all(kind)[1:]]
    for name in old:
        (home / "keys" / name).unlink()
    assert read(refs[3])["name"] == "张3"
    assert vault.matching("phone", ["13800000003"]) == {"13800000003": [refs[3]]}


def find(token, value="13812340001", at=AT, visible=lambda refs: refs, **more):
    return lookup.find("phone", value, reader=LI, registration=token, at=at, visible=visible, **more)


def test_look_up_needs_a_registration_of_ones_own_in_progress(home):
    ref = vault.put(ZHANG)
    token = lookup.open_registration(LI, AT)
    assert find(token) == [ref]
    other = lookup.open_registration(Reader("staff/zzzzzzzzzz", "handler", "lj"), AT)
    for wrong, at in (("", AT), ("x", AT), (other, AT), (token, AT + timedelta(hours=3))):
        with pytest.raises(Refused) as caught:
            find(wrong, at=at)
        assert caught.value.refusal.code == "registration_needed"
    lookup.close_registration(token, AT + timedelta(minutes=1))
    with pytest.raises(Refused):
        find(token, at=AT + timedelta(minutes=2))


def test_the_twenty_first_look_up_is_refused_and_the_first_of_the_next_day_is_not(home):
    vault.put(ZHANG)
    token = lookup.open_registration(LI, AT)
    for _ in range(20):
        find(token)
    with pytest.raises(Refused) as caught:
        find(token)
    assert caught.value.refusal.code == "too_many_look_ups"
    assert models.LookUp.objects.count() == 20
    later = AT + timedelta(hours=25)
    assert len(find(lookup.open_registration(LI, later), at=later)) == 1


def test_control_without_the_limit_the_twenty_first_goes_through(home):
    token = lookup.open_registration(LI, AT)
    for _ in range(21):
        find(token, a_day=1000)
    assert models.LookUp.objects.count() == 21


def test_sealed_subjects_never_answer(home):
    sealed, plain = vault.put_many([ZHANG, ZHANG])
    token = lookup.open_registration(LI, AT)
    assert find(token, visible=lambda refs: [ref for ref in refs if ref != sealed]) == [plain]
    assert find(token, visible=lambda refs: []) == []
    assert [row.answers for row in models.LookUp.objects.order_by("pk")] == [1, 0]


def test_what_was_typed_is_not_kept(home):
    token = lookup.open_registration(LI, AT)
    find(token, "13987654321")
    assert "13987654321" not in stored()
    assert token not in stored()


def asked(person, fields=("address",)):
    return unmask.ask(person, reader=LI, subject="case/abc", fields=fields, reason="上门核实", at=AT)


def test_unmask_takes_reason_second_person_and_time(home):
    request = asked(vault.put(ZHANG))
    with pytest.raises(Refused) as caught:
        unmask.view(request.ref, reader=LI, at=AT)
    assert caught.value.refusal.code == "not_approved"
    unmask.decide(request, approver="staff/bbbbbbbbbb", approved=True, at=AT)
    assert unmask.view(request.ref, reader=LI, at=AT) == {"address": "新城路88号3栋501室"}
    assert unmask.view(request.ref, reader=LI, at=AT + timedelta(hours=23)) != {}
    with pytest.raises(Refused) as caught:
        unmask.view(request.ref, reader=LI, at=AT + timedelta(hours=24))
    assert caught.value.refusal.code == "approval_ran_out"
    assert [row["purpose"] for row in vault.reads_of("case/abc")] == ["上门核实", "上门核实"]
    assert {row.request for row in models.IdentityRead.objects.all()} == {request.ref}


def test_nobody_approves_their_own_not_even_past_the_code(home):
    request = asked(vault.put(ZHANG))
    with pytest.raises(Refused) as caught:
        unmask.decide(request, approver=LI.pseudonym, approved=True, at=AT)
    assert caught.value.refusal.code == "second_person_needed"
    with pytest.raises(DatabaseError), transaction.atomic():
        models.UnmaskDecision.objects.create(
            request=request,
            requester=LI.pseudonym,
            approver=LI.pseudonym,
            approved=True,
            at=AT,
            expires_at=AT + timedelta(hours=24),
        )


def test_a_no_is_a_no_and_is_final(home):
    request = asked(vault.put(ZHANG))
    unmask.decide(request, approver="staff/bbbbbbbbbb", approved=False, at=AT)
    with pytest.raises(Refused):
        unmask.view(request.ref, reader=LI, at=AT)
    with pytest.raises(Refused) as caught:
        unmask.decide(request, approver="staff/bbbbbbbbbb", approved=True, at=AT)
    assert caught.value.refusal.code == "already_decided"


def test_an_approval_serves_nobody_else_and_needs_a_reason(home):
    person = vault.put(ZHANG)
    request = asked(person)
    unmask.decide(request, approver="staff/bbbbbbbbbb", approved=True, at=AT)
    with pytest.raises(Refused):
        unmask.view(request.ref, reader=Reader("staff/cccccccccc", "handler", "lj-zj"), at=AT)
    for reason, fields in (("", ("name",)), ("有事", ()), ("有事", ("salary",))):
        with pytest.raises(Refused) as caught:
            unmask.ask(person, reader=LI, subject="case/abc", fields=fields, reason=reason, at=AT)
        assert caught.value.refusal.code == "reason_needed"
