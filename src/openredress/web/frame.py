"""What every page has: the compiled templates' environment, dates as people read them, the request's gate."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.templatetags.static import static
from django.urls import reverse
from django.utils.timezone import localtime
from jinja2 import Environment

from openredress.web.language import sentence, spoken, t

_WEEKDAYS = "一二三四五六日"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(value: date | None, *, year: bool = False) -> str:
    """9月15日; with `year` 2026年9月15日."""
    if value is None:
        return ""
    if spoken() == "en":
        return f"{value.day} {_MONTHS[value.month - 1]}" + (f" {value.year}" if year else "")
    return (f"{value.year}年" if year else "") + f"{value.month}月{value.day}日"


def weekday(value: date) -> str:
    """周二; Tue."""
    return t(f"周{_WEEKDAYS[value.weekday()]}", value.strftime("%a"))


def moment(value: datetime | None) -> str:
    """9月15日 10:05 on the office's clock."""
    if value is None:
        return ""
    local = localtime(value)
    return f"{day(local.date())} {local:%H:%M}"


def url(name: str, *args: Any, **query: Any) -> str:
    """The address of a named page, with a query string when given."""
    path = reverse(name, args=args)
    return f"{path}?{urlencode(query)}" if query else path


def environment(**options: Any) -> Environment:
    """The Jinja2 environment of all pages; autoescape is on (Django's backend sets it)."""
    env = Environment(**options)
    env.globals.update(static=static, url=url, t=t, spoken=spoken, sentence=sentence)
    env.filters.update(day=day, weekday=weekday, moment=moment)
    return env
