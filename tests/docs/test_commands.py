"""Every command, argument and option explains itself, and the reference page says the same."""

import importlib.util
from types import ModuleType

import click
import pytest
from shared_files import ROOT


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "tools" / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()
COMMANDS: dict[str, click.Command] = dict(TOOL.commands())
PAGE = ROOT / "docs" / "reference" / "commands.md"


def test_all_of_them_are_found() -> None:
    assert {"panacea demo", "panacea net up", "panacea deal create", "panacea data pull"} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_it_explains_itself(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    unexplained = [one.opts[-1] for one in TOOL.options_of(command) if not one.help]
    context = click.Context(command)
    unexplained += [
        one.make_metavar(context)
        for one in command.params
        if isinstance(one, click.Argument) and one.human_readable_name not in command.help
    ]
    assert unexplained == []


@pytest.mark.parametrize("name", COMMANDS)
def test_it_answers_programs(name: str) -> None:
    command = COMMANDS[name]
    if not isinstance(command, click.Group):
        assert "output" in {one.name for one in command.params}


def test_the_reference_is_current() -> None:
    assert PAGE.read_text() == TOOL.build(), "run tools/make_reference.py"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_reference_mentions_it(name: str) -> None:
    page = PAGE.read_text()
    assert f"## `{name}`\n" in page
    for option in TOOL.options_of(COMMANDS[name]):
        assert all(spelling in page for spelling in option.opts)
