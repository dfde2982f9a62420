"""What anyone may read of this module."""

from typing import TYPE_CHECKING, Any

from panacea.chain.auth import state
from panacea.chain.auth.accounts import Accounts
from panacea.chain.auth.types import Account
from panacea.chain.context import Context
from panacea.chain.questions import QueryInvalid, QueryNotFound, page, parse_address
from panacea.primitives.address import ACCOUNT, Address
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.auth.v1beta1 import query_pb2 as query
else:
    query = package("cosmos.auth.v1beta1")


def account(ctx: Context, request: query.QueryAccountRequest) -> query.QueryAccountResponse:
    """The account of an address, of whatever kind. Raises QueryNotFound."""
    return query.QueryAccountResponse(account=state.pack_account(_get(ctx, request.address)))


def account_info(ctx: Context, request: query.QueryAccountInfoRequest) -> query.QueryAccountInfoResponse:
    """The account of an address, as a BaseAccount. Raises QueryNotFound."""
    return query.QueryAccountInfoResponse(info=state.to_base_account(_get(ctx, request.address)))


def accounts(ctx: Context, request: query.QueryAccountsRequest) -> query.QueryAccountsResponse:
    """All accounts, by address."""
    found, following = page(ctx, state.accounts, request.pagination)
    return query.QueryAccountsResponse(
        accounts=[state.pack_account(account) for _, account in found], pagination=following
    )


def address_by_id(ctx: Context, request: query.QueryAccountAddressByIDRequest) -> query.QueryAccountAddressByIDResponse:
    """The address that has an account number. Raises QueryNotFound."""
    if _deprecated_id(request):
        raise QueryInvalid("requesting with id isn't supported, try to request using account-id")
    found = state.numbers.find(ctx, request.account_id)
    if found is None:
        raise QueryNotFound(f"account address not found with account number {request.account_id}")
    return query.QueryAccountAddressByIDResponse(account_address=str(Address(found)))


def params(ctx: Context, _request: query.QueryParamsRequest) -> query.QueryParamsResponse:
    """The parameters of the ante pipeline."""
    return query.QueryParamsResponse(params=state.params.get(ctx))


def module_accounts(
    ctx: Context, known: Accounts, _request: query.QueryModuleAccountsRequest
) -> query.QueryModuleAccountsResponse:
    """The declared module accounts, by name; those not used yet are shown as they will be made."""
    found = [state.pack_account(known.module(ctx, name)) for name in sorted(known.modules)]
    return query.QueryModuleAccountsResponse(accounts=found)


def module_account_by_name(
    ctx: Context, known: Accounts, request: query.QueryModuleAccountByNameRequest
) -> query.QueryModuleAccountByNameResponse:
    """The module account of one name. Raises QueryNotFound."""
    if request.name not in known.modules:
        raise QueryNotFound(f"account {request.name} not found")
    return query.QueryModuleAccountByNameResponse(account=state.pack_account(known.module(ctx, request.name)))


def bech32_prefix(_ctx: Context, _request: query.Bech32PrefixRequest) -> query.Bech32PrefixResponse:
    """The prefix of account addresses."""
    return query.Bech32PrefixResponse(bech32_prefix=ACCOUNT)


def address_to_text(_ctx: Context, request: query.AddressBytesToStringRequest) -> query.AddressBytesToStringResponse:
    """The text of an address. Raises QueryInvalid."""
    try:
        return query.AddressBytesToStringResponse(address_string=str(Address(request.address_bytes)))
    except Rejected as no:
        raise QueryInvalid(str(no)) from no


def address_to_bytes(_ctx: Context, request: query.AddressStringToBytesRequest) -> query.AddressStringToBytesResponse:
    """The bytes of an address. Raises QueryInvalid."""
    return query.AddressStringToBytesResponse(address_bytes=parse_address(request.address_string))


def _get(ctx: Context, text: str) -> Account:
    found = state.accounts.find(ctx, parse_address(text))
    if found is None:
        raise QueryNotFound(f"account {text} not found")
    return found


def _deprecated_id(request: Any) -> int:  # Any: the stub forbids the deprecated field that is refused here
    found: int = request.id
    return found
