"""The exchange between real processes: what is sold, undone, withdrawn and refused, with the money proven each time."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from live_network import AGREED, ORACLES, LiveNetwork, Seller

from panacea.cli.crafted import Claimant, Crafted
from panacea.cli.stage import FIELDS
from panacea.client import places
from panacea.client.types import TxFailed
from panacea.exchange.fetch import Fetch
from panacea.exchange.market import ACTIVE, PENDING, RELEASED, UNDELIVERED, WITHDRAWN, Market
from panacea.exchange.types import ObjectUnavailable, OfferRefused, SaleEnded
from panacea.health.tables import Delivered
from panacea.primitives.address import Address
from panacea.primitives.time import SystemClock, SystemRandom

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Oracle

pytestmark = pytest.mark.timeout(240)
JAILED = 2


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNetwork]:
    with LiveNetwork(tmp_path_factory.mktemp("exchange") / "network") as running:
        yield running


@pytest.fixture
def alice(live: LiveNetwork) -> Seller:
    return live.seller()


@pytest.fixture
def deal(live: LiveNetwork) -> "Deal":
    return live.create_deal()


def released(live: LiveNetwork, seller: Seller, deal: "Deal", number: int) -> "Consent":
    return live.run(seller.provider.wait_released(deal.id, number, seconds=40))


def oracle_of(live: LiveNetwork, address: str) -> "Oracle":
    return live.prove(places.oracle(Address.parse(address)))


def price_of(deal: "Deal") -> int:
    return int(deal.price.amount)


def require_untouched(live: LiveNetwork, deal: "Deal") -> None:
    """Nothing was paid, nothing is held, every slot is free."""
    sums = live.sums(deal)
    assert (sums.paid, sums.fees, sums.held, sums.sold) == (0, 0, 0, 0)
    assert sums.escrow == sums.budget
    assert live.pull(deal) == []


def test_sold_paid_and_read(live: LiveNetwork, alice: Seller, deal: "Deal") -> None:
    number = live.sell(alice, deal, live.record(alice, "sold"))
    consent = released(live, alice, deal, number)
    fees = int(consent.release_fee) + sum(int(payout.amount) for payout in consent.commissions)
    assert int(consent.net) + fees == price_of(deal)
    # The account had nothing, and owns exactly its part: the sponsor paid the transaction.
    assert live.balance(alice) == int(consent.net)
    sums = live.sums(deal)
    assert (sums.paid, sums.fees, sums.held, sums.sold) == (int(consent.net), fees, 0, 1)
    assert sums.escrow == sums.budget - price_of(deal)

    paid = live.balance(live.journey.consumer)
    (first,) = live.pull(deal)
    assert isinstance(first, Delivered)
    assert {f"/{name}" for name in first.resource} == set(FIELDS)
    assert str(first.resource["valueQuantity"]["value"]) == "7.90"
    # Reading again gives the same and costs nothing.
    assert live.pull(deal) == [first]
    assert live.balance(live.journey.consumer) == paid


def test_a_record_is_sold_once(live: LiveNetwork, alice: Seller, deal: "Deal") -> None:
    record = live.record(alice, "once")
    released(live, alice, deal, live.sell(alice, deal, record))
    before = live.sums(deal)
    for oracle in ORACLES:
        with pytest.raises(OfferRefused) as no:
            live.sell(alice, deal, record, oracles=[live.operator(oracle)])
        assert no.value.refusal == "already_sold"
    assert live.sums(deal) == before


def test_withdrawn_before_the_release(live: LiveNetwork, alice: Seller, deal: "Deal") -> None:
    record = live.record(alice, "regretted")
    offered = live.offer(alice, deal, record)
    live.pause(*ORACLES)
    try:
        number = live.run(alice.provider.consent(deal, offered, agreements=AGREED))
        assert live.consent(deal, number).status == PENDING
        assert live.sums(deal).held == price_of(deal)
        live.withdraw(alice, deal, number)
    finally:
        live.resume(*ORACLES)
    live.wait_blocks(20)
    assert live.consent(deal, number).status == WITHDRAWN
    assert live.balance(alice) == 0
    require_untouched(live, deal)
    # Those who may have seen shares under way must not get the record again under another key.
    with pytest.raises(OfferRefused, match="already_sold"):
        live.sell(alice, deal, record)


def test_withdrawn_after_the_release(live: LiveNetwork, alice: Seller, deal: "Deal") -> None:
    number = live.sell(alice, deal, live.record(alice, "taken-back"))
    consent = released(live, alice, deal, number)
    oid = live.object_id(consent)
    assert len(live.pull(deal)) == 1
    live.withdraw(alice, deal, number)
    assert live.consent(deal, number).status == WITHDRAWN
    assert [live.find(places.share(deal.id, number, index)) for index in range(1, 6)] == [None] * 5
    # What was paid stays paid; there is nothing left to read.
    assert live.balance(alice) == int(consent.net)
    assert live.pull(deal) == []
    consumer = live.journey.consumer.identity
    with Fetch(live.view.chain_id, consumer, clock=SystemClock(), random=SystemRandom()) as fetch:
        # The store may answer from a state that is a moment old.
        live.wait_blocks(3)
        with pytest.raises(ObjectUnavailable):
            fetch.get(list(deal.stores), oid)


def test_silent_until_the_deadline(live: LiveNetwork, alice: Seller, deal: "Deal") -> None:
    record = live.record(alice, "unheard")
    offered = live.offer(alice, deal, record)
    operators = {name: oracle_of(live, live.operator(name)) for name in ORACLES}
    silent = [name for name in ORACLES if operators[name].address not in offered.oracles][:3]
    live.pause(*silent)
    try:
        number = live.run(alice.provider.consent(deal, offered, agreements=AGREED))
        with pytest.raises(SaleEnded):
            live.run(alice.provider.wait_released(deal.id, number, seconds=60))
        found = live.consent(deal, number)
        assert (found.status, found.settled_height) == (UNDELIVERED, found.release_by)
        require_untouched(live, deal)
        assert live.balance(alice) == 0
        for name, before in operators.items():
            after, cut = oracle_of(live, before.address), price_of(deal) // 3 if name in silent else 0
            assert int(before.bond.amount) - int(after.bond.amount) == cut
            assert after.status == (JAILED if name in silent else ACTIVE)
    finally:
        live.resume(*silent)
    again = live.sell(alice, deal, record)
    assert live.object_id(released(live, alice, deal, again)) != live.object_id(found)
    assert live.sums(deal).sold == 1
    assert len(live.pull(deal)) == 1
    live.wait_active()


def test_two_members_killed_in_mid_release(live: LiveNetwork, alice: Seller, deal: "Deal") -> None:
    offered = live.offer(alice, deal, live.record(alice, "outlived"))
    certifier = next(name for name in ORACLES if live.operator(name) == offered.oracles[0])
    victims = (certifier, next(name for name in ORACLES if name != certifier))
    bonds = [oracle_of(live, live.operator(name)).bond.amount for name in victims]
    live.pause(*victims)
    try:
        number = live.run(alice.provider.consent(deal, offered, agreements=AGREED))
    finally:
        live.kill(*victims)
    consent = released(live, alice, deal, number)
    assert live.balance(alice) == int(consent.net)
    assert len(live.pull(deal)) == 1
    live.restart(*victims)
    live.wait_blocks(consent.release_by - live.view.height + 2)
    assert live.consent(deal, number).status == RELEASED
    assert [oracle_of(live, live.operator(name)).bond.amount for name in victims] == bonds
    live.wait_active()


def test_two_certificates_of_two_vendors(live: LiveNetwork, alice: Seller) -> None:
    deal = live.create_deal(min_certificates=2, min_vendors=2)
    offered = live.offer(alice, deal, live.record(alice, "witnessed"))
    roster = live.run(Market(live.view).roster())
    vendors = {key.oracle: key.vendor for key in roster.keys}
    assert len({vendors[name] for name in offered.oracles}) == 2
    number = live.run(alice.provider.consent(deal, offered, agreements=AGREED))
    consent = released(live, alice, deal, number)
    assert [payout.address for payout in consent.commissions] == list(offered.oracles)
    assert live.balance(alice) == int(consent.net) == offered.net
    assert len(live.pull(deal)) == 1


def test_views_that_disagree(live: LiveNetwork, alice: Seller, deal: "Deal") -> None:
    key = live.run(Market(live.view).roster()).keys[0]
    holder = alice.holder
    one, other = (
        Crafted.of(
            live.view,
            deal,
            key,
            live.record(alice, name),
            FIELDS,
            provider=str(alice.sender.address),
            holder=Claimant(holder.did, holder.method_id, holder.sign),
            status_lists=[live.status_list()],
        )
        for name in ("shown", "meant")
    )
    assert live.run(one.without(consumer_view=other.consumer_view).post()).code == "view_mismatch"
    require_untouched(live, deal)


def test_swapped_shares(live: LiveNetwork, alice: Seller, deal: "Deal") -> None:
    offered = live.offer(alice, deal, live.record(alice, "swapped"))
    first, second, *others = offered.sealed_shares
    swapped = replace(offered, sealed_shares=(second, first, *others))
    with pytest.raises(TxFailed, match=r"shares: .*certificate_invalid"):
        live.run(alice.provider.consent(deal, swapped, agreements=AGREED))
    require_untouched(live, deal)
    # The certificate itself is good.
    released(live, alice, deal, live.run(alice.provider.consent(deal, offered, agreements=AGREED)))
