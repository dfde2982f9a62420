"""A chain's deals survive into another chain's genesis, and a document that contradicts itself does not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from chain_driver import VALIDATOR
from deal_market import Market

from panacea.chain.app import App, wire
from panacea.chain.datadeal import state
from panacea.chain.datadeal.types import EXPIRED, UNDELIVERED
from panacea.chain.results import Block, Settings, Validator
from panacea.primitives.address import Address
from panacea.primitives.rejected import Rejected
from panacea.store.multistore import MultiStore

NAME = "datadeal"
Change = Callable[[Any], object]


def busy() -> Market:
    """A deal with a consent of each kind, and one that ended."""
    market = Market(params={"share_retention_blocks": "500"})
    deal = market.create_deal(closes_in=100_000)
    released, withdrawn = market.sell(deal, "alice", "released"), market.sell(deal, "alice", "withdrawn")
    market.release(deal, released, (1, 2, 3))
    market.chain.ok("alice", market.withdrawal(deal, withdrawn, "alice"))
    undelivered = market.sell(deal, "bob", "undelivered")
    market.release(deal, undelivered, (1, 2, 3), bad=True)
    waiting = market.sell(deal, "bob", "undelivered", by=(2,), attempt="again")
    market.release(deal, waiting, (2,))
    ended = market.create_deal(closes_in=500)
    market.sell(ended, "carol", "last", by=(2,))
    market.chain.advance(500)
    assert market.book(ended).status == EXPIRED
    return market


def imported(market: Market, exported: Any) -> App:
    """A new chain that goes on where the document ends."""
    wiring = wire()
    app = App(MultiStore.memory(wiring.stores), wiring, Settings("test-1"))
    app.init_chain(
        chain_id="test-1",
        time_ns=market.chain.time_ns,
        initial_height=market.chain.height + 1,
        consensus_params={},
        validators=[Validator(VALIDATOR.public_key.raw, 10)],
        app_state=json.loads(json.dumps(exported)),
    )
    return app


def test_there_and_back() -> None:
    market = busy()
    exported = market.chain.app.export_genesis()
    assert [len(exported[NAME][part]) for part in ("deals", "states", "consents", "shares")] == [2, 2, 5, 4]
    again = imported(market, exported)
    assert again.export_genesis() == exported
    again.finalize_block(Block(market.chain.height + 1, market.chain.time_ns))
    again.commit()
    assert again.export_genesis() == exported


def test_queues_are_made_again() -> None:
    market = busy()
    queues = (state.awaiting, state.closing, state.forgetting)
    before = [list(queue.items(market.chain.ctx())) for queue in queues]
    assert [len(keys) for keys in before] == [2, 1, 1]
    again = imported(market, market.chain.app.export_genesis())
    again.finalize_block(Block(market.chain.height + 1, market.chain.time_ns))
    again.commit()
    market.chain.app, market.chain.wiring = again, again.wiring
    assert [list(queue.items(market.chain.ctx())) for queue in queues] == before
    while market.chain.height < market.sale(2, 1).release_by:
        market.chain.block()
    assert market.sale(1, 4).status == market.sale(2, 1).status == UNDELIVERED
    market.chain.check_invariants()


def dropped(part: str, at: int) -> Change:
    return lambda document: document[part].pop(at)


def doubled(part: str, at: int) -> Change:
    return lambda document: document[part].insert(at, document[part][at])


def replaced(part: str, at: int, **values: Any) -> Change:
    return lambda document: document[part][at].update(values)


@pytest.mark.parametrize(
    "change",
    [
        dropped("deals", 0),
        dropped("states", 1),
        doubled("deals", 0),
        doubled("consents", 0),
        doubled("shares", 0),
        lambda document: document["consents"].reverse(),
        lambda document: document.update(next_deal_id="2"),
        replaced("states", 0, escrow="1"),
        replaced("states", 0, held="0"),
        replaced("states", 0, sold="2"),
        replaced("states", 0, pending="0"),
        replaced("states", 0, next_number="4"),
        replaced("states", 1, status="DEAL_STATUS_OPEN", refunded="0", escrow="10000"),
    ],
)
def test_a_document_that_contradicts_itself(change: Change) -> None:
    market = busy()
    exported = json.loads(json.dumps(market.chain.app.export_genesis()))
    change(exported[NAME])
    with pytest.raises((ValueError, AssertionError)):
        imported(market, exported)


@pytest.mark.parametrize(
    "change",
    [
        replaced("consents", 0, status="CONSENT_STATUS_PENDING"),
        replaced("consents", 0, status="CONSENT_STATUS_WITHDRAWN"),
        replaced("consents", 0, net="1"),
        replaced("consents", 0, released=[1, 2]),
        replaced("consents", 2, status="CONSENT_STATUS_RELEASED"),
        replaced("consents", 3, deal_id="7"),
        replaced("shares", 0, number="9"),
    ],
)
def test_consents_and_shares_that_do_not_fit(change: Change) -> None:
    market = busy()
    exported = json.loads(json.dumps(market.chain.app.export_genesis()))
    change(exported[NAME])
    with pytest.raises((ValueError, AssertionError, Rejected)):
        imported(market, exported)


def test_a_chain_without_a_part_for_deals_begins_with_none() -> None:
    market = Market()
    exported = market.chain.app.export_genesis()
    del exported[NAME]
    assert imported(market, exported).export_genesis()[NAME] == market.chain.wiring.modules[-1].default_genesis()


def test_coins_that_belong_to_no_deal() -> None:
    market = Market()
    exported = json.loads(json.dumps(market.chain.app.export_genesis()))
    stray = {"address": str(Address.module(NAME)), "coins": [{"denom": "ustray", "amount": "1"}]}
    exported["bank"]["balances"].append(stray)
    exported["bank"]["supply"].append({"denom": "ustray", "amount": "1"})
    exported["bank"]["supply"].sort(key=lambda coin: coin["denom"])
    with pytest.raises(AssertionError, match="the module holds 1ustray"):
        imported(market, exported)
