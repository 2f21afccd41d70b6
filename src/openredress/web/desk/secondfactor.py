"""The second factor: six digits of an authenticator (RFC 6238); the secret lies encrypted."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import pyotp
import segno
from django.db import transaction
from django.db.models import F

from openredress.identity import keyring, vault
from openredress.people import house
from openredress.people.errors import refuse
from openredress.people.models import AdminRole, SecondFactor, Staff
from openredress.people.record import record, system_stream
from openredress.rules.facts import Refusal

VaultLocked = keyring.VaultLocked
STEP = 30  # seconds
ALLOWED = 5  # wrong codes, then a pause
PAUSE = timedelta(minutes=15)

PAUSED = Refusal(
    "code_paused",
    "验证码连续输错，已暂停 15 分钟",
    "Too many wrong codes; paused for 15 minutes",
    what_to_do="稍后再试；换了手机，请安全管理员重置",
    what_to_do_en="try again later; with a new phone, ask the security administrator to reset it",
)
WRONG = Refusal(
    "code_wrong",
    "验证码不对或已用过",
    "Wrong code, or one already used",
    field="code",
    what_to_do="等下一个验证码再输；并核对手机时间",
    what_to_do_en="wait for the next code; check the phone's clock",
)


def _ref(person: Staff) -> str:
    return f"second-factor/{person.pseudonym}"


def confirmed(person: Staff) -> bool:
    """Whether this person has to give a code."""
    return SecondFactor.objects.filter(staff=person, confirmed_at__isnull=False).exists()


def wanted(person: Staff) -> bool:
    """Whether the house wants one of this person and there is none yet."""
    rule = house.setting("second_factor", person.authority)
    if rule == "optional" or confirmed(person):
        return False
    return rule == "everyone" or AdminRole.objects.filter(staff=person).exists()


def begin(person: Staff) -> str:
    """The secret to be confirmed, a new one when there is none waiting. Raises `VaultLocked`."""
    waiting = SecondFactor.objects.filter(staff=person, confirmed_at__isnull=True).first()
    if waiting:
        return vault.unseal(_ref(person), bytes(waiting.sealed)).decode()
    secret = pyotp.random_base32()
    key_id, cipher = keyring.sealing()
    sealed = vault.seal(_ref(person), secret.encode(), key_id, cipher)
    SecondFactor.objects.create(staff=person, sealed=sealed)
    return secret


def picture(person: Staff, secret: str) -> str:
    """The QR code that an authenticator reads, as a data URI."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name="OpenRedress")
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=2))


def verify(person: Staff, code: str, at: datetime) -> Refusal | None:
    """Take a code of the last, this or the next half minute, once. Raises `VaultLocked`."""
    with transaction.atomic():
        row = SecondFactor.objects.select_for_update().get(staff=person)
        if row.paused_until and at < row.paused_until:
            return PAUSED
        secret = vault.unseal(_ref(person), bytes(row.sealed)).decode()
        step = _step(secret, code, at)
        if step is not None and step > row.last_step:
            fresh = {"last_step": step, "failures": 0, "paused_until": None}
            SecondFactor.objects.filter(pk=row.pk).update(**fresh)
            return None
        SecondFactor.objects.filter(pk=row.pk).update(failures=F("failures") + 1)
        if row.failures + 1 >= ALLOWED:
            SecondFactor.objects.filter(pk=row.pk).update(failures=0, paused_until=at + PAUSE)
            return PAUSED
    return WRONG


def _step(secret: str, code: str, at: datetime) -> int | None:
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    now = int(at.timestamp()) // STEP
    made = pyotp.HOTP(secret)
    found = [n for n in (now - 1, now, now + 1) if hmac.compare_digest(made.at(n), digits)]
    return found[-1] if found else None


def confirm(person: Staff, code: str, at: datetime) -> Refusal | None:
    """The first right code puts the factor in force and writes `second_factor_set`. Raises `VaultLocked`."""
    with transaction.atomic():
        if refused := verify(person, code, at):
            return refused
        SecondFactor.objects.filter(staff=person).update(confirmed_at=at)
        facts = {"staff": person.pseudonym}
        record(system_stream(person.authority), "second_factor_set", facts, actor=person.pseudonym, at=at)
    return None


@transaction.atomic
def clear(person: Staff, *, by: str, at: datetime) -> None:
    """Recovery by the security administrator: the next sign-in needs none, or sets a new one.

    Writes `second_factor_cleared` on the system stream. Raises `Refused` for one's own.
    """
    if person.pseudonym == by:
        raise refuse(
            "not_ones_own",
            "不能重置自己的第二因素",
            "Nobody resets their own second factor",
            what_to_do="由另一名安全管理员办理 / have another security administrator do it",
        )
    SecondFactor.objects.filter(staff=person).delete()
    facts = {"staff": person.pseudonym}
    record(system_stream(person.authority), "second_factor_cleared", facts, actor=by, at=at)
