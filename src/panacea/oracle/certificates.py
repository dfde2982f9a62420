"""What an oracle certifies, and its signature over exactly those bytes (exchange, §3 step 7)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.oracle.keys import EpochKeys
from panacea.wire.contexts import certificate_digest
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate, Delivery, SignedCertificate
else:
    Certificate, Delivery, SignedCertificate = load(
        "panacea.datadeal.v3", "Certificate", "Delivery", "SignedCertificate"
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What the checks established about one record."""

    chain_id: str
    deal_id: int
    provider: str
    tag: bytes
    data_commitment: bytes
    query_hash: bytes


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From which height on a certificate may be used, and until which."""

    issued_at: int
    expires_at: int


def certify(finding: Finding, keys: EpochKeys, lifetime: Lifetime, delivery: "Delivery | None") -> SignedCertificate:
    """A signed certificate; without `delivery` it is a witness's."""
    registered = keys.registered
    certificate = Certificate(
        chain_id=finding.chain_id,
        deal_id=finding.deal_id,
        provider=finding.provider,
        oracle=registered.oracle,
        epoch=registered.epoch,
        measurement=registered.measurement,
        assurance=registered.kind,
        data_commitment=finding.data_commitment,
        tag=finding.tag,
        query_hash=finding.query_hash,
        commission_rate=registered.commission_rate,
        issued_at_height=lifetime.issued_at,
        expires_at_height=lifetime.expires_at,
    )
    if delivery is not None:
        certificate.delivery.CopyFrom(delivery)
    body = encode(certificate)
    return SignedCertificate(body=body, signature=keys.fresh.signing.sign(certificate_digest(body)))
