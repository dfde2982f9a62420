"""The supervisor, on small processes of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from panacea.cli.failure import CommandRefused
from panacea.cli.processes import Supervisor

READY = """
import json, sys, os
print(json.dumps({"name": "x", "url": "http://127.0.0.1:1", "pid": os.getpid()}), flush=True)
sys.stdin.read()
"""


def module(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> str:
    (folder / "a_child.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "a_child"


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_children_are_ready_and_end_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module(tmp_path, monkeypatch, READY)
    with Supervisor() as supervisor:
        children = [supervisor.start(f"child-{number}", tmp_path / "home", name) for number in (1, 2)]
        supervisor.wait(children)
        assert [child.url for child in children] == ["http://127.0.0.1:1"] * 2
        supervisor.require_alive()
        supervisor.stop(children[0])
        assert supervisor.children == children[1:]
    assert not any(is_alive(child.pid) for child in children)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise SystemExit(3)", "code 3"),
        ("print('hello', flush=True); import sys; sys.stdin.read()", "did not say where it answers"),
    ],
)
def test_a_child_that_fails_is_named_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    name = module(tmp_path, monkeypatch, source)
    with Supervisor() as supervisor, pytest.raises(CommandRefused, match=said) as refused:
        supervisor.wait([supervisor.start("broken", tmp_path / "home", name)])
    assert refused.value.values["process"] == "broken"
    assert str(tmp_path / "home" / "broken.err") in refused.value.hint


def test_a_child_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module(tmp_path, monkeypatch, "import sys; sys.stdin.read()")
    with Supervisor() as supervisor, pytest.raises(CommandRefused, match="not ready in time"):
        supervisor.wait([supervisor.start("slow", tmp_path / "home", name)], seconds=0.2)


def test_a_child_that_ended_by_itself_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module(tmp_path, monkeypatch, READY)
    with Supervisor() as supervisor:
        child = supervisor.start("child", tmp_path / "home", name)
        supervisor.wait([child])
        child.process.kill()
        child.process.wait()
        with pytest.raises(CommandRefused, match="ended with code -9"):
            supervisor.require_alive()


def test_children_do_not_outlive_a_parent_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module(tmp_path, monkeypatch, READY)
    parent = f"""
import sys, time
from pathlib import Path
from panacea.cli.processes import Supervisor
supervisor = Supervisor()
child = supervisor.start("child", Path({str(tmp_path / "home")!r}), {name!r})
supervisor.wait([child])
print(child.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        process.kill()
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)
