"""What may be read without a transaction: `panacea.datadeal.v3.Query`, read only."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.datadeal import state
from panacea.chain.datadeal.types import ConsentNotFound, DealNotFound
from panacea.chain.module import Query
from panacea.chain.questions import QueryInvalid, QueryNotFound, message_page, page
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import DealState
    from panacea.wire.stubs.panacea.datadeal.v3.query_pb2 import (
        DealEntry,
        QueryConsentByTagRequest,
        QueryConsentByTagResponse,
        QueryConsentRequest,
        QueryConsentResponse,
        QueryConsentsRequest,
        QueryConsentsResponse,
        QueryDealRequest,
        QueryDealResponse,
        QueryDealsRequest,
        QueryDealsResponse,
        QueryParamsRequest,
        QueryParamsResponse,
        QuerySharesRequest,
        QuerySharesResponse,
    )
else:
    DealState, DealEntry, QueryParamsResponse, QueryDealsResponse, QueryDealResponse = load(
        "panacea.datadeal.v3",
        *("DealState", "DealEntry", "QueryParamsResponse", "QueryDealsResponse", "QueryDealResponse"),
    )
    QueryConsentsResponse, QueryConsentResponse, QueryConsentByTagResponse, QuerySharesResponse = load(
        "panacea.datadeal.v3",
        *("QueryConsentsResponse", "QueryConsentResponse", "QueryConsentByTagResponse", "QuerySharesResponse"),
    )


def params(ctx: Context, _: "QueryParamsRequest") -> QueryParamsResponse:
    """The parameters."""
    return QueryParamsResponse(params=state.params.get(ctx))


def _entry(ctx: Context, deal: "state.Deal") -> DealEntry:
    book = state.books.find(ctx, deal.id)
    assert book is not None  # Written with the deal, never deleted.
    return DealEntry(deal=deal, state=state.state_of(book))


def deals(ctx: Context, request: "QueryDealsRequest") -> QueryDealsResponse:
    """Deals in the order of their ids, of one status or all."""

    def wanted(deal_id: int, _: "state.Deal") -> bool:
        book = state.books.find(ctx, deal_id)
        return not request.status or (book is not None and book.status == request.status)

    found, cut = page(ctx, state.deals, message_page(request), keep=wanted)
    return QueryDealsResponse(entries=[_entry(ctx, deal) for _, deal in found], pagination=cut)


def deal(ctx: Context, request: "QueryDealRequest") -> QueryDealResponse:
    """One deal and its account."""
    try:
        found, book = state.get_deal(ctx, request.deal_id)
    except DealNotFound as no:
        raise QueryNotFound(str(no)) from no
    return QueryDealResponse(deal=found, state=state.state_of(book))


def consents(ctx: Context, request: "QueryConsentsRequest") -> QueryConsentsResponse:
    """A deal's consents in the order of their numbers."""
    found, cut = page(ctx, state.consents, message_page(request), within=state.pack(request.deal_id))
    return QueryConsentsResponse(consents=[consent for _, consent in found], pagination=cut)


def consent(ctx: Context, request: "QueryConsentRequest") -> QueryConsentResponse:
    """One consent."""
    return QueryConsentResponse(consent=_consent(ctx, request.deal_id, request.number))


def _consent(ctx: Context, deal_id: int, number: int) -> "state.Consent":
    try:
        return state.get_consent(ctx, deal_id, number)
    except ConsentNotFound as no:
        raise QueryNotFound(str(no)) from no


def consent_by_tag(ctx: Context, request: "QueryConsentByTagRequest") -> QueryConsentByTagResponse:
    """The last consent that used a duplicate tag."""
    if not re.fullmatch(r"[0-9a-f]{64}", request.tag):
        raise QueryInvalid(f"a tag is 64 hexadecimal digits, not {request.tag[:80]}")
    number = state.tags.find(ctx, (request.deal_id, bytes.fromhex(request.tag)))
    if number is None:
        raise QueryNotFound(f"no consent with tag {request.tag} in deal {request.deal_id}")
    return QueryConsentByTagResponse(consent=_consent(ctx, request.deal_id, number))


def shares(ctx: Context, request: "QuerySharesRequest") -> QuerySharesResponse:
    """The released shares of a consent, in the committee's order."""
    _consent(ctx, request.deal_id, request.number)
    found = state.shares.items(ctx, state.pack(request.deal_id, request.number))
    return QuerySharesResponse(shares=[share for _, share in found])


PATH = "/panacea.datadeal.v3.Query/"
QUERIES: Mapping[str, Query] = {
    PATH + "Params": params,
    PATH + "Deals": deals,
    PATH + "Deal": deal,
    PATH + "Consents": consents,
    PATH + "Consent": consent,
    PATH + "ConsentByTag": consent_by_tag,
    PATH + "Shares": shares,
}
