"""Offers put together by hand, so that any one part of them can be wrong: what `refusals` shows being refused.

A wallet never does this: it takes `panacea.exchange.provider`, which only makes offers that fit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from panacea.client import places
from panacea.client.view import ChainView
from panacea.credentials.records.views import consumer_view, enclave_view
from panacea.crypto import hpke
from panacea.crypto.hpke import HPKEKey
from panacea.exchange.formats import Body, Envelope, Offer, Reply
from panacea.primitives.address import Address
from panacea.primitives.time import SystemRandom
from panacea.vault import objects
from panacea.wire.contexts import DELIVER, OfferInfo, envelope_digest, reply_info

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleKey

RANDOM = SystemRandom()
LIFETIME_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who says to be a holder: a DID, its method, and what signs."""

    did: str
    method_id: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Crafted:
    """The parts of an offer before it is sealed; `dataclasses.replace` spoils one."""

    oracle: "OracleKey"
    info: OfferInfo
    holder: Claimant
    enclave_view: bytes
    consumer_view: bytes
    status_lists: tuple[bytes, ...]
    schemas: tuple[bytes, ...]
    agreements: tuple[tuple[int, bool], ...]

    @classmethod
    def of(
        cls,
        view: ChainView,
        deal: "Deal",
        oracle: "OracleKey",
        credential: bytes,
        fields: Sequence[str],
        *,
        provider: str,
        holder: Claimant,
        status_lists: Sequence[bytes],
        schemas: Sequence[bytes] = (),
    ) -> Self:
        """An offer with which nothing is wrong, but that it may have been sold."""
        info = OfferInfo(
            chain_id=view.chain_id,
            deal_id=deal.id,
            provider=provider,
            oracle=oracle.oracle,
            epoch=oracle.epoch,
            hpke_key_hash=sha256(oracle.hpke_key.public_key).digest(),
            measurement=oracle.measurement,
            query_hash=deal.query_hash,
            role=DELIVER,
            nonce=RANDOM.token(16),
            expires_at=view.head.time_ns // 1_000_000_000 + LIFETIME_SECONDS,
        )
        return cls(
            oracle=oracle,
            info=info,
            holder=holder,
            enclave_view=enclave_view(credential, fields, info.encode()),
            consumer_view=consumer_view(credential, fields, view.chain_id, deal.id, deal.query_hash),
            status_lists=tuple(status_lists),
            schemas=tuple(schemas),
            agreements=tuple((term.id, True) for term in deal.terms),
        )

    def seal(self, reply_key: bytes, info: OfferInfo | None = None) -> bytes:
        """The offer's bytes; `info` claims another context than the one that was sealed and signed."""
        raw_info = self.info.encode()
        body = Body(
            self.enclave_view, self.consumer_view, self.status_lists, self.schemas, self.agreements, reply_key
        ).encode()
        signature = self.holder.sign(envelope_digest(raw_info, body))
        envelope = Envelope(body, self.holder.did, self.holder.method_id, signature).encode()
        file_key = RANDOM.token(objects.KEY_BYTES)
        sealed = objects.seal(envelope, file_key, RANDOM)
        sealed_key = hpke.seal(self.oracle.hpke_key.public_key, raw_info, file_key)
        claimed = raw_info if info is None else info.encode()
        return Offer(claimed, sealed_key, sealed.descriptor, tuple(sealed.leaves), tuple(sealed.groups)).encode()

    async def post(self, *, claimed: OfferInfo | None = None) -> Reply:
        """The oracle's sealed answer, or its open one as a Reply that holds nothing but the code."""
        key = HPKEKey.generate(RANDOM)
        status, raw = await post_raw(self.oracle.endpoint, self.seal(key.public_key, claimed))
        if status != 200:
            return open_answer(raw)
        return Reply.decode(key.open(reply_info(self.info.encode()), raw))

    def without(self, *, enclave_view: bytes | None = None, consumer_view: bytes | None = None) -> Self:
        """The same with another view, where one is given."""
        return replace(
            self, enclave_view=enclave_view or self.enclave_view, consumer_view=consumer_view or self.consumer_view
        )


async def post_raw(endpoint: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of an oracle's answer to any bytes."""
    import httpx2

    async with httpx2.AsyncClient(trust_env=False, timeout=60.0) as client:
        answer = await client.post(f"{endpoint}/v3/offers", content=body)
        return answer.status_code, answer.content


def open_answer(raw: bytes) -> Reply:
    """An answer in the open, as a Reply."""
    import json

    error = json.loads(raw)["error"]
    return Reply(str(error["code"]), str(error["message"]))


async def oracle_key(view: ChainView, address: str, epoch: int) -> "OracleKey":
    """An oracle's key of an epoch, proven."""
    return await view.require(places.oracle_key(Address.parse(address), epoch))
