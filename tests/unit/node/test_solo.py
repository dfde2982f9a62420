"""The engine: blocks that a light client believes, when they are made, and what a restart finds."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from solo_engine import Engine, VirtualClock, make_home, signed_send

from panacea.crypto.keys import Ed25519Key
from panacea.light.blocks import data_hash
from panacea.light.client import LightClient
from panacea.light.ics23 import verify_absence, verify_presence
from panacea.light.proofs import ProofOp
from panacea.node.genesis import InvalidGenesis, save_validator_key
from panacea.node.mempool import TxKnown
from panacea.node.solo import Pace

YEAR_NS = 365 * 24 * 3600 * 1_000_000_000


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path / "node")
    yield engine
    engine.close()


def grow(engine: Engine, blocks: int) -> None:
    """Blocks of none to three transactions."""
    for number in range(blocks):
        for giver in ("alice", "bob", "carol")[: number % 4]:
            assert engine.send(giver, "alice").code == 0
        engine.block()


@pytest.mark.parametrize("step", [1, 2, 6, 54])
def test_light_client_follows_from_genesis(engine: Engine, step: int) -> None:
    grow(engine, 55)
    light = LightClient(engine.light_block(1), trusting_period_ns=YEAR_NS)
    for height in range(1 + step, 56, step):
        light.update(engine.light_block(height), engine.clock.now_ns())
    assert light.height == 55


def test_blocks_say_what_is_in_them(engine: Engine) -> None:
    grow(engine, 8)
    ledger = engine.solo.ledger
    for height in range(1, 9):
        block = ledger.get_block(height)
        assert block.header.data_hash == data_hash(block.txs)
        assert len(block.txs) == (height - 1) % 4
        if height > 1:
            before = ledger.get_block(height - 1)
            assert block.header.last_block_id == before.block_id() == block.last_commit.block_id
            assert block.header.last_commit_hash == block.last_commit.hash()
            assert block.last_commit.signatures[0].time_ns == block.header.time_ns
            assert block.header.time_ns > before.header.time_ns


def test_time_moves_even_when_the_clock_stands(engine: Engine) -> None:
    times = [engine.block(seconds=0).block.header.time_ns for _ in range(3)]
    assert times == sorted(set(times))


def test_every_store_proves_presence_and_absence(engine: Engine) -> None:
    engine.send("alice", "bob")
    engine.block()
    engine.block()
    light = LightClient(engine.light_block(1), trusting_period_ns=YEAR_NS)
    engine.block()
    for height in (2, 3):
        light.update(engine.light_block(height), engine.clock.now_ns())
    root = light.app_hash(2)
    filled = 0
    for store in engine.solo.app.wiring.stores:
        pairs = list(engine.solo.app.store.at(2).kv(store).iterate(b"", None))
        filled += bool(pairs)
        present_keys = [(pairs[0][0], True), (pairs[-1][0], True)] if pairs else []
        for key, present in [*present_keys, (b"absent", False), (b"\xff\xff", False)]:
            found = engine.solo.app.query(f"/store/{store}/key", key, height=2, prove=True)
            ops = list(found.proof_ops)
            assert all(isinstance(op, ProofOp) for op in ops)
            if present:
                verify_presence(root, store, key, found.value, ops)
            else:
                verify_absence(root, store, key, ops)
    assert filled >= 4


def test_rests_after_one_more_block(engine: Engine) -> None:
    for _ in range(3):  # nothing exists; nothing is proven; height 1 is, of which nobody may ask
        assert engine.solo.is_restless
        engine.block()
    assert not engine.solo.is_restless
    engine.send("alice", "bob")
    assert engine.solo.is_restless
    engine.block()
    assert engine.solo.is_restless
    engine.block()
    assert not engine.solo.is_restless


def run_for(engine: Engine, seconds: float) -> None:
    async def run() -> None:
        task = asyncio.create_task(engine.solo.run())
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.wait((task,))

    asyncio.run(run())


def test_runs_by_itself(engine: Engine) -> None:
    engine.solo.pace = Pace(linger=0.001)
    run_for(engine, 0.2)
    assert engine.solo.height == 3
    engine.send("alice", "bob")
    run_for(engine, 0.2)
    assert engine.solo.height == 5


def test_makes_empty_blocks_at_intervals(engine: Engine) -> None:
    engine.solo.pace = Pace(linger=0.001, interval=0.02)
    run_for(engine, 0.5)
    assert engine.solo.height > 5


def test_checks_again_what_still_waits(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.block()
    first, second = signed_send("alice", "bob", 0), signed_send("alice", "bob", 1, 5)
    assert engine.solo.add(first).code == 0
    assert engine.solo.add(second).code == 0
    assert engine.solo.add(signed_send("alice", "bob", 3)).code == 32  # a sequence is left out
    with pytest.raises(TxKnown):
        engine.solo.add(first)
    monkeypatch.setattr(engine.solo.mempool, "reap", lambda _: [first])  # a block with room for one only
    assert len(engine.block().block.txs) == 1
    assert engine.solo.mempool.waiting() == [second]
    monkeypatch.setattr(engine.solo.mempool, "reap", lambda _: [second])  # as above
    assert engine.block().result.tx_results[0].code == 0
    assert not engine.solo.mempool.waiting()


def test_drops_what_became_invalid(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.block()
    waiting, rival = signed_send("alice", "bob", 0, 5), signed_send("alice", "carol", 0, 6)
    assert engine.solo.add(waiting).code == 0
    monkeypatch.setattr(engine.solo.mempool, "reap", lambda _: [rival])  # a block of another transaction
    engine.block()
    assert not engine.solo.mempool.waiting()
    assert engine.solo.mempool.bytes == 0


def test_resumes(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    grow(engine, 6)
    before = engine.solo.app_hash
    engine.close()
    again = Engine(tmp_path, engine.clock)
    assert (again.solo.height, again.solo.app_hash) == (6, before)
    light = LightClient(again.light_block(1), trusting_period_ns=YEAR_NS)
    again.block()
    for height in range(2, 8):
        light.update(again.light_block(height), again.clock.now_ns())
    again.close()


@pytest.mark.parametrize("kept", [0, 3, 4])
def test_runs_blocks_again_whose_state_was_lost(tmp_path: Path, kept: int) -> None:
    engine = Engine(tmp_path)
    state, old = tmp_path / "data" / "state", tmp_path / "old"
    for height in range(6):
        if height == kept:
            shutil.copytree(state, old)
        engine.send("alice", "bob")
        engine.block()
    expected = engine.solo.app_hash
    engine.close()
    shutil.rmtree(state)
    old.rename(state)
    again = Engine(tmp_path, engine.clock)
    assert (again.solo.height, again.solo.app_hash) == (6, expected)
    assert again.block().block.header.app_hash == expected
    again.close()


def test_refuses_a_state_ahead_of_its_blocks(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    grow(engine, 2)
    engine.close()
    (tmp_path / "data" / "blocks").rename(tmp_path / "gone")
    with pytest.raises(InvalidGenesis, match="ahead"):
        Engine(tmp_path, engine.clock)


def test_refuses_another_validators_key(tmp_path: Path) -> None:
    make_home(tmp_path, clock=VirtualClock())
    save_validator_key(tmp_path / "config" / "priv_validator_key.json", Ed25519Key(b"\x01" * 32))
    with pytest.raises(InvalidGenesis, match="one validator"):
        Engine(tmp_path)
