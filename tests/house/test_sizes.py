"""Files and functions stay small enough to be read with pleasure."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared_files import ROOT

FILE_LINES = 600
FUNCTION_LINES = 60
POSITIONAL = 6  # five, and the context or self that every transition and method has

SOURCES = [
    file
    for folder in ("src", "tools", "benchmarks")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if "stubs" not in file.parts
]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def violations(source: str) -> list[str]:
    found = []
    if source.count("\n") > FILE_LINES:
        found.append(f"{source.count(chr(10))} lines")
    for function in functions(ast.parse(source)):
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > FUNCTION_LINES:
            found.append(f"{function.name}: {length} lines")
        positional = len(function.args.posonlyargs) + len(function.args.args)
        if positional > POSITIONAL:
            found.append(f"{function.name}: {positional} positional parameters")
    return found


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_sizes(file: Path) -> None:
    assert violations(file.read_text()) == []


def test_the_measure_notices() -> None:
    long = "def f():\n" + "    x = 1\n" * 61
    wide = "def f(a, b, c, d, e, f, g): ...\n"
    assert violations(long) == ["f: 62 lines"]
    assert violations(wide) == ["f: 7 positional parameters"]
    assert violations("#\n" * 601) == ["601 lines"]
