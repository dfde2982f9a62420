"""The buyer's side: make a deal that a DID signs, close it, and pull what was sold (exchange, §2 and §3 step 10)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from panacea.chain.coins import write_coin
from panacea.chain.datadeal.messages import MsgCloseDeal, MsgCreateDeal, MsgCreateDealResponse
from panacea.client import places
from panacea.client.resolver import ChainResolver
from panacea.client.sender import Sender, responses
from panacea.client.types import Outcome
from panacea.client.view import ChainView
from panacea.credentials import CredentialRejected, IssuerInactive, get_issuer_key, peek_issuer
from panacea.crypto import hpke
from panacea.crypto.hpke import HPKEKey
from panacea.exchange.delivery import Bought, check_view, delivered, join_key, open_parcel, open_shares
from panacea.exchange.fetch import Fetch
from panacea.exchange.flow import side_by_side
from panacea.exchange.identities import Identity
from panacea.exchange.market import RELEASED, Listing, Market
from panacea.exchange.reasons import reason_of
from panacea.exchange.types import KeyNotJoined, ViewRejected
from panacea.health.tables import Delivered, write_ndjson, write_parquet
from panacea.identity.did import IdentityRejected
from panacea.identity.documents import DIDDocument
from panacea.identity.resolver import DIDNotResolved
from panacea.primitives.coin import Coin
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Clock, Random, SystemClock, SystemRandom
from panacea.vault.objects import Descriptor, Sealed
from panacea.wire.contexts import deal_digest
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import ReleasedShare
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Assurance, Schema, Store, Term
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import HpkeKey
else:
    (Timestamp,) = load("google.protobuf", "Timestamp")
    Assurance, Schema, Store, Term = load("panacea.datadeal.v3", "Assurance", "Schema", "Store", "Term")
    (HpkeKey,) = load("panacea.oracle.v3", "HpkeKey")

AT_ONCE = 8
_NODE = ("client", "light")
"""Who refuses when the node fails or lies: that is no matter of one record."""


@dataclass(frozen=True, slots=True)
class DealTerms:
    """What a deal says (exchange, §2). Times are unix seconds, `query` the bytes in RFC 8785 form.

    `stores` are (url, receipt key of 32 bytes), `schemas` (uri, SHA-256), `terms` (id, title, SHA-256, required).
    """

    title: str
    purpose: str
    query_language: int
    query: bytes
    trusted_issuers: Sequence[str]
    price: Coin
    max_records: int
    closes_at: int
    stores: Sequence[tuple[str, bytes]]
    retention_days: int = 90
    schemas: Sequence[tuple[str, bytes]] = ()
    terms: Sequence[tuple[int, str, bytes, bool]] = ()
    min_certificates: int = 1
    min_vendors: int = 1
    vendors_allowed: Sequence[str] = ()
    allow_simulated: bool = False
    status_max_age: int = 0


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A released consent whose record could not be had this time; pulling again costs nothing."""

    deal_id: int
    number: int
    reason: str
    detail: str


@dataclass(slots=True)
class Written:
    """What `write` wrote: rows of the file, and what is missing in it."""

    path: Path
    rows: int = 0
    missing: list[Undelivered] = field(default_factory=list)


class Consumer:
    """Who buys: an account that pays, a DID that signs, and the key that receives."""

    def __init__(
        self,
        view: ChainView,
        sender: Sender,
        identity: Identity,
        key: HPKEKey,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        """Read through `view`, pay as `sender`, sign deals and grants as `identity`, open shares with `key`."""
        self.view = view
        self.sender = sender
        self.identity = identity
        self.market = Market(view)
        self._key = key
        self._clock = clock or SystemClock()
        self._random = random or SystemRandom()

    # Deals.

    async def create_deal(self, terms: DealTerms) -> int:
        """Make a deal and lock its budget; its id, which can be proven now.

        Raises:
            TxFailed: the chain refused it, and says why.
        """
        message = unsigned_deal(terms, str(self.sender.address), self.identity, self._key.public_key)
        message.did_signature = self.identity.signer.sign(deal_digest(self.view.chain_id, encode(message)))
        (response,) = responses(await self._proven(self.sender.send(message)))
        assert isinstance(response, MsgCreateDealResponse)
        return response.deal_id

    async def close_deal(self, deal_id: int) -> Outcome:
        """End a deal; what no pending consent speaks for comes back at once. Raises TxFailed."""
        return await self._proven(self.sender.send(MsgCloseDeal(consumer=str(self.sender.address), deal_id=deal_id)))

    async def _proven(self, sending: Awaitable[Outcome]) -> Outcome:
        """What became of a transaction, once the state after it can be proven."""
        outcome = await sending
        await self.view.wait(outcome.height)
        return outcome

    # Records.

    async def pull(self, deal_id: int, *, at_once: int = AT_ONCE) -> AsyncIterator[Delivered | Undelivered]:
        """Each record whose key was released, in the order of the consents; what cannot be had is told, and passed by.

        Reading again is free, and gives the same.

        Raises:
            DealNotFound: no such deal.
            NotProven, Unreachable, NodeError: the node failed.
        """
        height = await self.view.update()
        listing = await self.market.listing(deal_id, height=height)
        with Fetch(self.view.chain_id, self.identity, clock=self._clock, random=self._random) as fetch:
            pulling = _Pull(self.view, self._key, listing, height, fetch)
            await pulling.prepare()
            numbers = range(1, listing.state.next_number)
            async for found in side_by_side(numbers, pulling.one, at_once=at_once):
                if found is not None:
                    yield found

    async def write(self, deal_id: int, path: Path) -> Written:
        """Pull a deal into one file: Parquet, or NDJSON where the name ends so. It appears when it is whole.

        Raises:
            TablesRejected: Parquet without pyarrow.
            DealNotFound, NotProven, Unreachable, NodeError: as `pull`.
        """
        written = Written(path)
        draft = path.with_name(f".{path.name}.part")
        write: Callable[[Path, Iterator[Delivered]], int] = write_ndjson if path.suffix == ".ndjson" else write_parquet
        records = self._delivered(deal_id, written)
        try:
            rows = _from_loop(asyncio.get_running_loop(), records)
            written.rows = await asyncio.to_thread(write, draft, rows)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        return written

    async def _delivered(self, deal_id: int, written: Written) -> AsyncIterator[Delivered]:
        async for found in self.pull(deal_id):
            if isinstance(found, Undelivered):
                written.missing.append(found)
            else:
                yield found


def unsigned_deal(terms: DealTerms, consumer: str, identity: Identity, sealing_key: bytes) -> MsgCreateDeal:
    """The message of a deal, whose DID has yet to sign it."""
    return MsgCreateDeal(
        consumer=consumer,
        consumer_did=identity.did,
        title=terms.title,
        purpose=terms.purpose,
        query_language=terms.query_language,  # type: ignore[arg-type] # the enum's number
        query=terms.query,
        schemas=[Schema(uri=uri, sha256=digest) for uri, digest in terms.schemas],
        trusted_issuers=terms.trusted_issuers,
        price=write_coin(terms.price),
        max_records=terms.max_records,
        terms=[
            Term(id=number, title=title, sha256=digest, required=required)
            for number, title, digest, required in terms.terms
        ],
        assurance=Assurance(
            min_certificates=terms.min_certificates,
            min_vendors=terms.min_vendors,
            vendors_allowed=terms.vendors_allowed,
            allow_simulated=terms.allow_simulated,
        ),
        stores=[Store(url=url, public_key=key) for url, key in terms.stores],
        consumer_key=HpkeKey(suite=hpke.SUITE, public_key=sealing_key),
        status_max_age=terms.status_max_age,
        closes_at=Timestamp(seconds=terms.closes_at),
        retention_days=terms.retention_days,
        verification_method_id=identity.method_id,
    )


class _Pull:
    """One pass over a deal's consents, all read at one height; issuers' keys are looked up once."""

    def __init__(self, view: ChainView, key: HPKEKey, listing: Listing, height: int, fetch: Fetch) -> None:
        self._view, self._key, self._deal, self._height, self._fetch = view, key, listing.deal, height, fetch
        self._issuers: dict[tuple[str, str], tuple[bytes, bool]] = {}
        self._threshold = 1

    async def prepare(self) -> None:
        self._threshold = (await self._view.require(places.oracle_params(), height=self._height)).threshold

    async def one(self, number: int) -> Delivered | Undelivered | None:
        """The record of a consent, or why there is none; None for one that is not released."""
        consent = await self._view.get(places.consent(self._deal.id, number), height=self._height)
        if consent is None or consent.status != RELEASED:
            return None
        try:
            return await self._record(Bought.of(self._deal, consent))
        except Rejected as no:
            if no.codespace in _NODE:
                raise
            return Undelivered(self._deal.id, number, reason_of(no), str(no))

    async def _record(self, bought: Bought) -> Delivered:
        sealed = await asyncio.to_thread(self._fetch.get, list(self._deal.stores), bought.object_id)
        file_key = await self._file_key(bought, sealed)
        parcel = open_parcel(bought, sealed, file_key)
        try:
            issuer, method_id = peek_issuer(parcel.consumer_view)
            key, is_current = await self._issuer_key(issuer, method_id, bought.certificate.issued_at_height)
        except CredentialRejected as no:
            raise ViewRejected(str(no), check=no.text) from no
        checked = await asyncio.to_thread(check_view, bought, parcel, key, self._view.chain_id)
        return delivered(bought, checked, is_current=is_current)

    async def _file_key(self, bought: Bought, sealed: Sealed) -> bytes:
        """The object's key, from the first shares if they are good, else from all that stand."""
        descriptor, released = Descriptor.decode(sealed.descriptor), list(bought.consent.released)
        first, others = released[: self._threshold], released[self._threshold :]
        opened, spoiled = await self._open(bought, first)
        try:
            return join_key(opened, self._threshold, descriptor)
        except KeyNotJoined:
            more, also = await self._open(bought, others)
        try:
            return join_key(opened | more, self._threshold, descriptor)
        except KeyNotJoined as no:
            raise KeyNotJoined(no.detail, spoiled=sorted(spoiled + also), **no.values) from no

    async def _open(self, bought: Bought, indices: Sequence[int]) -> tuple[dict[int, bytes], list[int]]:
        async def read(index: int) -> "ReleasedShare | None":
            place = places.share(bought.deal.id, bought.consent.number, index)
            return await self._view.get(place, height=self._height)

        found = [share async for share in side_by_side(indices, read)]
        return open_shares(bought, filter(None, found), self._key, self._view.chain_id)

    async def _issuer_key(self, issuer: str, method_id: str, certified_at: int) -> tuple[bytes, bool]:
        """The issuer's key, and whether it is current: one given up since was good when the record was certified."""
        known = self._issuers.get((issuer, method_id))
        if known is None:
            try:
                known = await self._key_at(issuer, method_id, self._height), True
            except IssuerInactive:
                return await self._key_at(issuer, method_id, certified_at), False
            self._issuers[issuer, method_id] = known
        return known

    async def _key_at(self, issuer: str, method_id: str, height: int) -> bytes:
        try:
            found: DIDDocument | IdentityRejected = await ChainResolver(self._view).resolve(issuer, height=height)
        except IdentityRejected as no:
            found = no
        return get_issuer_key(issuer, method_id, resolver=_Proven(issuer, found))


@dataclass(frozen=True, slots=True)
class _Proven:
    """A resolver of the one DID that was looked up."""

    did: str
    found: DIDDocument | IdentityRejected

    def resolve(self, did: str) -> DIDDocument:
        if did != self.did:
            raise DIDNotResolved(did=did)
        if isinstance(self.found, IdentityRejected):
            raise self.found
        return self.found


def _from_loop(loop: asyncio.AbstractEventLoop, records: AsyncIterator[Delivered]) -> Iterator[Delivered]:
    """Records of the event loop's, for a writer in a thread of its own: each is asked for when the last is written."""

    async def following() -> Delivered | None:
        return await anext(records, None)

    while (found := asyncio.run_coroutine_threadsafe(following(), loop).result()) is not None:
        yield found
