"""Quotes as a platform's quoting enclave writes them: the inverse of `panacea.attestation.quote`."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec

from panacea.attestation.quote import SGX_LAYOUT, TD10_LAYOUT, TD15_LAYOUT, Layout
from panacea.simulated.authority import raw_point, sign

_TEE_TYPES = {"sgx": 0x00, "tdx": 0x81}
_INTEL_QE_VENDOR = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
_AUTHENTICATION = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Signers:
    """The keys of a machine: PCK, attestation key, and the PCK chain in PEM."""

    pck: ec.EllipticCurvePrivateKey
    attestation: ec.EllipticCurvePrivateKey
    chain: bytes


def write_quote(
    signers: Signers, kind: str, version: int, body: Mapping[str, bytes], qe_report: Mapping[str, bytes]
) -> bytes:
    """A quote over the report `body`, vouched for by the quoting enclave with report `qe_report`; fields by name."""
    signed = _number(version, 2) + _number(2, 2) + _number(_TEE_TYPES[kind], 4) + bytes(4)
    signed += _INTEL_QE_VENDOR + bytes(20) + _body(kind, version, body)
    key = raw_point(signers.attestation)
    bound = {**qe_report, "report_data": sha256(key + _AUTHENTICATION).digest() + bytes(32)}
    report = pack(SGX_LAYOUT, bound)
    vouched = report + sign(signers.pck, report) + _number(len(_AUTHENTICATION), 2) + _AUTHENTICATION
    vouched += _certification(5, signers.chain)
    section = sign(signers.attestation, signed) + key + (vouched if version == 3 else _certification(6, vouched))
    return signed + _number(len(section), 4) + section


def pack(layout: Layout, values: Mapping[str, bytes]) -> bytes:
    """The bytes of a report; fields that are not given are zero."""
    return b"".join(values.get(name, b"").ljust(size, b"\x00") for name, size in layout)


def _body(kind: str, version: int, values: Mapping[str, bytes]) -> bytes:
    if kind == "sgx":
        return pack(SGX_LAYOUT, values)
    if version == 4:
        return pack(TD10_LAYOUT, values)
    body = pack(TD15_LAYOUT, values)
    return _number(3, 2) + _number(len(body), 4) + body


def _certification(kind: int, content: bytes) -> bytes:
    return _number(kind, 2) + _number(len(content), 4) + content


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")
