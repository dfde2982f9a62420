"""What the enclave checks about an offer that it could open, in the order that the design fixes (exchange, §3 step 5).

Each step is a function named for what it checks; the first refusal is the answer. Everything comes from the offer
itself or from proven state: no step asks a network.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.credentials.records.requests import Query, parse, require_schemas
from panacea.credentials.records.verify import (
    Checked,
    peek_issuer,
    require_for_enclave,
    require_holder,
    require_issuer,
    require_same,
    require_valid_at,
    verify_view,
)
from panacea.credentials.refusals import DealUnusable
from panacea.credentials.status.bitstring import EnclosedLists, StatusEntry, check_status
from panacea.crypto import hpke
from panacea.crypto.keys import InvalidKey, KeyKind, SignatureRejected
from panacea.exchange.formats import Body, Envelope
from panacea.identity.did import IdentityRejected
from panacea.identity.did_key import did_key_document
from panacea.identity.documents import DIDDocument, Purpose
from panacea.identity.resolver import DIDNotResolved
from panacea.oracle.certificates import Finding
from panacea.oracle.facts import Facts
from panacea.oracle.types import (
    AlreadySold,
    DealFull,
    DealNotOpen,
    EnvelopeExpired,
    EnvelopeInvalid,
    EpochOver,
    NoCommittee,
    TermsMissing,
)
from panacea.primitives.address import Address, InvalidAddress
from panacea.wire.contexts import (
    OfferInfo,
    commit_salt,
    consumer_view_header,
    data_commitment,
    deal_tag,
    enclave_view_header,
    envelope_digest,
)
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import ConsentStatus
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal, DealStatus
else:
    ConsentStatus, DealStatus = load("panacea.datadeal.v3", "ConsentStatus", "DealStatus")

OPEN = DealStatus.DEAL_STATUS_OPEN
UNDELIVERED = ConsentStatus.CONSENT_STATUS_UNDELIVERED
MAX_AHEAD_SECONDS = 600
CLOCK_SKEW_SECONDS = 60
"""How far a wallet's clock may run ahead of the chain's, beyond the ten minutes that an offer may live."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An offer that opened: its context, as bytes too, and what was inside."""

    info: OfferInfo
    raw_info: bytes
    envelope: Envelope
    body: Body


@dataclass(frozen=True, slots=True)
class Judged:
    """A record that passed every check: what to certify, and the salt that the consumer needs."""

    finding: Finding
    salt: bytes
    deal: "Deal"


async def judge(opened: Opened, facts: Facts) -> Judged:
    """Every check in its order.

    Raises:
        Refusal, CredentialRejected: the verdict; its `text` is the stable code.
        Rejected: of any other family: the chain could not be read, so there is no verdict.
    """
    info, body = opened.info, opened.body
    deal = await require_deal(facts, info)
    query = require_usable(deal)
    await require_epoch(facts, info)
    await require_envelope(facts, opened, deal)
    issuer = await read_issuer(facts, body.enclave_view)
    # In a thread, so that a heavy view does not keep the oracle from its other duties.
    enclave, consumer = await asyncio.to_thread(require_views, opened, deal, issuer.require_key(deal))
    _, nullifier, entry = require_for_enclave(enclave)
    require_valid_at(enclave, facts.now)
    require_status(deal, entry, body.status_lists, issuer=issuer, now=facts.now)
    query.require_satisfied(consumer)
    require_schemas(consumer, hashes=[schema.sha256 for schema in deal.schemas], schemas=body.schemas)
    require_terms(deal, body.agreements)
    tag = deal_tag(nullifier, info.chain_id, info.deal_id)
    await require_unsold(facts, info.deal_id, tag)
    salt = commit_salt(nullifier, info.chain_id, info.deal_id)
    finding = Finding(
        chain_id=info.chain_id,
        deal_id=info.deal_id,
        provider=info.provider,
        tag=tag,
        data_commitment=data_commitment(salt, body.consumer_view),
        query_hash=deal.query_hash,
    )
    return Judged(finding, salt, deal)


async def require_deal(facts: Facts, info: OfferInfo) -> "Deal":
    """The deal is open on this oracle's own light client, and has a slot left."""
    found = await facts.deal(info.deal_id)
    if found is None:
        raise DealNotOpen(deal_id=info.deal_id)
    deal, state = found
    if state.status != OPEN or facts.now >= deal.closes_at.seconds:
        raise DealNotOpen(deal_id=deal.id)
    if state.sold + state.pending >= deal.max_records:
        raise DealFull(deal_id=deal.id)
    return deal


def require_usable(deal: "Deal") -> Query:
    """Members can seal to the consumer's key, and the query is one that enclaves answer."""
    try:
        if deal.consumer_key.suite != hpke.SUITE:
            raise DealUnusable("consumer_key", suite=deal.consumer_key.suite)
        hpke.check_public_key(deal.consumer_key.public_key)
    except InvalidKey as no:
        raise DealUnusable("consumer_key", reason=no) from no
    return parse(deal.query_language, deal.query)


async def require_epoch(facts: Facts, info: OfferInfo) -> None:
    """The epoch of the offer runs, and its committee was drawn."""
    if await facts.epoch() != info.epoch:
        raise EpochOver(epoch=info.epoch)
    if await facts.committee(info.epoch) is None:
        raise NoCommittee(epoch=info.epoch)


async def require_envelope(facts: Facts, opened: Opened, deal: "Deal") -> None:
    """The holder signed this payload in this context, a moment ago; the context is that of the deal on chain."""
    info, envelope = opened.info, opened.envelope
    digest = envelope_digest(opened.raw_info, envelope.body)
    try:
        document = await _holder_document(facts, envelope.holder_did)
        key = document.method(envelope.vm_id, Purpose.AUTHENTICATION).public_key
        if key.kind not in (KeyKind.SECP256K1, KeyKind.ED25519):
            raise EnvelopeInvalid("a key that does not sign envelopes", kind=key.kind)
        key.verify(digest, envelope.signature)
        if str(Address.parse(info.provider)) != info.provider:
            raise EnvelopeInvalid("an address in another spelling", provider=info.provider)
    except (IdentityRejected, InvalidKey, SignatureRejected, InvalidAddress) as no:
        raise EnvelopeInvalid(str(no)) from no
    if info.query_hash != deal.query_hash:
        raise EnvelopeInvalid("for another query", query_hash=info.query_hash)
    if not facts.now < info.expires_at <= facts.now + MAX_AHEAD_SECONDS + CLOCK_SKEW_SECONDS:
        raise EnvelopeExpired(expires_at=info.expires_at, now=facts.now)


async def _holder_document(facts: Facts, did: str) -> DIDDocument:
    return did_key_document(did) if did.startswith("did:key:") else await facts.document(did)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who claims to have signed, with the proven document of that DID, or the proven reason why there is none."""

    did: str
    method_id: str
    document: DIDDocument | IdentityRejected

    def resolve(self, did: str) -> DIDDocument:
        """The document, for those who ask for a DID."""
        if did != self.did:
            raise DIDNotResolved(did=did)
        if isinstance(self.document, IdentityRejected):
            raise self.document
        return self.document

    def require_key(self, deal: "Deal") -> bytes:
        """The BBS key, if the DID is live, the key still speaks for it, and the deal trusts it."""
        return require_issuer(self.did, self.method_id, trusted=list(deal.trusted_issuers), resolver=self)


async def read_issuer(facts: Facts, view: bytes) -> Issuer:
    """The issuer that a view names, looked up on chain."""
    did, method_id = peek_issuer(view)
    try:
        return Issuer(did, method_id, await facts.document(did))
    except IdentityRejected as no:
        return Issuer(did, method_id, no)


def require_views(opened: Opened, deal: "Deal", issuer_key: bytes) -> tuple[Checked, Checked]:
    """Both views are proven under one issuer key, belong to who signed, and say the same."""
    info, body = opened.info, opened.body
    enclave = verify_view(body.enclave_view, header=enclave_view_header(opened.raw_info), issuer_key=issuer_key)
    require_holder(enclave, opened.envelope.holder_did)
    header = consumer_view_header(info.chain_id, deal.id, deal.query_hash)
    consumer = verify_view(body.consumer_view, header=header, issuer_key=issuer_key)
    require_same(enclave, consumer)
    return enclave, consumer


def require_status(deal: "Deal", entry: StatusEntry, lists: Sequence[bytes], *, issuer: Issuer, now: int) -> None:
    """The issuer's own recent word, enclosed by the wallet, says that the credential was not taken back."""
    enclosed = EnclosedLists(lists).status_list(entry.list_url)
    document = issuer.resolve(issuer.did)
    check_status(entry, enclosed, issuer_document=document, now=now, max_age=deal.status_max_age)


def require_terms(deal: "Deal", agreements: Sequence[tuple[int, bool]]) -> None:
    """Every term has one answer, and required ones were agreed to."""
    asked = sorted(term.id for term in deal.terms)
    if sorted(term for term, _ in agreements) != asked:
        raise TermsMissing("one agreement a term is needed", terms=asked)
    agreed = dict(agreements)
    for term in deal.terms:
        if term.required and not agreed[term.id]:
            raise TermsMissing("a required term", id=term.id)


async def require_unsold(facts: Facts, deal_id: int, tag: bytes) -> None:
    """No consent on chain stands for this record in this deal, unless its delivery failed."""
    consent = await facts.consent_by_tag(deal_id, tag)
    if consent is not None and consent.status != UNDELIVERED:
        raise AlreadySold(deal_id=deal_id, number=consent.number)
