"""One exchange from beginning to end, on a network that runs: what `panacea demo` does between up and down."""

import asyncio
import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from panacea.cli.failure import CommandRefused
from panacea.cli.issuing import Issued, issue_all, status_lists
from panacea.cli.network import MED, Network, store_key
from panacea.cli.patients import Owned, read_owned
from panacea.cli.people import holder_of, identity_of, issuer_of, open_vault
from panacea.cli.progress import Steps
from panacea.cli.selling import Lot, lots, sell_all, wait_for_deal
from panacea.cli.sums import Sums, read_sums, require_paid
from panacea.client import places
from panacea.client.rpc import RPC
from panacea.client.sender import Sender
from panacea.client.view import ChainView
from panacea.credentials import PRESENTATION_DEFINITION, IssuerKeys, for_observations, parse
from panacea.crypto.hpke import HPKEKey
from panacea.crypto.keyring import Backend, Keyring
from panacea.exchange.consumer import Consumer, DealTerms, Written
from panacea.exchange.holder import Holder
from panacea.exchange.identities import Identity, consumer_document, create_did, issuer_document
from panacea.exchange.market import OPEN
from panacea.exchange.reasons import reason_of
from panacea.health.bundles import Unreadable
from panacea.primitives.address import Address
from panacea.primitives.coin import BASE_DENOM, Coin
from panacea.primitives.time import SystemRandom

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

PRICE_UMED = 10 * MED
SPARE_SLOTS = 2
"""Slots that stay free, so that the deal is still open when somebody tries to sell a record twice."""
DEAL_DAYS = 30
DAY = 86_400
RELEASE_SECONDS = 120.0
TERM = (1, "For research only; no attempt to find out who I am", hashlib.sha256(b"research-only/1").digest(), True)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to sell: any folder of records, the LOINC codes asked for (none: any measured value), and by how many."""

    records: Path
    codes: tuple[str, ...]
    patients: int
    output: Path


@dataclass(slots=True)
class Outcome:
    """What the journey came to."""

    issued: Issued = field(default_factory=Issued)
    deal_id: int = 0
    accounts: list[Address] = field(default_factory=list)
    offers: int = 0
    unsold: list[str] = field(default_factory=list)
    sums: Sums | None = None
    written: Written | None = None
    height: int = 0


@dataclass(slots=True)
class Journey:
    """The people of one journey, over one view of the chain."""

    network: Network
    view: ChainView
    ring: Keyring
    steps: Steps
    consumer: Consumer
    hospital: tuple[Identity, IssuerKeys]

    @classmethod
    async def begin(cls, network: Network, steps: Steps) -> "Journey":
        """Meet the people: the hospital's and the consumer's DIDs are registered."""
        rpc = RPC(network.node.url)
        view = await ChainView.from_genesis(rpc, network.genesis.chain_id, network.genesis.validators)
        await view.update()
        ring = Keyring.open(Backend.TEST, network.layout.home)
        buyer = identity_of(ring, "consumer")
        sender = Sender(rpc, buyer.signer, view.chain_id)
        consumer = Consumer(view, sender, buyer, HPKEKey.generate(SystemRandom()))
        journey = cls(network, view, ring, steps, consumer, issuer_of(ring, "issuer"))
        identity, keys = journey.hospital
        await create_did(sender, buyer, consumer_document(buyer))
        outcome = await create_did(journey.sender("issuer"), identity, issuer_document(identity, keys))
        await view.wait(outcome.height)
        steps.done("issuer and consumer registered their DIDs")
        return journey

    def sender(self, name: str) -> Sender:
        """An account of the network's people."""
        return Sender(self.view.rpc, self.ring.get(name), self.view.chain_id)

    @property
    def now(self) -> int:
        """The newest verified header's time, unix seconds."""
        return self.view.head.time_ns // 1_000_000_000

    async def sell(self, plan: Plan) -> Outcome:
        """Issue, make the deal, sell, wait for the keys, and write what was bought."""
        done = Outcome()
        query = for_observations(plan.codes)
        keys = self.hospital[1]
        done.issued = await asyncio.to_thread(self._issue, plan, keys, query)
        self.steps.done(f"{done.issued.issued} credentials issued, {done.issued.eligible} of them asked for")
        deal = await self._create_deal(query, done.issued.eligible + SPARE_SLOTS)
        lists = await asyncio.to_thread(status_lists, keys, done.issued.issued, self.now)
        done.deal_id, done.accounts = deal.id, await self._sell_to(deal, plan.patients, lists, done)
        done.written = await self._pull(deal.id, plan.output)
        return done

    def _issue(self, plan: Plan, keys: IssuerKeys, query: bytes) -> Issued:
        asked = parse(PRESENTATION_DEFINITION, query)
        with Vaults(self.network.layout.home) as vaults:
            found = self._told(read_owned(plan.records, plan.patients))
            return issue_all(found, vaults.holder, keys=keys, now=self.now, query=asked)

    def _told(self, found: "Iterator[Owned | Unreadable]") -> "Iterator[Owned | Unreadable]":
        self.steps.begin("issuing credentials")
        for count, one in enumerate(found, 1):
            if count % 100 == 0:
                self.steps.begin(f"issuing credentials · {count}")
            yield one

    async def _create_deal(self, query: bytes, max_records: int) -> "Deal":
        deal = await self.make_deal(await self.deal_terms(query, max_records))
        self.steps.done(f"deal {deal.id} · {max_records} records at {PRICE_UMED // MED} MED, budget in escrow")
        return deal

    async def make_deal(self, terms: DealTerms) -> "Deal":
        """A new deal, once it can be read by proof."""
        return await wait_for_deal(self.view, await self.consumer.create_deal(terms))

    async def deal_terms(self, query: bytes, max_records: int, *, title: str = "Laboratory values") -> DealTerms:
        """What the demo's deals have in common."""
        store = self.network.store.url
        return DealTerms(
            title=title,
            purpose="HRESCH",
            query_language=PRESENTATION_DEFINITION,
            query=query,
            trusted_issuers=[self.hospital[0].did],
            price=Coin(BASE_DENOM, PRICE_UMED),
            max_records=max_records,
            closes_at=self.now + DEAL_DAYS * DAY,
            stores=[(store, await store_key(store))],
            terms=[TERM],
            allow_simulated=True,
        )

    async def _sell_to(self, deal: "Deal", patients: int, lists: Sequence[bytes], done: Outcome) -> list[Address]:
        """Sell whatever fits; the accounts that were paid."""
        accounts: dict[Address, None] = {}
        with Vaults(self.network.layout.home) as vaults:
            offered = (lot for number in range(patients) for lot in self._lots(vaults, deal, number))
            self.steps.begin("selling")
            # Every term is agreed to, since these patients are made up or play their part.
            agreements = {term.id: True for term in deal.terms}
            async for sold in sell_all(
                self.view,
                deal,
                offered,
                sponsor=self.sender("sponsor"),
                agreements=agreements,
                status_lists=lists,
            ):
                done.offers += 1
                accounts[sold.lot.address] = None
                if sold.number is None:
                    assert sold.refusal is not None
                    done.unsold.append(reason_of(sold.refusal))
                self.steps.advance(done.offers, done.issued.eligible)
        await self._wait_settled(deal.id)
        self.steps.done(f"{done.offers} offers certified, agreed to, and paid as their keys were released")
        return list(accounts)

    def _lots(self, vaults: "Vaults", deal: "Deal", number: int) -> Iterator[Lot]:
        ring = Keyring.open(Backend.TEST, self.network.layout.home / "patients" / f"{number + 1}")
        yield from lots(deal, vaults.holder(number), ring, name="patient", now=self.now)

    async def _wait_settled(self, deal_id: int) -> None:
        """Return when no consent of a deal is pending.

        Raises:
            CommandRefused: the committee took too long.
        """
        try:
            async with asyncio.timeout(RELEASE_SECONDS), contextlib.aclosing(self.view.heights()) as heights:
                async for height in heights:
                    if not (await self.view.require(places.deal_state(deal_id), height=height)).pending:
                        return
        except TimeoutError:
            hint = f"the oracles' logs lie below {self.network.layout.home}"
            raise CommandRefused("keys were not released in time", hint=hint, deal=deal_id) from None

    async def _pull(self, deal_id: int, output: Path) -> Written:
        self.steps.begin("pulling")
        written = await self.consumer.write(deal_id, output)
        self.steps.done(f"{written.rows} records decrypted and verified")
        return written

    async def close(self, deal_id: int) -> None:
        """Close a deal, if it is still open."""
        if (await self.consumer.market.listing(deal_id)).state.status == OPEN:
            outcome = await self.consumer.close_deal(deal_id)
            await self.view.wait(outcome.height)

    async def settle(self, done: Outcome) -> None:
        """Close the deal and read by proof where its money is.

        Raises:
            CommandRefused: it does not add up.
        """
        await self.close(done.deal_id)
        done.sums = await read_sums(self.view, done.deal_id)
        await require_paid(self.view, done.accounts, BASE_DENOM, done.sums.paid)
        done.height = self.view.height
        self.steps.done("deal closed · sums proven")


class Vaults:
    """The patients' vaults, one open at a time; use it in a `with` block."""

    def __init__(self, home: Path) -> None:
        """Keep them below this home."""
        self._home = home
        self._open = ExitStack()
        self._holder: tuple[int, Holder] | None = None

    def __enter__(self) -> "Vaults":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def holder(self, number: int) -> Holder:
        """The holder of that number, from 0, with its vault; the one before is closed."""
        if self._holder is None or self._holder[0] != number:
            self._open.close()
            home = self._home / "patients" / f"{number + 1}"
            vault = self._open.enter_context(open_vault(home, "holder", "test", str))
            ring = Keyring.open(Backend.TEST, home)
            self._holder = number, holder_of(ring, "patient", vault)
        return self._holder[1]
