"""The provisioning certification key (PCK): who a platform is, and the state it was certified in.

Source: Intel SGX PCK Certificate and Certificate Revocation List Profile Specification, 1.5 (extension
1.2.840.113741.1.13.1).
"""

from dataclasses import dataclass

from panacea.attestation.der import DER, ENUMERATED, INTEGER, OCTET_STRING, OID
from panacea.attestation.types import ChainRefused, MalformedCertificate
from panacea.attestation.x509 import Certificate, read_chain

_SGX = bytes.fromhex("2a864886f84d010d01")
_LEAF_NAME = "PCK Certificate"
_AUTHORITY_NAMES = {"PCK Processor CA": "processor", "PCK Platform CA": "platform"}


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform as its PCK certificate describes it: 16 component SVNs, PCE SVN and the identifiers."""

    ppid: bytes
    components: tuple[int, ...]
    pce_svn: int
    pce_id: bytes
    fmspc: bytes


def read_pck_chain(pem: bytes) -> tuple[Certificate, Certificate, Certificate]:
    """PCK certificate, PCK authority and root, as a quote carries them; one final NUL is tolerated."""
    leaf, authority, root = read_chain(pem.removesuffix(b"\x00"), 3)
    if not leaf.common_name.endswith(_LEAF_NAME):
        raise ChainRefused("not a PCK certificate", name=leaf.common_name)
    read_authority(authority)
    return leaf, authority, root


def read_authority(certificate: Certificate) -> str:
    """Which PCK authority this is: `processor` or `platform`."""
    for suffix, name in _AUTHORITY_NAMES.items():
        if certificate.common_name.endswith(suffix):
            return name
    raise ChainRefused("not a PCK authority", name=certificate.common_name)


def read_platform(certificate: Certificate) -> Platform:
    """The SGX extension; fields in the order of the profile, the two optional ones last."""
    if certificate.sgx_extension is None:
        raise MalformedCertificate("no SGX extension")
    fields = DER(certificate.sgx_extension).only()
    ppid = _octets(fields, b"\x01", 16)
    components, pce_svn = _read_tcb(_value(fields, b"\x02").only())
    pce_id, fmspc = _octets(fields, b"\x03", 2), _octets(fields, b"\x04", 6)
    if _number(fields, b"\x05", 1, ENUMERATED) > 2:
        raise MalformedCertificate("unknown SGX type")
    if not fields.at_end():
        _octets(fields, b"\x06", 16)
        _read_configuration(_value(fields, b"\x07").only())
    fields.require_end()
    return Platform(ppid, components, pce_svn, pce_id, fmspc)


def _read_tcb(tcb: DER) -> tuple[tuple[int, ...], int]:
    """The 16 component SVNs and the PCE SVN; the raw CPU SVN that follows repeats the components."""
    components = tuple(_number(tcb, bytes([2, place]), 1) for place in range(1, 17))
    pce_svn = _number(tcb, b"\x02\x11", 2)
    _octets(tcb, b"\x02\x12", 16)
    tcb.require_end()
    return components, pce_svn


def _read_configuration(flags: DER) -> None:
    """Up to three flags in order (dynamic platform, cached keys, SMT); nothing here depends on them."""
    last = 0
    while not flags.at_end():
        pair = flags.enter()
        kind = pair.take(OID)
        if kind[:-1] != _SGX + b"\x07" or not last < kind[-1] <= 3:
            raise MalformedCertificate("unknown configuration flag")
        last = kind[-1]
        pair.boolean()
        pair.require_end()


def _value(fields: DER, kind: bytes) -> DER:
    """A cursor at the value of the next pair, whose type must be this one under the SGX arc."""
    pair = fields.enter()
    if pair.take(OID) != _SGX + kind:
        raise MalformedCertificate("SGX extension field missing or out of order")
    return pair


def _number(fields: DER, kind: bytes, size: int, tag: int = INTEGER) -> int:
    """The number of the next pair, below 256 to the power `size`."""
    pair = _value(fields, kind)
    number = pair.integer(size, tag)
    pair.require_end()
    return number


def _octets(fields: DER, kind: bytes, size: int) -> bytes:
    """The octet string of the next pair, of this size."""
    pair = _value(fields, kind)
    content = pair.take(OCTET_STRING)
    pair.require_end()
    if len(content) != size:
        raise MalformedCertificate("SGX extension field of another size")
    return content
