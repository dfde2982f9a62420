"""`panacea lint`: what in a credential, a view or a record links its showings, and the coarser form of it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.failure import REFUSED, USAGE, CommandRefused
from panacea.cli.progress import table

if TYPE_CHECKING:
    from panacea.credentials.linter import Finding

NEVER = "never"
GRAVITIES = ("low", "medium", "high")


@click.command("lint", cls=Leaf)
@click.argument("document", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option(
    "--grain",
    type=click.Choice(["day", "month", "year"]),
    default="day",
    show_default=True,
    help="how exact times may be",
)
@click.option("--mandatory", multiple=True, help="a JSON pointer that the issuer will make mandatory; may be repeated")
@click.option("--coarser", type=click.Path(path_type=Path, dir_okay=False), help="write the coarser document, unsigned")
@click.option(
    "--fail-on",
    type=click.Choice([NEVER, *GRAVITIES]),
    default=NEVER,
    show_default=True,
    help="end with exit code 1 if anything is found that is at least so grave",
)
def lint(document: Path, grain: str, *, mandatory: tuple[str, ...], coarser: Path | None, fail_on: str) -> Answer:
    """Name what in DOCUMENT lets those who see it twice know that it was the same one.

    DOCUMENT is JSON: a credential or presentation of any suite, a derived view, the claims of a token, or a FHIR
    record; `-` is standard input. No chain is needed and nobody is asked. A coarser document has to be signed anew.
    """
    from panacea.credentials.linter import Grain, Known, coarsen
    from panacea.credentials.linter import lint as find
    from panacea.health.strict_json import parse_json, to_json

    value = parse_json(_read(document))
    findings = find(value, grain=Grain[grain.upper()], known=Known(mandatory=mandatory))
    if coarser is not None:
        coarser.write_bytes(to_json(coarsen(value, findings)) + b"\n")
    told = {"findings": [_values(one) for one in findings], "output": str(coarser) if coarser else None}
    grave = fail_on != NEVER and any(_at_least(one.severity.value, fail_on) for one in findings)
    return Answer(told, _text(findings, coarser), REFUSED if grave else 0)


def _read(path: Path) -> bytes:
    """The bytes of a file, or of standard input, never more than are parsed."""
    from panacea.health.strict_json import MAX_BYTES

    if str(path) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        hint = "name a JSON file, or - for standard input"
        raise CommandRefused(error.strerror or "not readable", hint=hint, exit_code=USAGE, path=path) from None


def _at_least(severity: str, wanted: str) -> bool:
    return GRAVITIES.index(severity) >= GRAVITIES.index(wanted)


def _values(one: "Finding") -> dict[str, str | None]:
    return {
        "rule": one.rule,
        "severity": one.severity.value,
        "pointer": one.pointer,
        "why": one.why,
        "advice": one.advice,
        "coarser": one.offer or None,
    }


def _text(findings: "list[Finding]", coarser: Path | None) -> str:
    if not findings:
        parts = ["nothing that links its showings was found"]
    else:
        rows = [(one.severity.value, one.pointer, one.rule, one.offer or one.advice) for one in findings]
        reasons = {one.rule: one.why for one in findings}
        parts = [table(rows, ("", "where", "what", "coarser form, or advice"))]
        parts.append("\n".join(f"{rule}: {why}" for rule, why in reasons.items()))
    if coarser is not None:
        parts.append(f"{coarser}\nThis has to be signed anew: what was signed is coarser now.")
    return "\n\n".join(parts)


COMMAND = lint
