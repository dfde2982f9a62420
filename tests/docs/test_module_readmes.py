"""The README of each chain module says what its code does: the same headings, messages, queries, errors, invariants."""

import importlib
import re
from pathlib import Path

import pytest

import panacea.chain
from panacea.chain.app import wire
from panacea.chain.module import Module
from panacea.primitives.rejected import Rejected

HEADINGS = "Purpose Concepts State Messages Transitions Queries Events Parameters Errors Invariants"
FOLDER = Path(panacea.chain.__file__).parent
MODULES = wire().modules


def sections(module: Module) -> dict[str, str]:
    text = (FOLDER / module.name / "README.md").read_text(encoding="utf-8")
    title, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    assert title.strip() == f"# {module.name}"
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def first_cells(table: str) -> list[str]:
    return re.findall(r"^\| ([^|]+?) \|", table, flags=re.MULTILINE)


def named(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def codes(module: Module) -> set[str]:
    try:
        types = importlib.import_module(f"panacea.chain.{module.name}.types")
    except ModuleNotFoundError:
        return set()
    classes = [found for found in vars(types).values() if isinstance(found, type) and issubclass(found, Rejected)]
    return {str(found.code) for found in classes if found.codespace == module.name and "code" in vars(found)}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
class TestReadme:
    def test_headings(self, module: Module) -> None:
        assert " ".join(sections(module)) == HEADINGS

    def test_messages(self, module: Module) -> None:
        told = named(" ".join(first_cells(sections(module)["Messages"])))
        handled = {url.rpartition(".")[2] for url in module.messages}
        # One that ends in "Request" is the same as the one without.
        assert {name.removesuffix("Request") for name in told} == {name.removesuffix("Request") for name in handled}

    def test_queries(self, module: Module) -> None:
        told = {name.rpartition("/")[2] for name in named(" ".join(first_cells(sections(module)["Queries"])))}
        assert told == {path.rpartition("/")[2] for path in module.queries}

    def test_errors(self, module: Module) -> None:
        assert {cell for cell in first_cells(sections(module)["Errors"]) if cell.isdecimal()} == codes(module)

    def test_invariants(self, module: Module) -> None:
        told = named(" ".join(re.findall(r"^- (`[^`]+`)", sections(module)["Invariants"], flags=re.MULTILINE)))
        assert told == set(module.invariants)

    def test_store(self, module: Module) -> None:
        assert f"tore `{module.store}`" in sections(module)["State"]
