"""Functions stay short, modules readable, signatures typed, names honest."""

from __future__ import annotations

from tests.house.source import PACKAGE, functions, modules

ATTICS = {"utils", "helpers", "common", "misc", "helper", "util"}


def _length(node) -> int:
    return node.end_lineno - node.lineno + 1


def test_no_function_over_sixty_lines():
    long = [f"{n}:{f.name} {_length(f)}" for n, t in modules() for f in functions(t) if _length(f) > 60]
    assert long == []


def test_nineteen_of_twenty_functions_within_thirty_five_lines():
    lengths = sorted(_length(f) for _, t in modules() for f in functions(t))
    assert lengths[round(0.95 * (len(lengths) - 1))] <= 35


def test_no_module_over_five_hundred_lines():
    files = [p for p in PACKAGE.rglob("*.py") if "/migrations/" not in p.as_posix()]
    assert [p.name for p in files if len(p.read_text().splitlines()) > 500] == []


def test_every_signature_is_typed():
    bare = []
    for name, tree in modules():
        for node in functions(tree):
            args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            untyped = [a.arg for a in args if a.annotation is None and a.arg not in ("self", "cls")]
            if node.returns is None or untyped:
                bare.append(f"{name}:{node.lineno} {node.name} {untyped}")
    assert bare == []


def test_no_attics():
    assert [n for n, _ in modules() if ATTICS & set(n.removesuffix(".py").split("/"))] == []
