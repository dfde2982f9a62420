"""What comes in: open an offer, judge it, reseal it, certify it, and answer sealed and padded (exchange, §8)."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from panacea.client.view import ChainView
from panacea.credentials.refusals import CredentialRejected
from panacea.crypto import hpke
from panacea.crypto.hpke import SealRejected
from panacea.crypto.keys import InvalidKey
from panacea.exchange import formats
from panacea.exchange.formats import Body, Envelope, Offer, Parcel, Reply
from panacea.oracle.certificates import Lifetime, certify
from panacea.oracle.checks import Judged, Opened, judge
from panacea.oracle.facts import Facts
from panacea.oracle.keys import EpochKeys, KeyShelf
from panacea.oracle.reseal import Delivered, reseal
from panacea.oracle.types import Malformed, NotReady, Refusal, SealedForOtherContext, StoreUnavailable, TooLarge
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random
from panacea.vault import objects
from panacea.vault.types import ObjectRejected, WrongKey
from panacea.wire.cbor import NotCanonical
from panacea.wire.contexts import WITNESS, ContextRejected, OfferInfo, reply_info
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleStatus
else:
    (OracleStatus,) = load("panacea.oracle.v3", "OracleStatus")

LOG = logging.getLogger(__name__)
REMEMBERED = 256


@dataclass(slots=True)
class Intake:
    """One oracle's intake."""

    address: str
    view: ChainView
    shelf: KeyShelf
    random: Random
    _answers: "OrderedDict[bytes, bytes]" = field(default_factory=OrderedDict)
    _turns: "WeakValueDictionary[bytes, asyncio.Lock]" = field(default_factory=WeakValueDictionary)
    _facts: Facts | None = None

    async def answer(self, raw: bytes) -> bytes:
        """The sealed answer to an offer. The same offer gets the same answer while it is remembered.

        Raises:
            Unsealed: nobody to answer is known, or the oracle is not ready.
        """
        digest = hashlib.sha256(raw).digest()
        turn = self._turns.setdefault(digest, asyncio.Lock())
        async with turn:
            known = self._answers.get(digest)
            if known is not None:
                return known
            opened, keys = self.open(raw)
            reply = await self._reply(opened, keys)
            sealed = hpke.seal(opened.body.reply_key, reply_info(opened.raw_info), reply.encode())
            # One line for every answer: what the enclave decided is no business of its host.
            LOG.info("answered an offer for deal %d", opened.info.deal_id)
            if reply.code != StoreUnavailable.text:
                self._remember(digest, sealed)
            return sealed

    def _remember(self, digest: bytes, sealed: bytes) -> None:
        self._answers[digest] = sealed
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)

    def open(self, raw: bytes) -> tuple[Opened, EpochKeys]:
        """The offer, if it is one and was sealed for this oracle in this context.

        Raises:
            TooLarge, Malformed, SealedForOtherContext: it is not.
        """
        try:
            offer = Offer.decode(raw)
            info = OfferInfo.decode(offer.info)
        except formats.TooLarge as no:
            raise TooLarge(limit=formats.MAX_OFFER) from no
        except (formats.Malformed, ContextRejected, NotCanonical) as no:
            raise Malformed(str(no)) from no
        keys = self._keys_for(info)
        try:
            file_key = keys.fresh.sealing.open(offer.info, offer.sealed_key)
            plain = objects.open(offer.descriptor, offer.leaves, offer.groups, file_key)
        except (SealRejected, WrongKey) as no:
            raise SealedForOtherContext from no
        except (ObjectRejected, NotCanonical) as no:
            raise Malformed(str(no)) from no
        try:
            envelope = Envelope.decode(plain)
            body = Body.decode(envelope.body)
            hpke.check_public_key(body.reply_key)
        except (formats.Malformed, InvalidKey):
            # Said in the open, so nothing of what was read is told, nor kept as a cause.
            raise Malformed("what was sealed is no envelope") from None
        return Opened(info, offer.info, envelope, body), keys

    def _keys_for(self, info: OfferInfo) -> EpochKeys:
        keys = self.shelf.find(info.epoch)
        if info.chain_id != self.view.chain_id or info.oracle != self.address or keys is None:
            raise SealedForOtherContext(oracle=info.oracle, epoch=info.epoch)
        sealing = hashlib.sha256(keys.registered.hpke_key.public_key).digest()
        if info.hpke_key_hash != sealing or info.measurement != keys.registered.measurement:
            raise SealedForOtherContext("another key or measurement")
        return keys

    async def _reply(self, opened: Opened, keys: EpochKeys) -> Reply:
        try:
            facts = self._facts = await Facts.newest(self.view, self._facts)
            await self._require_standing(facts, keys)
            judged = await judge(opened, facts)
            return await self._certified(opened, keys, facts, judged)
        except (Refusal, CredentialRejected) as no:
            return Reply(no.text, str(no).removesuffix(no.text).removesuffix(": "))
        except NotReady:
            raise
        except Rejected as no:
            # The chain could not be read: that is no verdict about the record.
            raise NotReady(f"the chain cannot be read: {type(no).__name__}") from no

    async def _require_standing(self, facts: Facts, keys: EpochKeys) -> None:
        """What this oracle would sign counts on chain: it is active, and these are still its keys."""
        mine = await facts.oracle(self.address)
        registered = await facts.oracle_key(self.address, keys.epoch)
        if mine is None or mine.status != OracleStatus.ORACLE_STATUS_ACTIVE:
            raise NotReady("this oracle is not active")
        if registered is None or registered.signing_key != keys.registered.signing_key:
            raise NotReady("other keys of this oracle stand on chain", epoch=keys.epoch)

    async def _certified(self, opened: Opened, keys: EpochKeys, facts: Facts, judged: Judged) -> Reply:
        params = await facts.params()
        lifetime = Lifetime(facts.height, facts.height + params.certificate_ttl)
        delivered: Delivered | None = None
        if opened.info.role != WITNESS:
            parcel = Parcel(opened.body.consumer_view, judged.salt, judged.finding.tag, judged.finding.deal_id)
            delivered = await reseal(
                facts,
                keys,
                judged.finding,
                parcel,
                stores=judged.deal.stores,
                lifetime=lifetime,
                random=self.random,
            )
        certificate = certify(judged.finding, keys, lifetime, delivered.delivery if delivered else None)
        return Reply("ok", "", encode(certificate), delivered.sealed_shares if delivered else ())
