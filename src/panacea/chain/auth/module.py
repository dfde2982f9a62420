"""How this module is wired: one table, its genesis and its invariants."""

from typing import TYPE_CHECKING

from panacea.chain.auth import queries, state, transitions
from panacea.chain.auth.accounts import Accounts
from panacea.chain.auth.genesis import export_genesis, init_genesis
from panacea.chain.auth.messages import DEFAULT_PARAMS, check_update_params
from panacea.chain.auth.types import FEE_COLLECTOR
from panacea.chain.context import Context
from panacea.chain.module import JSON, Handler, Module, given
from panacea.wire.json import to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.auth.v1beta1.genesis_pb2 import GenesisState
else:
    (GenesisState,) = load("cosmos.auth.v1beta1", "GenesisState")

ACCOUNTS: dict[str, tuple[str, ...]] = {FEE_COLLECTOR: ()}
BLOCKED = (FEE_COLLECTOR,)
_QUERY = "/cosmos.auth.v1beta1.Query/"


def default_genesis() -> JSON:
    """The default parameters and no accounts."""
    return to_json(GenesisState(params=DEFAULT_PARAMS))


def build(accounts: Accounts) -> Module:
    """The module `auth`."""
    return Module(
        name="auth",
        store=state.STORE,
        messages={
            "/cosmos.auth.v1beta1.MsgUpdateParams": Handler(check_update_params, transitions.update_params),
        },
        queries={
            _QUERY + "Accounts": queries.accounts,
            _QUERY + "Account": queries.account,
            _QUERY + "AccountAddressByID": queries.address_by_id,
            _QUERY + "Params": queries.params,
            _QUERY + "ModuleAccounts": given(queries.module_accounts, accounts),
            _QUERY + "ModuleAccountByName": given(queries.module_account_by_name, accounts),
            _QUERY + "Bech32Prefix": queries.bech32_prefix,
            _QUERY + "AddressBytesToString": queries.address_to_text,
            _QUERY + "AddressStringToBytes": queries.address_to_bytes,
            _QUERY + "AccountInfo": queries.account_info,
        },
        accounts=ACCOUNTS,
        blocked=BLOCKED,
        default_genesis=default_genesis,
        init_genesis=given(init_genesis, accounts),
        export_genesis=export_genesis,
        invariants={"numbers": numbers_invariant},
    )


def numbers_invariant(ctx: Context) -> None:
    """Numbers are unique, below the counter, and point back at their accounts; stored keys hash to their address."""
    by_number = dict(state.numbers.items(ctx))
    accounts = dict(state.accounts.items(ctx))
    assert len(by_number) == len(accounts), "auth: the number index and the accounts differ in length"
    following = state.next_number.peek(ctx)
    for address, account in accounts.items():
        assert by_number.get(account.number) == address, f"auth: number {account.number} does not lead to its account"
        assert account.number < following, f"auth: number {account.number} is not below the counter {following}"
        assert not (account.module and account.public_key), f"auth: module account {account.module} has a key"
