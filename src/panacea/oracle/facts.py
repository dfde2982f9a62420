"""What the enclave knows of the chain: proven reads, all at one height, and the time of that height's header."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from panacea.client import places
from panacea.client.places import Place
from panacea.client.resolver import ChainResolver
from panacea.client.view import ChainView
from panacea.identity.documents import DIDDocument
from panacea.primitives.address import Address

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal, DealState
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Committee, OracleKey, Params

T = TypeVar("T")

NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Facts:
    """The state after block `height`; `now` is the newest verified header's time, the only clock there is."""

    view: ChainView
    height: int
    now: int

    @classmethod
    async def newest(cls, view: ChainView) -> "Facts":
        """The newest state that the node can prove.

        Raises:
            Rejected: the node is unreachable, or its headers do not verify.
        """
        height = await view.update()
        return cls(view, height, view.head.time_ns // NANO)

    async def get(self, place: Place[T]) -> T | None:
        """The value at a place, or None; proven."""
        return await self.view.get(place, height=self.height)

    async def params(self) -> "Params":
        """The parameters of oracles."""
        return await self.view.require(places.oracle_params(), height=self.height)

    async def epoch(self) -> int:
        """The epoch of the next block: the one in which a transaction sent now would stand."""
        return (self.height + 1) // (await self.params()).epoch_blocks

    async def deal(self, deal_id: int) -> "tuple[Deal, DealState] | None":
        """A deal and its account."""
        deal = await self.get(places.deal(deal_id))
        state = await self.get(places.deal_state(deal_id))
        return None if deal is None or state is None else (deal, state)

    async def committee(self, epoch: int) -> "Committee | None":
        """The committee of an epoch."""
        return await self.get(places.committee(epoch))

    async def oracle_key(self, address: str, epoch: int) -> "OracleKey | None":
        """An oracle's keys of an epoch."""
        return await self.get(places.oracle_key(Address.parse(address), epoch))

    async def consent_by_tag(self, deal_id: int, tag: bytes) -> "Consent | None":
        """The last consent that used a duplicate tag."""
        number = await self.get(places.tag(deal_id, tag))
        if number is None:
            return None
        return await self.get(places.consent(deal_id, number))

    async def document(self, did: str) -> DIDDocument:
        """The live document of a DID. Raises DIDNotResolved."""
        return await ChainResolver(self.view).resolve(did, height=self.height)
