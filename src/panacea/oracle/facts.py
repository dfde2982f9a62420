"""What the enclave knows of the chain: proven reads, all at one height, and the time of that height's header."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from panacea.client import places
from panacea.client.places import Place
from panacea.client.resolver import read_document
from panacea.client.view import ChainView
from panacea.identity.did_panacea import is_panacea_did
from panacea.identity.documents import DIDDocument
from panacea.identity.resolver import DIDNotResolved
from panacea.primitives.address import Address

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal, DealState
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Committee, Oracle, OracleKey, Params

T = TypeVar("T")

NANO = 1_000_000_000
REMEMBERED = 1024
"""Proven values kept for one height: deal, committee, keys and issuers recur from offer to offer."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The state after block `height`; `now` is the newest verified header's time, the only clock there is.

    What is proven at one height never changes, so each value is asked for once; deals and committees never change at
    all, so they pass from one height's facts to the next one's.
    """

    view: ChainView
    height: int
    now: int
    _known: dict[tuple[str, bytes], Any] = field(default_factory=dict, repr=False)  # Any: as its Place reads it
    _lasting: dict[tuple[str, bytes], Any] = field(default_factory=dict, repr=False)  # Any: likewise

    @classmethod
    async def newest(cls, view: ChainView, former: "Facts | None" = None) -> "Facts":
        """The newest state that the node can prove; `former` itself while it is that.

        Raises:
            Rejected: the node is unreachable, or its headers do not verify.
        """
        await view.update()
        return cls.verified(view, former)

    @classmethod
    def verified(cls, view: ChainView, former: "Facts | None" = None) -> "Facts":
        """The newest state that the view has verified, without asking for more; `former` itself while it is that."""
        if former is None:
            return cls(view, view.height, view.head.time_ns // NANO)
        if former.height == view.height:
            return former
        return cls(view, view.height, view.head.time_ns // NANO, _lasting=former._lasting)

    async def get(self, place: Place[T]) -> T | None:
        """The value at a place, or None; proven. Nobody may change it."""
        at = (place.store, place.key)
        if at not in self._known:
            found = await self.view.get(place, height=self.height)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[at] = found
            return found
        known: T | None = self._known[at]
        return known

    async def get_lasting(self, place: Place[T]) -> T | None:
        """The value at a place where nothing changes once it stands; proven once. Nobody may change it."""
        at = (place.store, place.key)
        known: T | None = self._lasting.get(at)
        if known is None and (known := await self.get(place)) is not None:
            if len(self._lasting) >= REMEMBERED:
                self._lasting.clear()
            self._lasting[at] = known
        return known

    async def params(self) -> "Params":
        """The parameters of oracles."""
        found = await self.get(places.oracle_params())
        return found if found is not None else await self.view.require(places.oracle_params(), height=self.height)

    async def epoch(self) -> int:
        """The epoch of the next block: the one in which a transaction sent now would stand."""
        return (self.height + 1) // (await self.params()).epoch_blocks

    async def terms(self, deal_id: int) -> "Deal | None":
        """A deal as it was made."""
        return await self.get_lasting(places.deal(deal_id))

    async def deal(self, deal_id: int) -> "tuple[Deal, DealState] | None":
        """A deal and its account."""
        deal = await self.terms(deal_id)
        state = await self.get(places.deal_state(deal_id))
        return None if deal is None or state is None else (deal, state)

    async def committee(self, epoch: int) -> "Committee | None":
        """The committee of an epoch."""
        return await self.get_lasting(places.committee(epoch))

    async def oracle(self, address: str) -> "Oracle | None":
        """A registered oracle."""
        return await self.get(places.oracle(Address.parse(address)))

    async def oracle_key(self, address: str, epoch: int) -> "OracleKey | None":
        """An oracle's keys of an epoch, as they stand at this height: a refresh may replace them."""
        return await self.get(places.oracle_key(Address.parse(address), epoch))

    async def consent_by_tag(self, deal_id: int, tag: bytes) -> "Consent | None":
        """The last consent that used a duplicate tag."""
        number = await self.get(places.tag(deal_id, tag))
        if number is None:
            return None
        return await self.get(places.consent(deal_id, number))

    async def document(self, did: str) -> DIDDocument:
        """The live document of a did:panacea. Raises DIDNotResolved, DIDDeactivated, InvalidDocument."""
        if not is_panacea_did(did):
            raise DIDNotResolved("not a did:panacea", did=did)
        entry = await self.get(places.did(did))
        return read_document(did, entry)
