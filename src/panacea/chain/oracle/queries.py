"""What may be read without a transaction: `panacea.oracle.v3.Query`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.module import Query
from panacea.chain.oracle import state
from panacea.chain.questions import QueryNotFound, message_page, page, parse_address
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.query_pb2 import (
        QueryCollateralRequest,
        QueryCollateralResponse,
        QueryCommitteeRequest,
        QueryCommitteeResponse,
        QueryEpochRequest,
        QueryEpochResponse,
        QueryOracleKeyRequest,
        QueryOracleKeyResponse,
        QueryOracleRequest,
        QueryOracleResponse,
        QueryOraclesRequest,
        QueryOraclesResponse,
        QueryParamsRequest,
        QueryParamsResponse,
    )
else:
    QueryParamsResponse, QueryEpochResponse, QueryOraclesResponse, QueryOracleResponse = load(
        "panacea.oracle.v3",
        *("QueryParamsResponse", "QueryEpochResponse", "QueryOraclesResponse", "QueryOracleResponse"),
    )
    QueryOracleKeyResponse, QueryCommitteeResponse, QueryCollateralResponse = load(
        "panacea.oracle.v3", "QueryOracleKeyResponse", "QueryCommitteeResponse", "QueryCollateralResponse"
    )


def params(ctx: Context, _: "QueryParamsRequest") -> QueryParamsResponse:
    """The parameters."""
    return QueryParamsResponse(params=state.params.get(ctx))


def epoch(ctx: Context, _: "QueryEpochRequest") -> QueryEpochResponse:
    """The epoch of the last block, and the heights it spans."""
    number, length = state.epoch_of(ctx), state.params.get(ctx).epoch_blocks
    first = number * length
    return QueryEpochResponse(epoch=number, first_height=first, last_height=first + length - 1)


def oracles(ctx: Context, request: "QueryOraclesRequest") -> QueryOraclesResponse:
    """Registered oracles in the order of their addresses."""
    found, cut = page(ctx, state.oracles, message_page(request))
    return QueryOraclesResponse(oracles=[oracle for _, oracle in found], pagination=cut)


def oracle(ctx: Context, request: "QueryOracleRequest") -> QueryOracleResponse:
    """One oracle."""
    found = state.oracles.find(ctx, parse_address(request.address))
    if found is None:
        raise QueryNotFound(f"no oracle {request.address}")
    return QueryOracleResponse(oracle=found)


def oracle_key(ctx: Context, request: "QueryOracleKeyRequest") -> QueryOracleKeyResponse:
    """An oracle's key of one epoch."""
    found = state.keys.find(ctx, (parse_address(request.address), request.epoch))
    if found is None:
        raise QueryNotFound(f"no key of {request.address} in epoch {request.epoch}")
    return QueryOracleKeyResponse(key=found)


def committee(ctx: Context, request: "QueryCommitteeRequest") -> QueryCommitteeResponse:
    """The committee of one epoch."""
    found = state.committees.find(ctx, request.epoch)
    if found is None:
        raise QueryNotFound(f"no committee in epoch {request.epoch}")
    return QueryCommitteeResponse(committee=found)


def collateral(ctx: Context, request: "QueryCollateralRequest") -> QueryCollateralResponse:
    """Collateral in the order of its keys."""
    found, cut = page(ctx, state.collateral, message_page(request))
    return QueryCollateralResponse(collateral=[item for _, item in found], pagination=cut)


PATH = "/panacea.oracle.v3.Query/"
QUERIES: Mapping[str, Query] = {
    PATH + "Params": params,
    PATH + "Epoch": epoch,
    PATH + "Oracles": oracles,
    PATH + "Oracle": oracle,
    PATH + "OracleKey": oracle_key,
    PATH + "Committee": committee,
    PATH + "Collateral": collateral,
}
