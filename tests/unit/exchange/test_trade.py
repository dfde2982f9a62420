"""Both sides over a real chain, real oracles and a store that proves everything: sold, paid, pulled, taken back."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from chain_driver import key_of
from deal_market import did_of
from exchange_town import AGREED, Exchange
from oracle_town import credential, status_list

from panacea.client import places
from panacea.client.types import NotProven, TxFailed
from panacea.crypto.keys import Secp256k1Key
from panacea.exchange import identities, sponsor
from panacea.exchange import provider as selling
from panacea.exchange.consumer import Undelivered
from panacea.exchange.identities import Identity
from panacea.exchange.provider import Sale
from panacea.exchange.reasons import reason_of
from panacea.exchange.types import (
    CertificateInvalid,
    DealNotFound,
    OfferRefused,
    OracleUnavailable,
    SaleEnded,
    StillPending,
)
from panacea.health.tables import Delivered
from panacea.primitives.coin import Coins


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    monkeypatch.setattr(selling, "PAUSE", 0.001)
    found = Exchange(tmp_path, monkeypatch)
    yield found
    found.close()


def busy(status: int) -> Any:
    return lambda _: httpx2.Response(status, json={"error": {"code": "busy", "message": "later"}})


def test_a_record_is_sold_paid_and_pulled(exchange: Exchange, tmp_path: Path) -> None:
    deal = exchange.create_deal()
    (listing,) = exchange.run(exchange.alice.open_deals())
    assert (listing.deal, listing.slots) == (deal, 10)
    before = exchange.chain.balance("alice")
    offered = exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED))
    assert offered.net == 1000 - 20 - 18
    number = exchange.run(exchange.alice.consent(deal, offered, agreements=AGREED))
    with pytest.raises(StillPending):
        exchange.run(exchange.alice.wait_released(deal.id, number, seconds=0.05))
    assert exchange.pull(deal) == []
    exchange.town.follow()
    consent = exchange.run(exchange.alice.wait_released(deal.id, number))
    assert (int(consent.net), consent.tag) == (offered.net, offered.tag)
    fees = 5 * exchange.alice.purse.learned_gas
    assert exchange.chain.balance("alice") == before + offered.net - fees

    (found,) = exchange.pull(deal)
    assert isinstance(found, Delivered)
    assert found.resource["valueQuantity"] == {"value": Decimal("7.90"), "unit": "%"}
    assert "note" not in found.resource
    assert found.provenance["consent"] == number
    assert found.provenance["oracles"] == offered.oracles[0]
    assert exchange.pull(deal) == [found]

    written = exchange.run(exchange.consumer.write(deal.id, tmp_path / "deal.ndjson"))
    assert (written.rows, written.missing) == (1, [])
    (line,) = (tmp_path / "deal.ndjson").read_text().splitlines()
    assert json.loads(line)["code"]["coding"][0]["code"] == "4548-4"
    assert [file.name for file in tmp_path.glob("*.part")] == []


def test_two_certificates_by_two_vendors(exchange: Exchange) -> None:
    deal = exchange.create_deal(min_certificates=3, min_vendors=2)
    offered = exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED))
    assert len(set(offered.oracles)) == len(offered.certificates) == 3
    keys = exchange.run(exchange.alice.market.roster()).keys
    assert len({key.vendor for key in keys if key.oracle in offered.oracles}) == 2
    assert exchange.run(exchange.alice.consent(deal, offered, agreements=AGREED)) == 1


def test_many_records_side_by_side(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    matches = [exchange.match(deal, f"o{number}") for number in (1, 2, 1, 3)]

    async def sell() -> list[Sale]:
        return [sale async for sale in exchange.alice.sell_many(deal, matches, agreements=AGREED, at_once=1)]

    sales = exchange.run(sell())
    assert [sale.number for sale in sales] == [1, 2, None, 3]
    assert isinstance(sales[2].refusal, OfferRefused)
    assert sales[2].refusal.refusal == "already_sold"
    exchange.town.follow()
    assert [found.provenance["consent"] for found in exchange.pull(deal) if isinstance(found, Delivered)] == [1, 2, 3]


def test_oracles_that_cannot_answer_are_passed_over(exchange: Exchange) -> None:
    deal = exchange.create_deal()

    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    exchange.doors.instead = {0: busy(503), 1: busy(429), 2: refuse, 3: lambda _: httpx2.Response(200, content=b"?")}
    offered = exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED))
    assert offered.oracles == (exchange.town.members[4].address,)
    assert len(set(exchange.doors.knocks)) == len(exchange.doors.knocks)


def test_when_nobody_answers_it_ends(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    exchange.doors.instead = dict.fromkeys(range(5), busy(503))
    with pytest.raises(OracleUnavailable, match="503"):
        exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED))
    assert len(exchange.doors.knocks) == 5 * selling.ROUNDS


def test_a_deal_that_no_oracle_meets(exchange: Exchange) -> None:
    deal = exchange.create_deal(vendors_allowed=["nobody"])
    with pytest.raises(OracleUnavailable, match="none that this deal accepts"):
        exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED))


def test_the_caller_may_name_the_oracles(exchange: Exchange) -> None:
    deal = exchange.create_deal(min_certificates=2)
    named = [exchange.town.members[number].address for number in (3, 1)]
    offered = exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED, oracles=named))
    assert offered.oracles == tuple(named)


def test_an_oracle_with_new_keys_is_asked_again(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    exchange.run(exchange.alice.market.roster())
    exchange.run(exchange.town.restart(2).oracle.registrar.ensure())
    named = [exchange.town.members[2].address]
    offered = exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED, oracles=named))
    assert offered.oracles == tuple(named)
    assert exchange.doors.knocks == [2, 2]


def test_an_oracle_that_certifies_something_else(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = exchange.create_deal()
    real = selling.offers.open_reply

    def swapped(*given: Any) -> Any:
        reply = real(*given)
        return type(reply)(reply.code, reply.detail, reply.certificate, reply.sealed_shares[::-1])

    monkeypatch.setattr(selling.offers, "open_reply", swapped)
    with pytest.raises(CertificateInvalid, match="shares"):
        exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED))


@pytest.mark.parametrize(
    ("refusal", "values"),
    [
        ("terms_missing", {"agreements": {1: False, 2: True}}),
        ("terms_missing", {"agreements": {1: True}}),
        ("status_stale", {"agreements": AGREED, "status_lists": ()}),
        ("credential_revoked", {"agreements": AGREED, "status_lists": (status_list(revoked=True),)}),
    ],
)
def test_a_refusal_is_final(exchange: Exchange, refusal: str, values: dict[str, Any]) -> None:
    deal = exchange.create_deal()
    with pytest.raises(OfferRefused) as no:
        exchange.run(exchange.alice.offer(deal, exchange.match(deal), **values))
    assert no.value.refusal == refusal
    assert len(exchange.doors.knocks) == 1


def test_less_than_the_seller_wants(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    with pytest.raises(TxFailed) as no:
        exchange.run(exchange.alice.sell(deal, exchange.match(deal), agreements=AGREED, min_net=1000))
    assert reason_of(no.value) == "net_too_low"


def test_a_patient_without_coins_sells_by_a_sponsors_grant(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    patient = exchange.provider(Secp256k1Key(b"\x21" * 32))
    address = str(patient.sender.address)
    assert exchange.run(patient.find_granter()) is None
    now = exchange.chain.time_ns // 10**9
    granted = sponsor.consent_allowance(Coins.of(2_000_000), now=now)
    exchange.run(sponsor.grant_fees(exchange.consumer.sender, address, granted=granted))
    exchange.run(exchange.view.update())
    assert exchange.run(patient.find_granter(6_000_000)) == exchange.chain["consumer"]
    assert exchange.run(patient.find_granter(6_000_001)) is None
    number = exchange.run(patient.sell(deal, exchange.match(deal), agreements=AGREED))
    exchange.town.follow()
    consent = exchange.run(patient.wait_released(deal.id, number))
    assert exchange.chain.balance(patient.sender.address) == int(consent.net) == 962
    assert exchange.run(patient.withdraw(deal.id, number)).code == 0
    assert exchange.chain.balance(patient.sender.address) == 962


def test_withdrawn_before_the_release(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    number = exchange.sell(deal, released=False)
    before = exchange.chain.balance("alice")
    exchange.run(exchange.alice.withdraw(deal.id, number))
    exchange.town.follow()
    with pytest.raises(SaleEnded):
        exchange.run(exchange.alice.wait_released(deal.id, number))
    assert exchange.chain.balance("alice") == before
    assert exchange.pull(deal) == []
    exchange.store.sweep()
    assert list(exchange.blobs.blobs()) == []


def test_withdrawn_after_the_release(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    first, second = exchange.sell(deal, "o1"), exchange.sell(deal, "o2")
    assert len(exchange.pull(deal)) == 2
    exchange.run(exchange.alice.withdraw(deal.id, first))
    (left,) = exchange.pull(deal)
    assert isinstance(left, Delivered)
    assert left.provenance["consent"] == second
    exchange.store.sweep()
    assert len(list(exchange.blobs.blobs())) == 1


def test_one_lost_object_does_not_hide_the_others(exchange: Exchange, tmp_path: Path) -> None:
    deal = exchange.create_deal()
    for record in ("o1", "o2"):
        exchange.sell(deal, record)
    lost = exchange.run(exchange.view.require(places.consent(deal.id, 1)))
    (oid, *_) = [blob.name for blob in exchange.blobs.blobs() if blob.name in lost.certificates[0].body]
    exchange.blobs.erase(oid, b"")
    missing, found = exchange.pull(deal)
    assert isinstance(missing, Undelivered)
    assert (missing.number, missing.reason) == (1, "object_unavailable")
    assert isinstance(found, Delivered)
    written = exchange.run(exchange.consumer.write(deal.id, tmp_path / "deal.ndjson"))
    assert (written.rows, [each.number for each in written.missing]) == (1, [1])


def test_a_store_that_cannot_see_the_chain(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panacea.exchange.fetch.PAUSE", 0.001)
    deal = exchange.create_deal()
    exchange.sell(deal)
    exchange.store_rpc.is_down = True
    (missing,) = exchange.pull(deal)
    assert isinstance(missing, Undelivered)
    assert missing.reason == "object_unavailable"
    exchange.store_rpc.is_down = False
    assert isinstance(exchange.pull(deal)[0], Delivered)


def test_records_of_an_issuer_who_ended_are_still_had_and_marked(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    exchange.sell(deal)
    issuer = Identity(did_of("issuer"), f"{did_of('issuer')}#key1", key_of("issuer"))
    exchange.run(identities.deactivate_did(exchange.view, exchange.consumer.sender, issuer))
    exchange.chain.block()
    (found,) = exchange.pull(deal)
    assert isinstance(found, Delivered)
    assert found.provenance["issuer_key_current"] == "no"
    with pytest.raises(OfferRefused) as no:
        exchange.run(exchange.alice.offer(deal, exchange.match(deal, "o2"), agreements=AGREED))
    assert no.value.refusal == "issuer_inactive"


def test_a_node_that_lies_ends_the_pull(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    exchange.sell(deal)

    def lie(method: str, _: Any, result: Any) -> Any:
        if method == "abci_query":
            result["response"]["value"] = ""
        return result

    exchange.rpc.lies.append(lie)
    with pytest.raises(NotProven):
        exchange.pull(deal)


def test_closed_and_unknown_deals(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    assert exchange.run(exchange.consumer.close_deal(deal.id)).code == 0
    exchange.run(exchange.view.update())
    assert exchange.run(exchange.alice.open_deals()) == []
    with pytest.raises(OfferRefused) as no:
        exchange.run(exchange.alice.offer(deal, exchange.match(deal), agreements=AGREED))
    assert no.value.refusal == "deal_not_open"
    with pytest.raises(DealNotFound):
        exchange.run(exchange.consumer.market.listing(99))


def test_what_the_wallet_keeps_to_itself(exchange: Exchange) -> None:
    deal = exchange.create_deal()
    before = list(exchange.rpc.calls), len(exchange.doors.knocks)
    assert exchange.alice.match(deal, credential("o1"))
    assert exchange.alice.match(deal, credential("o1", "quack"))
    assert (list(exchange.rpc.calls), len(exchange.doors.knocks)) == before
