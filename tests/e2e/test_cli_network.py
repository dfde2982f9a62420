"""A network and every command by hand, as one researcher, one hospital and one patient would use them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LAB = """{"resourceType":"Observation","id":"%s","status":"final","subject":{"reference":"Patient/p"},
 "code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},"effectiveDateTime":"2026-01-02",
 "valueQuantity":{"value":%s,"unit":"%%"}}"""


class Panacea:
    """The program, in one home, answering as JSON."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "panacea.cli", *arguments, "--home", str(self.home), "-o", "json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=self.home,
            env={**os.environ, "NO_COLOR": "1"},
        )

    def ok(self, *arguments: str) -> Any:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refused(self, code: int, *arguments: str) -> Any:
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stderr)["error"]


@pytest.fixture(scope="module")
def panacea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panacea]:
    program = Panacea(tmp_path_factory.mktemp("home"))
    program.ok("net", "up", "--port", "0")
    yield program
    program.ok("net", "down")
    assert program.run("net", "status").returncode == 3


@pytest.mark.timeout(300)
def test_a_sale_by_hand(panacea: Panacea) -> None:
    """One long walk, since each step stands on the one before."""
    assert panacea.ok("net", "status")["running"]
    assert panacea.refused(1, "net", "up")["message"].startswith("a network runs in this home already: ")
    issuer = panacea.ok("did", "create", "issuer", "--issuer")["did"]
    assert issuer == panacea.ok("did", "show", "issuer")["id"]
    panacea.ok("did", "create", "consumer")

    records = panacea.home / "records"
    records.mkdir()
    (records / "a.json").write_text(LAB % ("a", "7.90"))
    (records / "b.json").write_text(LAB % ("b", "5.10"))
    (records / "c.json").write_text('{"resourceType":"Condition","id":"c"}')
    (records / "d.json").write_text("not JSON")
    signed = panacea.ok("issue", str(records), "--holder", "anna")
    assert (signed["records_seen"], signed["issued"]) == (4, 3)
    assert signed["failed"][0]["reference"] == "d.json"

    making = ("deal", "create", "--title", "A study", "--issuer", issuer, "--price", "10MED", "--max-records", "3")
    deal = str(panacea.ok(*making, "--codes", "4548-4", "--term", "For research only")["deal_id"])
    assert [one["id"] for one in panacea.ok("deal", "list")] == [int(deal)]

    kept = panacea.ok("present", "--holder", "anna")
    record = next(one["id"] for one in kept if one["reference"] == "a.json#Observation/a")
    shown = panacea.ok("present", record[:10], "--holder", "anna", "--deal", deal)
    fates = {line["field"]: line["leaves"] for line in shown["record"]}
    assert (fates["value[x]"], fates["subject"]) == ("all", "none")
    condition = next(one["id"] for one in kept if one["type"] == "Condition")
    assert (
        "query_not_satisfied" in panacea.refused(1, "present", condition, "--holder", "anna", "--deal", deal)["message"]
    )

    assert panacea.refused(2, "offer", deal, "--holder", "anna")["hint"] == "agree with --agree 1"
    unasked = panacea.refused(2, "offer", deal, "--holder", "anna", "--agree", "1")
    assert "nobody agreed" in unasked["message"]
    sales = panacea.ok("offer", deal, "--holder", "anna", "--agree", "1", "--yes")["sales"]
    assert [sale["state"] for sale in sales] == ["paid", "paid"]
    again = panacea.run("offer", deal, "--holder", "anna", "--agree", "1", "--yes", "--credential", record[:10])
    assert again.returncode == 1
    assert "already_sold" in again.stdout

    pulled = panacea.ok("data", "pull", deal, "--out", "all.ndjson")
    assert (pulled["rows"], pulled["missing"]) == (2, [])
    assert "another's" in panacea.refused(4, "data", "pull", deal, "--out", "all.ndjson", "--from", "issuer")["message"]
    bought = (panacea.home / "all.ndjson").read_text().splitlines()
    values = {json.loads(line)["valueQuantity"]["value"] for line in bought}
    assert values == {7.9, 5.1}

    stranger, trust = Panacea(records), str(panacea.home / "node" / "config" / "genesis.json")
    elsewhere = ("--node", panacea.ok("net", "status")["node"], "--genesis", trust, "--keyring", "test")
    assert "not in the keyring" in stranger.refused(4, "withdraw", deal, "1", *elsewhere)["message"]
    assert "paid stays paid" in panacea.ok("withdraw", deal, "1")["effect"]
    assert panacea.refused(1, "withdraw", deal, "1")["message"] == "this consent is over: 1"
    assert panacea.ok("data", "pull", deal, "--out", "rest.ndjson")["rows"] == 1

    error = panacea.refused(4, "deal", "close", deal, "--from", "issuer")
    assert (error["codespace"], error["code"]) == ("datadeal", 5)
    closed = panacea.ok("deal", "close", deal)
    assert (closed["status"], closed["sold"], closed["escrow"]) == ("closed", 2, "0umed")
    assert closed["refunded"] == "10000000umed"
    earned = [one["balance_umed"] for one in panacea.ok("wallet", "show") if one["name"].startswith("anna.deal-")]
    assert sum(earned) == 2 * 9_700_002

    raw = panacea.home / "document.json"
    raw.write_text(json.dumps(panacea.ok("did", "show", "consumer", "--raw")))
    panacea.ok("did", "update", "consumer", "--document", str(raw))
    panacea.ok("did", "deactivate", "consumer", "--yes")
    assert "deactivated" in panacea.refused(2, "did", "show", "consumer")["message"]


def test_a_network_whose_node_is_away(tmp_path: Path, panacea: Panacea) -> None:
    error = panacea.refused(3, "deal", "list", "--node", "http://127.0.0.1:1")
    assert "net up" in error["hint"]
    missing = Panacea(tmp_path).refused(2, "deal", "list")
    assert missing["message"].startswith("no genesis document: ")
