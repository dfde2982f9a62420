"""What happens to bonds: cut when a member does not answer, returned when an oracle has left."""

from itertools import islice, takewhile
from typing import TYPE_CHECKING

from panacea.chain.coins import write_coin
from panacea.chain.context import Context
from panacea.chain.oracle import state
from panacea.chain.oracle.ports import Bank
from panacea.chain.oracle.types import JAILED, LEAVING, NAME
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins
from panacea.primitives.numbers import parse_int
from panacea.store.collections import prefixed
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.events_pb2 import EventOracleLeft, EventOraclePunished
else:
    EventOracleLeft, EventOraclePunished = load("panacea.oracle.v3", "EventOracleLeft", "EventOraclePunished")

FEE_COLLECTOR = "fee_collector"
RETURNS_A_BLOCK = 100


def cut_of(params: state.Params, bond: Coin, price: Coins) -> int:
    """What a silent member loses of its bond: its part of the price that n - t + 1 silent members made fail.

    A price in another denomination cannot be compared, so the most is cut. Never more than the bond.
    """
    most = parse_int(params.max_undelivered_slash or "0")
    share = price.amount_of(bond.denom) // (params.committee_size - params.threshold + 1)
    return min(share if price.amount_of(bond.denom) else most, most, bond.amount)


def punish(ctx: Context, bank: Bank, member: Address, price: Coins, *, deal_id: int, number: int) -> None:
    """Cut the bond of a member that did not answer for a consent, and jail it; who is gone has nothing to lose."""
    oracle = state.oracles.find(ctx, member)
    if oracle is None:
        return
    bond = state.bond_of(oracle)
    cut = Coin(bond.denom, cut_of(state.params.get(ctx), bond, price))
    if cut.amount:
        bank.between_modules(ctx, NAME, FEE_COLLECTOR, Coins((cut,)))
        oracle.bond.amount = str(bond.amount - cut.amount)
    _jail(ctx, oracle)
    ctx.emit_typed(
        EventOraclePunished(
            oracle=oracle.address,
            deal_id=deal_id,
            number=number,
            amount=write_coin(cut),
            jailed_until=oracle.jailed_until,
        )
    )


def jail(ctx: Context, address: Address) -> None:
    """Jail an oracle without cutting its bond."""
    oracle = state.oracles.find(ctx, address)
    if oracle is None:
        return
    _jail(ctx, oracle)
    nothing = write_coin(Coin(oracle.bond.denom, 0))
    ctx.emit_typed(EventOraclePunished(oracle=oracle.address, amount=nothing, jailed_until=oracle.jailed_until))


def _jail(ctx: Context, oracle: state.Oracle) -> None:
    if oracle.status != LEAVING:
        oracle.status = JAILED
        oracle.jailed_until = ctx.height + state.params.get(ctx).jail_blocks
    state.set_oracle(ctx, oracle)


def return_bonds(ctx: Context, bank: Bank) -> None:
    """Give the bonds back whose delay is over, and forget their oracles; at most `RETURNS_A_BLOCK` a block."""
    due = takewhile(lambda entry: entry[0] <= ctx.height, (key for key, _ in state.leaving.items(ctx)))
    for leaves_at, address in list(islice(due, RETURNS_A_BLOCK)):
        oracle, operator = state.get_oracle(ctx, address), Address(address)
        bond = state.bond_of(oracle)
        if bond.amount:
            bank.from_module(ctx, NAME, operator, Coins((bond,)))
        for key in [key for key, _ in state.keys.items(ctx, prefixed(address))]:
            state.keys.delete(ctx, key)
        state.leaving.delete(ctx, (leaves_at, address))
        state.platforms.delete(ctx, oracle.platform_id)
        state.oracles.delete(ctx, address)
        ctx.emit_typed(EventOracleLeft(oracle=oracle.address))
