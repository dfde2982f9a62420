"""The import contracts hold, and each would notice its own violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shared_files import ROOT

PLANTED = {
    "floors": ("primitives/numbers.py", "import panacea.chain.bank.messages\n"),
    "strangers": ("chain/did/transitions.py", "import panacea.chain.bank.messages\n"),
    "private-state": ("client/__init__.py", "import panacea.chain.bank.state\n"),
    "light-messages": ("chain/bank/messages.py", "import panacea.store.kv\n"),
    "pure-chain": ("chain/bank/types.py", "import panacea.health\n"),
}


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    command = [str(tool), "--no-cache", "--config", str(ROOT / ".importlinter"), *options]
    return subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False, timeout=120
    )


def test_contracts_hold() -> None:
    found = lint(ROOT / "src")
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("contract", PLANTED)
def test_contract_notices_a_planted_violation(contract: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "panacea", tmp_path / "panacea", ignore=shutil.ignore_patterns("stubs", "*.pyc"))
    file, line = PLANTED[contract]
    target = tmp_path / "panacea" / file
    target.write_text(target.read_text() + line)
    found = lint(tmp_path, "--contract", contract)
    assert found.returncode == 1, found.stdout + found.stderr
    assert "BROKEN" in found.stdout
