"""What anyone may read of this module."""

from typing import TYPE_CHECKING

from panacea.chain.bank import state
from panacea.chain.bank.messages import SendEnabled
from panacea.chain.coins import write_coin
from panacea.chain.context import Context
from panacea.chain.questions import PageResponse, QueryInvalid, QueryNotFound, page, parse_address
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, InvalidCoins, require_denom
from panacea.store.collections import prefixed
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1 import query_pb2 as query
else:
    query = package("cosmos.bank.v1beta1")


def balance(ctx: Context, request: query.QueryBalanceRequest) -> query.QueryBalanceResponse:
    """One balance; zero where there is none."""
    return query.QueryBalanceResponse(balance=write_coin(_balance(ctx, request.address, request.denom)))


def spendable_balance(
    ctx: Context, request: query.QuerySpendableBalanceByDenomRequest
) -> query.QuerySpendableBalanceByDenomResponse:
    """One balance, all of which may be spent: no account of this chain locks coins."""
    held = _balance(ctx, request.address, request.denom)
    return query.QuerySpendableBalanceByDenomResponse(balance=write_coin(held))


def all_balances(ctx: Context, request: query.QueryAllBalancesRequest) -> query.QueryAllBalancesResponse:
    """All balances of an address, by denomination."""
    within = prefixed(parse_address(request.address))
    found, following = page(ctx, state.balances, request.pagination, within=within)
    named = (lambda denom: _display(ctx, denom)) if request.resolve_denom else str
    coins = [write_coin(Coin(named(denom), amount)) for (_, denom), amount in found]
    return query.QueryAllBalancesResponse(balances=coins, pagination=following)


def spendable_balances(
    ctx: Context, request: query.QuerySpendableBalancesRequest
) -> query.QuerySpendableBalancesResponse:
    """All balances of an address, all of which may be spent."""
    within = prefixed(parse_address(request.address))
    found, following = page(ctx, state.balances, request.pagination, within=within)
    coins = [write_coin(Coin(denom, amount)) for (_, denom), amount in found]
    return query.QuerySpendableBalancesResponse(balances=coins, pagination=following)


def total_supply(ctx: Context, request: query.QueryTotalSupplyRequest) -> query.QueryTotalSupplyResponse:
    """The supply of each denomination."""
    found, following = page(ctx, state.supply, request.pagination)
    coins = [write_coin(Coin(denom, amount)) for denom, amount in found]
    return query.QueryTotalSupplyResponse(supply=coins, pagination=following)


def supply_of(ctx: Context, request: query.QuerySupplyOfRequest) -> query.QuerySupplyOfResponse:
    """The supply of one denomination; zero where there is none."""
    denom = _denom(request.denom)
    return query.QuerySupplyOfResponse(amount=write_coin(Coin(denom, state.supply.find(ctx, denom) or 0)))


def params(ctx: Context, _request: query.QueryParamsRequest) -> query.QueryParamsResponse:
    """The parameters."""
    return query.QueryParamsResponse(params=state.params.get(ctx))


def denom_metadata(ctx: Context, request: query.QueryDenomMetadataRequest) -> query.QueryDenomMetadataResponse:
    """What is known about a denomination. Raises QueryNotFound."""
    return query.QueryDenomMetadataResponse(metadata=_metadata(ctx, request.denom))


def denom_metadata_by_query_string(
    ctx: Context, request: query.QueryDenomMetadataByQueryStringRequest
) -> query.QueryDenomMetadataByQueryStringResponse:
    """The same, for denominations with slashes. Raises QueryNotFound."""
    return query.QueryDenomMetadataByQueryStringResponse(metadata=_metadata(ctx, request.denom))


def denoms_metadata(ctx: Context, request: query.QueryDenomsMetadataRequest) -> query.QueryDenomsMetadataResponse:
    """What is known about all denominations."""
    found, following = page(ctx, state.metadata, request.pagination)
    return query.QueryDenomsMetadataResponse(metadatas=[each for _, each in found], pagination=following)


def denom_owners(ctx: Context, request: query.QueryDenomOwnersRequest) -> query.QueryDenomOwnersResponse:
    """Who holds a denomination, and how much."""
    found, following = _owners(ctx, request)
    return query.QueryDenomOwnersResponse(denom_owners=found, pagination=following)


def denom_owners_by_query(
    ctx: Context, request: query.QueryDenomOwnersByQueryRequest
) -> query.QueryDenomOwnersByQueryResponse:
    """The same, for denominations with slashes."""
    found, following = _owners(ctx, request)
    return query.QueryDenomOwnersByQueryResponse(denom_owners=found, pagination=following)


def send_enabled(ctx: Context, request: query.QuerySendEnabledRequest) -> query.QuerySendEnabledResponse:
    """The entries that differ from the default: of the denominations asked for, or all in pages."""
    if request.denoms:
        own = ((denom, state.send_enabled.find(ctx, denom)) for denom in request.denoms)
        return query.QuerySendEnabledResponse(
            send_enabled=[SendEnabled(denom=denom, enabled=enabled) for denom, enabled in own if enabled is not None]
        )
    found, following = page(ctx, state.send_enabled, request.pagination)
    entries = [SendEnabled(denom=denom, enabled=enabled) for denom, enabled in found]
    return query.QuerySendEnabledResponse(send_enabled=entries, pagination=following)


def _balance(ctx: Context, address: str, denom: str) -> Coin:
    return Coin(_denom(denom), state.balance_of(ctx, parse_address(address), denom))


def _owners(
    ctx: Context, request: query.QueryDenomOwnersRequest | query.QueryDenomOwnersByQueryRequest
) -> "tuple[list[query.DenomOwner], PageResponse]":
    denom = _denom(request.denom)
    found, following = page(ctx, state.owners, request.pagination, within=denom.encode() + b"\x00")
    held = ((address, Coin(denom, state.balance_of(ctx, address, denom))) for (_, address), _ in found)
    return [query.DenomOwner(address=str(Address(owner)), balance=write_coin(coin)) for owner, coin in held], following


def _metadata(ctx: Context, denom: str) -> state.Metadata:
    found = state.metadata.find(ctx, _denom(denom))
    if found is None:
        raise QueryNotFound(f"client metadata for denom {denom}")
    return found


def _display(ctx: Context, denom: str) -> str:
    found = state.metadata.find(ctx, denom)
    return denom if found is None else found.display


def _denom(text: str) -> str:
    try:
        return require_denom(text)
    except InvalidCoins as no:
        raise QueryInvalid(str(no)) from no
