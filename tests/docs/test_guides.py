"""The guides are true: every command in a `console` block is run, in order, and prints what the guide says.

    $ command          run by bash, in one shell a guide
    > continued        of a command over several lines
    anything else      what it prints; runs of spaces count as one, `…` stands for anything in a line,
                       a line of its own for any lines

A command fails exactly where the guide shows an `error:`.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from shared_files import ROOT

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
MARK = "-- the end of a command:"
ANY_LINES = "…"


@dataclass(slots=True)
class Step:
    """A command and what it should print."""

    command: str
    expected: list[str] = field(default_factory=list)


def steps_of(text: str) -> Iterator[Step]:
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        step: Step | None = None
        for line in block.splitlines():
            if line.startswith("$ "):
                if step:
                    yield step
                step = Step(line[2:])
            elif line.startswith("> ") and step:
                step.command += "\n" + line[2:]
            else:
                assert step, f"output without a command: {line}"
                step.expected.append(line)
        if step:
            yield step


def run_all(steps: list[Step], folder: Path) -> Iterator[tuple[int, str]]:
    """Exit code and output of each command, all of one shell."""
    script = "".join(f"{{ {step.command}\n}} 2>&1\necho '{MARK}' $?\n" for step in steps)
    # A free port, for 26657 may be taken.
    script = re.sub(r"^(\{ panacea net up)$", r"\1 --port 0", script, flags=re.MULTILINE)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PANACEA_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PANACEA_HOME": str(folder / "home"),
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    parts = re.split(rf"{MARK} (\d+)\n", done.stdout)
    yield from ((int(code), output) for output, code in zip(parts[::2], parts[1::2], strict=False))


def pattern_of(expected: list[str]) -> str:
    """A regular expression for lines that are joined by newlines, each with its spaces squeezed."""
    lines = [
        r"(?:.*\n)*" if line == ANY_LINES else ".*".join(map(re.escape, _squeezed(line).split("…"))) + r"\n"
        for line in expected
    ]
    return "".join(lines)


def _squeezed(line: str) -> str:
    return " ".join(line.split())


def is_as_told(output: str, expected: list[str]) -> bool:
    squeezed = "".join(_squeezed(line) + "\n" for line in output.rstrip().splitlines())
    return re.fullmatch(pattern_of(expected), squeezed) is not None


def test_differences_are_noticed() -> None:
    assert is_as_told("a  b\nc\nd\n", ["a b", "…", "d"])
    assert is_as_told("block 17\n", ["block …"])
    assert not is_as_told("block 17\nmore\n", ["block …"])
    assert not is_as_told("sold 2\n", ["sold 1"])
    assert not is_as_told("", ["sold 1"])


def test_a_guide_is_cut_into_commands() -> None:
    text = "words\n```console\n$ cat <<X\n> a\n> X\na\n$ true\n```\n```console\n$ date\n…\n```\n"
    found = [(step.command, step.expected) for step in steps_of(text)]
    assert found == [("cat <<X\na\nX", ["a"]), ("true", []), ("date", ["…"])]


@pytest.mark.parametrize("guide", GUIDES, ids=[guide.stem for guide in GUIDES])
@pytest.mark.timeout(300)
def test_every_command_prints_what_the_guide_says(guide: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    steps = list(steps_of(guide.read_text()))
    if not steps:
        pytest.skip("a guide without commands")
    outcomes = list(run_all(steps, tmp_path))
    try:
        for step, (code, output) in zip(steps, outcomes, strict=True):
            assert is_as_told(output, step.expected), f"$ {step.command}\n{output}"
            fails = any(line.startswith("error: ") for line in step.expected)
            assert (code != 0) == fails, f"$ {step.command}\nexit code {code}"
    finally:
        _end_networks(tmp_path / "home")


def _end_networks(home: Path) -> None:
    """A guide that broke off may have left one running."""
    arguments = [sys.executable, "-m", "panacea.cli", "net", "down", "--home", str(home)]
    subprocess.run(arguments, capture_output=True, check=False, timeout=60)
