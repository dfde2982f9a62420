"""Transactions on their way into a block, and those that stand in one: `broadcast_tx_*`, `tx`, `tx_search`."""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from panacea.chain.results import TxResult
from panacea.light.blocks import prove_tx
from panacea.node import conditions, search
from panacea.node.answers import base64_text, tx_answer, upper_hex
from panacea.node.ledger import Spot
from panacea.node.parameters import (
    BYTES,
    FLAG,
    JSON,
    MAX_PER_PAGE,
    TEXT,
    WHOLE,
    Method,
    RPCRefused,
    is_descending,
    page_of,
)
from panacea.node.solo import Made, Solo

T = TypeVar("T")

COMMIT_SECONDS = 10.0
MAX_WAITING = 1_000


@dataclass(slots=True)
class Transactions:
    """The methods about transactions."""

    engine: Solo
    _waiting: dict[bytes, "asyncio.Future[tuple[int, TxResult]]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine.listeners.append(self._tell)

    def methods(self) -> dict[str, Method]:
        """The methods by name."""
        tx = {"tx": BYTES}
        listing = {"page": WHOLE, "per_page": WHOLE, "order_by": TEXT}
        return {
            "broadcast_tx_sync": Method(self.broadcast_tx_sync, tx),
            "broadcast_tx_async": Method(self.broadcast_tx_async, tx),
            "broadcast_tx_commit": Method(self.broadcast_tx_commit, tx),
            "unconfirmed_txs": Method(self.unconfirmed_txs, {"limit": WHOLE}),
            "num_unconfirmed_txs": Method(self.num_unconfirmed_txs, {}),
            "tx": Method(self.tx, {"hash": BYTES, "prove": FLAG}),
            "tx_search": Method(self.tx_search, {"query": TEXT, "prove": FLAG, **listing}),
            "block_search": Method(self.block_search, {"query": TEXT, **listing}),
        }

    def broadcast_tx_sync(self, tx: bytes = b"") -> JSON:
        """Check a transaction and let it wait for a block."""
        return _checked(tx, self.engine.add(tx))

    def broadcast_tx_async(self, tx: bytes = b"") -> JSON:
        """As sync, without telling what the check said."""
        self.engine.add(tx)
        return _checked(tx, TxResult())

    async def broadcast_tx_commit(self, tx: bytes = b"") -> JSON:
        """Check a transaction and wait until it stands in a block."""
        if len(self._waiting) >= MAX_WAITING:
            raise RPCRefused("too many callers wait for their transactions")
        checked = self.engine.add(tx)
        height, result, tx_hash = 0, TxResult(), hashlib.sha256(tx).digest()
        if not checked.code:
            future = self._waiting[tx_hash] = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(COMMIT_SECONDS):
                    height, result = await future
            except TimeoutError:
                raise RPCRefused("timed out waiting for tx to be included in a block") from None
            finally:
                self._waiting.pop(tx_hash, None)
        return {
            "check_tx": tx_answer(checked),
            "tx_result": tx_answer(result),
            "hash": upper_hex(tx_hash),
            "height": str(height),
        }

    def _tell(self, made: Made) -> None:
        if not self._waiting:
            return
        for raw, result in zip(made.block.txs, made.result.tx_results, strict=True):
            future = self._waiting.get(hashlib.sha256(raw).digest())
            if future is not None and not future.done():
                future.set_result((made.block.header.height, result))

    def unconfirmed_txs(self, limit: int = 30) -> JSON:
        """Transactions that wait."""
        size = min(limit, MAX_PER_PAGE) if limit > 0 else 30
        shown = [base64_text(raw) for raw in self.engine.mempool.waiting()[:size]]
        return {**self._counted(len(shown)), "txs": shown}

    def num_unconfirmed_txs(self) -> JSON:
        """How many transactions wait."""
        return {**self._counted(len(self.engine.mempool)), "txs": None}

    def _counted(self, count: int) -> JSON:
        mempool = self.engine.mempool
        return {"n_txs": str(count), "total": str(len(mempool)), "total_bytes": str(mempool.bytes)}

    def tx(self, hash: bytes = b"", prove: bool = False) -> JSON:
        """A transaction by its hash."""
        spot = self.engine.ledger.find_tx(hash)
        if spot is None:
            raise RPCRefused(f"tx ({upper_hex(hash)}) not found")
        return self._tx_at(spot, prove=prove)

    def _tx_at(self, spot: Spot, *, prove: bool) -> JSON:
        height, index = spot
        ledger = self.engine.ledger
        data = ledger.get("block", height)["block"]["data"]["txs"][index]
        answer = {
            "hash": hashlib.sha256(base64.b64decode(data)).hexdigest().upper(),
            "height": str(height),
            "index": index,
            "tx_result": ledger.get("result", height)["txs_results"][index],
            "tx": data,
        }
        if prove:
            block = ledger.get_block(height)
            proof = prove_tx(block.txs, index)
            answer["proof"] = {
                "root_hash": upper_hex(block.header.data_hash),
                "data": data,
                "proof": {
                    "total": str(proof.total),
                    "index": str(proof.index),
                    "leaf_hash": base64_text(proof.leaf_hash),
                    "aunts": [base64_text(aunt) for aunt in proof.aunts],
                },
            }
        return answer

    def tx_search(
        self, query: str = "", prove: bool = False, page: int = 1, per_page: int = 30, *, order_by: str = "asc"
    ) -> JSON:
        """Transactions whose events match a query."""
        found = search.find_txs(self.engine.ledger, conditions.parse(query))
        shown = _ordered(found, order_by)[page_of(len(found), page, per_page)]
        return {"txs": [self._tx_at(spot, prove=prove) for spot in shown], "total_count": str(len(found))}

    def block_search(self, query: str = "", page: int = 1, per_page: int = 30, order_by: str = "asc") -> JSON:
        """Blocks whose own events match a query."""
        found = search.find_blocks(self.engine.ledger, conditions.parse(query))
        shown = _ordered(found, order_by)[page_of(len(found), page, per_page)]
        blocks = [self.engine.ledger.get("block", height) for height in shown]
        return {"blocks": blocks, "total_count": str(len(found))}


def _ordered(found: Sequence[T], order_by: str) -> Sequence[T]:
    return found[::-1] if is_descending(order_by) else found


def _checked(raw: bytes, result: TxResult) -> JSON:
    return {
        "code": result.code,
        "data": upper_hex(result.data),
        "log": result.log,
        "codespace": result.codespace,
        "hash": hashlib.sha256(raw).hexdigest().upper(),
    }
