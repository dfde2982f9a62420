"""What the application is given and what it answers, in plain values: the same for every engine and for tests."""

from dataclasses import dataclass
from typing import Any

from panacea.chain.context import Event
from panacea.light.proofs import ProofOp
from panacea.primitives.numbers import Dec

JSON = dict[str, Any]  # Any: JSON values


@dataclass(frozen=True, slots=True)
class Settings:
    """What one node decides for itself, and the name of its chain.

    `min_gas_prices` are (denomination, price) pairs of which a transaction in the mempool must pay one;
    `query_gas_limit` bounds one question, 0 is without end; `retain_blocks` is how many blocks the engine keeps.
    """

    chain_id: str
    min_gas_prices: tuple[tuple[str, Dec], ...] = ()
    query_gas_limit: int = 0
    retain_blocks: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class Info:
    """What the application is, and how far it has come."""

    name: str
    version: str
    last_block_height: int
    last_block_app_hash: bytes


@dataclass(frozen=True, slots=True)
class Validator:
    """A key that votes on blocks, and its weight; a power of 0 takes it out."""

    public_key: bytes
    power: int
    kind: str = "ed25519"


@dataclass(frozen=True, slots=True)
class InitResult:
    """The app hash before the first block, and who votes on it."""

    app_hash: bytes
    validators: tuple[Validator, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A decided block, as far as the application is told of it."""

    height: int
    time_ns: int
    txs: tuple[bytes, ...] = ()
    hash: bytes = b""
    proposer: bytes = b""
    next_validators_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class TxResult:
    """What became of a transaction; code 0 is success. Only code, data and the two gas figures are consensus."""

    code: int = 0
    codespace: str = ""
    log: str = ""
    data: bytes = b""
    gas_wanted: int = 0
    gas_used: int = 0
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What became of a block, before it is committed."""

    events: tuple[Event, ...]
    tx_results: tuple[TxResult, ...]
    validator_updates: tuple[Validator, ...]
    consensus_params: JSON
    app_hash: bytes


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a question; code 0 is success."""

    code: int = 0
    codespace: str = ""
    log: str = ""
    key: bytes = b""
    value: bytes = b""
    height: int = 0
    proof_ops: tuple[ProofOp, ...] = ()
