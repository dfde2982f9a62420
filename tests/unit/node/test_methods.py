"""Each method's answer, against the shapes that a real CometBFT gave."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared
from solo_engine import CHAIN_ID, Engine, signed_send

from panacea.light.blocks import verify_tx
from panacea.light.merkle import MerkleProof
from panacea.node.solo import Made


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Height 1 empty, 2 with three transactions, 3 empty."""
    engine = Engine(tmp_path_factory.mktemp("node"))
    engine.block()
    for giver in ("alice", "bob", "carol"):
        engine.send(giver, "alice", 5)
    engine.block()
    engine.block()
    yield engine
    engine.close()


def shape(value: Any) -> Any:
    """An answer with each value replaced by its kind; lists by the shape of their first entry."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where two shapes differ; null and an empty list go with anything."""
    if ours in ("NoneType", []) or theirs in ("NoneType", []):
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        # The application's version is 0 here, and left out as CometBFT does.
        found = [f"{path}.{name}" for name in ours.keys() ^ theirs.keys() if f"{path}.{name}"[-12:] != ".version.app"]
        return found + [
            d for name in ours.keys() & theirs.keys() for d in differences(ours[name], theirs[name], f"{path}.{name}")
        ]
    if isinstance(ours, list) and isinstance(theirs, list):
        return differences(ours[0], theirs[0], f"{path}[]")
    return [] if ours == theirs else [f"{path}: {ours}, not {theirs}"]


@pytest.mark.parametrize(
    ("method", "params", "recorded"),
    [
        ("status", {}, "status"),
        ("block", {"height": "2"}, "block_10"),
        ("block", {"height": "1"}, "block_1"),
        ("commit", {"height": "2"}, "commit_10"),
        ("validators", {"height": "2"}, "validators_10"),
        ("block_results", {"height": "2"}, "block_results_10"),
        ("block_results", {"height": "1"}, "block_results_1"),
        ("consensus_params", {}, "consensus_params"),
    ],
)
def test_shapes_are_cometbfts(engine: Engine, method: str, params: dict[str, str], recorded: str) -> None:
    theirs = json.loads(shared(f"cometbft/{recorded}.json").read_bytes())["result"]
    ours = engine.call(method, **params)
    assert differences(shape(ours), shape(theirs)) == []


def test_genesis_has_the_shape_of_cometbfts(engine: Engine) -> None:
    theirs = json.loads(shared("cometbft/genesis.json").read_bytes())["result"]["genesis"]
    ours = engine.call("genesis")["genesis"]
    assert ours.pop("app_state")["bank"]["balances"]
    assert differences(shape(ours), shape(theirs)) == []


def test_status(engine: Engine) -> None:
    status = engine.call("status")
    node, sync, validator = status["node_info"], status["sync_info"], status["validator_info"]
    assert node["network"] == CHAIN_ID
    assert node["version"].startswith("0.38.")
    assert all(node[name] for name in ("id", "listen_addr", "channels", "moniker"))
    assert (sync["earliest_block_height"], sync["latest_block_height"]) == ("1", "3")
    newest = engine.call("block")
    assert sync["latest_block_hash"] == newest["block_id"]["hash"]
    assert sync["latest_app_hash"] == newest["block"]["header"]["app_hash"]
    assert sync["latest_block_time"] == newest["block"]["header"]["time"]
    assert validator["address"] == newest["block"]["header"]["proposer_address"]


def test_before_the_first_block(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    sync = engine.call("status")["sync_info"]
    assert (sync["latest_block_height"], sync["latest_block_hash"]) == ("0", "")
    assert sync["latest_block_time"] == "1970-01-01T00:00:00Z"
    for method in ("block", "commit", "block_results", "header"):
        assert engine.ask(method)["error"]["code"] == -32603
    assert engine.call("tx_search", query="tx.height>0") == {"txs": [], "total_count": "0"}
    assert engine.call("block_search", query="block.height>0")["total_count"] == "0"
    assert engine.call("abci_query", path="/store/acc/key", data="00")["response"]["code"] != 0
    engine.close()


def test_abci(engine: Engine) -> None:
    info = engine.call("abci_info")["response"]
    assert (info["data"], info["last_block_height"]) == ("panacea", "3")
    key = engine.solo.app.store.at(3).kv("acc")
    first = next(iter(key.iterate(b"", None)))
    found = engine.call("abci_query", path="/store/acc/key", data=first[0].hex(), prove=True, height="2")["response"]
    assert (found["code"], found["height"], base64.b64decode(found["value"])) == (0, "2", first[1])
    assert [op["type"] for op in found["proofOps"]["ops"]] == ["ics23:iavl", "ics23:simple"]
    plain = engine.call("abci_query", path="/store/acc/key", data="ff")["response"]
    assert (plain["value"], plain["proofOps"], plain["height"]) == (None, None, "3")
    missing = engine.call("abci_query", path="/nothing/there")["response"]
    assert (missing["code"], missing["codespace"]) == (6, "sdk")


def test_blocks_by_height_and_hash(engine: Engine) -> None:
    block = engine.call("block", height="2")
    raw = base64.b64encode(bytes.fromhex(block["block_id"]["hash"])).decode()
    assert engine.call("block_by_hash", hash=raw) == block
    assert engine.call("header", height=2)["header"] == block["block"]["header"]
    assert engine.call("header_by_hash", hash=raw)["header"] == block["block"]["header"]
    unknown = base64.b64encode(bytes(32)).decode()
    assert engine.call("block_by_hash", hash=unknown)["block"] is None
    assert engine.call("header_by_hash", hash=unknown)["header"] is None


def test_commits(engine: Engine) -> None:
    assert engine.call("commit", height="2")["canonical"] is True
    assert engine.call("commit")["canonical"] is False
    following = engine.call("block", height="3")["block"]["last_commit"]
    assert engine.call("commit", height="2")["signed_header"]["commit"] == following


@pytest.mark.parametrize(
    ("height", "words"),
    [
        ("0", "height must be greater than 0, but got 0"),
        ("-1", "height must be greater than 0, but got -1"),
        ("4", "height 4 must be less than or equal to the current blockchain height 3"),
    ],
)
@pytest.mark.parametrize("method", ["block", "commit", "header", "block_results"])
def test_heights_that_are_not_there(engine: Engine, method: str, height: str, words: str) -> None:
    assert engine.ask(method, height=height)["error"] == {"code": -32603, "message": "Internal error", "data": words}


def test_validators_of_the_next_height_are_known(engine: Engine) -> None:
    assert engine.call("validators")["block_height"] == "4"
    assert engine.ask("validators", height="5")["error"]["code"] == -32603
    assert engine.ask("validators", page="2")["error"]["code"] == -32602


def test_blockchain(engine: Engine) -> None:
    found = engine.call("blockchain", minHeight="1", maxHeight="2")
    assert found["last_height"] == "3"
    assert [meta["header"]["height"] for meta in found["block_metas"]] == ["2", "1"]
    assert [meta["num_txs"] for meta in found["block_metas"]] == ["3", "0"]
    assert len(engine.call("blockchain")["block_metas"]) == 3
    assert engine.ask("blockchain", minHeight="3", maxHeight="2")["error"]["code"] == -32603
    assert engine.ask("blockchain", minHeight="-1")["error"]["code"] == -32602


def test_tx_with_proof(engine: Engine) -> None:
    block = engine.call("block", height="2")["block"]
    raw = base64.b64decode(block["data"]["txs"][1])
    asked = base64.b64encode(hashlib.sha256(raw).digest()).decode()
    found = engine.call("tx", hash=asked, prove=True)
    assert (found["height"], found["index"], base64.b64decode(found["tx"])) == ("2", 1, raw)
    assert found["tx_result"] == engine.call("block_results", height="2")["txs_results"][1]
    proof = found["proof"]["proof"]
    verify_tx(
        bytes.fromhex(block["header"]["data_hash"]),
        base64.b64decode(found["proof"]["data"]),
        MerkleProof(
            int(proof["total"]),
            int(proof["index"]),
            base64.b64decode(proof["leaf_hash"]),
            tuple(base64.b64decode(aunt) for aunt in proof["aunts"]),
        ),
    )
    assert "proof" not in engine.call("tx", hash=asked)
    assert engine.ask("tx", hash="AA==")["error"]["data"] == "tx (00) not found"
    assert engine.ask("tx", hash=5)["error"]["code"] == -32602


def test_tx_search_pages_and_order(engine: Engine) -> None:
    found = engine.call("tx_search", query="tx.height=2", per_page="2", page="2", order_by="desc")
    assert found["total_count"] == "3"
    assert [tx["index"] for tx in found["txs"]] == [0]
    assert engine.ask("tx_search", query="tx.height=2", page="2")["error"]["code"] == -32602
    assert engine.ask("tx_search", query="tx.height=2", order_by="up")["error"]["code"] == -32602
    assert engine.ask("tx_search", query="tx.height")["error"]["code"] == -32603
    assert engine.call("tx_search", query="tx.height=2", prove=True)["txs"][0]["proof"]


def test_block_search(engine: Engine) -> None:
    found = engine.call("block_search", query="block.height > 1", order_by="desc", per_page="1")
    assert found["total_count"] == "2"
    assert found["blocks"] == [engine.call("block", height="3")]


def test_broadcast(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.block()
    raw = signed_send("alice", "bob", 0)
    text = base64.b64encode(raw).decode()
    answer = engine.call("broadcast_tx_sync", tx=text)
    expected = hashlib.sha256(raw).hexdigest().upper()
    assert answer == {"code": 0, "data": "", "log": "", "codespace": "", "hash": expected}
    again = engine.ask("broadcast_tx_async", tx=text)["error"]
    assert (again["code"], again["data"]) == (-32603, "tx already exists in cache")
    assert engine.call("unconfirmed_txs")["txs"] == [text]
    counted = engine.call("num_unconfirmed_txs")
    assert (counted["n_txs"], counted["total"], counted["total_bytes"], counted["txs"]) == (
        "1",
        "1",
        str(len(raw)),
        None,
    )
    refused = engine.call("broadcast_tx_sync", tx=base64.b64encode(signed_send("bob", "alice", 9)).decode())
    assert (refused["code"], refused["codespace"]) == (32, "sdk")
    assert engine.ask("broadcast_tx_sync", tx=base64.b64encode(bytes(1_048_577)).decode())["error"]["code"] == -32603
    assert engine.call("broadcast_tx_sync")["code"] != 0  # no bytes are no transaction
    engine.close()


def test_broadcast_commit(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.block()
    text = base64.b64encode(signed_send("alice", "bob", 0)).decode()

    async def both() -> tuple[Any, Made]:
        request = {"id": 1, "method": "broadcast_tx_commit", "params": {"tx": text}}
        waiting = asyncio.create_task(engine.server.answer(request))
        await asyncio.sleep(0)
        made = engine.block()
        answer = await waiting
        assert answer
        return json.loads(answer)["result"], made

    result, made = asyncio.run(both())
    assert (result["height"], result["check_tx"]["code"], result["tx_result"]["code"]) == ("2", 0, 0)
    assert result["tx_result"] == made.answers.result["txs_results"][0]
    failed = engine.call("broadcast_tx_commit", tx=base64.b64encode(signed_send("alice", "bob", 9)).decode())
    assert (failed["height"], failed["check_tx"]["code"]) == ("0", 32)
    engine.close()


def test_broadcast_commit_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(tmp_path)
    engine.block()
    monkeypatch.setattr("panacea.node.transactions.COMMIT_SECONDS", 0.01)
    answer = engine.ask("broadcast_tx_commit", tx=base64.b64encode(signed_send("alice", "bob", 0)).decode())
    assert answer["error"]["data"] == "timed out waiting for tx to be included in a block"
    engine.close()
