"""The repository speaks of the product, names no machine, and locks without addresses."""

import re
import subprocess

import pytest
from shared_files import ROOT

TEXT = {".py", ".md", ".toml", ".txt", ".proto", ".json", ".pyi", ".cfg", ".yml", "", ".fragment"}
# Written in two parts, so that this file does not find itself.
FORBIDDEN = [
    re.compile(first + second) for first, second in [("/ro", "ot/"), ("/ho", "me/"), ("/wo", "rk/"), ("/tm", "p/")]
]


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def test_no_path_of_a_machine() -> None:
    found = []
    for name in tracked():
        path = ROOT / name
        if path.suffix not in TEXT or not path.exists():
            continue
        text = path.read_text(errors="replace")
        found += [f"{name}: {pattern.pattern}" for pattern in FORBIDDEN if pattern.search(text)]
    assert found == []


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    names = re.findall(r"^[a-z0-9._-]+==\S+", lock, re.MULTILINE)
    assert len(names) > 50
    assert lock.count("--hash=sha256:") >= len(names)


def test_no_large_file_is_tracked() -> None:
    large = [name for name in tracked() if (ROOT / name).exists() and (ROOT / name).stat().st_size > 1_000_000]
    assert large == []
