"""Commands that answer once for people and programs: a callback returns an `Answer`, `-o` chooses its face."""

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

JSON = Any  # Any: what json.dumps takes
F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say on standard output: `values` with `-o json`, `text` otherwise. `code` ends it."""

    values: JSON
    text: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command in a module of its own, by the name COMMAND, with the line that a listing shows."""

    module: str
    line: str


class Leaf(click.Command):
    """A command with `-o json|text`; its callback returns an `Answer`, or None if it has nothing to say."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Click's own signature
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["-o", "--output"],
                type=click.Choice(["text", "json"]),
                default="text",
                show_default=True,
                expose_value=False,
                callback=_remember,
                is_eager=True,
                help="for people or for programs",
            )
        )

    def invoke(self, ctx: click.Context) -> int:
        """Run, and print the answer."""
        answer = super().invoke(ctx)
        if not isinstance(answer, Answer):
            return 0
        click.echo(json.dumps(answer.values) if wants_json(ctx) else answer.text)
        return answer.code


def _remember(context: click.Context, _: click.Parameter, value: str) -> None:
    context.meta["output"] = value


def wants_json(context: click.Context | None = None) -> bool:
    """Whether the running command shall speak to a program."""
    found = context or click.get_current_context(silent=True)
    return found is not None and found.meta.get("output") == "json"


class Group(click.Group):
    """Commands that are imported when they are called; a listing imports none."""

    def __init__(self, name: str, lazy: Mapping[str, Lazy], line: str, params: Sequence[click.Parameter] = ()) -> None:
        """Offer these commands; `line` says what they are for."""
        super().__init__(name, help=line, params=list(params), no_args_is_help=True)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of the table."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        command = importlib.import_module(self._lazy[cmd_name].module).COMMAND
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The listing, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.line) for name, lazy in self._lazy.items()])


def group(name: str, line: str) -> click.Group:
    """A group whose commands stand in the same module, each a `Leaf`."""
    found = click.Group(name, help=line, no_args_is_help=True)
    found.command_class = Leaf
    return found


def home_option(command: F) -> F:
    """`--home`: the folder of keys, vault and network."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="PANACEA_HOME",
        default=Path.home() / ".panacea",
        show_default="~/.panacea",
        help="the folder of keys, vault and network",
    )(command)
