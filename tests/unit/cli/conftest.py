"""The program as it is called, inside this process: what it answers, and how it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from panacea.cli.main import main

Ends = Callable[..., tuple[int, str, str]]


class Program:
    """`panacea` in one home, whose keys lie in the clear."""

    def __init__(self, home: Path, run: Ends) -> None:
        self.home = home
        self._run = run

    def text(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, answer and errors, for people."""
        return self._run(*arguments, "--home", str(self.home), "--keyring", "test")

    def ok(self, *arguments: str) -> Any:
        """The answer to a program."""
        code, out, err = self.text(*arguments, "-o", "json")
        assert (code, err) == (0, "")
        return json.loads(out)

    def refused(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, message and hint of a refusal."""
        code, out, err = self.text(*arguments, "-o", "json")
        assert out == ""
        error = json.loads(err)["error"]
        return code, error["message"], error["hint"]


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    found = Program(tmp_path, run)
    assert run("wallet", "new", "issuer", "--home", str(tmp_path), "--keyring", "test")[0] == 0
    return found
