"""The README of each chain module says what its code does: the same headings, messages, queries, errors, invariants."""

import importlib
import re
from pathlib import Path

import pytest

import panacea.chain
from panacea.chain.app import wire
from panacea.chain.module import Module
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import file_names, pool

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


def declared(module: Module) -> dict[str, list[str]]:
    """The fields of each message in the module's own protobuf package; nothing for the packages of the SDK."""
    own = {url[1:].rpartition(".")[0] for url in module.messages if url.startswith("/panacea.")}
    files = [pool().FindFileByName(name) for name in file_names()]
    found = [each for file in files if file.package in own for each in file.message_types_by_name.values()]
    return {each.name: [field.name for field in each.fields] for each in found}


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

    def test_fields(self, module: Module) -> None:
        """A row that tells a message's fields tells all of them, in order."""
        fields = declared(module)
        for name, told in re.findall(r"^\| `(\w+)` \| (1 [^|]+)", sections(module)["Messages"], flags=re.MULTILINE):
            if name in fields:
                numbered = [f"{place} {field}" for place, field in enumerate(fields[name], 1)]
                assert [" ".join(each.split()[:2]) for each in told.split(" · ")] == numbered, name

    def test_typed_events(self, module: Module) -> None:
        fields = {name: names for name, names in declared(module).items() if name.startswith("Event")}
        told = dict(re.findall(r"^\| `(Event\w+)` \| ([^|;]+)", sections(module)["Events"], flags=re.MULTILINE))
        assert {
            name: re.findall(r"(\w+)(?: \([^)]*\))?(?: ·|,|$)", row.strip()) for name, row in told.items()
        } == fields

    def test_parameters(self, module: Module) -> None:
        fields = declared(module).get("Params")
        if fields is not None:
            cells = first_cells(sections(module)["Parameters"])
            assert [cell.split("`")[1] for cell in cells if "`" in cell] == fields
