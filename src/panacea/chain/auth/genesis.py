"""Accounts in and out of a genesis document."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from panacea.chain.auth import state
from panacea.chain.auth.accounts import Accounts
from panacea.chain.auth.messages import require_params
from panacea.chain.auth.types import FEE_COLLECTOR, Account, InvalidAccounts
from panacea.chain.context import Context
from panacea.chain.keys import parse_key
from panacea.chain.module import JSON
from panacea.primitives.address import Address
from panacea.wire.json import from_json, to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.auth.v1beta1.genesis_pb2 import GenesisState
else:
    (GenesisState,) = load("cosmos.auth.v1beta1", "GenesisState")


def init_genesis(ctx: Context, known: Accounts, genesis: JSON) -> None:
    """Write parameters and accounts; numbers are kept where they are unique.

    Raises:
        InvalidAccounts: a parameter is zero, an address comes twice, or an account contradicts itself.
    """
    wire = from_json(GenesisState, genesis)
    require_params(wire.params)
    state.params.set(ctx, wire.params)
    accounts = [state.unpack_account(packed) for packed in wire.accounts]
    for account in accounts:
        _require_sound(account)
    if len({account.address for account in accounts}) != len(accounts):
        raise InvalidAccounts("duplicate account found in genesis state")
    following = 0
    for account in sorted(_with_unique_numbers(accounts), key=lambda account: account.number):
        state.save(ctx, account)
        following = account.number + 1
    state.next_number.set(ctx, following)
    known.module(ctx, FEE_COLLECTOR)


def export_genesis(ctx: Context) -> JSON:
    """Parameters, and the accounts by address."""
    accounts = [state.pack_account(account) for _, account in state.accounts.items(ctx)]
    return to_json(GenesisState(params=state.params.get(ctx), accounts=accounts))


def _require_sound(account: Account) -> None:
    if account.module and account.address != Address.module(account.module):
        raise InvalidAccounts("address of a module account is not derived from its name", module=account.module)
    if account.public_key and parse_key(account.public_key).address() != account.address:
        raise InvalidAccounts("account address and pubkey address do not match", address=account.address)


def _with_unique_numbers(accounts: Iterable[Account]) -> list[Account]:
    """The accounts; those whose number was taken get the lowest free ones, by that number and then in order."""
    seen: dict[int, Account] = {}
    late: list[Account] = []
    for account in accounts:
        if account.number in seen:
            late.append(account)
        else:
            seen[account.number] = account
    free = 0
    for account in sorted(late, key=lambda account: account.number):
        while free in seen:
            free += 1
        seen[free] = replace(account, number=free)
    return list(seen.values())
