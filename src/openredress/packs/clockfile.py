"""clocks.toml → checked clocks. What does not hold together is refused, and its place named."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from openredress.packs.reading import PackError, Table
from openredress.packs.reading import parse as parse_toml
from openredress.rules.clock_predicates import PREDICATES
from openredress.rules.clockdefs import (
    DAY_UNITS,
    FIRST,
    HOLDERS,
    ON_EXPIRY,
    PER,
    ROLLS,
    UNITS,
    Clock,
    Extension,
    Pauser,
    Selector,
)


def parse(data: bytes, place: str) -> tuple[Clock, ...]:
    """The clocks in this file. Raises PackError(place, why)."""
    doc = Table(parse_toml(data, place), place)
    clocks = tuple(_clock(row) for row in doc.rows("clock"))
    doc.done()
    known: dict[str, Clock] = {}
    for clock in clocks:
        if clock.id in known:
            raise PackError(f"{place}.{clock.id}", "two clocks with this id")
        known[clock.id] = clock
    for clock in clocks:
        _check_references(clock, known, f"{place}.{clock.id}")
    return clocks


def check_events(clocks: Sequence[Clock], codes: Collection[str], place: str) -> None:
    """Refuse a clock that waits for an entry nobody can make. Raises PackError.

    Clocks marked `outside` live on other streams than the case's and are not checked.
    """
    for clock in clocks:
        if clock.outside:
            continue
        selectors = [*clock.starts, *clock.ends, *clock.resumes]
        selectors += [s for pauser in clock.pausers for s in (pauser.opens, pauser.closes)]
        events = [s.on for s in selectors if not s.later] + ([clock.extension.on] if clock.extension else [])
        for event in events:
            if event not in codes:
                raise PackError(f"{place}.{clock.id}", f"unknown event {event!r}")


def _clock(row: Table) -> Clock:
    clock_id = row.text("id")
    row.place = f"{row.place.split('.clock[')[0]}.{clock_id}"
    article, basis = row.basis()
    length = row.number("length", 0) or None
    clock = Clock(
        id=clock_id,
        zh=row.text("zh"),
        en=row.text("en"),
        article=article,
        basis=basis,
        mark=row.text("mark"),
        holder=_one_of(row, "holder", HOLDERS),
        starts=_selectors(row, "starts", ("after", "again")),
        ends=_selectors(row, "ends", ("met", "pending")),
        resumes=_selectors(row, "resumes", ("of",)),
        length=length,
        unit=_one_of(row, "unit", UNITS, "cal_day"),
        length_from=row.text("length_from", ""),
        first=_one_of(row, "first", FIRST, "next"),
        roll=_one_of(row, "roll", ROLLS, "forward"),
        per=_one_of(row, "per", PER, "track"),
        match=row.text("match", ""),
        pausers=tuple(_pauser(p) for p in row.rows("pauser")),
        extension=_extension(row),
        exempt=_predicates(row, "exempt"),
        inside=row.text("inside", ""),
        on_expiry=_one_of(row, "on_expiry", ON_EXPIRY, "breach"),
        warn_at=tuple(row.get("warn_at", list, [])),
        extends=row.text("extends", ""),
        local=row.text("local", ""),
        outside=row.flag("outside"),
        instead_zh=row.text("instead_zh", ""),
        instead_en=row.text("instead_en", ""),
        undated_zh=row.text("undated_zh", ""),
        undated_en=row.text("undated_en", ""),
    )
    row.done()
    _check(clock, row)
    return clock


def _one_of(row: Table, key: str, options: tuple[str, ...], default: str | None = None) -> str:
    value = row.text(key, default)
    if value not in options:
        raise row.fail(key, f"{value!r} is not one of {', '.join(options)}")
    return value


def _predicates(row: Table, key: str) -> tuple[str, ...]:
    names = row.texts(key, [])
    for name in names:
        if name not in PREDICATES:
            raise row.fail(key, f"unknown predicate {name!r}")
    return names


def _selectors(row: Table, key: str, allowed: tuple[str, ...]) -> tuple[Selector, ...]:
    return tuple(_selector(each, allowed) for each in row.rows(key))


def _selector(row: Table, allowed: tuple[str, ...] = ()) -> Selector:
    selector = Selector(
        on=row.text("on"),
        when=_predicates(row, "when"),
        day=row.texts("day", []),
        zh=row.text("zh", ""),
        en=row.text("en", ""),
        after=row.number("after", 0) if "after" in allowed else 0,
        again=row.flag("again") if "again" in allowed else False,
        met=bool(row.get("met", bool, True)) if "met" in allowed else True,
        pending=row.flag("pending") if "pending" in allowed else False,
        later=row.flag("later"),
        of=row.texts("of") if "of" in allowed else (),
    )
    row.done()
    return selector


def _pauser(row: Table) -> Pauser:
    article, basis = row.basis()
    pauser = Pauser(
        id=row.text("id"),
        zh=row.text("zh"),
        en=row.text("en"),
        opens=_selector(row.table("opens")),
        closes=_selector(row.table("closes")),
        article=article,
        basis=basis,
    )
    row.done()
    return pauser


def _extension(row: Table) -> Extension | None:
    row.asked.add("extension")
    if "extension" not in row.data:
        return None
    table = row.table("extension")
    extension = Extension(
        id=table.text("id"),
        most=table.number("most"),
        count=table.number("count"),
        on=table.text("on"),
        approver=table.text("approver"),
        article=table.text("article"),
        zh=table.text("zh", ""),
        en=table.text("en", ""),
        notice=table.flag("notice"),
        reason_required=table.flag("reason_required"),
    )
    table.done()
    if extension.most < 1 or extension.count < 1:
        raise table.fail("most", "an extension that lengthens nothing")
    return extension


def _check(clock: Clock, row: Table) -> None:
    if clock.dated and not clock.starts:
        raise row.fail("starts", "a clock that never starts")
    if clock.dated and not clock.ends and clock.on_expiry == "breach":
        raise row.fail("ends", "a clock that never stops")
    if not clock.dated and not clock.undated_zh:
        raise row.fail("length", "no length, and `undated_zh` does not say why")
    if clock.length is not None and (clock.length < 1 or clock.length_from):
        raise row.fail("length", "give a positive length, or the fact that holds it, not both")
    if clock.unit not in DAY_UNITS and (clock.pausers or clock.resumes or clock.extension):
        raise row.fail("unit", "hours know no pause, no resuming and no extension")
    if clock.per == "hop" and any(s.after or s.again for s in clock.starts):
        raise row.fail("starts", '`after` and `again` need per = "track"')
    codes = {s.on for s in clock.ends}
    for selector in clock.resumes:
        for code in selector.of:
            if code not in codes:
                raise row.fail("resumes", f"undoes {code!r}, which never ends this clock")


def _check_references(clock: Clock, known: dict[str, Clock], place: str) -> None:
    for key, other in (("inside", clock.inside), ("extends", clock.extends)):
        if other and (other not in known or other == clock.id):
            raise PackError(f"{place}.{key}", f"unknown clock {other!r}")
    if clock.inside and known[clock.inside].inside:
        raise PackError(f"{place}.inside", "an outer clock may not lie inside another")
    if clock.extension and clock.extension.id in known and known[clock.extension.id].extends != clock.id:
        raise PackError(f"{place}.extension.id", f"{clock.extension.id!r} is another clock")
