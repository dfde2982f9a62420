"""The program from outside its commands: versions, listings, usage errors, speed, bugs."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from panacea.cli import main as program
from panacea.cli.command import Lazy
from panacea.cli.main import COMMANDS, main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("panacea 0.")


def test_the_listing_imports_no_command() -> None:
    told = "import sys; from panacea.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    told += f"print([name for name in {list(COMMANDS)} if f'panacea.cli.{{name}}' in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(name in done.stdout for name in COMMANDS)


def test_every_command_can_be_imported() -> None:
    for name, lazy in COMMANDS.items():
        command = program.ROOT.get_command(program.ROOT.make_context("panacea", [], resilient_parsing=True), name)
        assert command is not None, lazy.module
        assert command.help, name


def test_the_version_is_told_at_once() -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "panacea.cli", "--version"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Of the processor's time, so that a busy machine does not count.
    assert min(seconds() for _ in range(5)) < 0.15


@pytest.mark.parametrize("arguments", [["nothing"], ["wallet", "new"], ["net", "up", "--port", "many"]])
def test_wrong_usage_is_told_with_a_hint(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert "\n\nhint: `panacea" in told.err


def test_wrong_usage_is_json_where_the_answer_would_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("wallet", "new", "-o", "json") == 2
    error = json.loads(capsys.readouterr().err)["error"]
    assert set(error) == {"codespace", "code", "message", "hint"}


def test_a_bug_is_kept_in_a_log_that_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(COMMANDS, "broken", Lazy("panacea.cli.no_such_module", "a bug"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run("broken") == 70
    told = capsys.readouterr().err
    assert "Traceback" not in told
    (log,) = tmp_path.glob("panacea-*.log")
    assert str(log) in told
    assert "no_such_module" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_nobody_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("net", "status", "--home", str(tmp_path)) == 3
    assert capsys.readouterr().out == "the network is down\n"
    assert run("net", "down", "--home", str(tmp_path)) == 3


def test_no_command_at_all_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert "Commands:" in capsys.readouterr().err


def test_colour_needs_a_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "panacea.cli", "net", "--help"],
        capture_output=True,
        check=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert b"\x1b" not in done.stdout + done.stderr
