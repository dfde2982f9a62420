"""A member of the committee at work: it proves each consent to itself, then passes its share on (exchange, §3)."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from panacea.client.sender import Sender
from panacea.client.view import ChainView
from panacea.crypto import hpke
from panacea.crypto.hpke import SealRejected
from panacea.crypto.keys import InvalidKey
from panacea.oracle.facts import Facts
from panacea.oracle.keys import EpochKeys, KeyShelf
from panacea.primitives.rejected import Rejected
from panacea.vault.objects import KEY_BYTES
from panacea.wire.contexts import ReleaseInfo, ShareInfo, releases_digest, shares_root
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load
from panacea.wire.tx import decode_tx

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import (
        Certificate,
        Consent,
        ConsentStatus,
        Release,
        ReleaseBatch,
    )
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgReleaseShares, MsgSubmitConsent
else:
    Certificate, ConsentStatus, Release, ReleaseBatch = load(
        "panacea.datadeal.v3", "Certificate", "ConsentStatus", "Release", "ReleaseBatch"
    )
    MsgReleaseShares, MsgSubmitConsent = load("panacea.datadeal.v3", "MsgReleaseShares", "MsgSubmitConsent")

LOG = logging.getLogger(__name__)
PENDING, RELEASED = ConsentStatus.CONSENT_STATUS_PENDING, ConsentStatus.CONSENT_STATUS_RELEASED
MAX_RELEASES = 32
GAS_OF_BATCH, GAS_OF_SHARE, GAS_OF_CERTIFICATE = 60_000, 150_000, 90_000
"""Above what the chain measures (`chain/datadeal/README.md`, Messages): 224,000 to pay for one share and certificate,
287,000 with two certificates, 6.2 million for 32 shares."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Sealed shares as some transaction shows them, and the consent that they claim to be for.

    Anybody can send such a transaction. Only the proven consent says, by its shares' root, which shares are meant.
    """

    deal_id: int
    tag: bytes
    root: bytes
    sealed_shares: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Duty:
    """A proven consent that waits for this member's answer."""

    consent: "Consent"
    certificate: "Certificate"
    keys: EpochKeys
    index: int
    sealed: bytes = field(repr=False)


@dataclass(slots=True)
class Releaser:
    """One oracle's releases. What waits stays until it is answered, or the state shows that no answer is wanted."""

    address: str
    view: ChainView
    shelf: KeyShelf
    sender: Sender
    _seen: int = 0
    _waiting: "set[Handed]" = field(default_factory=set)

    async def follow(self, height: int, facts: Facts | None = None) -> None:
        """Answer every consent up to the provable height `height` that waits for this member's share.

        `facts` are those of that height, if the caller has them.

        Raises:
            Rejected: the chain cannot be read; the next call resumes where this one stopped.
        """
        for at in range(self._seen + 1 if self._seen else max(1, height), height + 1):
            self._waiting.update(handed_in(await self.view.rpc.block_txs(at)))
            self._seen = at
        if self._waiting:
            await self._answer(facts or await Facts.newest(self.view))

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is due that could not be given yet."""
        return bool(self._waiting)

    async def _answer(self, facts: Facts) -> None:
        batches: dict[int, list[tuple[Handed, Release, int]]] = {}
        for handed in list(self._waiting):
            duty = await self._find_duty(facts, handed)
            release = await self._release(facts, duty) if duty else None
            if duty is None or release is None:
                self._waiting.discard(handed)
            else:
                batches.setdefault(duty.keys.epoch, []).append((handed, release, gas_of(duty.consent)))
        for epoch, answers in batches.items():
            for start in range(0, len(answers), MAX_RELEASES):
                part = answers[start : start + MAX_RELEASES]
                gas = GAS_OF_BATCH + sum(gas for _, _, gas in part)
                if await self._post(epoch, [release for _, release, _ in part], gas):
                    self._waiting.difference_update(handed for handed, _, _ in part)

    async def _find_duty(self, facts: Facts, handed: Handed) -> Duty | None:
        """What this member owes to a consent, by proof; None where it owes nothing, or it is too late."""
        consent = await facts.consent_by_tag(handed.deal_id, handed.tag)
        if consent is None or consent.status not in (PENDING, RELEASED):
            return None
        certificate = decode(Certificate, consent.certificates[0].body)
        margin = (await facts.params()).release_margin
        if certificate.delivery.shares_root != handed.root or facts.height > consent.release_by - margin:
            return None
        keys, committee = self.shelf.find(certificate.epoch), await facts.committee(certificate.epoch)
        if keys is None or committee is None or self.address not in committee.members:
            return None
        index = list(committee.members).index(self.address) + 1
        if index in consent.released or index in consent.bad or index > len(handed.sealed_shares):
            return None
        self.shelf.keep_until(certificate.epoch, consent.release_by)
        return Duty(consent, certificate, keys, index, handed.sealed_shares[index - 1])

    async def _release(self, facts: Facts, duty: Duty) -> "Release | None":
        """The share, sealed onward; the word that it is bad; or None where this member may say neither."""
        consent, certificate = duty.consent, duty.certificate
        deal = await facts.terms(consent.deal_id)
        if deal is None:
            return None
        onward = ReleaseInfo(
            chain_id=certificate.chain_id,
            deal_id=consent.deal_id,
            number=consent.number,
            tag=consent.tag,
            object_id=certificate.delivery.object_id,
            index=duty.index,
            member=self.address,
        )
        answer = Release(deal_id=consent.deal_id, number=consent.number, index=duty.index)
        try:
            share = self._open(duty)
            answer.sealed_share = hpke.seal(deal.consumer_key.public_key, onward.encode(), share)
        except (SealRejected, InvalidKey):
            # A key made after the certificate cannot blame it; nor does blame help once the consumer has the key.
            if duty.keys.registered.height > certificate.issued_at_height or consent.status != PENDING:
                return None
            LOG.warning("the share of consent %d/%d is bad", consent.deal_id, consent.number)
            answer.bad = True
        return answer

    def _open(self, duty: Duty) -> bytes:
        certificate = duty.certificate
        info = ShareInfo(
            chain_id=certificate.chain_id,
            deal_id=certificate.deal_id,
            provider=certificate.provider,
            oracle=certificate.oracle,
            epoch=certificate.epoch,
            tag=certificate.tag,
            object_id=certificate.delivery.object_id,
            index=duty.index,
            member=self.address,
        )
        share = duty.keys.fresh.sealing.open(info.encode(), duty.sealed)
        if len(share) != KEY_BYTES:
            raise SealRejected("a share of another length", size=len(share))
        return share

    async def _post(self, epoch: int, releases: "list[Release]", gas: int) -> bool:
        """Whether the releases stand in a block."""
        keys = self.shelf.find(epoch)
        if keys is None:
            return False
        batch = encode(ReleaseBatch(chain_id=self.view.chain_id, oracle=self.address, epoch=epoch, releases=releases))
        signature = keys.fresh.signing.sign(releases_digest(batch))
        message = MsgReleaseShares(operator=self.address, batch=batch, signature=signature)
        try:
            await self.sender.send(message, fees=replace(self.sender.fees, gas=gas))
        except Rejected as no:
            LOG.warning("%d releases of epoch %d wait for another try: %s", len(releases), epoch, no)
            return False
        return True


def gas_of(consent: "Consent") -> int:
    """The gas of a share if it is the one that pays, for every certificate: a simulation cannot know which one is."""
    return GAS_OF_SHARE + GAS_OF_CERTIFICATE * len(consent.certificates)


def handed_in(txs: Iterable[bytes]) -> list[Handed]:
    """The shares that a block's transactions hand to a committee; whether consent was given only the state can say."""
    found = []
    for raw in txs:
        try:
            messages = decode_tx(raw).messages
        except Rejected:
            continue
        for message in messages:
            if isinstance(message, MsgSubmitConsent) and message.certificates:
                found += _handed(message)
    return found


def _handed(message: "MsgSubmitConsent") -> list[Handed]:
    try:
        first = decode(Certificate, message.certificates[0].body)
    except Rejected:
        return []
    shares = tuple(message.sealed_shares)
    return [Handed(message.deal_id, first.tag, shares_root(shares), shares)]
