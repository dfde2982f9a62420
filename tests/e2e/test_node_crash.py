"""kill -9 of the node in mid-work: nothing acknowledged is lost, and the chain goes on as one chain.

PANACEA_CRASH_ROUNDS sets how often the node is killed.
"""

import asyncio
import contextlib
import os
import random
from pathlib import Path

import pytest
from chain_driver import address_of, key_of
from solo_engine import CHAIN_ID, FEE, GAS, PEOPLE, NodeProcess, send_message

from panacea.client import places
from panacea.client.rpc import RPC
from panacea.client.sender import Fees, Sender
from panacea.client.types import ClientRejected, Outcome
from panacea.client.view import ChainView
from panacea.node.genesis import Genesis
from panacea.primitives.numbers import Dec

ROUNDS = int(os.environ.get("PANACEA_CRASH_ROUNDS", "8"))
SEED = 20_261_122
PRICE = Dec.of(FEE // GAS)


class Load:
    """People who send one umed after another to carol, and what the node acknowledged to them."""

    def __init__(self) -> None:
        self.committed: list[Outcome] = []
        self.checked: set[bytes] = set()

    async def send_for_ever(self, rpc: RPC, name: str) -> None:
        sender = Sender(rpc, key_of(name), CHAIN_ID, Fees(gas=GAS, price=PRICE))
        while True:
            outcome = await sender.submit(send_message(name, "carol"))
            self.checked.add(outcome.hash)
            if len(self.checked) % 3 == 0:
                self.committed.append(await sender.wait(outcome.hash))

    async def run(self, node: NodeProcess, kill_after: float) -> None:
        """Send until the node is killed."""
        rpc = RPC(node.url)
        tasks = [asyncio.create_task(self.send_for_ever(rpc, name)) for name in ("alice", "bob")]
        await asyncio.sleep(kill_after)
        node.kill()
        for task in tasks:
            with contextlib.suppress(ClientRejected):
                await task
        await rpc.close()


async def verify(view: ChainView | None, node: NodeProcess, load: Load) -> ChainView:
    """Follow the chain from where the view stands, and compare what it proves with what was acknowledged."""
    rpc = RPC(node.url)
    if view is None:
        genesis = Genesis.load(node.home / "config" / "genesis.json")
        view = await ChainView.from_genesis(rpc, CHAIN_ID, genesis.validators)
    view.rpc = rpc
    newest = await rpc.height()
    # Whatever the node had acknowledged stands as it stood: every header leads to the next, across all crashes.
    for height in range(view.light.height + 1, newest + 1):
        view.light.update(await rpc.light_block(height), view._clock.now_ns())
    await view.wait(max([1, *(outcome.height for outcome in load.committed)]))
    for outcome in load.committed:
        assert await rpc.find_tx(outcome.hash) == outcome
    at = view.height
    sent = sum([len(await rpc.block_txs(height)) for height in range(1, at + 1)])
    assert sent >= len(load.committed)
    held = [await view.require(places.balance(address_of(name), "umed"), height=at) for name in PEOPLE]
    assert held[2] == PEOPLE["carol"] + sent
    assert sum(held) == sum(PEOPLE.values()) - sent * FEE
    await rpc.close()
    return view


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_killed_at_any_moment(tmp_path: Path) -> None:
    moments, load, view = random.Random(SEED), Load(), None
    for _ in range(ROUNDS):
        with NodeProcess(tmp_path, "--linger", "0.001") as node:
            view = asyncio.run(verify(view, node, load))
            asyncio.run(load.run(node, moments.uniform(0.02, 0.6)))
    with NodeProcess(tmp_path) as node:
        view = asyncio.run(verify(view, node, load))
    assert load.committed
    assert view.height > ROUNDS
