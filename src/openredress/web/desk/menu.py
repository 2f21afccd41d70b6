"""The desk's menu as a table: which room, for which roles. A room without address is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from openredress.cases.policy import Gate
from openredress.web.language import t

ADMIN = frozenset({"system", "security", "audit"})
LINE = frozenset({"clerk", "handler", "head", "leader", "supervisor", "reviewer"})


@dataclass(frozen=True, slots=True)
class Room:
    """One line of the menu. `name` is both the address's name and what a page calls `current`."""

    name: str
    zh: str
    en: str
    roles: frozenset[str] = LINE  # of the pack, or of the three administrators
    key: str = ""
    rule_above: bool = False
    count: Callable[[Gate], int] | None = None


ROOMS: tuple[Room, ...] = (
    Room("worklist", "待办", "To do", count=Gate.owed),
    Room("register", "登记", "Register", frozenset({"clerk"}), key="n"),
    Room("bulk", "批量转送", "Forward many", frozenset({"clerk"})),
    Room("proposals", "台账变更", "Workbook changes", frozenset({"clerk"})),
    Room("cases", "全部案件", "All cases"),
    Room("obligations", "应办事项", "Obligations"),
    Room("identity", "身份查看", "Identity requests", LINE, rule_above=True),
    Room("statistics", "统计", "Statistics"),
    Room("retaliation", "打击报复受理", "Retaliation desk", frozenset({"retaliation"})),
    Room("units", "单位", "Units", frozenset({"system"})),
    Room("staff", "人员与角色", "Staff and roles", frozenset({"system", "security"})),
    Room("calendars", "工作日历", "Calendars", frozenset({"system"})),
    Room("packs", "办理规则", "Rules", frozenset({"system"})),
    Room("security", "登录与口令", "Sign-in rules", frozenset({"security"})),
    Room("audit", "审计", "Audit", frozenset({"audit"})),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A line as the template shows it."""

    name: str
    label: str
    href: str
    key: str
    count: int | None
    current: bool
    rule_above: bool


_addresses: dict[str, str] = {}


def address(name: str) -> str:
    """Where a room of the desk is, or an empty string when there is none."""
    if name not in _addresses:
        try:
            _addresses[name] = reverse(f"desk:{name}")
        except NoReverseMatch:
            _addresses[name] = ""
    return _addresses[name]


def items(gate: Gate, roles: frozenset[str], current: str) -> list[Item]:
    """The lines that somebody with these roles sees."""
    return [
        Item(
            room.name,
            t(room.zh, room.en),
            href,
            room.key,
            room.count(gate) if room.count else None,
            room.name == current,
            room.rule_above,
        )
        for room in ROOMS
        if room.roles & roles and (href := address(room.name))
    ]
