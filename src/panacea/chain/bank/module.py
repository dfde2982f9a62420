"""How this module is wired: one table, and its invariants."""

from panacea.chain.bank import messages, queries, state, transitions
from panacea.chain.bank.genesis import default_genesis, export_genesis, init_genesis
from panacea.chain.bank.ledger import Ledger
from panacea.chain.context import Context
from panacea.chain.module import Handler, Module, given

_MSG, _QUERY = "/cosmos.bank.v1beta1.Msg", "/cosmos.bank.v1beta1.Query/"


def build(ledger: Ledger) -> Module:
    """The module `bank`."""
    return Module(
        name="bank",
        store=state.STORE,
        messages={
            _MSG + "Send": Handler(messages.check_send, given(transitions.send, ledger)),
            _MSG + "MultiSend": Handler(messages.check_multi_send, given(transitions.multi_send, ledger)),
            _MSG + "UpdateParams": Handler(messages.check_update_params, transitions.update_params),
            _MSG + "SetSendEnabled": Handler(messages.check_set_send_enabled, transitions.set_send_enabled),
        },
        queries={
            _QUERY + "Balance": queries.balance,
            _QUERY + "AllBalances": queries.all_balances,
            _QUERY + "SpendableBalances": queries.spendable_balances,
            _QUERY + "SpendableBalanceByDenom": queries.spendable_balance,
            _QUERY + "TotalSupply": queries.total_supply,
            _QUERY + "SupplyOf": queries.supply_of,
            _QUERY + "Params": queries.params,
            _QUERY + "DenomMetadata": queries.denom_metadata,
            _QUERY + "DenomMetadataByQueryString": queries.denom_metadata_by_query_string,
            _QUERY + "DenomsMetadata": queries.denoms_metadata,
            _QUERY + "DenomOwners": queries.denom_owners,
            _QUERY + "DenomOwnersByQuery": queries.denom_owners_by_query,
            _QUERY + "SendEnabled": queries.send_enabled,
        },
        default_genesis=default_genesis,
        init_genesis=init_genesis,
        export_genesis=export_genesis,
        invariants={"total-supply": supply_invariant, "nonnegative-outstanding": positive_invariant},
    )


def supply_invariant(ctx: Context) -> None:
    """The balances of each denomination add up to its supply."""
    sums: dict[str, int] = {}
    for (_, denom), amount in state.balances.items(ctx):
        sums[denom] = sums.get(denom, 0) + amount
    supply = dict(state.supply.items(ctx))
    assert sums == supply, f"bank: balances add up to {sums}, the supply is {supply}"


def positive_invariant(ctx: Context) -> None:
    """No balance or supply of zero or less is kept, and owners and balances are the same pairs."""
    balances = dict(state.balances.items(ctx))
    assert all(amount > 0 for amount in balances.values()), "bank: a balance is not positive"
    assert all(amount > 0 for _, amount in state.supply.items(ctx)), "bank: a supply is not positive"
    owners = [(address, denom) for (denom, address), _ in state.owners.items(ctx)]
    assert sorted(owners) == sorted(balances), "bank: the index of owners and the balances differ"
