"""Into and out of a genesis document; the platforms' index and the queue of those who leave are made again."""

from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.module import JSON
from panacea.chain.oracle import state
from panacea.chain.oracle.invariants import require_bonds, require_indexes
from panacea.chain.oracle.params import check_params, default_params, require_fit
from panacea.chain.oracle.ports import Bank
from panacea.chain.oracle.types import LEAVING
from panacea.primitives.address import Address
from panacea.wire.json import from_json, to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.genesis_pb2 import GenesisState
else:
    (GenesisState,) = load("panacea.oracle.v3", "GenesisState")


def default_genesis() -> JSON:
    """No oracles, default parameters."""
    return to_json(GenesisState(params=default_params()))


def init_genesis(ctx: Context, bank: Bank, document: JSON) -> None:
    """Write the state of a genesis document.

    Raises:
        Rejected: a parameter is out of range, or not for this chain.
        ValueError: an oracle, key or committee comes twice.
        AssertionError: the document contradicts itself.
    """
    genesis = from_json(GenesisState, document)
    check_params(genesis.params)
    require_fit(genesis.params, ctx.chain_id)
    state.params.set(ctx, genesis.params)
    for oracle in genesis.oracles:
        _take_oracle(ctx, oracle)
    for key in genesis.keys:
        place = (Address.parse(key.oracle), key.epoch)
        _require_new(not state.keys.has(ctx, place), f"key {key.oracle}/{key.epoch}")
        state.keys.set(ctx, place, key)
    for committee in genesis.committees:
        _require_new(not state.committees.has(ctx, committee.epoch), f"committee {committee.epoch}")
        state.committees.set(ctx, committee.epoch, committee)
    for item in genesis.collateral:
        state.collateral.set(ctx, state.collateral_key(item.root_key_id, item.kind, item.subject), item)
    require_bonds(ctx, bank)
    require_indexes(ctx)


def _take_oracle(ctx: Context, oracle: state.Oracle) -> None:
    address = Address.parse(oracle.address)
    _require_new(not state.oracles.has(ctx, address), f"oracle {oracle.address}")
    _require_new(not state.platforms.has(ctx, oracle.platform_id), f"platform {oracle.platform_id.hex()}")
    state.set_oracle(ctx, oracle)
    state.platforms.set(ctx, oracle.platform_id, address)
    if oracle.status == LEAVING:
        state.leaving.set(ctx, (oracle.leaves_at, address), None)


def _require_new(is_new: bool, what: str) -> None:
    if not is_new:
        raise ValueError(f"{what} stands twice in the genesis document")


def export_genesis(ctx: Context) -> JSON:
    """The state as a genesis document. Block hashes are not carried over: enclaves anchor on the new chain's own."""
    genesis = GenesisState(params=state.params.get(ctx))
    genesis.oracles.extend(oracle for _, oracle in state.oracles.items(ctx))
    genesis.keys.extend(key for _, key in state.keys.items(ctx))
    genesis.committees.extend(committee for _, committee in state.committees.items(ctx))
    genesis.collateral.extend(item for _, item in state.collateral.items(ctx))
    return to_json(genesis)
