"""The other tables of a pack: permits, outcomes, routing, faults, ladder, vocabularies, retention, duties."""

from __future__ import annotations

from collections.abc import Mapping

from openredress.packs.reading import PackError, Table
from openredress.rules.faulttests import FAULT_TESTS
from openredress.rules.outcomes import cells
from openredress.rules.pack import (
    Call,
    FaultDef,
    Move,
    ObligationKind,
    Outcome,
    OutcomeRow,
    Permit,
    Read,
    Retention,
    Route,
    Rung,
    Term,
)

RELATIONS = frozenset(
    {
        "holder",
        "office",
        "sender",
        "superior",
        "reviewer",
        "opined",
        "outside",
        "territorial",
        "petitioner",
        "anyone",
    }
)
DEBTORS = frozenset({"unit", "staff", "payer"})
HOLDS = frozenset({"words", "identities", "files", "index"})
STARTS = frozenset({"ended", "recorded", "received"})
STAGES = ("opinion", "review", "final")


def read_vocab(doc: Table) -> tuple[dict[str, dict[str, Term]], dict[str, Term]]:
    """Vocabularies and the labels of fields."""
    vocab = {name: _terms(t) for name, t in doc.tables("vocab").items()}
    labels = _terms(doc.table("labels"))
    doc.done()
    return vocab, labels


def _terms(t: Table) -> dict[str, Term]:
    terms: dict[str, Term] = {}
    for code, row in t.data.items():
        if not isinstance(row, list) or len(row) not in (2, 3) or not all(isinstance(x, str) for x in row):
            raise t.fail(code, "expected [zh, en] or [zh, en, parent]")
        terms[code] = Term(code, row[0], row[1], row[2] if len(row) == 3 else "")
        if not row[0] or not row[1]:
            raise t.fail(code, "needs a name in both languages")
    return terms


def read_permits(
    doc: Table, moves: Mapping[str, Move]
) -> tuple[dict[str, Term], dict[str, tuple[Permit, ...]], tuple[Read, ...]]:
    """Roles, permits by move, and what each role may read."""
    roles = _terms(doc.table("roles"))
    permits: dict[str, list[Permit]] = {}
    for t in doc.rows("permit"):
        names, stands = t.texts("roles"), t.texts("relations")
        _all_known(t, "roles", names, roles)
        _all_known(t, "relations", stands, RELATIONS)
        row = Permit(frozenset(names), frozenset(stands))
        for move in t.texts("moves"):
            if move not in moves:
                raise t.fail("moves", f"unknown move {move!r}")
            permits.setdefault(move, []).append(row)
        t.done()
    reads = tuple(_read(t, roles) for t in doc.rows("read"))
    doc.done()
    for move in moves:
        if move not in permits:
            raise PackError(f"{doc.place}.permit", f"nobody may make the move {move!r}")
    return roles, {move: tuple(rows) for move, rows in permits.items()}, reads


def _read(t: Table, roles: Mapping[str, Term]) -> Read:
    read = Read(t.text("role"), t.text("relation"), t.texts("reads"), t.text("purpose"))
    _all_known(t, "role", (read.role,), roles)
    _all_known(t, "relation", (read.relation,), RELATIONS)
    t.done()
    return read


def _all_known(t: Table, key: str, names: tuple[str, ...], known: object) -> None:
    for name in names:
        if name not in known:  # type: ignore[operator]
            raise t.fail(key, f"unknown {key} {name!r}")


def read_outcomes(
    doc: Table, vocab: Mapping[str, Mapping[str, Term]]
) -> tuple[dict[str, tuple[Outcome, ...]], tuple[OutcomeRow, ...], dict[str, tuple[str, ...]]]:
    """Outcomes by stage, the decision table and its axes; refuses gaps and overlaps."""
    axes_table = doc.table("axes")
    axes = {name: axes_table.texts(name) for name in axes_table.data}
    outcomes: dict[str, list[Outcome]] = {}
    for t in doc.rows("outcome"):
        outcome = _outcome(t, vocab)
        if outcome.stage not in STAGES:
            raise t.fail("stage", f"unknown stage {outcome.stage!r}")
        for other in outcomes.get(outcome.stage, ()):
            if other.code == outcome.code:
                raise t.fail("code", f"overlap: {outcome.code!r} is there already")
        outcomes.setdefault(outcome.stage, []).append(outcome)
    rows = tuple(_row(t, axes, outcomes) for t in doc.rows("row"))
    doc.done()
    found = {stage: tuple(some) for stage, some in outcomes.items()}
    _check_cells(found, rows, axes, doc.place)
    return found, rows, axes


def _outcome(t: Table, vocab: Mapping[str, Mapping[str, Term]]) -> Outcome:
    article, basis = t.basis()
    avenues = t.texts("avenues")
    _all_known(t, "avenues", avenues, vocab["avenues"])
    outcome = Outcome(
        t.text("code"),
        t.text("zh"),
        t.text("en"),
        t.text("stage"),
        frozenset(avenues),
        article,
        basis,
        t.flag("executes"),
    )
    t.done()
    return outcome


def _row(t: Table, axes: Mapping[str, tuple[str, ...]], outcomes: Mapping[str, list[Outcome]]) -> OutcomeRow:
    stage, code = t.text("stage"), t.text("outcome")
    avenues = frozenset(t.texts("avenues"))
    if not any(o.code == code and avenues <= o.avenues for o in outcomes.get(stage, ())):
        raise t.fail(
            "outcome", f"{code!r} is no outcome of stage {stage!r} under {', '.join(sorted(avenues))}"
        )
    findings_table = t.table("findings")
    findings = {}
    for axis in findings_table.data:
        if axis not in axes:
            raise findings_table.fail(axis, "unknown axis")
        values = findings_table.texts(axis)
        _all_known(findings_table, axis, values, axes[axis])
        findings[axis] = frozenset(values)
    t.done()
    return OutcomeRow(stage, avenues, findings, code)


def _check_cells(
    outcomes: Mapping[str, tuple[Outcome, ...]],
    rows: tuple[OutcomeRow, ...],
    axes: Mapping[str, tuple[str, ...]],
    place: str,
) -> None:
    for stage, some in outcomes.items():
        for avenue in sorted({a for o in some for a in o.avenues}):
            where = f"{place}.row ({stage}, {avenue})"
            if not any(r.stage == stage and avenue in r.avenues for r in rows):
                raise PackError(where, "gap: no row at all")
            for cell, count in cells(rows, axes, stage, avenue).items():
                if count != 1:
                    why = "gap" if count == 0 else "overlap"
                    raise PackError(where, f"{why}: {count} rows for {' + '.join(cell)}")


def read_routes(doc: Table, vocab: Mapping[str, Mapping[str, Term]]) -> tuple[Route, ...]:
    """Routing rows, in the order in which they are weighed."""
    acts = {*doc.texts("acts"), "*"}
    routes = []
    for t in doc.rows("route"):
        article, basis = t.basis()
        category, act = t.text("category"), t.text("act")
        if category != "*" and category not in vocab["categories"]:
            raise t.fail("category", f"unknown category {category!r}")
        _all_known(t, "act", (act,), acts)
        avenue = t.text("avenue")
        _all_known(t, "avenue", (avenue,), vocab["avenues"])
        levels = tuple(t.get("levels", list, []))
        names = (t.text("unit_kind"), t.text("zh"), t.text("en"))
        routes.append(Route(t.text("id"), category, act, levels, *names, avenue, article, basis))
        t.done()
    doc.done()
    _no_doubles(doc, "route", [r.id for r in routes])
    return tuple(routes)


def _no_doubles(doc: Table, key: str, ids: list[str]) -> None:
    for name in ids:
        if ids.count(name) > 1:
            raise doc.fail(key, f"the id {name!r} is there twice")


def read_faults(doc: Table) -> tuple[FaultDef, ...]:
    """Fault definitions; each test is of the closed list."""
    faults = []
    for t in doc.rows("fault"):
        article, basis = t.basis()
        name, *args = t.text("test").split()
        if name not in FAULT_TESTS:
            raise t.fail("test", f"unknown test {name!r}")
        faults.append(
            FaultDef(
                t.text("id"),
                t.text("zh"),
                t.text("en"),
                Call(name, tuple(args)),
                article,
                basis,
                t.number("weight", 1),
            )
        )
        t.done()
    doc.done()
    _no_doubles(doc, "fault", [f.id for f in faults])
    return tuple(faults)


def read_ladder(doc: Table, roles: Mapping[str, Term]) -> tuple[Rung, ...]:
    """The rungs in their order."""
    rungs: list[Rung] = []
    for t in doc.rows("rung"):
        article, basis = t.basis()
        rung = Rung(
            id=t.text("id"),
            zh=t.text("zh"),
            en=t.text("en"),
            order=t.number("order"),
            faults=t.number("faults"),
            window_days=t.number("window_days"),
            after=t.text("after", ""),
            by_role=t.text("by_role"),
            answer_days=t.number("answer_days"),
            article=article,
            basis=basis,
        )
        _all_known(t, "by_role", (rung.by_role,), roles)
        if rung.after and rung.after not in {r.id for r in rungs}:
            raise t.fail("after", f"no rung {rung.after!r} before it")
        t.done()
        rungs.append(rung)
    doc.done()
    return tuple(sorted(rungs, key=lambda r: r.order))


def read_retention(doc: Table) -> dict[str, Retention]:
    """How long each class is kept."""
    found = {}
    for name, t in doc.tables("retention").items():
        article, basis = t.basis()
        holds, start = t.texts("holds"), t.text("start")
        _all_known(t, "holds", holds, HOLDS)
        _all_known(t, "start", (start,), STARTS)
        found[name] = Retention(
            name, t.text("zh"), t.text("en"), t.number("years"), start, holds, article, basis
        )
        t.done()
    doc.done()
    return found


def read_obligations(doc: Table) -> dict[str, ObligationKind]:
    """Kinds of obligations; no kind has a petitioner as debtor."""
    found = {}
    for name, t in doc.tables("obligations").items():
        article, basis = t.basis()
        debtors = t.texts("debtors")
        _all_known(t, "debtors", debtors, DEBTORS)
        found[name] = ObligationKind(name, t.text("zh"), t.text("en"), debtors, article, basis)
        t.done()
    doc.done()
    return found
