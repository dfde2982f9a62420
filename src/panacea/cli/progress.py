"""What happens while a command works: named steps on standard error, on a terminal one line that is written over."""

import os
import sys
import time
from collections.abc import Sequence
from typing import TextIO

import click

from panacea.cli.command import wants_json

QUIET = "PANACEA_NO_PROGRESS"
SLOW_SECONDS = 0.3


class Steps:
    """Names steps as they are done. Lines without a terminal; nothing at all with `-o json` or PANACEA_NO_PROGRESS."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to standard error unless told otherwise."""
        self._stream = stream or sys.stderr
        self._silent = bool(os.environ.get(QUIET)) or wants_json()
        self._live = self._stream.isatty()
        self._started = time.monotonic()
        self._open = ""

    def begin(self, step: str) -> None:
        """Say what is going on; `done` replaces it."""
        self._open = step
        if self._live and not self._silent and time.monotonic() - self._started > SLOW_SECONDS:
            self._write(f"\r\x1b[K  … {step}")

    def advance(self, count: int, total: int) -> None:
        """How far the step that is going on has come."""
        if self._live and not self._silent:
            self._write(f"\r\x1b[K  … {self._open} {count}/{total}")

    def done(self, step: str) -> None:
        """A step that is over, with its time since the start."""
        if not self._silent:
            clear = "\r\x1b[K" if self._live else ""
            self._write(f"{clear}  {time.monotonic() - self._started:5.1f} s  {step}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def table(rows: Sequence[tuple[str, ...]], heads: tuple[str, ...]) -> str:
    """Rows in columns, numbers to the right; the heads stand out on a terminal that wants colour."""
    cells = [heads, *rows]
    widths = [max(len(row[place]) for row in cells) for place in range(len(heads))]

    def line(row: tuple[str, ...]) -> str:
        shown = (
            cell.rjust(width) if cell.replace(" ", "").isdecimal() else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        )
        return "  ".join(shown).rstrip()

    head = line(heads)
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        head = click.style(head, bold=True)
    return "\n".join([head, *map(line, rows)])
