"""A member of the committee at work: it proves each consent to itself, then passes its share on (exchange, §3)."""

import base64
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from panacea.client import places
from panacea.client.sender import Sender
from panacea.client.view import ChainView
from panacea.crypto import hpke
from panacea.crypto.hpke import SealRejected
from panacea.oracle.facts import Facts
from panacea.oracle.keys import EpochKeys, KeyShelf
from panacea.primitives.rejected import Rejected
from panacea.wire.contexts import ReleaseInfo, ShareInfo, releases_digest, shares_root
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load
from panacea.wire.tx import decode_tx

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate, Consent, Release, ReleaseBatch
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgReleaseShares, MsgSubmitConsent
else:
    Certificate, Release, ReleaseBatch = load("panacea.datadeal.v3", "Certificate", "Release", "ReleaseBatch")
    MsgReleaseShares, MsgSubmitConsent = load("panacea.datadeal.v3", "MsgReleaseShares", "MsgSubmitConsent")

LOG = logging.getLogger(__name__)
PENDING, RELEASED = 1, 2
MAX_RELEASES = 32


@dataclass(slots=True)
class Releaser:
    """One oracle's releases. Its shares are found in the consents' transactions and bound by the proven consents."""

    address: str
    view: ChainView
    shelf: KeyShelf
    sender: Sender
    _seen: int = 0
    _waiting: "dict[tuple[int, bytes], MsgSubmitConsent]" = field(default_factory=dict)

    async def follow(self, height: int) -> None:
        """Answer every consent up to the provable height `height` that waits for this member's share."""
        for at in range(self._seen + 1 if self._seen else max(1, height), height + 1):
            for message in consents_in(await self._block_txs(at)):
                first = _certificate(message.certificates[0].body)
                if first is not None:
                    self._waiting[message.deal_id, first.tag] = message
            self._seen = at
        if self._waiting:
            await self._answer(await Facts.newest(self.view))

    async def _block_txs(self, height: int) -> list[bytes]:
        answer = await self.view.rpc.call("block", height=str(height))
        return [base64.b64decode(raw) for raw in answer["block"]["data"]["txs"] or ()]

    async def _answer(self, facts: Facts) -> None:
        batches: dict[int, list[Release]] = {}
        for place, message in list(self._waiting.items()):
            del self._waiting[place]
            consent = await facts.consent_by_tag(*place)
            if consent is None:
                continue
            release = await self._release(facts, consent, message)
            if release is not None:
                epoch = decode(Certificate, consent.certificates[0].body).epoch
                batches.setdefault(epoch, []).append(release)
        for epoch, releases in batches.items():
            for start in range(0, len(releases), MAX_RELEASES):
                await self._post(epoch, releases[start : start + MAX_RELEASES])

    async def _release(self, facts: Facts, consent: "Consent", message: "MsgSubmitConsent") -> "Release | None":
        """This member's answer to a proven consent; None where it has none to give."""
        params = await facts.params()
        certificate = decode(Certificate, consent.certificates[0].body)
        if shares_root(message.sealed_shares) != certificate.delivery.shares_root:
            return None
        late = facts.height > consent.release_by - params.release_margin
        keys = self.shelf.find(certificate.epoch)
        committee = await facts.committee(certificate.epoch)
        if consent.status not in (PENDING, RELEASED) or late or keys is None or committee is None:
            return None
        if self.address not in committee.members:
            return None
        index = list(committee.members).index(self.address) + 1
        if index in consent.released or index in consent.bad:
            return None
        self.shelf.keep_until(certificate.epoch, consent.release_by)
        return await self._reseal(
            facts, keys, consent, certificate, index=index, sealed=message.sealed_shares[index - 1]
        )

    async def _reseal(
        self,
        facts: Facts,
        keys: EpochKeys,
        consent: "Consent",
        certificate: "Certificate",
        *,
        index: int,
        sealed: bytes,
    ) -> "Release | None":
        info = ShareInfo(
            chain_id=certificate.chain_id,
            deal_id=certificate.deal_id,
            provider=certificate.provider,
            oracle=certificate.oracle,
            epoch=certificate.epoch,
            tag=certificate.tag,
            object_id=certificate.delivery.object_id,
            index=index,
            member=self.address,
        )
        try:
            share = keys.fresh.sealing.open(info.encode(), sealed)
        except SealRejected:
            if keys.registered.height >= certificate.issued_at_height or consent.status != PENDING:
                return None
            LOG.warning("the share of consent %d/%d does not open", consent.deal_id, consent.number)
            return Release(deal_id=consent.deal_id, number=consent.number, index=index, bad=True)
        deal = await facts.view.require(places.deal(consent.deal_id), height=facts.height)
        onward = ReleaseInfo(
            chain_id=certificate.chain_id,
            deal_id=consent.deal_id,
            number=consent.number,
            tag=consent.tag,
            object_id=certificate.delivery.object_id,
            index=index,
            member=self.address,
        )
        resealed = hpke.seal(deal.consumer_key.public_key, onward.encode(), share)
        return Release(deal_id=consent.deal_id, number=consent.number, index=index, sealed_share=resealed)

    async def _post(self, epoch: int, releases: "list[Release]") -> None:
        keys = self.shelf.find(epoch)
        if keys is None:
            return
        batch = encode(ReleaseBatch(chain_id=self.view.chain_id, oracle=self.address, epoch=epoch, releases=releases))
        signature = keys.fresh.signing.sign(releases_digest(batch))
        message = MsgReleaseShares(operator=self.address, batch=batch, signature=signature)
        try:
            await self.sender.send(message)
        except Rejected as no:
            LOG.warning("%d releases of epoch %d were not taken: %s", len(releases), epoch, no)


def consents_in(txs: Iterable[bytes]) -> "list[MsgSubmitConsent]":
    """The consents that a block's transactions ask for; whether they were granted only the state can say."""
    found = []
    for raw in txs:
        try:
            messages = decode_tx(raw).messages
        except Rejected:
            continue
        found += [message for message in messages if isinstance(message, MsgSubmitConsent) and message.certificates]
    return found


def _certificate(body: bytes) -> "Certificate | None":
    try:
        return decode(Certificate, body)
    except Rejected:
        return None
