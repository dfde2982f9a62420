"""Processes of the house, started and ended together: each tells one JSON line when it is ready, and logs to its home.

A child ends when its standard input closes, so that it never outlives its parent, however that one ends.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from panacea.cli.failure import CommandRefused

START_SECONDS = 60.0
STOP_SECONDS = 5.0


@dataclass(slots=True)
class Child:
    """A process that was started: `url` and `log` are known once it is ready."""

    name: str
    home: Path
    process: "subprocess.Popen[bytes]" = field(repr=False)
    url: str = ""

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    @property
    def log(self) -> Path:
        """Where it tells what it does."""
        return self.home / f"{self.name}.log"

    def failed(self, what: str) -> CommandRefused:
        """A refusal that names the process and its log."""
        said = self.home / f"{self.name}.err"
        named = self.log if self.log.exists() and self.log.stat().st_size else said
        return CommandRefused(what, hint=f"its log says why: {named}", process=self.name)


class Supervisor:
    """Starts children and ends them all, in the reverse order; use it in a `with` block."""

    def __init__(self) -> None:
        """Begin without children."""
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, home: Path, module: str, *arguments: str) -> Child:
        """Start `python -m module` with these arguments; `wait` tells when it is ready."""
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (home / f"{name}.err").open("wb") as errors:
            # The interpreter is this one, and the arguments are ours.
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                # Ctrl-C is for the parent, which ends its children in order.
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        child = Child(name, home, process)
        self.children.append(child)
        return child

    def wait(self, children: Sequence[Child], seconds: float = START_SECONDS) -> None:
        """Return when all of them are ready.

        Raises:
            CommandRefused: one ended, said something else, or takes too long; its log is named.
        """
        deadline = time.monotonic() + seconds
        for child in children:
            child.url = _ready_url(child, deadline)

    def require_alive(self) -> None:
        """Raise CommandRefused where a child has ended by itself."""
        for child in self.children:
            if child.process.poll() is not None:
                raise child.failed(f"a process ended with code {child.process.returncode}")

    def stop(self, *children: Child) -> None:
        """End these children, or all: first all are told, then each is waited for, and killed if it does not end."""
        ending = list(children) or list(reversed(self.children))
        for child in ending:
            if child.process.stdin:
                with contextlib.suppress(OSError):
                    child.process.stdin.close()
        for child in ending:
            try:
                child.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            if child.process.stdout:
                child.process.stdout.close()
        self.children = [child for child in self.children if child not in ending]


def _ready_url(child: Child, deadline: float) -> str:
    assert child.process.stdout is not None  # It was opened as a pipe.
    line = b""
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([child.process.stdout], [], [], left)[0]:
            raise child.failed("a process is not ready in time")
        piece = os.read(child.process.stdout.fileno(), 4096)
        if not piece:
            child.process.wait()
            raise child.failed(f"a process did not start, and ended with code {child.process.returncode}")
        line += piece
    try:
        return str(json.loads(line)["url"])
    except (ValueError, KeyError, TypeError):
        raise child.failed("a process did not say where it answers") from None
