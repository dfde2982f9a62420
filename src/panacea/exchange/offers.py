"""An offer in the making, and what comes back: pure functions of bytes, in the order in which a wallet uses them.

match          does a credential fit a deal? decided here, without asking anybody
seal_offer     both views, the evidence, the holder's signature, sealed to one oracle
open_reply     the oracle's answer
require_certified   the certificate says what was asked, and the registered key signed it
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from panacea.chain.datadeal.types import split_price
from panacea.credentials import (
    CredentialRejected,
    NotMatched,
    Query,
    consumer_view,
    enclave_view,
    parse,
    require_valid_at,
    resource_of,
)
from panacea.credentials.records.model import MAX_CREDENTIAL, Claims, parse_credential, read_claims
from panacea.crypto import hpke
from panacea.crypto.hpke import HPKEKey, SealRejected
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, SignatureRejected
from panacea.exchange.formats import Body, Envelope, Malformed, Offer, Reply
from panacea.exchange.holder import Holder
from panacea.exchange.market import Roster
from panacea.exchange.types import CertificateInvalid, OfferRefused, OracleUnavailable
from panacea.health.types import HealthRejected
from panacea.primitives.numbers import Dec
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random
from panacea.vault import objects
from panacea.wire.contexts import (
    DELIVER,
    OfferInfo,
    certificate_digest,
    commit_salt,
    data_commitment,
    deal_tag,
    envelope_digest,
    reply_info,
    shares_root,
)
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate, SignedCertificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleKey
else:
    Certificate, SignedCertificate = load("panacea.datadeal.v3", "Certificate", "SignedCertificate")

LIFETIME_SECONDS = 300
OK = "ok"


@dataclass(frozen=True, slots=True)
class Match:
    """A credential that fits a deal: `fields` are JSON pointers into its resource, to all that would leave."""

    credential: bytes = field(repr=False)
    fields: tuple[str, ...]
    claims: Claims = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A credential that does not fit; `reason` is the code that an enclave would answer."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All of an offer that does not depend on the oracle; the same consumer view goes to each."""

    deal: "Deal"
    match: Match
    consumer_view: bytes = field(repr=False)
    status_lists: tuple[bytes, ...] = field(repr=False)
    schemas: tuple[bytes, ...] = field(repr=False)
    agreements: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Certified:
    """One oracle's certificate, verified; `sealed_shares` only with the one that delivers."""

    key: "OracleKey"
    signed: "SignedCertificate"
    certificate: "Certificate"
    sealed_shares: tuple[bytes, ...] = field(repr=False)


def match(deal: "Deal", credential: bytes, *, holder_did: str, now: int) -> Match | Unmatched:
    """Whether a credential fits a deal at `now` (unix seconds): its issuer, holder, validity and content.

    The proof is not looked at: `credentials.verify_issued` did when it was received.
    """
    try:
        claims = read_claims(parse_credential(credential, MAX_CREDENTIAL))
        if claims.issuer not in deal.trusted_issuers:
            return Unmatched("issuer_not_trusted", claims.issuer)
        if claims.holder != holder_did:
            return Unmatched("holder_mismatch")
        require_valid_at(claims, now)
        fields = _query(deal.query_language, deal.query).fields(resource_of(credential))
    except NotMatched as no:
        return Unmatched(no.text, no.reason)
    except CredentialRejected as no:
        return Unmatched(no.text, no.detail)
    except HealthRejected as no:
        return Unmatched("proof_invalid", str(no))
    return Match(credential, tuple(fields), claims)


@lru_cache(64)
def _query(language: int, raw: bytes) -> Query:
    return parse(language, raw)


def draft_offer(
    deal: "Deal",
    found: Match,
    *,
    chain_id: str,
    agreements: Mapping[int, bool],
    status_lists: Sequence[bytes],
    schemas: Sequence[bytes],
    random: Random,
) -> Draft:
    """The part of an offer that all oracles share. Raises CredentialRejected."""
    view = consumer_view(found.credential, found.fields, chain_id, deal.id, deal.query_hash, random=random)
    return Draft(deal, found, view, tuple(status_lists), tuple(schemas), tuple(sorted(agreements.items())))


def offer_info(
    draft: Draft, key: "OracleKey", *, chain_id: str, provider: str, role: int, now: int, random: Random
) -> OfferInfo:
    """The context of an offer to one oracle: it is good for five minutes, and nowhere else."""
    return OfferInfo(
        chain_id=chain_id,
        deal_id=draft.deal.id,
        provider=provider,
        oracle=key.oracle,
        epoch=key.epoch,
        hpke_key_hash=hashlib.sha256(key.hpke_key.public_key).digest(),
        measurement=key.measurement,
        query_hash=draft.deal.query_hash,
        role=role,
        nonce=random.token(16),
        expires_at=now + LIFETIME_SECONDS,
    )


def seal_offer(
    draft: Draft, info: OfferInfo, holder: Holder, *, sealing_key: bytes, reply_key: bytes, random: Random
) -> Offer:
    """An offer, sealed to an oracle's epoch key; its answer comes sealed to `reply_key`.

    Raises:
        CredentialRejected: the credential cannot be shown so, for one without a status.
        OracleUnavailable: nothing can be sealed to that key.
    """
    raw_info = info.encode()
    view = enclave_view(draft.match.credential, draft.match.fields, raw_info, random=random)
    body = Body(view, draft.consumer_view, draft.status_lists, draft.schemas, draft.agreements, reply_key).encode()
    signature = holder.sign(envelope_digest(raw_info, body))
    envelope = Envelope(body, holder.did, holder.method_id, signature).encode()
    return seal_envelope(envelope, raw_info, sealing_key=sealing_key, random=random)


def seal_envelope(envelope: bytes, raw_info: bytes, *, sealing_key: bytes, random: Random) -> Offer:
    """Any bytes as an offer's object. Raises OracleUnavailable where nothing can be sealed to that key."""
    file_key = random.token(objects.KEY_BYTES)
    sealed = objects.seal(envelope, file_key, random)
    try:
        sealed_key = hpke.seal(sealing_key, raw_info, file_key)
    except InvalidKey as no:
        raise OracleUnavailable("its key cannot be sealed to") from no
    return Offer(raw_info, sealed_key, sealed.descriptor, tuple(sealed.leaves), tuple(sealed.groups))


def open_reply(answer: bytes, raw_info: bytes, reply_key: HPKEKey) -> Reply:
    """The oracle's answer to the offer of that info.

    Raises:
        OfferRefused: the answer is no.
        OracleUnavailable: the answer does not open, or is none.
    """
    try:
        reply = Reply.decode(reply_key.open(reply_info(raw_info), answer))
    except (SealRejected, Malformed) as no:
        raise OracleUnavailable(f"its answer cannot be read: {no}") from no
    if reply.code != OK:
        raise OfferRefused(reply.code, reply.detail)
    return reply


def require_certified(reply: Reply, draft: Draft, info: OfferInfo, *, key: "OracleKey", roster: Roster) -> Certified:
    """The certificate of an answer, if it says what was offered and nothing else, under the registered key.

    Raises:
        CertificateInvalid: naming the check, as the chain does.
    """
    try:
        signed = decode(SignedCertificate, reply.certificate)
        certificate = decode(Certificate, signed.body)
        signing = PublicKey(KeyKind.SECP256K1, key.signing_key)
        signing.verify(certificate_digest(signed.body), signed.signature)
    except (SignatureRejected, InvalidKey) as no:
        raise CertificateInvalid("signature", oracle=key.oracle) from no
    except Rejected as no:
        raise CertificateInvalid("decode", because=no) from no
    for check, holds in _checks(certificate, draft, info, key, roster=roster).items():
        _require(holds, check)
    is_delivering = certificate.HasField("delivery")
    _require(is_delivering == (info.role == DELIVER) and bool(reply.sealed_shares) == is_delivering, "count")
    if is_delivering:
        _require(len(certificate.delivery.object_id) == 32, "shares")
        _require(len(reply.sealed_shares) == roster.seats, "shares")
        _require(certificate.delivery.shares_root == shares_root(reply.sealed_shares), "shares")
    return Certified(key, signed, certificate, reply.sealed_shares)


def _checks(
    found: "Certificate", draft: Draft, info: OfferInfo, key: "OracleKey", *, roster: Roster
) -> dict[str, bool]:
    """Each field against what the wallet knows by itself: the holder can compute tag and commitment."""
    nullifier = draft.match.claims.nullifier or b""
    salt = commit_salt(nullifier, info.chain_id, info.deal_id)
    life = found.expires_at_height - found.issued_at_height
    return {
        "chain": found.chain_id == info.chain_id,
        "deal": found.deal_id == info.deal_id,
        "provider": found.provider == info.provider,
        "oracle": found.oracle == info.oracle,
        "epoch": found.epoch == info.epoch == found.issued_at_height // roster.epoch_blocks,
        "measurement": found.measurement == key.measurement,
        "assurance": found.assurance == key.kind,
        "query": found.query_hash == draft.deal.query_hash,
        "commission": found.commission_rate == key.commission_rate,
        "height": found.issued_at_height > 0 and 0 < life <= roster.certificate_ttl,
        "tag": found.tag == deal_tag(nullifier, info.chain_id, info.deal_id),
        "commitment": found.data_commitment == data_commitment(salt, draft.consumer_view),
    }


def _require(holds: bool, check: str) -> None:
    if not holds:
        raise CertificateInvalid(check)


def net_of(deal: "Deal", keys: "Sequence[OracleKey]", roster: Roster) -> int:
    """What is left of the price for the provider, in the price's denomination: the chain computes the same."""
    rates = [Dec.from_wire(key.commission_rate) for key in keys]
    return split_price(int(deal.price.amount), rates, roster.release_rate, roster.threshold).net
