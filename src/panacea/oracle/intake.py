"""What comes in: open an offer, judge it, reseal it, certify it, and answer sealed and padded (exchange, §8)."""

import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass, field

from panacea.client.view import ChainView
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

LOG = logging.getLogger(__name__)
REMEMBERED = 256
CREDENTIALS = "credentials"


@dataclass(slots=True)
class Intake:
    """One oracle's intake."""

    address: str
    view: ChainView
    shelf: KeyShelf
    random: Random
    _answers: "OrderedDict[bytes, bytes]" = field(default_factory=OrderedDict)

    async def answer(self, raw: bytes) -> bytes:
        """The sealed answer to an offer. The same offer gets the same answer while it is remembered.

        Raises:
            Unsealed: nobody to answer is known, or the oracle is not ready.
        """
        known = self._answers.get(hashlib.sha256(raw).digest())
        if known is not None:
            return known
        opened, keys = self.open(raw)
        reply = await self._reply(opened, keys)
        sealed = hpke.seal(opened.body.reply_key, reply_info(opened.raw_info), reply.encode())
        if reply.code != StoreUnavailable.text:
            self._remember(raw, sealed)
        return sealed

    def _remember(self, raw: bytes, sealed: bytes) -> None:
        self._answers[hashlib.sha256(raw).digest()] = sealed
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
            raise TooLarge(str(no)) from no
        except (formats.Malformed, ContextRejected, NotCanonical) as no:
            raise Malformed(str(no)) from no
        keys = self._keys_for(info)
        try:
            file_key = keys.fresh.sealing.open(offer.info, offer.sealed_key)
            plain = objects.open(offer.descriptor, offer.leaves, offer.groups, file_key)
        except (SealRejected, WrongKey) as no:
            raise SealedForOtherContext from no
        except (ObjectRejected, NotCanonical, ValueError) as no:
            raise Malformed(str(no)) from no
        try:
            envelope = Envelope.decode(plain)
            body = Body.decode(envelope.body)
            hpke.check_public_key(body.reply_key)
        except (formats.Malformed, InvalidKey) as no:
            raise Malformed(str(no)) from no
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
            facts = await Facts.newest(self.view)
        except Rejected as no:
            raise NotReady(str(no)) from no
        try:
            judged = await judge(opened, facts)
            return await self._certified(opened, keys, facts, judged)
        except Rejected as no:
            if not isinstance(no, Refusal) and no.codespace != CREDENTIALS:
                # The chain could not be read: that is no verdict about the record.
                raise NotReady(str(no)) from no
            LOG.info("an offer for deal %d was refused", opened.info.deal_id)
            return Reply(no.text, no.detail)

    async def _certified(self, opened: Opened, keys: EpochKeys, facts: Facts, judged: Judged) -> Reply:
        params = await facts.params()
        issued = facts.height
        lifetime = Lifetime(issued, issued + params.certificate_ttl)
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
        self.shelf.keep_until(keys.epoch, lifetime.expires_at + params.release_window)
        return Reply("ok", "", encode(certificate), delivered.sealed_shares if delivered else ())
