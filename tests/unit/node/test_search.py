"""Searching transactions and blocks, and the ledger below."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from solo_engine import Engine, address_of

from panacea.node import search
from panacea.node.conditions import parse
from panacea.node.ledger import Entry, Events, Ledger
from panacea.node.search import TooBroad, find_blocks, find_txs


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Height 1 empty; 2: alice → bob 5, bob → alice 7; 3 empty; 4: alice → carol 5; 5 empty."""
    engine = Engine(tmp_path_factory.mktemp("node"))
    engine.block()
    engine.send("alice", "bob", 5)
    engine.send("bob", "alice", 7)
    engine.block()
    engine.block()
    engine.send("alice", "carol", 5)
    engine.block()
    engine.block()
    yield engine
    engine.close()


A, B, C = (f"'{address_of(name)}'" for name in ("alice", "bob", "carol"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tx.height > 0", [(2, 0), (2, 1), (4, 0)]),
        ("tx.height = 2", [(2, 0), (2, 1)]),
        ("tx.height='4'", [(4, 0)]),
        ("tx.height > 2 AND tx.height < 4", []),
        ("tx.height >= 2 AND tx.height <= 3", [(2, 0), (2, 1)]),
        ("tx.height > 3.5", [(4, 0)]),
        (f"tx.height > {2**70}", []),
        (f"transfer.sender={A}", [(2, 0), (4, 0)]),
        (f"transfer.sender={A} AND transfer.recipient={B}", [(2, 0)]),
        (f"transfer.sender={A} AND tx.height > 2", [(4, 0)]),
        (f"transfer.sender={A} AND transfer.recipient={A}", []),
        (f"transfer.sender={C}", []),
        (f"transfer.recipient={A} AND transfer.amount > 6", [(2, 1)]),
        ("transfer.amount='5umed'", [(2, 0), (4, 0)]),
        ("message.action CONTAINS 'MsgSend' AND tx.height = 4", [(4, 0)]),
        ("message.action EXISTS", [(2, 0), (2, 1), (4, 0)]),
        ("nothing EXISTS", []),
        ("tx.hash = 'zz'", []),
        ("tx.hash = ''", []),
        ("tx.hash = '" + "00" * 200 + "'", []),
    ],
)
def test_txs(engine: Engine, query: str, found: list[tuple[int, int]]) -> None:
    assert list(find_txs(engine.solo.ledger, parse(query))) == found


def test_tx_by_hash(engine: Engine) -> None:
    tx_hash = engine.call("tx_search", query="tx.height=4")["txs"][0]["hash"]
    for query in (
        f"tx.hash='{tx_hash}'",
        f"tx.hash='{tx_hash.lower()}' AND tx.height > 3",
        f"tx.hash CONTAINS '{tx_hash[5:40]}'",
    ):
        assert list(find_txs(engine.solo.ledger, parse(query))) == [(4, 0)]
    assert find_txs(engine.solo.ledger, parse(f"tx.hash='{tx_hash}' AND tx.height < 4")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("block.height > 3", [4, 5]),
        ("block.height = 9", []),
        ("block.height < 0", []),
        ("block.height EXISTS", [1, 2, 3, 4, 5]),
        ("made.up = 'x'", []),
    ],
)
def test_blocks(engine: Engine, query: str, found: list[int]) -> None:
    assert list(find_blocks(engine.solo.ledger, parse(query))) == found


def test_what_would_take_too_long_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_EXAMINED", 2)
    assert len(find_txs(engine.solo.ledger, parse("tx.height > 0"))) == 3
    assert len(find_txs(engine.solo.ledger, parse("tx.height = 2 AND message.action EXISTS"))) == 2
    with pytest.raises(TooBroad):
        find_txs(engine.solo.ledger, parse("message.action EXISTS"))


def entry(height: int, filler: str = "") -> Entry:
    return Entry(height, height.to_bytes(32, "big"), {"block": filler}, {"height": height}, {})


def test_the_ledger_grows(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, map_size=1 << 20)
    for height in range(1, 41):
        ledger.save(entry(height, "x" * 100_000), Events([], [], {("a.b", "c")}))
    ledger.close()
    again = Ledger(tmp_path, map_size=1 << 20)
    assert (again.first, again.height) == (1, 40)
    assert all(again.get("block", height)["block"] == "x" * 100_000 for height in range(1, 41))
    assert again.blocks_with_event("a.b", "c", 3, 5) == [3, 4, 5]
    assert again.find_height((7).to_bytes(32, "big")) == 7
    assert again.find_height(b"\x01" * 32) is again.find_height(b"") is None
    again.save(entry(41, "y" * 3_000_000), Events([], [], set()))
    with pytest.raises(LookupError):
        again.get("block", 42)
    again.close()


def test_searching_is_cheap_on_a_long_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No block or result is read for what the index knows, at whatever height."""
    ledger = Ledger(tmp_path)
    for height in (5, 100_000, 100_001):
        spot = Events([height.to_bytes(32, "little")], [{("a.b", "c")}], {("e.f", "g")})
        ledger.save(entry(height), spot)
    monkeypatch.setattr(ledger, "get", None)
    assert list(find_txs(ledger, parse("a.b='c' AND tx.height > 5"))) == [(100_000, 0), (100_001, 0)]
    assert list(find_txs(ledger, parse("tx.height > 50"))) == [(100_000, 0), (100_001, 0)]
    assert list(find_blocks(ledger, parse("e.f='g' AND block.height < 100001"))) == [5, 100_000]
    assert len(find_blocks(ledger, parse("block.height > 50"))) == 100_001 - 50
    ledger.close()
