"""`panacea demo` as a person runs it: its sums, its refusals, its ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

KEYS = [
    *("chain_id", "height", "records_seen", "credentials_issued", "offers", "sold", "refused"),
    *("paid_umed", "oracle_fees_umed", "refunded_umed", "held_umed", "escrow_left_umed", "output", "rows", "seconds"),
]
PRICE = 10_000_000
SPARE = 2

LAB = """{"resourceType":"Observation","id":"x%d","status":"final","subject":{"reference":"Patient/p%d"},
 "code":{"coding":[{"system":"http://loinc.org","code":"%s"}]},"valueQuantity":{"value":%d.50,"unit":"%%"}}"""


def demo(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "panacea.cli", "demo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        cwd=folder,
    )


def require_sums(summary: dict[str, Any], eligible: int) -> None:
    assert list(summary) == KEYS
    assert summary["offers"] == summary["sold"] == summary["rows"] == eligible
    parts = ("paid_umed", "oracle_fees_umed", "refunded_umed", "held_umed", "escrow_left_umed")
    assert sum(summary[part] for part in parts) == (eligible + SPARE) * PRICE
    assert summary["held_umed"] == summary["escrow_left_umed"] == 0
    assert summary["refunded_umed"] == SPARE * PRICE


@pytest.mark.timeout(300)
def test_made_up_patients(tmp_path: Path) -> None:
    pytest.importorskip("carebundle")
    done = demo(tmp_path, "--patients", "1", "--seed", "7", "-o", "json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    require_sums(summary, 5)
    refused = summary["refused"]
    assert summary["records_seen"] == summary["credentials_issued"] == 5 + refused["not_asked_for"]
    for code in ("proof_invalid", "holder_mismatch", "already_sold", "certificate_invalid", "deal_full", "undelivered"):
        assert refused[code] >= 1
    assert "sim-demo-" in summary["chain_id"]
    table = Path(summary["output"])
    assert table.parent == tmp_path
    assert table.name == "deal-1.parquet"
    assert table.stat().st_size > 1000


@pytest.mark.timeout(300)
def test_records_of_ones_own_in_a_home_of_ones_own(tmp_path: Path) -> None:
    records, home = tmp_path / "records", tmp_path / "home"
    records.mkdir()
    for number, code in enumerate(("4548-4", "2345-7", "718-7")):
        (records / f"{number}.json").write_text(LAB % (number, number, code, number))
    (records / "broken.json").write_text("{")
    done = demo(tmp_path, "--records", str(records), "--codes", "4548-4,718-7", "--home", str(home), "--keep")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "committee drawn" in done.stderr
    assert "another code" in done.stdout
    assert "broken.json" in done.stdout
    assert done.stdout.rstrip().endswith(str(home / "deal-1.parquet"))
    assert (home / "oracle-1" / "oracle-1.log").exists()
    again = demo(tmp_path, "--records", str(records), "--home", str(home))
    assert again.returncode == 1
    assert "the home is not empty" in again.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_its_end_is_the_end_of_all(tmp_path: Path, number: signal.Signals) -> None:
    records, home = tmp_path / "records", tmp_path / "home"
    records.mkdir()
    (records / "a.json").write_text(LAB % (1, 1, "4548-4", 1))
    arguments = ["demo", "--records", str(records), "--home", str(home)]
    with subprocess.Popen(
        [sys.executable, "-m", "panacea.cli", *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if b"node up" in line:
                break
        children = children_of(process.pid)
        assert children
        process.send_signal(number)
        process.wait(20)
    assert process.returncode == (-9 if number == signal.SIGKILL else 130)
    assert home.exists() == (number == signal.SIGKILL)
    deadline = time.monotonic() + 15
    while any(is_alive(child) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    if not path.exists():
        pytest.skip("the children of a process are read from /proc")
    return [int(child) for child in path.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
