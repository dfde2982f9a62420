"""How this module is wired: one table, its genesis and its invariants."""

from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.feegrant import messages, queries, state, transitions
from panacea.chain.feegrant.ports import Accounts, Bank
from panacea.chain.module import JSON, Handler, Module, given
from panacea.chain.times import sortable
from panacea.wire.json import from_json, to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.feegrant.v1beta1.genesis_pb2 import GenesisState
else:
    (GenesisState,) = load("cosmos.feegrant.v1beta1", "GenesisState")

_MSG, _QUERY = "/cosmos.feegrant.v1beta1.Msg", "/cosmos.feegrant.v1beta1.Query/"


def build(accounts: Accounts, bank: Bank) -> Module:
    """The module `feegrant`."""
    return Module(
        name="feegrant",
        store=state.STORE,
        messages={
            _MSG + "GrantAllowance": Handler(
                messages.check_grant_allowance, given(transitions.grant_allowance, accounts, bank)
            ),
            _MSG + "RevokeAllowance": Handler(messages.check_revoke_allowance, transitions.revoke_allowance),
            _MSG + "PruneAllowances": Handler(messages.check_prune_allowances, transitions.prune_allowances),
        },
        queries={
            _QUERY + "Allowance": queries.allowance,
            _QUERY + "Allowances": queries.allowances,
            _QUERY + "AllowancesByGranter": queries.allowances_by_granter,
        },
        default_genesis=lambda: to_json(GenesisState()),
        init_genesis=given(init_genesis, accounts, bank),
        export_genesis=export_genesis,
        end_block=transitions.end_block,
        invariants={"queue": queue_invariant},
    )


def init_genesis(ctx: Context, accounts: Accounts, bank: Bank, genesis: JSON) -> None:
    """Keep every grant; one that has ended is refused."""
    for wire in from_json(GenesisState, genesis).allowances:
        grant = state.read_grant(wire)
        messages.require_sound(grant.allowance)
        transitions.create_grant(ctx, accounts, bank, grant)


def export_genesis(ctx: Context) -> JSON:
    """The grants, by grantee."""
    return to_json(GenesisState(allowances=[state.write_grant(grant) for _, grant in state.grants.items(ctx)]))


def queue_invariant(ctx: Context) -> None:
    """The queue holds exactly the grants that end."""
    ending = sorted(
        (sortable(grant.allowance.expiration), pair)
        for pair, grant in state.grants.items(ctx)
        if grant.allowance.expiration is not None
    )
    assert [entry for entry, _ in state.queue.items(ctx)] == ending, "feegrant: the queue and the grants differ"
