"""The appraisal: evidence and collateral in, claims out. A pure function of its arguments, and a consensus rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from panacea.attestation.pck import Platform, read_pck_chain, read_platform
from panacea.attestation.quote import Quote, read_quote
from panacea.attestation.signatures import require_signature
from panacea.attestation.signed_json import Verified, verify_document
from panacea.attestation.tcb import Standing, rate_platform, rate_quoting_enclave
from panacea.attestation.types import (
    AttestationKeyUnbound,
    AttributesRefused,
    Claims,
    Collateral,
    DebugEnabled,
    Evidence,
)
from panacea.attestation.x509 import (
    Certificate,
    read_revocation_list,
    require_chain,
    require_not_revoked,
    require_revocation_list,
)

_SGX_INIT, _SGX_DEBUG = 0x01, 0x02
_TD_DEBUG = 0xFF
_TD_SEPT_VE_DISABLE = 1 << 28
_PLATFORM_DOMAIN = b"panacea/platform/v1"
_NUMBERS = frozenset({"isv_prod_id", "isv_svn", "config_svn"})


@dataclass(frozen=True, slots=True)
class _Documents:
    """Both verified documents, and the earliest end of everything that vouched for them and for the platform."""

    tcb_info: Verified
    qe_identity: Verified
    earliest_expiry: int


def appraise(evidence: Evidence, collateral: Collateral, now: int) -> Claims:
    """What this evidence proves under `collateral.root_key_id` at `now` (unix seconds).

    Raises a `Refused` that names the failed check. Debug enclaves, service TDs and revoked TCB levels never pass;
    every other TCB status does, and is for the policy to judge.
    """
    quote = read_quote(evidence)
    chain = read_pck_chain(quote.certificates)
    documents = _verify_collateral(chain, collateral, now)
    _require_signed_quote(quote, chain[0])
    _require_isolation(quote.kind, quote.body)
    platform = read_platform(chain[0])
    standing = rate_platform(documents.tcb_info.fields, quote.kind, platform, quote.body)
    standing = standing.worsened_by(
        rate_quoting_enclave(documents.qe_identity.fields, quote.kind, quote.qe_report),
    )
    return _claims(quote, platform, chain[-1], documents, standing)


def _verify_collateral(chain: tuple[Certificate, ...], collateral: Collateral, now: int) -> _Documents:
    """Check the PCK chain, both revocation lists, both signed documents and their signers, all under one root."""
    leaf, authority, root = chain
    require_chain(chain, collateral.root_key_id, now)
    root_list = read_revocation_list(collateral.root_crl)
    require_revocation_list(root_list, root, now)
    require_not_revoked(root_list, root, authority)
    pck_list = read_revocation_list(collateral.pck_crl)
    require_revocation_list(pck_list, authority, now)
    require_not_revoked(pck_list, leaf)
    tcb_info = verify_document(collateral.tcb_info, collateral.root_key_id, now)
    qe_identity = verify_document(collateral.qe_identity, collateral.root_key_id, now)
    certificates = (*chain, *tcb_info.chain, *qe_identity.chain)
    require_not_revoked(root_list, *tcb_info.chain, *qe_identity.chain)
    ends = (root_list.expires, pck_list.expires, tcb_info.expires, qe_identity.expires)
    return _Documents(tcb_info, qe_identity, min(*ends, *(certificate.not_after for certificate in certificates)))


def _require_signed_quote(quote: Quote, leaf: Certificate) -> None:
    """PCK signs the quoting enclave, which vouches for the attestation key, which signs the quote."""
    require_signature(leaf.point, quote.qe_signed, quote.qe_signature, by="PCK")
    bound = sha256(quote.attestation_key + quote.qe_authentication).digest() + bytes(32)
    if quote.qe_report["report_data"] != bound:
        raise AttestationKeyUnbound
    require_signature(b"\x04" + quote.attestation_key, quote.signed, quote.signature, by="attestation key")


def _require_isolation(kind: str, body: Mapping[str, bytes]) -> None:
    """Refuse an enclave or trust domain that its host may look into or move elsewhere."""
    if kind == "sgx":
        flags = body["attributes"][0]
        if flags & _SGX_DEBUG:
            raise DebugEnabled("enclave")
        if not flags & _SGX_INIT:
            raise AttributesRefused("enclave not initialised")
        return
    attributes = int.from_bytes(body["td_attributes"], "little")
    if attributes & _TD_DEBUG:
        raise DebugEnabled("trust domain")
    if attributes != _TD_SEPT_VE_DISABLE:
        raise AttributesRefused("only SEPT_VE_DISABLE may be set, and must be", attributes=body["td_attributes"])
    if any(body.get("mr_service_td", b"")):
        raise AttributesRefused("bound to a service TD, so it may migrate")


def _claims(quote: Quote, platform: Platform, root: Certificate, documents: _Documents, standing: Standing) -> Claims:
    body = quote.body
    is_sgx = quote.kind == "sgx"
    fields = {name: _number(value) if name in _NUMBERS else value for name, value in body.items()}
    evaluations = (
        document.fields.number("tcbEvaluationDataNumber", 0xFFFFFFFF)
        for document in (documents.tcb_info, documents.qe_identity)
    )
    return Claims(
        kind=quote.kind,
        measurement=body["mr_enclave"] if is_sgx else measure_td(body),
        mr_signer=body["mr_signer"] if is_sgx else body["mr_owner"],
        report_data=body["report_data"],
        tcb_status=standing.status,
        advisory_ids=tuple(sorted(standing.advisories)),
        tcb_evaluation=min(evaluations),
        fmspc=platform.fmspc,
        platform_id=sha256(_PLATFORM_DOMAIN + root.key_id + platform.ppid).digest(),
        root_key_id=root.key_id,
        product_line=platform.fmspc[1:3].hex(),
        vendor=root.organisation,
        debug=False,
        isv_prod_id=_number(body.get("isv_prod_id", b"")),
        isv_svn=_number(body.get("isv_svn", b"")),
        earliest_expiry=documents.earliest_expiry,
        fields=MappingProxyType(fields),
    )


def measure_td(body: Mapping[str, bytes]) -> bytes:
    """SHA-256 over MRTD and the four runtime registers: the image, and what it was booted into."""
    return sha256(b"".join(body[name] for name in ("mr_td", "rt_mr0", "rt_mr1", "rt_mr2", "rt_mr3"))).digest()


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "little")
