"""What anyone may read of this module."""

from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.feegrant import state
from panacea.chain.feegrant.transitions import get_grant
from panacea.chain.questions import QueryInternal, page, parse_address
from panacea.chain.rejections import NotFound
from panacea.store.collections import prefixed
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.feegrant.v1beta1 import query_pb2 as query
else:
    query = package("cosmos.feegrant.v1beta1")


def allowance(ctx: Context, request: query.QueryAllowanceRequest) -> query.QueryAllowanceResponse:
    """The grant between two accounts. Raises QueryInternal when there is none, as the SDK does."""
    try:
        grant = get_grant(ctx, parse_address(request.granter), parse_address(request.grantee))
    except NotFound as no:
        raise QueryInternal(str(no)) from no
    return query.QueryAllowanceResponse(allowance=state.write_grant(grant))


def allowances(ctx: Context, request: query.QueryAllowancesRequest) -> query.QueryAllowancesResponse:
    """What others granted to one account."""
    found, following = page(ctx, state.grants, request.pagination, within=prefixed(parse_address(request.grantee)))
    return query.QueryAllowancesResponse(
        allowances=[state.write_grant(grant) for _, grant in found], pagination=following
    )


def allowances_by_granter(
    ctx: Context, request: query.QueryAllowancesByGranterRequest
) -> query.QueryAllowancesByGranterResponse:
    """What one account granted to others."""
    granter = parse_address(request.granter)
    found, following = page(ctx, state.grants, request.pagination, keep=lambda pair, _: pair[1] == granter)
    return query.QueryAllowancesByGranterResponse(
        allowances=[state.write_grant(grant) for _, grant in found], pagination=following
    )
