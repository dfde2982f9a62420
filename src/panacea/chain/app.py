"""The application: what an engine or a test drives, in plain values.

init_chain                            once, with the genesis document
check_tx ·················            at any time, on a state of its own
finalize_block → commit               block by block
query · simulate · export_genesis     at any time, reading what was committed
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from panacea.chain.abci_query import (
    SIMULATE,
    Questions,
    decode_note,
    encode_note,
    guarded,
    requested_simulation,
    simulation_response,
    simulation_service_response,
)
from panacea.chain.ante import Ante
from panacea.chain.auth import module as auth
from panacea.chain.auth.accounts import Accounts
from panacea.chain.bank import module as bank
from panacea.chain.bank.ledger import Ledger
from panacea.chain.blocks import Executor
from panacea.chain.consensus import module as consensus
from panacea.chain.consensus.params import write_params
from panacea.chain.consensus.state import params as consensus_params
from panacea.chain.context import BlockInfo, Context, Mode
from panacea.chain.datadeal import module as datadeal
from panacea.chain.datadeal.messages import MsgWithdrawConsent
from panacea.chain.datadeal.transitions import claim_free_withdrawal
from panacea.chain.did import module as did
from panacea.chain.did.registry import Registry
from panacea.chain.feegrant import module as feegrant
from panacea.chain.feegrant.transitions import Grants
from panacea.chain.gas import GasMeter
from panacea.chain.genesis import InvalidGenesis, export_genesis, init_genesis
from panacea.chain.module import JSON, Module
from panacea.chain.oracle import module as oracle
from panacea.chain.oracle.roster import Roster
from panacea.chain.ports import FreeOfFee
from panacea.chain.results import Block, BlockResult, Info, InitResult, QueryResult, Settings, TxResult, Validator
from panacea.chain.router import Router
from panacea.chain.transaction import Transaction
from panacea.primitives.address import Address
from panacea.store.branch import Branch
from panacea.store.multistore import MultiStore

NAME = "panacea"


@dataclass(frozen=True, slots=True)
class Wiring:
    """All modules, in the order of genesis and of block hooks, and what the ante pipeline needs of them."""

    modules: tuple[Module, ...]
    accounts: Accounts
    bank: Ledger
    grants: Grants
    free_of_fee: tuple[FreeOfFee, ...] = ()

    @property
    def stores(self) -> tuple[str, ...]:
        """The names of the stores whose roots make up the app hash."""
        return tuple(module.store for module in self.modules)


def wire() -> Wiring:
    """Every module with its neighbours. A new module is added here and nowhere else."""
    accounts = Accounts({**auth.ACCOUNTS, **oracle.ACCOUNTS, **datadeal.ACCOUNTS})
    blocked = (*auth.BLOCKED, *oracle.ACCOUNTS, *datadeal.ACCOUNTS)
    ledger = Ledger(accounts, frozenset(map(Address.module, blocked)))
    modules = (
        auth.build(accounts),
        bank.build(ledger),
        feegrant.build(accounts, ledger),
        consensus.build(),
        did.did(),
        oracle.oracle(ledger),
        datadeal.datadeal(ledger, Registry(), Roster(ledger)),
    )
    return Wiring(modules, accounts, ledger, Grants(), (is_free_withdrawal,))


def is_free_withdrawal(ctx: Context, tx: Transaction) -> bool:
    """Whether `tx` does nothing but take back a live consent of its signer, and is the first that waits to do so."""
    only = tx.messages[0] if len(tx.messages) == 1 else None
    return isinstance(only, MsgWithdrawConsent) and claim_free_withdrawal(ctx, only)


def build(store: MultiStore, settings: Settings) -> "App":
    """The application with all its modules, over a store that was opened with `wire().stores`."""
    return App(store, wire(), settings)


class App:
    """One chain's state machine over its store. Calls come from one thread at a time."""

    def __init__(self, store: MultiStore, wiring: Wiring, settings: Settings) -> None:
        self.store = store
        self.wiring = wiring
        self.settings = settings
        self.router = Router(wiring.modules)
        ante = Ante(wiring.accounts, wiring.bank, wiring.grants, wiring.free_of_fee, settings.min_gas_prices)
        self._executor = Executor(wiring.modules, self.router, ante)
        self._questions = Questions(store, self.router, settings)
        self._genesis: Branch | None = None
        self._initial_height = 1
        self._finalized: tuple[Block, BlockResult] | None = None
        self._last = self._committed_block()
        self._check = store.branch()

    def info(self) -> Info:
        """What the application is, and how far it has come."""
        return Info(NAME, self.settings.version, self.store.height, self.store.app_hash)

    def init_chain(
        self,
        *,
        chain_id: str,
        time_ns: int,
        initial_height: int = 1,
        consensus_params: JSON,
        validators: Sequence[Validator],
        app_state: JSON,
    ) -> InitResult:
        """Make the first state; it is committed with the first block.

        Raises:
            Rejected: the genesis document is for another chain, or is not sound.
        """
        if chain_id != self.settings.chain_id:
            raise InvalidGenesis(f"invalid chain-id on InitChain; expected: {self.settings.chain_id}, got: {chain_id}")
        if self.store.height:
            raise InvalidGenesis("the chain has begun already")
        if not validators:
            raise InvalidGenesis("no validators")
        self._initial_height = max(initial_height, 1)
        height = self._initial_height if self._initial_height > 1 else 0
        branch = self.store.branch()
        ctx = Context(BlockInfo(chain_id, height, time_ns), branch)
        init_genesis(ctx, self.wiring.modules, consensus_params, app_state)
        # Transactions that come before the first block are checked as for it: height 0 has rules of its own.
        self._genesis, self._finalized, self._last = branch, None, replace(ctx.block, height=self._initial_height)
        self._check = branch.branch()
        return InitResult(self.store.app_hash, tuple(validators))

    def check_tx(self, raw: bytes, *, recheck: bool = False) -> TxResult:
        """Whether a transaction may wait for a block, after those that wait already."""
        mode = Mode.RECHECK if recheck else Mode.CHECK
        return self._executor.run_tx(Context(self._last, self._check, mode), raw, GasMeter(None))

    def simulate(self, raw: bytes) -> TxResult:
        """What would become of a transaction, signed or not; nothing stays."""
        ctx = Context(self._last, self._check.branch(), Mode.SIMULATE)
        return self._executor.run_tx(ctx, raw, GasMeter(None))

    def finalize_block(self, block: Block) -> BlockResult:
        """Run a decided block. Asked again for the same block before its commit, the answer is the same.

        Raises:
            ValueError: the block does not follow the last one, or another one waits to be committed.
            Exception: the beginning or end of the block failed; no later call can be answered.
        """
        if self._finalized is not None and self._finalized[0] == block:
            return self._finalized[1]
        expected = self.store.height + 1 if self.store.height else self._initial_height
        if block.height != expected or self._finalized is not None:
            raise ValueError(f"block {block.height} given, block {expected} expected once")
        if not self.store.height and self._genesis is None:
            raise ValueError("the chain was not initialized")
        branch = self._genesis or self.store.branch()
        ctx = Context(self._block_info(block), branch)
        events, results = self._executor.run_block(ctx, block.txs)
        params = write_params(consensus_params.get(branch))
        result = BlockResult(events, results, (), params, self.store.prepare(branch, block.height))
        self._finalized = block, result
        return result

    def commit(self) -> int:
        """Make the finalized block durable, and answer the height below which the engine may forget blocks."""
        if self._finalized is None:
            raise ValueError("no block was finalized")
        block = self._finalized[0]
        self.store.commit(note=encode_note(block.time_ns))
        self._genesis, self._finalized, self._last = None, None, self._block_info(block)
        self._check = self.store.branch()
        return max(block.height - self.settings.retain_blocks, 0) if self.settings.retain_blocks else 0

    def query(self, path: str, data: bytes, *, height: int = 0, prove: bool = False) -> QueryResult:
        """Answer a question about a committed state (spec/sdk/abci.md §4)."""
        if path == "/app/simulate":
            return guarded(lambda: simulation_response(self.simulate(data)))
        if path == SIMULATE:
            return guarded(lambda: simulation_service_response(self.simulate(requested_simulation(data))))
        return self._questions.ask(path, data, height=height, prove=prove)

    def export_genesis(self) -> JSON:
        """The committed state, or the first one before it is committed, as the `app_state` of a genesis document."""
        branch = self._genesis.branch() if self._genesis else self.store.branch()
        return export_genesis(Context(self._last, branch), self.wiring.modules)

    def _block_info(self, block: Block) -> BlockInfo:
        return BlockInfo(self.settings.chain_id, block.height, block.time_ns, block.hash, block.proposer)

    def _committed_block(self) -> BlockInfo:
        height = self.store.height
        time_ns = decode_note(self.store.at(height).version.note) if height else 0
        return BlockInfo(self.settings.chain_id, height, time_ns)
