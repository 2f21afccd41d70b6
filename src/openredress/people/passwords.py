"""Which passwords the house takes: OWASP ASVS (long, not guessable) or 等保 (classes, 90 days, last five).

Which of the two holds is a house setting in the record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.db import transaction

from openredress.people import house
from openredress.people.errors import Refused, refuse
from openredress.people.models import PastPassword, Staff

LONGEST = 200
_KEPT = 5
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
_ROWS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


@dataclass(frozen=True, slots=True)
class Profile:
    """One set of rules. `days` 0: never runs out; `history`: how many earlier ones may not come again."""

    code: str
    zh: str
    en: str
    least: int
    classes: int = 0
    days: int = 0
    history: int = 0


PROFILES: dict[str, Profile] = {
    "asvs": Profile(
        "asvs",
        "至少 12 位，可以用几个词连成一句；常见口令和含登录名的不收。不要求定期更换。",
        "At least 12 characters, a few words together are fine; common ones and your own name are refused.",
        12,
    ),
    "dengbao": Profile(
        "dengbao",
        "至少 8 位，大写、小写、数字、符号中占三类；90 天更换，不得与前 5 次相同；常见口令不收。",
        "At least 8 characters of three classes; changed every 90 days; not one of the last five.",
        8,
        classes=3,
        days=90,
        history=5,
    ),
}


def profile(authority: int = 1) -> Profile:
    """The rules that hold in this office now."""
    return PROFILES[house.setting("password_profile", authority)]


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _guessable(person: Staff, word: str) -> bool:
    """Whether it is on the list of common ones, says who it is for, or is one pattern."""
    plain = word.casefold()
    stem = re.sub(r"[^a-z]+", "", plain)
    forward = "".join(_ROWS)
    return (
        plain in _common()
        or (len(stem) >= 4 and stem in _common() and len(plain) - len(stem) <= 8)
        or (len(person.username) >= 4 and person.username.casefold() in plain)
        or len(set(plain)) < 5
        or any(plain in row or plain in row[::-1] for row in (*_ROWS, forward))
    )


def check(person: Staff, word: str, rules: Profile) -> Refused | None:
    """Why the house does not take this password, or None."""
    said = {"field": "password", "what_to_do": f"{rules.zh} / {rules.en}"}
    if not rules.least <= len(word) <= LONGEST:
        return refuse(
            "password_length",
            f"口令要 {rules.least} 到 {LONGEST} 位",
            f"The password must have {rules.least} to {LONGEST} characters",
            **said,
        )
    if sum(bool(re.search(pattern, word)) for pattern in _CLASSES) < rules.classes:
        return refuse(
            "password_classes",
            f"口令要含大写、小写、数字、符号中的 {rules.classes} 类",
            f"The password needs {rules.classes} of: capitals, small letters, digits, signs",
            **said,
        )
    if _guessable(person, word):
        return refuse("password_common", "这个口令容易被猜到", "This password is easily guessed", **said)
    earlier = person.past_passwords.order_by("-set_at", "-pk").values_list("hash", flat=True)
    if any(check_password(word, old) for old in earlier[: rules.history]):
        return refuse(
            "password_used", f"口令与前 {rules.history} 次之一相同", "This password was used before", **said
        )
    return None


@transaction.atomic
def set_password(person: Staff, word: str, *, at: datetime) -> None:
    """Take a new password. Raises `Refused` when the house does not take it."""
    if refused := check(person, word, profile(person.authority)):
        raise refused
    person.password = make_password(word)
    person.save(update_fields=["password"])
    PastPassword.objects.create(staff=person, hash=person.password, set_at=at)
    old = person.past_passwords.order_by("-set_at", "-pk").values_list("pk", flat=True)[_KEPT:]
    PastPassword.objects.filter(pk__in=list(old)).delete()


def run_out(person: Staff, at: datetime) -> bool:
    """Whether a new password has to be set before anything else: none yet, or too old for the house."""
    if not person.has_usable_password():
        return True
    days = profile(person.authority).days
    if not days:
        return False
    last = person.past_passwords.order_by("-set_at").values_list("set_at", flat=True).first()
    return last is None or at - last > timedelta(days=days)
