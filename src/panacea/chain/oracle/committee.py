"""Who guards the keys of an epoch, and what each block keeps and forgets for it (exchange, §10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from panacea.attestation import Policy, is_measurement_allowed
from panacea.chain.context import Context
from panacea.chain.oracle import state
from panacea.chain.oracle.params import policy_of
from panacea.chain.oracle.types import ACTIVE, KINDS
from panacea.primitives.address import Address
from panacea.primitives.numbers import Dec
from panacea.wire.contexts import committee_order
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.events_pb2 import EventCommitteeDrawn
else:
    (EventCommitteeDrawn,) = load("panacea.oracle.v3", "EventCommitteeDrawn")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An oracle that may sit in a committee, and what is counted of it."""

    address: Address
    vendor: str
    product_line: str


def draw(
    candidates: Iterable[Candidate], seats: int, *, max_seats_per_line: int, min_vendors: int
) -> tuple[Candidate, ...] | None:
    """The members from candidates in drawing order, or None where the rules leave a seat empty.

    A candidate is passed over when its product line is full, or when its vendor sits already and the seats left are
    no more than the vendors still missing.
    """
    chosen: list[Candidate] = []
    for candidate in candidates:
        if len(chosen) == seats:
            break
        vendors = {member.vendor for member in chosen}
        on_line = sum(member.product_line == candidate.product_line for member in chosen)
        is_last_chance = seats - len(chosen) <= min_vendors - len(vendors)
        if on_line < max_seats_per_line and not (candidate.vendor in vendors and is_last_chance):
            chosen.append(candidate)
    return tuple(chosen) if len(chosen) == seats else None


def is_allowed(limits: state.Params, policy: Policy, key: state.OracleKey, height: int) -> bool:
    """Whether this policy would still take a key: its measurement, product line, vendor and commission."""
    return (
        is_measurement_allowed(policy, key.measurement, height)
        and key.product_line not in policy.products_denied
        and any((KINDS[root.kind], root.vendor) == (key.kind, key.vendor) for root in policy.roots.values())
        and Dec.from_wire(key.commission_rate) <= Dec.from_wire(limits.max_commission_rate)
    )


def candidates(ctx: Context, epoch: int, last_block_hash: bytes) -> list[Candidate]:
    """Who may sit in an epoch's committee, in drawing order."""
    limits, found = state.params.get(ctx), []
    policy = policy_of(limits)
    for address, oracle in state.oracles.items(ctx):
        key = state.keys.find(ctx, (address, epoch))
        ready = oracle.status == ACTIVE and state.is_enough(limits, state.bond_of(oracle))
        if ready and key is not None and is_allowed(limits, policy, key, ctx.height):
            found.append(Candidate(Address(address), key.vendor, key.product_line))
    return sorted(found, key=lambda candidate: committee_order(epoch, last_block_hash, candidate.address))


def draw_committee(ctx: Context) -> None:
    """Give this epoch its committee, if it has none and there are enough oracles; else the next block tries again."""
    limits, epoch = state.params.get(ctx), state.epoch_of(ctx)
    last_block_hash = state.anchors.find(ctx, ctx.height - 1)
    if last_block_hash is None or state.committees.has(ctx, epoch):
        return
    members = draw(
        candidates(ctx, epoch, last_block_hash),
        limits.committee_size,
        max_seats_per_line=limits.max_seats_per_line,
        min_vendors=limits.min_vendors,
    )
    if members is None:
        return
    names = [str(member.address) for member in members]
    committee = state.Committee(epoch=epoch, members=names, threshold=limits.threshold, height=ctx.height)
    state.committees.set(ctx, epoch, committee)
    ctx.emit_typed(EventCommitteeDrawn(epoch=epoch, members=names))


def remember_block(ctx: Context) -> None:
    """Keep this block's hash for enclaves to anchor on, and forget those that are older than the window."""
    state.anchors.set(ctx, ctx.height, ctx.block.hash)
    oldest = ctx.height - state.params.get(ctx).anchor_window
    heights = (height for height, _ in state.anchors.items(ctx))
    for height in list(takewhile(lambda height: height <= oldest, heights)):
        state.anchors.delete(ctx, height)


def forget_epochs(ctx: Context) -> None:
    """At an epoch's first block, drop the keys and committees of the last but one and before."""
    epoch, passed = divmod(ctx.height, state.params.get(ctx).epoch_blocks)
    if passed:
        return
    for old in [key for key, _ in state.keys.items(ctx) if key[1] <= epoch - 2]:
        state.keys.delete(ctx, old)
    past = (each for each, _ in state.committees.items(ctx))
    for each in list(takewhile(lambda each: each <= epoch - 2, past)):
        state.committees.delete(ctx, each)
