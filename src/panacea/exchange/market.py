"""What both sides of a sale read of the chain, by proof: deals, consents, and who can certify in this epoch."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.client import places
from panacea.client.view import ChainView
from panacea.exchange.flow import side_by_side
from panacea.exchange.types import DealNotFound, OracleUnavailable
from panacea.primitives.address import Address
from panacea.primitives.numbers import Dec
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Assurance, Deal, DealState
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleKey
    from panacea.wire.stubs.panacea.oracle.v3.query_pb2 import QueryOraclesRequest, QueryOraclesResponse
else:
    QueryOraclesRequest, QueryOraclesResponse = load("panacea.oracle.v3", "QueryOraclesRequest", "QueryOraclesResponse")

OPEN = 1
PENDING, RELEASED, UNDELIVERED, WITHDRAWN = 1, 2, 3, 4
ACTIVE, SIMULATED = 1, 2
NANO = 1_000_000_000
MOST_ORACLES = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """A deal as it was made, and how it stands."""

    deal: "Deal"
    state: "DealState"

    @property
    def slots(self) -> int:
        """How many more records it takes."""
        return self.deal.max_records - self.state.sold - self.state.pending


@dataclass(frozen=True, slots=True)
class Roster:
    """Who can certify in an epoch, and what the wallet has to know to judge a certificate."""

    epoch: int
    keys: "tuple[OracleKey, ...]"
    seats: int
    threshold: int
    epoch_blocks: int
    certificate_ttl: int
    release_rate: Dec

    def allowed(self, assurance: "Assurance") -> "list[OracleKey]":
        """The oracles that a deal accepts, by vendor and by kind of enclave."""
        vendors = set(assurance.vendors_allowed)
        return [
            key
            for key in self.keys
            if (not vendors or key.vendor in vendors) and (key.kind != SIMULATED or assurance.allow_simulated)
        ]


class Market:
    """Proven reads for wallets; the roster of an epoch is read once and remembered."""

    def __init__(self, view: ChainView) -> None:
        """Read through this view."""
        self.view = view
        self._roster: Roster | None = None
        self._reading = asyncio.Lock()

    @property
    def now(self) -> int:
        """The newest verified header's time, unix seconds."""
        return self.view.head.time_ns // NANO

    async def open_deals(self) -> list[Listing]:
        """Every open deal, in the order of their ids: all of them are read, so that nobody learns which one fits.

        Raises:
            NotProven, Unreachable: the node failed.
        """
        height = await self.view.update()
        following = await self.view.get(places.next_deal_id(), height=height) or 1

        async def read(deal_id: int) -> Listing:
            return await self.listing(deal_id, height=height)

        found = [listing async for listing in side_by_side(range(1, following), read)]
        return [each for each in found if each.state.status == OPEN and self.now < each.deal.closes_at.seconds]

    async def listing(self, deal_id: int, *, height: int | None = None) -> Listing:
        """One deal and its state. Raises DealNotFound."""
        at = await self.view.update() if height is None else height
        deal = await self.view.get(places.deal(deal_id), height=at)
        state = await self.view.get(places.deal_state(deal_id), height=at)
        if deal is None or state is None:
            raise DealNotFound(deal_id=deal_id)
        return Listing(deal, state)

    async def consent(self, deal_id: int, number: int) -> "Consent | None":
        """A consent at the newest proven height."""
        height = await self.view.update()
        return await self.view.get(places.consent(deal_id, number), height=height)

    def forget_roster(self) -> None:
        """Read keys again when they are next asked for: an oracle may have new ones."""
        self._roster = None

    async def roster(self) -> Roster:
        """Who can certify in the epoch of the next block.

        Raises:
            OracleUnavailable: the epoch has no committee yet.
        """
        async with self._reading:
            height = await self.view.update()
            params = await self.view.require(places.oracle_params(), height=height)
            epoch = (height + 1) // params.epoch_blocks
            if self._roster is not None and self._roster.epoch == epoch:
                return self._roster
            committee = await self.view.get(places.committee(epoch), height=height)
            if committee is None:
                raise OracleUnavailable("no_committee", epoch=epoch)
            rates = await self.view.require(places.deal_params(), height=height)
            names = list(dict.fromkeys([*committee.members, *await self._listed()]))
            keys = [key async for key in side_by_side(names, lambda name: self._find_key(name, epoch, height))]
            self._roster = Roster(
                epoch=epoch,
                keys=tuple(key for key in keys if key is not None),
                seats=len(committee.members),
                threshold=committee.threshold,
                epoch_blocks=params.epoch_blocks,
                certificate_ttl=params.certificate_ttl,
                release_rate=Dec.from_wire(rates.release_rate),
            )
            return self._roster

    async def _listed(self) -> Sequence[str]:
        """The oracles that the node names. It may hide some; what it says of any is proven afterwards."""
        request = QueryOraclesRequest()
        request.pagination.limit = MOST_ORACLES
        answer = await self.view.rpc.query("/panacea.oracle.v3.Query/Oracles", encode(request))
        if answer.code:
            return ()
        return [oracle.address for oracle in decode(QueryOraclesResponse, answer.value).oracles][:MOST_ORACLES]

    async def _find_key(self, name: str, epoch: int, height: int) -> "OracleKey | None":
        address = Address.parse(name)
        oracle = await self.view.get(places.oracle(address), height=height)
        if oracle is None or oracle.status != ACTIVE:
            return None
        return await self.view.get(places.oracle_key(address, epoch), height=height)
