"""How this module is wired: a store, and one question. Its genesis is the consensus parameters of the document."""

from typing import TYPE_CHECKING

from panacea.chain.consensus import state
from panacea.chain.context import Context
from panacea.chain.module import Module
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.consensus.v1 import query_pb2 as query
else:
    query = package("cosmos.consensus.v1")


def build() -> Module:
    """The module `consensus`."""
    return Module(name="consensus", store=state.STORE, queries={"/cosmos.consensus.v1.Query/Params": params})


def params(ctx: Context, _request: query.QueryParamsRequest) -> query.QueryParamsResponse:
    """The consensus parameters."""
    return query.QueryParamsResponse(params=state.params.get(ctx))
