"""kill -9 of the node, an oracle or the store while records are being sold: nothing is lost, nothing is paid twice.

PANACEA_CRASH_ROUNDS sets how often something is killed; -s shows what happened.
"""

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from live_network import AGREED, NAMES, LiveNetwork, Seller

from panacea.client import places
from panacea.exchange.market import PENDING, RELEASED, UNDELIVERED
from panacea.exchange.offers import Match
from panacea.exchange.types import OfferRefused
from panacea.health.tables import Delivered
from panacea.primitives.rejected import Rejected
from panacea.wire.contexts import deal_tag

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

ROUNDS = int(os.environ.get("PANACEA_CRASH_ROUNDS", "4"))
SEED = 20_261_122
SELLERS, EACH = 3, 2
KINDS = NAMES[:1], NAMES[1:2], NAMES[2:]
MOST_SECONDS = 60.0
PAUSE = 0.2


@dataclass(slots=True)
class Record:
    """A seller's record on sale, the tag that it has in the deal, and the consent that the chain acknowledged."""

    seller: Seller
    match: Match
    tag: bytes
    number: int | None = None


@dataclass(slots=True)
class Market:
    """Sellers who sell one record after the other, whatever happens."""

    live: LiveNetwork
    deal: "Deal"
    sellers: list[Seller]
    records: list[Record] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    def record(self, seller: Seller) -> Record:
        """A new record of a seller's."""
        match = self.live.match(seller, self.deal, self.live.record(seller, f"r{len(self.records)}"))
        assert match.claims.nullifier is not None
        found = Record(seller, match, deal_tag(match.claims.nullifier, self.live.view.chain_id, self.deal.id))
        self.records.append(found)
        return found

    async def sell(self, record: Record) -> None:
        """Sell a record: try again until the chain has acknowledged its consent, or shows one from an earlier try."""
        async with asyncio.timeout(MOST_SECONDS):
            while record.number is None:
                try:
                    record.number = await record.seller.provider.sell(self.deal, record.match, agreements=AGREED)
                except Rejected as no:
                    self.told[no.refusal if isinstance(no, OfferRefused) else type(no).__name__] += 1
                    if isinstance(no, OfferRefused) and no.refusal == "already_sold":
                        record.number = await self._find(record)
                    await asyncio.sleep(PAUSE)

    async def _find(self, record: Record) -> int | None:
        view = self.live.view
        return await view.get(places.tag(self.deal.id, record.tag), height=await view.update())

    async def crash(self, victim: str, after: float, down: float) -> None:
        """Everybody sells a few records, and one process is killed meanwhile."""
        # Signing takes its time and asks nobody.
        on_sale = [[await asyncio.to_thread(self.record, seller) for _ in range(EACH)] for seller in self.sellers]

        async def sell_all(records: list[Record]) -> None:
            for record in records:
                await self.sell(record)

        selling = [asyncio.create_task(sell_all(records)) for records in on_sale]
        await asyncio.sleep(after)
        await asyncio.to_thread(self.live.kill, victim)
        await asyncio.sleep(down)
        await asyncio.to_thread(self.live.restart, victim)
        await asyncio.gather(*selling)

    def settle(self) -> None:
        """Wait until nothing is pending, and offer again what was undone."""
        while pending := self.statuses()[PENDING]:
            self.told["waited for pending"] += pending
            self.live.wait_blocks(5)
        for record in self.records:
            assert record.number is not None
            if self.live.consent(self.deal, record.number).status == UNDELIVERED:
                self.told["offered again"] += 1
                record.number = None
                self.live.run(self.sell(record))
        if self.statuses()[PENDING]:
            self.settle()

    def consents(self) -> "list[Consent]":
        state = self.live.prove(places.deal_state(self.deal.id))
        return [self.live.consent(self.deal, number) for number in range(1, state.next_number)]

    def statuses(self) -> Counter[int]:
        return Counter(consent.status for consent in self.consents())


def require_whole(market: Market) -> None:
    """Every record was sold once and can be read; whatever was acknowledged stands; the money adds up."""
    live, consents = market.live, market.consents()
    paid = [consent for consent in consents if consent.status == RELEASED]
    assert {consent.status for consent in consents} <= {RELEASED, UNDELIVERED}
    assert sorted(consent.tag for consent in paid) == sorted(record.tag for record in market.records)
    for record in market.records:
        assert record.number is not None
        acknowledged = consents[record.number - 1]
        assert (acknowledged.tag, acknowledged.status) == (record.tag, RELEASED)
    sums = live.sums(market.deal)
    assert (sums.sold, sums.held) == (len(market.records), 0)
    assert sums.paid == sum(int(consent.net) for consent in paid) == sum(map(live.balance, market.sellers))
    bought = live.pull(market.deal)
    assert [found for found in bought if not isinstance(found, Delivered)] == []
    assert len(bought) == len(market.records)


@pytest.mark.timeout(90 + 30 * ROUNDS)
def test_killed_while_records_are_sold(tmp_path: Path) -> None:
    chance, killed = random.Random(SEED), Counter[str]()
    with LiveNetwork(tmp_path / "network") as live:
        deal = live.create_deal(max_records=ROUNDS * SELLERS * EACH + 1)
        market = Market(live, deal, [live.seller() for _ in range(SELLERS)])
        for turn in range(ROUNDS):
            victim = chance.choice(KINDS[turn % len(KINDS)])
            killed[victim] += 1
            live.run(market.crash(victim, after=chance.uniform(0.0, 1.5), down=chance.uniform(0.0, 0.5)))
        market.settle()
        require_whole(market)
        print(f"\n{ROUNDS} kills {dict(killed)}; {len(market.records)} records sold once; on the way {market.told}")
        print(f"height {live.view.height}; consents by status {dict(market.statuses())}")
