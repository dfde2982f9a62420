"""`solo`: one validator that makes real blocks, as soon as there is something to put into them.

Headers, parts, commits and validator sets are CometBFT's, so that any of its light clients accepts them. A block is
made when a transaction waits, and one more after a block in which something happened (a transaction, an event of the
chain's own, its beginning), because the state of a height is proven by the next header. Then the engine rests, or makes
an empty block every `interval` so that deadlines counted in blocks come by themselves. What empty blocks write without
an event, as the hash of each block for later draws, is no reason for another one.

A header's time is that of the votes in its last commit, as CometBFT demands. The engine therefore signs a block twice:
at once, to answer `commit`, and again when the next block is made, with that block's time.
"""

import asyncio
import base64
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from panacea.chain.app import App
from panacea.chain.results import Block as AppBlock
from panacea.chain.results import BlockResult, TxResult
from panacea.chain.results import Validator as AppValidator
from panacea.crypto.keys import Ed25519Key
from panacea.light.blocks import Block, consensus_hash, data_hash
from panacea.light.headers import BlockID, BlockIDFlag, Commit, CommitSig, Header, ValidatorSet, vote_sign_bytes
from panacea.light.merkle import root
from panacea.light.rpc import read_block_id, write_block, write_commit
from panacea.node.answers import events_of, result_answer, results_hash_of
from panacea.node.genesis import Genesis, InvalidGenesis
from panacea.node.ledger import JSON, Entry, Ledger
from panacea.node.mempool import Mempool
from panacea.primitives.time import Clock

LOG = logging.getLogger(__name__)
MILLISECOND = 1_000_000
BLOCK_OVERHEAD = 4096


@dataclass(frozen=True, slots=True)
class Pace:
    """When blocks are made, in seconds: how long the first transaction waits for others, and how often without any."""

    linger: float = 0.02
    interval: float | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A block that stands, with its results, and what the RPC answers about it."""

    block: Block
    block_id: BlockID
    result: BlockResult
    answers: Entry


@dataclass(slots=True)
class _Tip:
    """What the next header is made of."""

    height: int
    time_ns: int
    block_id: BlockID
    app_hash: bytes
    results_hash: bytes
    is_eventful: bool
    """Whether something happened in the newest block, which no header proves yet."""


@dataclass(slots=True)
class Solo:
    """The engine. Everything but `run` is synchronous: a test that injects the clock owns the time."""

    app: App
    ledger: Ledger
    genesis: Genesis
    key: Ed25519Key
    clock: Clock
    pace: Pace = field(default_factory=Pace)
    mempool: Mempool = field(default_factory=Mempool)
    listeners: list[Callable[[Made], None]] = field(default_factory=list)
    _tip: _Tip = field(init=False)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def validators(self) -> ValidatorSet:
        """The validators, who are the genesis document's until staking comes."""
        return self.genesis.validators

    @property
    def height(self) -> int:
        """The height of the newest block."""
        return self._tip.height

    @property
    def app_hash(self) -> bytes:
        """The root of the newest state."""
        return self._tip.app_hash

    def start(self) -> None:
        """Take up where the node stopped; blocks whose state was not committed are run again.

        Raises:
            InvalidGenesis: the key is not the one validator's, or ledger and state do not belong together.
        """
        if [member.public_key for member in self.validators.validators] != [self.key.public_key.raw]:
            raise InvalidGenesis("this engine runs with one validator, whose key it holds")
        state, newest = self.app.info().last_block_height, self.ledger.height
        if state > newest:
            raise InvalidGenesis("the state is ahead of the blocks", state=state, blocks=newest)
        if not state:
            self._begin()
        for height in range(state + 1 if state else self.genesis.initial_height, newest + 1):
            LOG.info("running block %d again, whose state was not committed", height)
            self._run(self.ledger.get_block(height))
            self.app.commit()
        if newest:
            self._resume()

    def _begin(self) -> None:
        began = self.app.init_chain(
            chain_id=self.genesis.chain_id,
            time_ns=self.genesis.time_ns,
            initial_height=self.genesis.initial_height,
            consensus_params=self.genesis.consensus_params,
            validators=[AppValidator(member.public_key, member.power) for member in self.validators.validators],
            app_state=self.genesis.app_state,
        )
        before = self.genesis.initial_height - 1
        self._tip = _Tip(before, self.genesis.time_ns, BlockID(), began.app_hash, root([]), is_eventful=True)

    def _resume(self) -> None:
        header = self.ledger.get_block(self.ledger.height).header
        result = self.ledger.get("result", header.height)
        app_hash = self.app.info().last_block_app_hash
        if base64.b64decode(result["app_hash"]) != app_hash:
            raise InvalidGenesis("the state is not that of the newest block", height=header.height)
        block_id = read_block_id(self.ledger.get("block", header.height)["block_id"])
        self._tip = _Tip(
            header.height,
            header.time_ns,
            block_id,
            app_hash,
            results_hash_of(result),
            is_eventful=self._is_eventful(result),
        )

    def add(self, raw: bytes) -> TxResult:
        """Check a transaction; if it is good it waits for a block.

        Raises:
            Rejected: the mempool does not take it at all.
        """
        tx_hash = self.mempool.require_new(raw)
        result = self.app.check_tx(raw)
        if not result.code:
            self.mempool.add(tx_hash, raw)
            self._wake.set()
        return result

    def make_block(self) -> Made:
        """Make the next block of what waits, and commit it; durable when this returns."""
        limit = int(self.genesis.consensus_params["block"]["max_bytes"]) - BLOCK_OVERHEAD
        txs = self.mempool.reap(limit)
        time_ns = max(self.clock.now_ns(), self._tip.time_ns + MILLISECOND)
        if not self._tip.block_id.hash:
            time_ns = self._tip.time_ns
        block = self._block(txs, time_ns)
        result = self._run(block)
        made = self._save(block, result)
        self.app.commit()
        self._tip = _Tip(
            block.header.height,
            time_ns,
            made.block_id,
            result.app_hash,
            results_hash_of(made.answers.result),
            is_eventful=self._is_eventful(made.answers.result),
        )
        self._settle_mempool(txs)
        for listener in self.listeners:
            listener(made)
        return made

    def _block(self, txs: list[bytes], time_ns: int) -> Block:
        tip, validators = self._tip, self.validators.hash()
        last_commit = self.sign(tip.height, tip.block_id, time_ns) if tip.block_id.hash else Commit(0, 0, BlockID(), ())
        limits = self.genesis.consensus_params["block"]
        header = Header(
            chain_id=self.genesis.chain_id,
            height=tip.height + 1,
            time_ns=time_ns,
            last_block_id=tip.block_id,
            last_commit_hash=last_commit.hash(),
            data_hash=data_hash(txs),
            validators_hash=validators,
            next_validators_hash=validators,
            consensus_hash=consensus_hash(int(limits["max_bytes"]), int(limits["max_gas"])),
            app_hash=tip.app_hash,
            last_results_hash=tip.results_hash,
            evidence_hash=root([]),
            proposer_address=self.key.public_key.address(),
        )
        return Block(header, tuple(txs), last_commit)

    def sign(self, height: int, block_id: BlockID, time_ns: int) -> Commit:
        """The validator's precommit for a block, as a commit."""
        message = vote_sign_bytes(self.genesis.chain_id, height, 0, block_id, time_ns)
        address = self.key.public_key.address()
        vote = CommitSig(BlockIDFlag.COMMIT, address, time_ns, self.key.sign(message))
        return Commit(height, 0, block_id, (vote,))

    def _run(self, block: Block) -> BlockResult:
        header = block.header
        return self.app.finalize_block(
            AppBlock(
                height=header.height,
                time_ns=header.time_ns,
                txs=block.txs,
                hash=header.hash(),
                proposer=header.proposer_address,
                next_validators_hash=header.next_validators_hash,
            )
        )

    def _save(self, block: Block, result: BlockResult) -> Made:
        header, block_id = block.header, block.block_id()
        commit = self.sign(header.height, block_id, header.time_ns + MILLISECOND)
        entry = Entry(
            header.height,
            block_id.hash,
            block=write_block(block_id, block),
            result=result_answer(header.height, result),
            commit=write_commit(commit),
        )
        self.ledger.save(entry, events_of(block.txs, result))
        return Made(block, block_id, result, entry)

    def _is_eventful(self, result: JSON) -> bool:
        """Whether an answer of `block_results` tells that something happened.

        The two first blocks count: the genesis state is first proven at height 2, as in every chain of the SDK.
        """
        is_beginning = int(result["height"]) <= self.genesis.initial_height + 1
        return bool(is_beginning or result["txs_results"] or result["finalize_block_events"])

    def _settle_mempool(self, txs: list[bytes]) -> None:
        self.mempool.commit(txs)
        for raw in self.mempool.waiting():
            if self.app.check_tx(raw, recheck=True).code:
                self.mempool.drop(raw)

    @property
    def is_restless(self) -> bool:
        """Whether a block is wanted now: something waits, or the newest state is not proven yet."""
        return bool(len(self.mempool)) or self._tip.is_eventful

    async def run(self) -> None:
        """Make blocks for ever."""
        while True:
            if not self.is_restless:
                try:
                    async with asyncio.timeout(self.pace.interval):
                        await self._wake.wait()
                except TimeoutError:
                    self.make_block()
                    continue
            self._wake.clear()
            await asyncio.sleep(self.pace.linger)
            self.make_block()
