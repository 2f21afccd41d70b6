"""单位: the tree of units. A unit's `path` holds the ids from the root down, so a subtree is one range."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from difflib import SequenceMatcher

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from openredress.people.errors import refuse
from openredress.people.models import Region, Unit
from openredress.people.record import record

_CODE = re.compile(r"[0-9a-z][0-9a-z-]{0,39}")


def stream(unit: Unit) -> str:
    """The unit's own stream in the ledger."""
    return f"unit/{unit.code}"


def region(code: str, name: str, parent: str | None = None) -> Region:
    """The region of that GB/T 2260 code, made when new. Regions are public data, not decisions."""
    found, _ = Region.objects.get_or_create(code=code, defaults={"name": name, "parent_id": parent})
    return found


@transaction.atomic
def add(
    code: str,
    name: str,
    *,
    by: str,
    at: datetime,
    parent: Unit | None = None,
    kind: str = "department",
    level: int = 3,
    short: str = "",
    letterhead: str = "",
    region: Region | None = None,
    authority: int = 1,
) -> Unit:
    """Add a unit below `parent` (None: a root) and write `unit_added` on its stream.

    `code` is lower-case letters, digits and hyphens, for it names the unit's stream. Raises `Refused`.
    """
    if not _CODE.fullmatch(code):
        raise refuse(
            "unit_code_form",
            f"单位代码“{code}”不合规则",
            f"The unit code “{code}” has a wrong form",
            field="code",
            what_to_do="小写字母、数字、连字符，最多 40 个 / up to 40 lower-case letters, digits, hyphens",
        )
    if Unit.objects.filter(code=code).exists():
        raise refuse(
            "unit_code_taken", f"单位代码“{code}”已被使用", f"The unit code “{code}” is taken", field="code"
        )
    # The caller's object may have been read before somebody moved it: a path that is no more bars nobody.
    above = Unit.objects.select_for_update().get(pk=parent.pk) if parent else None
    unit = Unit.objects.create(
        code=code,
        name=name.strip(),
        short=short,
        kind=kind,
        level=level,
        parent=above,
        region=region,
        letterhead=letterhead,
        authority=authority,
    )
    unit.path = f"{above.path if above else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    facts = {"unit": code, "parent": above.code if above else "", "kind": kind, "level": level}
    facts["region"] = region.code if region else ""
    record(stream(unit), "unit_added", facts, words={"name": unit.name}, actor=by, at=at, authority=authority)
    return unit


@transaction.atomic
def rename(unit: Unit, name: str, *, by: str, at: datetime, short: str | None = None) -> Unit:
    """Give the unit another name from now on; papers already issued keep the old one."""
    before = unit.name
    unit.name = name.strip()
    unit.short = unit.short if short is None else short
    unit.save(update_fields=["name", "short"])
    words = {"name": unit.name, "before": before}
    record(stream(unit), "unit_renamed", {"unit": unit.code}, words=words, actor=by, at=at)
    return unit


@transaction.atomic
def move(unit: Unit, parent: Unit | None, *, by: str, at: datetime) -> Unit:
    """Hang the unit, with all below it, under another parent. Raises `Refused` for a ring."""
    # The whole tree is locked: two crossing moves could otherwise each see no ring and make one.
    fresh = {row.pk: row for row in Unit.objects.select_for_update().order_by("pk")}
    moved, above = fresh[unit.pk], fresh[parent.pk] if parent else None
    if above and above.path.startswith(moved.path):
        raise refuse(
            "unit_ring",
            f"“{unit.name}”不能移到自己的下级“{above.name}”之下",
            f"“{unit.name}” cannot move below its own “{above.name}”",
            field="parent",
        )
    old, new = moved.path, f"{above.path if above else '/'}{unit.pk}/"
    before = fresh[moved.parent_id].code if moved.parent_id else ""
    Unit.objects.filter(path__startswith=old).update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
    Unit.objects.filter(pk=unit.pk).update(parent=above)
    facts = {"unit": unit.code, "from": before, "to": above.code if above else ""}
    record(stream(unit), "unit_moved", facts, actor=by, at=at)
    unit.refresh_from_db()
    return unit


@transaction.atomic
def close(unit: Unit, *, by: str, at: datetime) -> Unit:
    """Stop sending new matters to this unit; its history and staff stay as they are."""
    unit.active = False
    unit.save(update_fields=["active"])
    record(stream(unit), "unit_closed", {"unit": unit.code}, actor=by, at=at)
    return unit


def _ids(path: str) -> list[int]:
    return [int(part) for part in path.strip("/").split("/") if part]


def ancestors(unit: Unit) -> tuple[str, ...]:
    """Codes of the units above, nearest first."""
    above = _ids(unit.path)[:-1]
    codes = dict(Unit.objects.filter(pk__in=above).values_list("pk", "code"))
    return tuple(codes[pk] for pk in reversed(above))


def descendants(unit: Unit) -> frozenset[str]:
    """Codes of all units below, the unit itself not among them."""
    below = Unit.objects.filter(path__startswith=unit.path).exclude(pk=unit.pk)
    return frozenset(below.values_list("code", flat=True))


def by_code(code: str) -> Unit | None:
    """The unit of that code, or None."""
    return Unit.objects.filter(code=code).first()


def by_name(name: str) -> Unit | None:
    """The one unit of exactly that name, or of that short name when only one has it; else None."""
    wanted = name.strip()
    for field in ("name", "short"):
        found = list(Unit.objects.filter(**{field: wanted}, active=True)[:2]) if wanted else []
        if len(found) == 1:
            return found[0]
    return None


def nearest(name: str, n: int = 3, names: Iterable[str] | None = None) -> tuple[str, ...]:
    """The `n` unit names most like a mistyped one, best first.

    `names` saves the query when many are asked in a row. Letters in common choose the candidates,
    their order ranks them.
    """
    if names is None:
        names = Unit.objects.filter(active=True).values_list("name", flat=True)
    wanted = Counter(name.strip())
    overlap = [((Counter(other) & wanted).total() / max(len(other), len(name), 1), other) for other in names]
    likely = sorted(((share, other) for share, other in overlap if share > 0), reverse=True)[: max(20, n)]
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(name)
    ranked = []
    for share, other in likely:
        matcher.set_seq1(other)
        ranked.append((share + matcher.ratio(), other))
    return tuple(other for _, other in sorted(ranked, key=lambda row: (-row[0], row[1]))[:n])
