"""What may be read without a transaction: `panacea.did.v2.Query`."""

from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.did.state import get_live
from panacea.chain.did.types import DIDDeactivated, DIDNotFound
from panacea.chain.module import Query
from panacea.chain.questions import QueryInvalid, QueryNotFound
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.query_pb2 import QueryDIDRequest, QueryDIDResponse
else:
    (QueryDIDResponse,) = load("panacea.did.v2", "QueryDIDResponse")


def did(ctx: Context, request: "QueryDIDRequest") -> QueryDIDResponse:
    """The live document of a DID, which is asked for in standard base64."""
    try:
        asked = b64decode(request.did_base64, validate=True).decode()
    except ValueError as no:
        raise QueryInvalid("invalid did_base64") from no
    try:
        return QueryDIDResponse(did_document_with_seq=get_live(ctx, asked))
    except DIDNotFound as no:
        raise QueryNotFound("DID not found") from no
    except DIDDeactivated as no:
        raise QueryNotFound("DID deactivated") from no


QUERIES: Mapping[str, Query] = {"/panacea.did.v2.Query/DID": did}
