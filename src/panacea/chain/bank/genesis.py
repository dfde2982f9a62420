"""Balances, supply and metadata in and out of a genesis document."""

from itertools import groupby
from typing import TYPE_CHECKING

from panacea.chain.bank import state
from panacea.chain.bank.messages import DEFAULT_PARAMS, SendEnabled, require_params, sum_of
from panacea.chain.bank.types import InvalidBankState
from panacea.chain.coins import read_coins, write_coin, write_coins
from panacea.chain.context import Context
from panacea.chain.module import JSON
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins, require_denom
from panacea.wire.json import from_json, to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1.bank_pb2 import Metadata
    from panacea.wire.stubs.cosmos.bank.v1beta1.genesis_pb2 import Balance, GenesisState
else:
    Balance, GenesisState, Metadata = load("cosmos.bank.v1beta1", "Balance", "GenesisState", "Metadata")


def default_genesis() -> JSON:
    """No balances; every denomination may be sent."""
    return to_json(GenesisState(params=DEFAULT_PARAMS))


def init_genesis(ctx: Context, genesis: JSON) -> None:
    """Write what the document says; the supply is what the balances add up to.

    Raises:
        InvalidBankState: something comes twice, or a stated supply is not that sum.
    """
    wire = from_json(GenesisState, genesis)
    require_params(wire.params)
    state.params.set(ctx, wire.params)
    _require_distinct("send_enabled", [entry.denom for entry in wire.send_enabled])
    for entry in wire.send_enabled:
        state.send_enabled.set(ctx, require_denom(entry.denom), entry.enabled)
    balances = [(Address.parse(entry.address), read_coins(entry.coins)) for entry in wire.balances]
    _require_distinct("balance", [address for address, _ in balances])
    for address, coins in sorted(balances):
        for coin in coins:
            state.set_balance(ctx, address, coin.denom, coin.amount)
    _init_supply(ctx, read_coins(wire.supply), sum_of(coins for _, coins in balances))
    _require_distinct("metadata", [entry.base for entry in wire.denom_metadata])
    for metadata in wire.denom_metadata:
        require_metadata(metadata)
        state.metadata.set(ctx, metadata.base, metadata)


def export_genesis(ctx: Context) -> JSON:
    """Everything, in the order of its keys."""
    by_owner = groupby(state.balances.items(ctx), key=lambda entry: entry[0][0])
    balances = [
        Balance(address=str(Address(owner)), coins=[write_coin(Coin(key[1], amount)) for key, amount in held])
        for owner, held in by_owner
    ]
    return to_json(
        GenesisState(
            params=state.params.get(ctx),
            balances=balances,
            supply=write_coins(Coins(Coin(denom, amount) for denom, amount in state.supply.items(ctx))),
            denom_metadata=[metadata for _, metadata in state.metadata.items(ctx)],
            send_enabled=[
                SendEnabled(denom=denom, enabled=enabled) for denom, enabled in state.send_enabled.items(ctx)
            ],
        )
    )


def require_metadata(metadata: Metadata) -> None:
    """Refuse metadata that contradicts itself (spec/sdk/bank.md, "Metadata validation"). Raises InvalidBankState."""
    units = metadata.denom_units
    if not metadata.name.strip() or not metadata.symbol.strip():
        raise InvalidBankState("name and symbol of a denomination cannot be blank", base=metadata.base)
    for denom in [metadata.base, metadata.display, *(unit.denom for unit in units)]:
        require_denom(denom)
    if not units or units[0].denom != metadata.base or units[0].exponent != 0:
        raise InvalidBankState("the first unit must be the base, with exponent 0", base=metadata.base)
    exponents = [unit.exponent for unit in units]
    if exponents != sorted(set(exponents)):
        raise InvalidBankState("exponents must be strictly increasing", base=metadata.base)
    _require_distinct("denomination unit", [unit.denom for unit in units])
    if metadata.display not in [unit.denom for unit in units]:
        raise InvalidBankState("metadata must contain a denomination unit of its display", base=metadata.base)
    for unit in units:
        _require_distinct("alias", list(unit.aliases))
        if not all(alias.strip() for alias in unit.aliases):
            raise InvalidBankState("alias cannot be blank", denom=unit.denom)


def _init_supply(ctx: Context, stated: Coins, total: Coins) -> None:
    if stated and stated != total:
        raise InvalidBankState(f"genesis supply is incorrect, expected {stated}, got {total}")
    for coin in total:
        state.set_supply(ctx, coin.denom, coin.amount)


def _require_distinct(what: str, keys: "list[str] | list[Address]") -> None:
    if len(dict.fromkeys(keys)) != len(keys):
        raise InvalidBankState(f"duplicate {what} in genesis")
