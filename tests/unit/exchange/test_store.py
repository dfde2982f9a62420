"""The store's process: whom it trusts, its key, and that what cannot be proven is unavailable, never a guess."""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from deal_market import did_of
from exchange_town import Exchange
from solo_engine import NodeProcess, make_home

from panacea.client import places
from panacea.exchange.store import KEY_FILE, load_key, read_genesis
from panacea.exchange.types import StoreNotStarted
from panacea.primitives.time import SystemRandom
from panacea.vault.ports import Consent, ConsentStatus
from panacea.vault.types import NodeRefused, NodeUnavailable
from panacea.wire.encode import decode
from panacea.wire.pool import load

RANDOM = SystemRandom()
(Certificate,) = load("panacea.datadeal.v3", "Certificate")


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    found = Exchange(tmp_path, monkeypatch)
    yield found
    found.close()


def object_of(exchange: Exchange, deal_id: int, number: int) -> bytes:
    exchange.run(exchange.view.update())
    consent = exchange.run(exchange.view.require(places.consent(deal_id, number)))
    oid: bytes = decode(Certificate, consent.certificates[0].body).delivery.object_id
    return oid


def test_it_answers_from_proven_state(exchange: Exchange) -> None:
    chain = exchange.proven
    assert chain.head() == exchange.chain.height - 1
    assert chain.time() == exchange.chain.engine.ledger.get_block(exchange.chain.height).header.time_ns // 10**9
    member = exchange.town.members[0]
    assert chain.oracle_key(member.address, 0) == member.signing_key(0).raw
    with pytest.raises(NodeRefused):
        chain.oracle_key(member.address, 5)
    deal = exchange.create_deal()
    assert chain.consumer_document(deal.id).id == did_of("consumer")
    with pytest.raises(NodeRefused):
        chain.consumer_document(99)


def test_it_follows_a_consent_to_its_end(exchange: Exchange) -> None:
    deal = exchange.create_deal(retention_days=30)
    first = exchange.sell(deal, "o1", released=False)
    oid = object_of(exchange, deal.id, first)
    assert exchange.proven.consent_for(deal.id, oid) == Consent(ConsentStatus.PENDING, 30)
    assert exchange.proven.consent_for(deal.id, bytes(32)) is None
    exchange.town.follow()
    assert exchange.proven.consent_for(deal.id, oid) == Consent(ConsentStatus.RELEASED, 30)
    second = exchange.sell(deal, "o2")
    exchange.run(exchange.alice.withdraw(deal.id, first))
    for _ in range(2):
        assert exchange.proven.consent_for(deal.id, oid) == Consent(ConsentStatus.WITHDRAWN, 30)
    other = object_of(exchange, deal.id, second)
    assert exchange.proven.consent_for(deal.id, other) == Consent(ConsentStatus.RELEASED, 30)


def test_what_cannot_be_proven_is_unavailable(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    number = exchange.sell(deal)
    oid = object_of(exchange, deal.id, number)

    def without_proof(method: str, _: Any, result: Any) -> Any:
        if method == "abci_query" and result["response"].get("proofOps"):
            result["response"]["proofOps"] = None
        return result

    def another_value(method: str, _: Any, result: Any) -> Any:
        if method == "abci_query":
            result["response"]["value"] = ""
        return result

    for lie in (without_proof, another_value):
        exchange.store_rpc.lies = [lie]
        with pytest.raises(NodeUnavailable):
            exchange.proven.consent_for(deal.id, oid)
        exchange.store_rpc.lies = []
    exchange.store_rpc.is_down = True
    for ask in (
        exchange.proven.head,
        exchange.proven.time,
        lambda: exchange.proven.consent_for(deal.id, oid),
        lambda: exchange.proven.consumer_document(deal.id),
        lambda: exchange.proven.oracle_key(exchange.town.members[0].address, 0),
    ):
        with pytest.raises(NodeUnavailable):
            ask()
    exchange.store_rpc.is_down = False
    assert exchange.proven.consent_for(deal.id, oid) is not None


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = load_key(tmp_path, RANDOM)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert load_key(tmp_path, RANDOM).public_key == key.public_key
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_a_file_that_is_no_key(tmp_path: Path, content: str) -> None:
    (tmp_path / KEY_FILE).write_text(content)
    with pytest.raises(StoreNotStarted, match=KEY_FILE):
        load_key(tmp_path, RANDOM)


def test_whom_it_trusts(tmp_path: Path) -> None:
    genesis = make_home(tmp_path / "node")
    path = tmp_path / "node" / "config" / "genesis.json"
    assert read_genesis(path) == (genesis.chain_id, genesis.validators)
    document = json.loads(path.read_text())
    document["validators"][0]["pub_key"]["type"] = "another"
    for content in ("{}", "[]", "x", json.dumps(document)):
        path.write_text(content)
        with pytest.raises(StoreNotStarted):
            read_genesis(path)
    with pytest.raises(StoreNotStarted):
        read_genesis(tmp_path / "absent")


def test_it_runs_as_a_process_and_ends_with_its_parent(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "node") as node:
        genesis = tmp_path / "node" / "config" / "genesis.json"
        home = tmp_path / "store"
        command = [sys.executable, "-m", "panacea.exchange.store", "--home", str(home), "--node", node.url]
        command += ["--genesis", str(genesis)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdin
            ready = json.loads(process.stdout.readline())
            assert (ready["name"], ready["pid"]) == ("store", process.pid)
            info = httpx2.get(f"{ready['url']}/v1/info").json()
            assert info["key"] == load_key(home, RANDOM).public_key.raw.hex()
            unknown = httpx2.get(f"{ready['url']}/v1/objects/{'0' * 64}", headers={"authorization": "Bearer x"})
            assert unknown.status_code == 404
            process.stdin.close()
            assert process.wait(timeout=10) == 0
