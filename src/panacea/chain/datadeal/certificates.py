"""Whether certificates are worth a consumer's money: each check has a name, and the first that fails is the answer.

decode chain deal provider oracle epoch measurement assurance vendor signature query commission height expired, for
each certificate in turn; then, over all of them, operators disagree count shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.datadeal.ports import Oracles
from panacea.chain.datadeal.types import CertificateInvalid
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.primitives.address import Address
from panacea.primitives.numbers import Dec
from panacea.primitives.rejected import Rejected
from panacea.wire.contexts import certificate_digest, shares_root
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate, SignedCertificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgSubmitConsent
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import AssuranceKind, OracleKey, OracleStatus
else:
    (Certificate,) = load("panacea.datadeal.v3", "Certificate")
    AssuranceKind, OracleStatus = load("panacea.oracle.v3", "AssuranceKind", "OracleStatus")

ACTIVE = OracleStatus.ORACLE_STATUS_ACTIVE
SIMULATED = AssuranceKind.ASSURANCE_KIND_SIMULATED
SIGNATURE_GAS = 1000


@dataclass(frozen=True, slots=True)
class Certified:
    """What the certificates of one consent agree on; the first of them delivers."""

    certificates: "tuple[Certificate, ...]"

    @property
    def first(self) -> "Certificate":
        """The certificate with the delivery."""
        return self.certificates[0]

    @property
    def rates(self) -> list[Dec]:
        """Each certifying oracle's commission rate, in order."""
        return [Dec.from_wire(certificate.commission_rate) for certificate in self.certificates]


def decode_certificate(body: bytes) -> "Certificate":
    """The certificate that was signed as these bytes.

    Raises:
        CertificateInvalid: not one, or with fields this chain does not know.
    """
    try:
        found: Certificate = decode(Certificate, body)
    except Rejected as no:
        raise CertificateInvalid("decode", because=no) from no
    for name, value in (("tag", found.tag), ("data_commitment", found.data_commitment)):
        if len(value) != 32:
            raise CertificateInvalid("decode", field=name, size=len(value))
    return found


def require_certified(ctx: Context, oracles: Oracles, deal: "Deal", msg: "MsgSubmitConsent") -> Certified:
    """The certificates of a consent, if every check holds.

    Raises:
        CertificateInvalid: naming the check that failed.
    """
    found, keys = [], []
    for signed in msg.certificates:
        certificate, key = _require_one(ctx, oracles, deal, msg.provider, signed)
        found.append(certificate)
        keys.append(key)
    _require_together(deal, found, keys)
    _require_shares(ctx, oracles, found[0], msg.sealed_shares)
    return Certified(tuple(found))


def _require(holds: bool, check: str, **values: object) -> None:
    if not holds:
        raise CertificateInvalid(check, **values)


def _require_one(
    ctx: Context, oracles: Oracles, deal: "Deal", provider: str, signed: "SignedCertificate"
) -> "tuple[Certificate, OracleKey]":
    certificate = decode_certificate(signed.body)
    _require(certificate.chain_id == ctx.chain_id, "chain", chain_id=certificate.chain_id)
    _require(certificate.deal_id == deal.id, "deal", deal_id=certificate.deal_id)
    _require(certificate.provider == str(Address.parse(provider)), "provider", provider=certificate.provider)
    oracle = oracles.find_oracle(ctx, certificate.oracle)
    _require(oracle is not None and oracle.status == ACTIVE, "oracle", oracle=certificate.oracle)
    key = _require_key(ctx, oracles, deal, certificate)
    ctx.gas.charge(SIGNATURE_GAS, "certificate verify: secp256k1")
    try:
        PublicKey(KeyKind.SECP256K1, key.signing_key).verify(certificate_digest(signed.body), signed.signature)
    except Rejected as no:
        raise CertificateInvalid("signature", oracle=certificate.oracle) from no
    _require(certificate.query_hash == deal.query_hash, "query", query_hash=certificate.query_hash)
    _require(certificate.commission_rate == key.commission_rate, "commission", rate=certificate.commission_rate)
    _require_heights(ctx, oracles, certificate)
    return certificate, key


def _require_key(ctx: Context, oracles: Oracles, deal: "Deal", certificate: "Certificate") -> "OracleKey":
    key = oracles.find_key(ctx, certificate.oracle, certificate.epoch)
    if key is None:
        raise CertificateInvalid("epoch", epoch=certificate.epoch)
    issued_in = certificate.issued_at_height // oracles.params(ctx).epoch_blocks
    _require(issued_in == certificate.epoch, "epoch", epoch=certificate.epoch, issued_in=issued_in)
    allowed = certificate.measurement == key.measurement and oracles.is_allowed(ctx, key)
    _require(allowed, "measurement", measurement=certificate.measurement)
    simulated_is_welcome = key.kind != SIMULATED or deal.assurance.allow_simulated
    _require(certificate.assurance == key.kind and simulated_is_welcome, "assurance", assurance=certificate.assurance)
    vendors = list(deal.assurance.vendors_allowed)
    _require(not vendors or key.vendor in vendors, "vendor", vendor=key.vendor)
    return key


def _require_heights(ctx: Context, oracles: Oracles, certificate: "Certificate") -> None:
    issued, expires = certificate.issued_at_height, certificate.expires_at_height
    lifetime = oracles.params(ctx).certificate_ttl
    _require(
        0 < issued < ctx.height and issued <= expires <= issued + lifetime, "height", issued=issued, expires=expires
    )
    _require(ctx.height <= expires, "expired", expires=expires)


def _require_together(deal: "Deal", found: "list[Certificate]", keys: "list[OracleKey]") -> None:
    _require(len({certificate.oracle for certificate in found}) == len(found), "operators")
    agreed = {(each.tag, each.data_commitment) for each in found}
    _require(len(agreed) == 1, "disagree")
    vendors = len({key.vendor for key in keys})
    _require(vendors >= min(deal.assurance.min_vendors, len(found)), "vendor", vendors=vendors)
    delivering = [certificate.HasField("delivery") for certificate in found]
    counted = len(found) == deal.assurance.min_certificates and delivering == [True] + [False] * (len(found) - 1)
    _require(counted, "count", given=len(found), needed=deal.assurance.min_certificates)


def _require_shares(ctx: Context, oracles: Oracles, first: "Certificate", sealed_shares: Sequence[bytes]) -> None:
    committee = oracles.find_committee(ctx, first.epoch)
    if committee is None:
        raise CertificateInvalid("shares", committee="not drawn", epoch=first.epoch)
    # Its members' keys are then no younger than the certificate, so that each can say when its share does not open.
    _require(committee.height <= first.issued_at_height, "shares", committee_drawn=committee.height)
    _require(len(first.delivery.object_id) == 32, "shares", object_id=first.delivery.object_id)
    _require(len(sealed_shares) == len(committee.members), "shares", given=len(sealed_shares))
    _require(shares_root(sealed_shares) == first.delivery.shares_root, "shares", root=first.delivery.shares_root)
