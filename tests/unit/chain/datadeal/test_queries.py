"""What may be asked about deals, and how the answers are cut into pages."""

from typing import TYPE_CHECKING, Any

import pytest
from deal_market import Market, sha256

from panacea.chain.datadeal import state
from panacea.chain.datadeal.messages import MsgCloseDeal
from panacea.chain.datadeal.types import CLOSED, OPEN
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from panacea.wire.stubs.panacea.datadeal.v3.query_pb2 import (
        QueryConsentByTagRequest,
        QueryConsentRequest,
        QueryConsentsRequest,
        QueryDealRequest,
        QueryDealsRequest,
        QueryParamsRequest,
        QuerySharesRequest,
    )
else:
    QueryParamsRequest, QueryDealsRequest, QueryDealRequest, QueryConsentsRequest = load(
        "panacea.datadeal.v3", "QueryParamsRequest", "QueryDealsRequest", "QueryDealRequest", "QueryConsentsRequest"
    )
    QueryConsentRequest, QueryConsentByTagRequest, QuerySharesRequest = load(
        "panacea.datadeal.v3", "QueryConsentRequest", "QueryConsentByTagRequest", "QuerySharesRequest"
    )

PATH = "/panacea.datadeal.v3.Query/"


@pytest.fixture(scope="module")
def market() -> Market:
    """Three deals, the second one closed; in the first, a released record, a withdrawn one and one that waits."""
    market = Market()
    for _ in range(3):
        market.create_deal()
    market.chain.ok("consumer", MsgCloseDeal(consumer=market.chain["consumer"], deal_id=2))
    for record in ("one", "two", "three"):
        market.sell(1, "alice", record)
    market.release(1, 1, (3, 1, 2))
    market.chain.ok("alice", market.withdrawal(1, 2, "alice"))
    return market


def ask(market: Market, method: str, request: Any) -> Any:
    return market.chain.query(PATH + method, request)


def refused(market: Market, method: str, request: "Message") -> str:
    result = market.chain.ask(PATH + method, request)
    assert not result.value
    return f"{result.codespace}/{result.code}"


def test_parameters(market: Market) -> None:
    assert ask(market, "Params", QueryParamsRequest()).params == state.params.get(market.chain.ctx())


def test_deals(market: Market) -> None:
    def ids(**values: Any) -> list[int]:
        return [entry.deal.id for entry in ask(market, "Deals", QueryDealsRequest(**values)).entries]

    assert ids() == [1, 2, 3]
    assert ids(status=OPEN) == [1, 3]
    assert ids(status=CLOSED) == [2]
    assert ids(status=4) == []
    entry = ask(market, "Deals", QueryDealsRequest()).entries[0]
    assert (entry.state.sold, entry.state.pending, entry.state.escrow) == (1, 1, "9000")
    request = QueryDealsRequest(status=OPEN)
    request.pagination.limit = 1
    first = ask(market, "Deals", request)
    assert [entry.deal.id for entry in first.entries] == [1]
    request.pagination.key = first.pagination.next_key
    second = ask(market, "Deals", request)
    assert [entry.deal.id for entry in second.entries] == [3]
    assert not second.pagination.next_key


def test_one_deal(market: Market) -> None:
    found = ask(market, "Deal", QueryDealRequest(deal_id=2))
    assert (found.deal.id, found.state.status, found.state.refunded) == (2, CLOSED, "10000")
    assert refused(market, "Deal", QueryDealRequest(deal_id=4)) == "sdk/22"
    assert refused(market, "Deal", QueryDealRequest()) == "sdk/22"


def test_consents(market: Market) -> None:
    found = ask(market, "Consents", QueryConsentsRequest(deal_id=1))
    assert [(each.number, int(each.status)) for each in found.consents] == [(1, 2), (2, 4), (3, 1)]
    assert not ask(market, "Consents", QueryConsentsRequest(deal_id=3)).consents
    request = QueryConsentsRequest(deal_id=1)
    request.pagination.limit = 2
    first = ask(market, "Consents", request)
    request.pagination.key = first.pagination.next_key
    assert [each.number for each in (*first.consents, *ask(market, "Consents", request).consents)] == [1, 2, 3]


def test_one_consent(market: Market) -> None:
    found = ask(market, "Consent", QueryConsentRequest(deal_id=1, number=3)).consent
    assert found == market.sale(1, 3)
    assert refused(market, "Consent", QueryConsentRequest(deal_id=1, number=4)) == "sdk/22"


def test_consents_by_tag(market: Market) -> None:
    tag = market.tag(1, "two").hex()
    assert ask(market, "ConsentByTag", QueryConsentByTagRequest(deal_id=1, tag=tag)).consent.number == 2
    assert refused(market, "ConsentByTag", QueryConsentByTagRequest(deal_id=2, tag=tag)) == "sdk/22"
    other = sha256("never sold").hex()
    assert refused(market, "ConsentByTag", QueryConsentByTagRequest(deal_id=1, tag=other)) == "sdk/22"
    for spelled in ("", tag[:-1], tag.upper(), "é" * 64):
        assert refused(market, "ConsentByTag", QueryConsentByTagRequest(deal_id=1, tag=spelled)) == "sdk/18"


def test_shares(market: Market) -> None:
    found = ask(market, "Shares", QuerySharesRequest(deal_id=1, number=1)).shares
    assert [share.index for share in found] == [1, 2, 3]
    assert [share.member for share in found] == [member.address for member in market.members[:3]]
    assert not ask(market, "Shares", QuerySharesRequest(deal_id=1, number=2)).shares
    assert refused(market, "Shares", QuerySharesRequest(deal_id=1, number=4)) == "sdk/22"


def test_every_stored_object_is_proven(market: Market) -> None:
    for key, value in (
        (state.deals.raw_key(1), market.deal(1)[0]),
        (state.consents.raw_key((1, 3)), market.sale(1, 3)),
    ):
        found = market.chain.app.query("/store/datadeal/key", key, prove=True)
        assert found.value == encode(value)
        assert [step.type for step in found.proof_ops] == ["ics23:iavl", "ics23:simple"]
