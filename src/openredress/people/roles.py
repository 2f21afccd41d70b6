"""The roles people hold, as data. What a role may do is in the packs (permits), never here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A role with its names; `desk` is casework or administration."""

    code: str
    zh: str
    en: str
    desk: str  # casework | administration


_ALL = (
    Role("registry_clerk", "登记员", "registry clerk", "casework"),
    Role("handler", "承办人", "handler", "casework"),
    Role("unit_head", "单位负责人", "head of unit", "casework"),
    Role("territorial_officer", "属地工作人员", "territorial officer", "casework"),
    Role("case_leader", "包案领导", "case leader", "casework"),
    Role("supervisor", "督查员", "supervisor", "casework"),
    Role("reviewer", "复查复核员", "reviewer", "casework"),
    Role("leadership", "领导", "leadership", "casework"),
    Role("retaliation_officer", "打击报复受理员", "retaliation officer", "casework"),
    Role("petition_office_head", "信访工作机构负责人", "head of the petition office", "casework"),
    Role("system", "系统管理员", "system administrator", "administration"),
    Role("security", "安全管理员", "security administrator", "administration"),
    Role("audit", "审计管理员", "audit administrator", "administration"),
)

ROLES: dict[str, Role] = {role.code: role for role in _ALL}
CASEWORK: tuple[str, ...] = tuple(role.code for role in _ALL if role.desk == "casework")
ADMINISTRATORS: tuple[str, ...] = tuple(role.code for role in _ALL if role.desk == "administration")
