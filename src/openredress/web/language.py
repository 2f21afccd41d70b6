"""Chinese first, English beside it: both sentences stand together where they are said."""

from __future__ import annotations

from contextvars import ContextVar

from openredress.rules.facts import Refusal

LANGUAGES = ("zh", "en")
_language: ContextVar[str] = ContextVar("language", default="zh")


def choose(language: str) -> None:
    """Speak this language for the rest of the request."""
    _language.set(language if language in LANGUAGES else "zh")


def spoken() -> str:
    """The language of this request."""
    return _language.get()


def t(zh: str, en: str) -> str:
    """The sentence in the reader's language."""
    return en if _language.get() == "en" else zh


def sentence(refusal: Refusal) -> str:
    """A refusal as a reader meets it: why, what to do, on which ground."""
    why = t(refusal.zh, refusal.en or refusal.zh)
    zh, _, en = refusal.what_to_do.partition(" / ")  # where both languages stand in one
    todo = t(zh, refusal.what_to_do_en or en or zh)
    end, gap = t("。", ". "), t("（", " (")
    text = why + (end + todo if todo else "")
    return text + (f"{gap}{refusal.article}{t('）', ')')}" if refusal.article else "")
