"""The seller's side: find deals, match them at home, offer to oracles, consent, wait, take back (exchange, §3)."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from panacea.chain.datadeal.messages import MsgSubmitConsent, MsgSubmitConsentResponse, MsgWithdrawConsent
from panacea.client import places
from panacea.client.sender import Fees, Sender, responses
from panacea.client.types import Outcome
from panacea.client.view import ChainView
from panacea.crypto.hpke import HPKEKey
from panacea.exchange import offers
from panacea.exchange.door import Door
from panacea.exchange.fees import Purse
from panacea.exchange.flow import side_by_side
from panacea.exchange.holder import Holder
from panacea.exchange.market import PENDING, RELEASED, Listing, Market, Roster
from panacea.exchange.offers import Certified, Draft, Match, Unmatched
from panacea.exchange.types import CertificateInvalid, OfferRefused, OracleUnavailable, SaleEnded, StillPending
from panacea.primitives.numbers import Dec
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random, SystemRandom
from panacea.wire.contexts import DELIVER, WITNESS
from panacea.wire.pool import load

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent, SignedCertificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Agreement, Deal
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleKey
else:
    (Agreement,) = load("panacea.datadeal.v3", "Agreement")

ROUNDS = 4
PAUSE = 0.5
WAIT_SECONDS = 120.0
FREE = Fees(gas=200_000, price=Dec.of(0))
PASSING = ("epoch_over", "no_committee", "store_unavailable", "sealed_for_other_context")
"""Refusals that say nothing about the record: with fresh keys, or at another oracle, the offer may be taken."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A certified offer: what a consent will carry, and `net`, which is the provider's part of the price."""

    deal_id: int
    tag: bytes
    net: int
    certificates: "tuple[SignedCertificate, ...]"
    sealed_shares: tuple[bytes, ...] = field(repr=False)
    oracles: tuple[str, ...]
    expires_at_height: int


@dataclass(frozen=True, slots=True)
class Sale:
    """What became of one match in `sell_many`: a consent's number, or the refusal."""

    match: Match
    number: int | None = None
    offered: Offered | None = None
    refusal: Rejected | None = None


class Provider:
    """One holder who sells from one account; use it in an `async with` block, or close it."""

    def __init__(
        self,
        view: ChainView,
        sender: Sender,
        holder: Holder,
        random: Random | None = None,
        *,
        client: "AsyncClient | None" = None,
        market: Market | None = None,
    ) -> None:
        """Read through `view`, pay and sign on chain as `sender`, sign envelopes as `holder`.

        Wallets of one process may share `client` and `market`.
        """
        self.view = view
        self.sender = sender
        self.holder = holder
        self.market = market or Market(view)
        self._random = random or SystemRandom()
        self._door = Door(view.chain_id, client)
        self.purse = Purse(self.market, sender)

    async def __aenter__(self) -> "Provider":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connections to oracles."""
        await self._door.close()

    async def find_granter(self, amount: int = 0) -> str | None:
        """Who pays this account's consents, if an allowance covers `amount` umed now."""
        return await self.purse.find_granter(amount)

    async def open_deals(self) -> list[Listing]:
        """Every open deal, proven; asking for fitting ones only would tell who is ill."""
        return await self.market.open_deals()

    def match(self, deal: "Deal", credential: bytes) -> Match | Unmatched:
        """Whether a credential fits a deal; decided here, nobody is asked."""
        return offers.match(deal, credential, holder_did=self.holder.did, now=self.market.now)

    # Offer.

    async def offer(
        self,
        deal: "Deal",
        match: Match,
        *,
        agreements: Mapping[int, bool],
        schemas: Sequence[bytes] = (),
        status_lists: Sequence[bytes] | None = None,
        oracles: Sequence[str] | None = None,
    ) -> Offered:
        """Have a record certified, by as many oracles as the deal demands.

        `status_lists` are those that the holder knows unless given; `oracles` limits and orders whom to ask, otherwise
        chance decides.

        Raises:
            OfferRefused: an oracle refused the record, and why.
            OracleUnavailable, CertificateInvalid: too few oracles gave a certificate that holds.
            CredentialRejected: the credential cannot be shown as the deal asks.
        """
        lists = self.holder.status_lists_for(match.credential) if status_lists is None else status_lists
        draft = await asyncio.to_thread(
            offers.draft_offer,
            deal,
            match,
            chain_id=self.view.chain_id,
            agreements=agreements,
            status_lists=lists,
            schemas=schemas,
            random=self._random,
        )
        certified = await self._certificates(draft, oracles)
        roster = await self.market.roster()
        return Offered(
            deal_id=deal.id,
            tag=certified[0].certificate.tag,
            net=offers.net_of(deal, [each.key for each in certified], roster),
            certificates=tuple(each.signed for each in certified),
            sealed_shares=certified[0].sealed_shares,
            oracles=tuple(each.key.oracle for each in certified),
            expires_at_height=min(each.certificate.expires_at_height for each in certified),
        )

    async def _certificates(self, draft: Draft, oracles: Sequence[str] | None) -> list[Certified]:
        """As many certificates as the deal demands, in a few rounds over the oracles."""
        certified: list[Certified] = []
        for turn in range(1, ROUNDS + 1):
            try:
                await self._ask_around(draft, certified, oracles)
                break
            except (OracleUnavailable, CertificateInvalid, OfferRefused) as no:
                if turn == ROUNDS or not is_passing(no):
                    raise
            self.market.forget_roster()
            await asyncio.sleep(PAUSE * turn)
        return certified

    async def _ask_around(self, draft: Draft, certified: list[Certified], oracles: Sequence[str] | None) -> None:
        """One certificate after the other, the delivering first; each oracle is asked once, who fails is passed over.

        Raises:
            OracleUnavailable, CertificateInvalid, OfferRefused: the last failure, where nobody is left to ask.
        """
        passed: set[str] = set()
        last: Rejected = OracleUnavailable("none that this deal accepts")
        while len(certified) < draft.deal.assurance.min_certificates:
            roster = await self.market.roster()
            key = self._next(draft, roster, certified, passed, oracles=oracles)
            if key is None:
                raise last
            passed.add(key.oracle)
            try:
                certified.append(await self._ask(draft, roster, key, role=WITNESS if certified else DELIVER))
            except (OracleUnavailable, CertificateInvalid, OfferRefused) as no:
                if not is_passing(no):
                    raise
                last = no
                self.market.forget_roster()

    def _next(
        self,
        draft: Draft,
        roster: Roster,
        certified: Sequence[Certified],
        passed: set[str],
        *,
        oracles: Sequence[str] | None,
    ) -> "OracleKey | None":
        """Whom to ask: a new operator, of a new vendor where no seat is left for a known one."""
        assurance = draft.deal.assurance
        taken, vendors = {each.key.oracle for each in certified}, {each.key.vendor for each in certified}
        left, missing = assurance.min_certificates - len(certified), assurance.min_vendors - len(vendors)
        free = [
            key
            for key in roster.allowed(assurance)
            if key.oracle not in taken | passed and (left > missing or key.vendor not in vendors)
        ]
        if oracles is not None:
            named = {key.oracle: key for key in free}
            return next((named[name] for name in oracles if name in named), None)
        return min(free, key=lambda _: self._random.token(8), default=None)

    async def _ask(self, draft: Draft, roster: Roster, key: "OracleKey", *, role: int) -> Certified:
        reply_key = HPKEKey.generate(self._random)
        info = offers.offer_info(
            draft,
            key,
            chain_id=self.view.chain_id,
            provider=str(self.sender.address),
            role=role,
            now=self.market.now,
            random=self._random,
        )
        offer = await asyncio.to_thread(
            offers.seal_offer,
            draft,
            info,
            self.holder,
            sealing_key=key.hpke_key.public_key,
            reply_key=reply_key.public_key,
            random=self._random,
        )
        answer = await self._door.post(key.endpoint, offer.encode())
        reply = offers.open_reply(answer, offer.info, reply_key)
        return offers.require_certified(reply, draft, info, key=key, roster=roster)

    # Consent.

    async def consent(
        self, deal: "Deal", offered: Offered, *, agreements: Mapping[int, bool], min_net: int | None = None
    ) -> int:
        """Agree to the sale on chain; the number of the consent, which can be proven now.

        `min_net`, below which the chain refuses, is `offered.net` unless given.

        Raises:
            TxFailed: the chain refused, for one because the deal is full by now.
            NotIncluded, Unreachable, NodeError: the node failed.
        """
        message = MsgSubmitConsent(
            provider=str(self.sender.address),
            deal_id=deal.id,
            certificates=offered.certificates,
            sealed_shares=offered.sealed_shares,
            agreements=[Agreement(term_id=term, agreed=agreed) for term, agreed in sorted(agreements.items())],
            min_net=str(offered.net if min_net is None else min_net),
        )
        async with self.purse.paying() as fees:
            outcome = await self.sender.send(message, fees=fees)
            self.purse.learn_gas(outcome.gas_wanted)
            await self.view.wait(outcome.height)
        (response,) = responses(outcome)
        assert isinstance(response, MsgSubmitConsentResponse)
        return response.number

    async def sell(
        self,
        deal: "Deal",
        match: Match,
        *,
        agreements: Mapping[int, bool],
        schemas: Sequence[bytes] = (),
        status_lists: Sequence[bytes] | None = None,
        min_net: int | None = None,
        oracles: Sequence[str] | None = None,
    ) -> int:
        """Offer and consent; the consent's number. Raises as both do."""
        offered = await self.offer(
            deal, match, agreements=agreements, schemas=schemas, status_lists=status_lists, oracles=oracles
        )
        return await self.consent(deal, offered, agreements=agreements, min_net=min_net)

    async def sell_many(
        self,
        deal: "Deal",
        matches: Iterable[Match],
        *,
        agreements: Mapping[int, bool],
        schemas: Sequence[bytes] = (),
        at_once: int = 6,
    ) -> AsyncIterator[Sale]:
        """Sell records side by side, at most `at_once` of them under way; each one's fate, in their order.

        A record that is refused does not stop the others; whatever is no refusal does.
        """

        async def sell(match: Match) -> Sale:
            offered = None
            try:
                offered = await self.offer(deal, match, agreements=agreements, schemas=schemas)
                return Sale(match, await self.consent(deal, offered, agreements=agreements), offered)
            except Rejected as no:
                return Sale(match, offered=offered, refusal=no)

        async for sale in side_by_side(matches, sell, at_once=at_once):
            yield sale

    # After the consent.

    async def wait_released(self, deal_id: int, number: int, *, seconds: float = WAIT_SECONDS) -> "Consent":
        """The consent, once its shares are released and the provider is paid.

        Raises:
            SaleEnded: it was undone or withdrawn instead.
            StillPending: it is still waiting after `seconds`.
        """
        try:
            async with asyncio.timeout(seconds):
                height = await self.view.update()
                while True:
                    consent = await self.view.require(places.consent(deal_id, number), height=height)
                    if consent.status == RELEASED:
                        return consent
                    if consent.status != PENDING:
                        raise SaleEnded(deal_id=deal_id, number=number, status=consent.status)
                    height = await self.view.wait(height + 1)
        except TimeoutError:
            raise StillPending(deal_id=deal_id, number=number) from None

    async def withdraw(self, deal_id: int, number: int) -> Outcome:
        """Take a consent back, free of fee. Copies that were taken before cannot be recalled.

        Raises:
            TxFailed: it is not this account's, or not live any more.
        """
        message = MsgWithdrawConsent(provider=str(self.sender.address), deal_id=deal_id, number=number)
        outcome = await self.sender.send(message, fees=FREE)
        await self.view.wait(outcome.height)
        return outcome


def is_passing(failure: Rejected) -> bool:
    """Whether a failure says nothing about the record, so that another oracle may do better."""
    return not isinstance(failure, OfferRefused) or failure.refusal in PASSING
