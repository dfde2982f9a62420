"""Selling what fits a deal, out of many vaults: new accounts without coins, fees from a sponsor, a few sales at once.

An allowance is worth three consents, so an account sells three records and the next three come from another one:
nobody who reads the chain can tell how many records one person has.
"""

import logging
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from panacea.client import places
from panacea.client.sender import Fees, Sender
from panacea.client.types import TxFailed
from panacea.client.view import ChainView
from panacea.crypto.keyring import Keyring
from panacea.crypto.keys import Secp256k1Key
from panacea.exchange.flow import side_by_side
from panacea.exchange.holder import Holder
from panacea.exchange.market import Market
from panacea.exchange.offers import Match, match
from panacea.exchange.provider import Provider, is_passing
from panacea.exchange.reasons import reason_of
from panacea.exchange.sponsor import CONSENTS, consent_allowance, grant_fees
from panacea.primitives.address import Address
from panacea.primitives.coin import BASE_DENOM, Coins
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import SystemRandom

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

RANDOM = SystemRandom()
LOG = logging.getLogger(__name__)
TRIES = 3
PASSING_ON_CHAIN = ("certificate_invalid", "sdk/11")
AT_ONCE = 4
LOTS_A_WAVE = 24
CONSENT_FEE_UMED = 5_000_000
"""More than a consent costs, so that three are sure to be paid."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lot:
    """At most three records of one holder, and the account they are sold from."""

    holder: Holder
    account: Secp256k1Key
    matches: tuple[Match, ...]

    @property
    def address(self) -> Address:
        """The account's address."""
        return self.account.public_key.address()


@dataclass(frozen=True, slots=True)
class Sold:
    """What became of one record: a consent's number, or why not."""

    lot: Lot
    match: Match
    number: int | None
    refusal: Rejected | None = None


def lots(
    deal: "Deal", holder: Holder, ring: Keyring, *, name: str, now: int, only: Container[bytes] | None = None
) -> Iterator[Lot]:
    """What a holder has that fits the deal, in lots with a new account each.

    The accounts' keys are kept in `ring` under names that begin with `name`; `only` limits what is looked at, by id.
    """
    fitting = (
        found
        for oid, credential in holder.credentials()
        if only is None or oid in only
        if isinstance(found := match(deal, credential, holder_did=holder.did, now=now), Match)
    )
    for matches in _batches(fitting, CONSENTS):
        key = Secp256k1Key.generate(RANDOM)
        ring.add(f"{name}.deal-{deal.id}-{RANDOM.token(4).hex()}", key.secret)
        yield Lot(holder, key, tuple(matches))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


async def wait_for_deal(view: ChainView, deal_id: int) -> "Deal":
    """A deal that was just made, once it can be read by proof."""
    height = await view.update()
    while (found := await view.get(places.deal(deal_id), height=height)) is None:
        height = await view.wait(height + 1)
    return found


async def sell_all(
    view: ChainView,
    deal: "Deal",
    offered: Iterable[Lot],
    *,
    sponsor: Sender,
    agreements: Mapping[int, bool],
    status_lists: Sequence[bytes] | None = None,
    min_net: int | None = None,
) -> AsyncIterator[Sold]:
    """Sell all lots, wave by wave: the sponsor grants the fees of a wave, then its records are sold, a few at once.

    `status_lists` are those that each holder knows unless given. A seller who would get less than `min_net`, where it
    is given, does not sell.
    """
    import httpx2

    market = Market(view)
    async with httpx2.AsyncClient(timeout=60.0, follow_redirects=False, trust_env=False) as client:

        async def sell(lot: Lot) -> list[Sold]:
            sender = Sender(view.rpc, lot.account, view.chain_id)
            provider = Provider(view, sender, lot.holder, client=client, market=market)
            # What an account earns stays its owner's: the allowance pays every fee, not only the first.
            sender.fees = Fees(granter=await provider.find_granter() or "")
            return [
                await _sell_one(
                    provider, deal, lot, found, agreements=agreements, status_lists=status_lists, min_net=min_net
                )
                for found in lot.matches
            ]

        for wave in _batches(offered, LOTS_A_WAVE):
            fee = Coins.of(CONSENT_FEE_UMED, BASE_DENOM)
            granted = consent_allowance(fee, now=market.now)
            outcomes = await grant_fees(sponsor, *(str(lot.address) for lot in wave), granted=granted)
            await view.wait(outcomes[-1].height)
            async for sold in side_by_side(wave, sell, at_once=AT_ONCE):
                for one in sold:
                    yield one


async def _sell_one(
    provider: Provider,
    deal: "Deal",
    lot: Lot,
    found: Match,
    *,
    agreements: Mapping[int, bool],
    status_lists: Sequence[bytes] | None,
    min_net: int | None,
) -> Sold:
    """Offer and consent; tried again where the failure says nothing about the record: it is paid once, by its tag."""
    lists = None if status_lists is None else _needed(found, status_lists)
    for tries_left in reversed(range(TRIES)):
        try:
            offered = await provider.offer(deal, found, agreements=agreements, status_lists=lists)
            return Sold(lot, found, await provider.consent(deal, offered, agreements=agreements, min_net=min_net))
        except Rejected as no:
            LOG.warning("%s of a record of deal %d, tries left %d: %s", reason_of(no), deal.id, tries_left, no)
            if not tries_left or not _may_pass(no):
                return Sold(lot, found, None, no)
    raise AssertionError("the last try returns")


def _may_pass(failure: Rejected) -> bool:
    """Whether another try may do better: an oracle was away, its certificate grew old, or gas ran out."""
    if isinstance(failure, TxFailed):
        return reason_of(failure) in PASSING_ON_CHAIN
    return is_passing(failure)


def _needed(found: Match, status_lists: Sequence[bytes]) -> list[bytes]:
    """The list in which this record's status stands; its name is at the front."""
    status = found.claims.status
    name = f'"{status.list_url if status else ""}"'.encode()
    return [each for each in status_lists if name in each[:1024]]
