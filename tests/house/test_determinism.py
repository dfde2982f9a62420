"""Consensus code has no clock, chance, environment, locale, float or order of sets: a lint of the syntax tree.

It cannot see everything (a set that reaches a loop by a variable, for one); the twin run in tests/simulation does.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "panacea"
ROOMS = ("chain", "store", "light", "attestation", "wire")

FORBIDDEN_MODULES = {"time", "random", "os", "locale", "secrets", "socket", "uuid", "calendar"}
FORBIDDEN_METHODS = {"now", "utcnow", "today"}
FORBIDDEN_CALLS = {"float", "hash", "id", "input", "open"}
SETS = {"set", "frozenset"}

ALLOWED: dict[tuple[str, str], str] = {}
"""Exceptions, as (file, what is said of it) with the reason; there is none today."""


def violations(source: str) -> Iterator[str]:
    """What a module must not do, each as a short text."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (f"import {name.name}" for name in names if _top(name.name) in FORBIDDEN_MODULES)
            case ast.ImportFrom(module=str(module), level=0) if _top(module) in FORBIDDEN_MODULES:
                yield f"import {module}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in FORBIDDEN_METHODS:
                yield f"call .{name}()"
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield f"call {name}()"
            case ast.Constant(value=float() | complex()):
                yield f"float {ast.unparse(node)}"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield f"division {ast.unparse(node)}"
            case ast.For(iter=over) | ast.comprehension(iter=over) if _is_set(over):
                yield f"order of a set: {ast.unparse(over)}"


def _top(module: str) -> str:
    return module.partition(".")[0]


def _is_set(node: ast.expr) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in SETS
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), right=right):
            return _is_set(left) or _is_set(right)
    return False


def _found() -> list[tuple[str, str]]:
    files = sorted(path for room in ROOMS for path in (SOURCE / room).rglob("*.py"))
    assert len(files) > 40
    return [(str(path.relative_to(SOURCE)), said) for path in files for said in violations(path.read_text())]


def test_consensus_code_is_deterministic() -> None:
    found = _found()
    unexpected = [f"{file}: {said}" for file, said in found if (file, said) not in ALLOWED]
    unneeded = [f"{file}: {said} is allowed, and does not occur" for file, said in ALLOWED if (file, said) not in found]
    assert not unexpected + unneeded, "\n".join(unexpected + unneeded)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import time", "import time"),
        ("import os.path", "import os.path"),
        ("from random import randbytes", "import random"),
        ("x = datetime.now(UTC)", "call .now()"),
        ("x = date.today()", "call .today()"),
        ("x = 0.5", "float 0.5"),
        ("x = float(y)", "call float()"),
        ("x = a / b", "division a / b"),
        ("a /= b", "division a /= b"),
        ("x = hash(y)", "call hash()"),
        ("for x in {1, 2}: pass", "order of a set: {1, 2}"),
        ("for x in set(y): pass", "order of a set: set(y)"),
        ("x = [y for y in frozenset(z)]", "order of a set: frozenset(z)"),
        ("x = [y for y in set(a) - b]", "order of a set: set(a) - b"),
        ("x = [y for y in {z for z in a}]", "order of a set: {z for z in a}"),
    ],
)
def test_planted_violations_are_found(source: str, said: str) -> None:
    assert said in list(violations(source))


@pytest.mark.parametrize("source", ["from panacea.primitives import time", "x = a // b", "x = sorted(set(y))", "x = 5"])
def test_innocent_code_passes(source: str) -> None:
    assert not list(violations(source))
