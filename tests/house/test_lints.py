"""Formatting, lint and types hold for everything that is written here."""

import subprocess
import sys
from pathlib import Path

import pytest
from shared_files import ROOT

FOLDERS = ("src", "tests", "tools", "benchmarks")


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "format", "--check", *FOLDERS),
        ("ruff", "check", *FOLDERS),
        ("mypy",),
        ("towncrier", "build", "--draft", "--version", "next"),
    ],
    ids=["format", "lint", "types", "changelog"],
)
@pytest.mark.timeout(600)
def test_holds(command: tuple[str, ...]) -> None:
    tool = Path(sys.executable).with_name(command[0])
    done = subprocess.run([str(tool), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
