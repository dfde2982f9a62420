"""Certificates and revocation lists (RFC 5280), narrowed to the profile of the SGX PKI.

Version 3 certificates and version 2 lists, signed by ECDSA P-256 with SHA-256; every certificate states its role in a
critical basicConstraints and keyUsage; a critical extension that is not understood refuses the whole. PEM must be
exactly what an encoder writes (64 columns, LF), so that no two texts mean the same chain.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha384

from panacea.attestation.der import (
    BIT_STRING,
    BOOLEAN,
    DER,
    INTEGER,
    OCTET_STRING,
    OID,
    PRINTABLE_STRING,
    SEQUENCE,
    SET,
    UTF8_STRING,
)
from panacea.attestation.signatures import require_signature
from panacea.attestation.types import (
    CertificateRevoked,
    ChainRefused,
    MalformedCertificate,
    OutsideValidity,
    UntrustedRoot,
)

MAX_BODY = 64 * 1024
_MAX_CHAIN_TEXT = 12 * 1024
_MAX_EXTENSIONS = 16

_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_P256_KEY = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
_COMMON_NAME, _ORGANISATION = bytes.fromhex("550403"), bytes.fromhex("55040a")
_BASIC_CONSTRAINTS, _KEY_USAGE = bytes.fromhex("551d13"), bytes.fromhex("551d0f")
_SGX_EXTENSION = bytes.fromhex("2a864886f84d010d01")
_DIGITAL_SIGNATURE, _CERT_SIGN, _CRL_SIGN = 0x80, 0x04, 0x02
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, read but not yet believed: times in unix seconds, `point` uncompressed, `signature` r ‖ s."""

    serial: int
    issuer: bytes
    subject: bytes
    common_name: str
    organisation: str
    not_before: int
    not_after: int
    point: bytes
    is_ca: bool
    path_length: int | None
    sgx_extension: bytes | None
    signed: bytes
    signature: bytes

    @property
    def key_id(self) -> bytes:
        """SHA-384 of the uncompressed point."""
        return sha384(self.point).digest()


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A revocation list, read but not yet believed."""

    issuer: bytes
    issued: int
    expires: int
    serials: frozenset[int]
    signed: bytes
    signature: bytes


def read_chain(pem: bytes, length: int) -> tuple[Certificate, ...]:
    """The certificates of a PEM chain of exactly this length, leaf first. A last line break may be missing."""
    if len(pem) > _MAX_CHAIN_TEXT:
        raise MalformedCertificate("chain too long", size=len(pem))
    blocks = (pem if pem.endswith(b"\n") else pem + b"\n").split(_END)
    if len(blocks) != length + 1 or blocks.pop():
        raise MalformedCertificate("not a chain of the expected length", expected=length)
    return tuple(read_certificate(_read_pem(block)) for block in blocks)


def _read_pem(block: bytes) -> bytes:
    try:
        der = b64decode(block.removeprefix(_BEGIN).replace(b"\n", b""), validate=True)
    except Base64Error as wrong:
        raise MalformedCertificate("not base64") from wrong
    text = b64encode(der)
    lines = b"".join(text[at : at + 64] + b"\n" for at in range(0, len(text), 64))
    if block != _BEGIN + lines:
        raise MalformedCertificate("PEM not in canonical form")
    return der


def read_certificate(der: bytes) -> Certificate:
    """A certificate of the profile above."""
    signed, signature = _read_signed(der)
    body = DER(signed).enter()
    version = body.enter(0xA0)
    if version.integer(1) != 2:
        raise MalformedCertificate("not version 3")
    version.require_end()
    serial = _read_serial(body)
    if body.raw(SEQUENCE) != _ECDSA_SHA256:
        raise MalformedCertificate("signature algorithm inside differs")
    issuer = body.raw(SEQUENCE)
    validity = body.enter()
    not_before, not_after = validity.time(), validity.time()
    validity.require_end()
    subject = body.raw(SEQUENCE)
    names = _read_name(subject)
    point = _read_key(body.enter())
    extensions = _read_extensions(body.enter(0xA3).only())
    body.require_end()
    is_ca, path_length = _read_role(extensions)
    return Certificate(
        serial=serial,
        issuer=issuer,
        subject=subject,
        common_name=names.get(_COMMON_NAME, ""),
        organisation=names.get(_ORGANISATION, ""),
        not_before=not_before,
        not_after=not_after,
        point=point,
        is_ca=is_ca,
        path_length=path_length,
        sgx_extension=extensions.get(_SGX_EXTENSION),
        signed=signed,
        signature=signature,
    )


def read_revocation_list(der: bytes) -> RevocationList:
    """A version 2 list of at most 64 KiB. Extensions of the list and of its entries must not be critical."""
    if len(der) > MAX_BODY:
        raise MalformedCertificate("revocation list too long", size=len(der))
    signed, signature = _read_signed(der)
    body = DER(signed).enter()
    if body.integer(1) != 1 or body.raw(SEQUENCE) != _ECDSA_SHA256:
        raise MalformedCertificate("not a version 2 list under ECDSA with SHA-256")
    issuer, issued, expires = body.raw(SEQUENCE), body.time(), body.time()
    serials = set()
    entries = DER(b"") if body.is_next(0xA0) else body.enter()
    while not entries.at_end():
        entry = entries.enter()
        serials.add(_read_serial(entry))
        entry.time()
        if not entry.at_end():
            _read_extensions(entry.enter())
        entry.require_end()
    _read_extensions(body.enter(0xA0).only())
    body.require_end()
    return RevocationList(issuer, issued, expires, frozenset(serials), signed, signature)


def require_chain(chain: Sequence[Certificate], root_key_id: bytes, now: int, *, to_authority: bool = False) -> None:
    """Refuse unless every certificate is signed by the next, the last by itself, and that is the given root.

    All but the first must be authorities; the first must be one exactly if the chain is meant to lead to one.
    """
    root = chain[-1]
    if root.key_id != root_key_id:
        raise UntrustedRoot(found=root.key_id)
    if any(certificate.is_ca != (place > 0 or to_authority) for place, certificate in enumerate(chain)):
        raise ChainRefused("an authority where the holder belongs, or the reverse")
    for place, certificate in enumerate(chain):
        signer = min(place + 1, len(chain) - 1)
        _require_issued(certificate, chain[signer], below=signer - 1)
        require_valid(certificate.not_before, certificate.not_after, now, what=certificate.common_name)


def _require_issued(certificate: Certificate, issuer: Certificate, *, below: int) -> None:
    """`issuer` signed `certificate` and may have `below` authorities under it."""
    if certificate.issuer != issuer.subject:
        raise ChainRefused("issued under another name", certificate=certificate.common_name)
    if issuer.path_length is not None and issuer.path_length < below:
        raise ChainRefused("chain longer than its authority allows", authority=issuer.common_name)
    require_signature(issuer.point, certificate.signed, certificate.signature, by=issuer.common_name)


def require_revocation_list(listed: RevocationList, issuer: Certificate, now: int) -> None:
    """Refuse unless `issuer` signed this list and it is current."""
    if listed.issuer != issuer.subject:
        raise ChainRefused("revocation list of another authority", authority=issuer.common_name)
    require_signature(issuer.point, listed.signed, listed.signature, by=issuer.common_name)
    require_valid(listed.issued, listed.expires, now, what="revocation list")


def require_not_revoked(listed: RevocationList, *certificates: Certificate) -> None:
    """Refuse if the list names one of these certificates."""
    for certificate in certificates:
        if certificate.serial in listed.serials:
            raise CertificateRevoked(certificate=certificate.common_name, serial=certificate.serial)


def require_valid(since: int, until: int, now: int, *, what: str) -> None:
    """Refuse unless `since` ≤ `now` ≤ `until`, in unix seconds."""
    if not since <= now <= until:
        raise OutsideValidity(what=what, since=since, until=until, now=now)


def _read_signed(der: bytes) -> tuple[bytes, bytes]:
    """The signed part with its tag, and the signature as r ‖ s."""
    outer = DER(der).only()
    signed = outer.raw(SEQUENCE)
    if outer.raw(SEQUENCE) != _ECDSA_SHA256:
        raise MalformedCertificate("not ECDSA with SHA-256")
    pair = DER(outer.bits()).only()
    outer.require_end()
    r, s = pair.integer(32), pair.integer(32)
    pair.require_end()
    return signed, r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _read_serial(body: DER) -> int:
    """A positive serial number of at most 20 bytes."""
    serial = body.integer(20)
    if serial == 0:
        raise MalformedCertificate("serial number zero")
    return serial


def _read_name(raw: bytes) -> dict[bytes, str]:
    """The attributes of a name by type; one of each, in UTF-8 or printable strings."""
    found: dict[bytes, str] = {}
    names = DER(raw).enter()
    while not names.at_end():
        pair = names.enter(SET).only()
        kind = pair.take(OID)
        text = pair.take(UTF8_STRING if pair.is_next(UTF8_STRING) else PRINTABLE_STRING)
        pair.require_end()
        if kind in found or not text.isascii():
            raise MalformedCertificate("name repeats an attribute, or is not ASCII")
        found[kind] = text.decode("ascii")
    return found


def _read_key(body: DER) -> bytes:
    """The uncompressed point of a P-256 key."""
    algorithm, point = body.raw(SEQUENCE), body.bits()
    body.require_end()
    if algorithm != _P256_KEY or len(point) != 65 or point[0] != 4:
        raise MalformedCertificate("not an uncompressed P-256 key")
    return point


def _read_extensions(body: DER) -> dict[bytes, bytes]:
    """Extension values by type, each at most once; only roles may be critical."""
    found: dict[bytes, bytes] = {}
    while not body.at_end():
        extension = body.enter()
        kind = extension.take(OID)
        critical = extension.is_next(BOOLEAN)
        if critical and not extension.boolean():
            raise MalformedCertificate("default value written out")
        value = extension.take(OCTET_STRING)
        extension.require_end()
        if critical != (kind in {_BASIC_CONSTRAINTS, _KEY_USAGE}):
            raise MalformedCertificate("critical extension not understood, or a role not critical", extension=kind)
        if kind in found or len(found) == _MAX_EXTENSIONS:
            raise MalformedCertificate("extension repeated, or too many", extension=kind)
        found[kind] = value
    return found


def _read_role(extensions: dict[bytes, bytes]) -> tuple[bool, int | None]:
    """Whether the holder is an authority, and how many authorities may stand below it."""
    inner = DER(extensions.get(_BASIC_CONSTRAINTS, b"")).only()
    is_ca = inner.is_next(BOOLEAN) and inner.boolean()
    path_length = inner.integer(1) if is_ca and inner.is_next(INTEGER) else None
    inner.require_end()
    usage = DER(extensions.get(_KEY_USAGE, b""))
    flags = usage.take(BIT_STRING)
    usage.require_end()
    if len(flags) != 2:
        raise MalformedCertificate("key usage not of one byte")
    authority = flags[1] & (_CERT_SIGN | _CRL_SIGN)
    if authority != (_CERT_SIGN | _CRL_SIGN if is_ca else 0) or not (is_ca or flags[1] & _DIGITAL_SIGNATURE):
        raise ChainRefused("key usage does not fit the role")
    return is_ca, path_length
