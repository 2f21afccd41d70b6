"""How the record room says no: an exception that carries the sentence as data."""

from __future__ import annotations

from openredress.rules.facts import Refusal


class Refused(Exception):
    """Raised when something may not be done; `refusal` says where, why and what to do instead."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.zh)
        self.refusal = refusal


def refuse(
    code: str, zh: str, en: str, *, field: str = "", what_to_do: str = "", article: str = ""
) -> Refused:
    """A `Refused` ready to be raised."""
    return Refused(Refusal(code, zh, en, article=article, field=field, what_to_do=what_to_do))
