"""Write docs/reference/commands.md from the commands themselves; a test compares the two.

python tools/make_reference.py
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from panacea.cli.main import ROOT

TARGET = Path(__file__).resolve().parents[1] / "docs" / "reference" / "commands.md"
COMMON = ("home", "node", "genesis", "keyring", "output")
"""Options that many commands share, by the names of their parameters: described once."""
HEAD = """# Commands

Written by `tools/make_reference.py` from the commands themselves.

Answers go to standard output, everything else to standard error. An error tells what happened and the value at fault,
then a hint; with `-o json` it is `{"error": {"codespace", "code", "message", "hint"}}`. Exit codes: 0 done, 1 refused,
2 wrong usage, 3 not reachable, 4 not authorised, 70 a fault of the program, 130 interrupted. Secrets are printed only
with `--show-secret`. `NO_COLOR` and `PANACEA_NO_PROGRESS` are honoured.
"""


def commands(found: click.Command = ROOT, path: tuple[str, ...] = ("panacea",)) -> Iterator[tuple[str, click.Command]]:
    """Every command and group with its full name, a group before its commands, in the order of the listings."""
    yield " ".join(path), found
    if isinstance(found, click.Group):
        context = click.Context(found, info_name=path[-1])
        for name in found.list_commands(context):
            inner = found.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*path, name))


def options_of(command: click.Command) -> list[click.Option]:
    """The options of a command, without --help."""
    return [one for one in command.params if isinstance(one, click.Option)]


def build() -> str:
    """The page."""
    found = list(commands())
    shared = _shared(found)
    parts = [HEAD, "## Options of many commands\n", _table(list(shared.values()))]
    parts += [part for name, command in found for part in _section(name, command, shared)]
    return "\n".join(parts)


def _shared(found: list[tuple[str, click.Command]]) -> dict[str, click.Option]:
    """The common options as most commands say them."""
    said = {name: [one for _, command in found for one in options_of(command) if one.name == name] for name in COMMON}
    return {
        name: max(ones, key=lambda one: sum(one.help == other.help for other in ones)) for name, ones in said.items()
    }


def _section(name: str, command: click.Command, shared: dict[str, click.Option]) -> Iterator[str]:
    yield f"## `{name}`\n"
    yield _prose(command.help or "")
    if isinstance(command, click.Group) and name != ROOT.name:
        return
    context = click.Context(command, info_name=name)
    if not isinstance(command, click.Group):
        yield f"    {name} {' '.join(command.collect_usage_pieces(context))}\n"
    common = [one for one in options_of(command) if one.name in shared and one.help == shared[one.name].help]
    own = [one for one in options_of(command) if one not in common]
    if own:
        yield _table(own)
    also = [f"`{one.opts[-1]}`" for one in common]
    if also:
        yield f"Also {', '.join(also)}.\n"


def _prose(text: str) -> str:
    return inspect.cleandoc(text).replace("\b", "") + "\n"


def _table(options: list[click.Option]) -> str:
    rows = [f"| {_spelling(one)} | {_cell(_words(one))} |" for one in options]
    return "\n".join(["| option | |", "| --- | --- |", *rows, ""])


def _spelling(option: click.Option) -> str:
    """The names of an option and what it takes."""
    context = click.Context(click.Command(None))
    takes = "" if option.is_flag else " " + _cell(option.make_metavar(context))
    return f"`{', '.join(option.opts)}{takes}`"


def _words(option: click.Option) -> str:
    """The help of an option and what Click adds to it: its default, its range, that it is required."""
    record = option.get_help_record(click.Context(click.Command(None)))
    return record[1] if record else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(build())
