"""What the chain does about each message, about a fee that somebody else pays, and at the end of a block."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from panacea.chain.context import Context
from panacea.chain.feegrant import state
from panacea.chain.feegrant.messages import (
    MsgGrantAllowance,
    MsgGrantAllowanceResponse,
    MsgPruneAllowances,
    MsgPruneAllowancesResponse,
    MsgRevokeAllowance,
    MsgRevokeAllowanceResponse,
    read_allowance,
)
from panacea.chain.feegrant.ports import Accounts, Bank
from panacea.chain.feegrant.types import Grant, Use
from panacea.chain.rejections import InvalidRequest, NotFound
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins

PRUNED_PER_BLOCK = 200
PRUNED_PER_MESSAGE = 75


def grant_allowance(ctx: Context, accounts: Accounts, bank: Bank, msg: MsgGrantAllowance) -> MsgGrantAllowanceResponse:
    """Let the grantee pay fees from the granter's account; the grantee gets an account if it has none."""
    create_grant(
        ctx,
        accounts,
        bank,
        Grant(Address.parse(msg.granter), Address.parse(msg.grantee), read_allowance(msg.allowance)),
    )
    return MsgGrantAllowanceResponse()


def create_grant(ctx: Context, accounts: Accounts, bank: Bank, grant: Grant) -> None:
    """Keep a new grant. Raises InvalidRequest when there is one for the pair, or it has already ended."""
    if state.grants.has(ctx, (grant.grantee, grant.granter)):
        raise InvalidRequest("fee allowance already exists")
    expiration = grant.allowance.expiration
    if expiration is not None and expiration < ctx.time_ns:
        raise InvalidRequest("expiration is before current block time")
    if not accounts.has(ctx, grant.grantee):
        bank.require_not_blocked(grant.grantee)
        accounts.ensure(ctx, grant.grantee)
    state.save(ctx, grant)
    _emit(ctx, "set_feegrant", grant)


def revoke_allowance(ctx: Context, msg: MsgRevokeAllowance) -> MsgRevokeAllowanceResponse:
    """End a grant. Raises NotFound."""
    grant = get_grant(ctx, Address.parse(msg.granter), Address.parse(msg.grantee))
    state.remove(ctx, grant)
    _emit(ctx, "revoke_feegrant", grant)
    return MsgRevokeAllowanceResponse()


def prune_allowances(ctx: Context, msg: MsgPruneAllowances) -> MsgPruneAllowancesResponse:
    """Remove some grants whose time is over."""
    _prune(ctx, PRUNED_PER_MESSAGE)
    ctx.emit("prune_feegrant", pruner=msg.pruner)
    return MsgPruneAllowancesResponse()


def end_block(ctx: Context) -> None:
    """Remove the grants whose time is over."""
    _prune(ctx, PRUNED_PER_BLOCK)


def get_grant(ctx: Context, granter: bytes, grantee: bytes) -> Grant:
    """The grant between two accounts. Raises NotFound."""
    found = state.grants.find(ctx, (grantee, granter))
    if found is None:
        raise NotFound("fee-grant not found")
    return found


@dataclass(frozen=True, slots=True)
class Grants:
    """The allowances as the ante pipeline uses them."""

    def use(self, ctx: Context, granter: bytes, grantee: bytes, *, fee: Coins, messages: Sequence[str]) -> None:
        """Take `fee` off the allowance; it is the caller who moves the coins.

        Raises:
            NotFound: there is no such grant.
            FeegrantRejected: it does not cover this fee, these messages or this time.
        """
        grant = get_grant(ctx, granter, grantee)
        left = grant.allowance.pay(Use(ctx.time_ns, fee, messages, ctx.gas.charge))
        if left is None:
            state.remove(ctx, grant)
            _emit(ctx, "revoke_feegrant", grant)
            _emit(ctx, "use_feegrant", grant)
            return
        _emit(ctx, "use_feegrant", grant)
        state.save(ctx, replace(grant, allowance=left))
        _emit(ctx, "update_feegrant", grant)


def _prune(ctx: Context, limit: int) -> None:
    for entry in list(islice(state.due(ctx, ctx.time_ns), limit)):
        state.queue.delete(ctx, entry)
        state.grants.delete(ctx, entry[1])


def _emit(ctx: Context, type: str, grant: Grant) -> None:
    ctx.emit(type, granter=str(Address(grant.granter)), grantee=str(Address(grant.grantee)))
