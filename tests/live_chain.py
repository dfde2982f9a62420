"""Real blocks, headers and proofs without a socket: the driver of `chain_driver` over the embedded engine.

chain = LiveDriver({"alice": 1_000_000}, path=tmp_path)
rpc = DirectRPC(chain)                              # as `panacea.client.rpc.RPC`; a transaction makes its block at once
view = await ChainView.from_genesis(rpc, chain.chain_id, chain.engine.validators, clock=chain)
rpc.lies.append(lambda method, params, result: ...) # the node may say something else
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from chain_driver import START, VALIDATOR, Amount, Driver

from panacea.chain.app import App, wire
from panacea.chain.results import BlockResult, Settings
from panacea.client.rpc import RPC
from panacea.client.types import Unreachable
from panacea.light.headers import Validator, ValidatorSet
from panacea.node.genesis import DEFAULT_CONSENSUS_PARAMS, Genesis
from panacea.node.ledger import Ledger
from panacea.node.server import Server
from panacea.node.solo import Solo
from panacea.store.multistore import MultiStore

SECOND = 1_000_000_000
JSON = Any  # Any: what a node answers
Lie = Callable[[str, Mapping[str, JSON], JSON], JSON]


class LiveDriver(Driver):
    """A driver whose blocks have headers: each one is followed by an empty block, whose header proves its state."""

    def __init__(
        self,
        balances: Mapping[str, Amount],
        *,
        path: Path,
        genesis: Mapping[str, Any] | None = None,
        chain_id: str = "test-1",
    ) -> None:
        self.chain_id = chain_id
        self.wiring = wire()
        self.app = App(MultiStore.memory(self.wiring.stores), self.wiring, Settings(chain_id))
        self.time_ns = START
        self.seconds_per_block = 1
        members = ValidatorSet.of([Validator(VALIDATOR.public_key.raw, 10)])
        state = self._genesis(dict(balances), genesis or {})
        document = Genesis(chain_id, START, members, state, DEFAULT_CONSENSUS_PARAMS)
        self.engine = Solo(self.app, Ledger(path), document, VALIDATOR, self)
        self.engine.start()
        self.block()

    def now_ns(self) -> int:
        """The driver is the engine's clock, and that of everybody who asks it."""
        return self.time_ns

    def block(self, *txs: bytes) -> BlockResult:
        """Make a block of these transactions, whatever their check would say, and one that proves its state."""
        for tx in txs:
            self.engine.mempool.add(hashlib.sha256(tx).digest(), tx)
        return self.proceed()

    def proceed(self) -> BlockResult:
        """Make a block of what waits, and one that proves its state."""
        self.time_ns += self.seconds_per_block * SECOND
        result = self.engine.make_block().result
        self.time_ns += SECOND // 2
        self.engine.make_block()
        return result


class DirectRPC(RPC):
    """A node's door in this process. `lies` may change every answer, `is_down` keeps it shut."""

    def __init__(self, chain: LiveDriver) -> None:
        super().__init__("http://node.invalid")
        self.chain = chain
        self.lies: list[Lie] = []
        self.is_down = False
        self.holds_txs = False
        self.calls: list[str] = []
        door = Server(chain.engine, failed=lambda failure: None).app()
        self._client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=door))

    async def call(self, method: str, **params: JSON) -> JSON:
        self.calls.append(method)
        if self.is_down:
            raise Unreachable(method)
        result = await super().call(method, **params)
        if method == "broadcast_tx_sync" and not result["code"] and not self.holds_txs:
            self.chain.proceed()
        for lie in self.lies:
            result = lie(method, params, result)
        return result

    @asynccontextmanager
    async def subscribe(self, query: str) -> AsyncIterator[AsyncIterator[JSON]]:
        if self.is_down:
            raise Unreachable("events")

        async def news() -> AsyncIterator[JSON]:
            seen = self.chain.height
            while not self.is_down:
                await asyncio.sleep(0.002)
                if self.chain.height > seen:
                    seen = self.chain.height
                    yield {}

        yield news()
