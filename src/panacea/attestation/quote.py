"""DCAP quotes: SGX in version 3 and 4, TDX in version 4 and 5, read strictly.

Source: Intel SGX ECDSA Quote Library Reference 0.9 (version 3), Intel TDX DCAP Quoting Library API 0.9 (4 and 5).
Integers are little endian. Reserved bytes must be zero, every length exact; behind the quote only zeros may follow,
since clouds pad to a fixed size.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from panacea.attestation.types import Evidence, MalformedQuote, UnsupportedEvidence

MAX_BLOB = 16 * 1024
_ECDSA_P256 = 2
_TEE_TYPES = {0x00: "sgx", 0x81: "tdx"}
_VERSIONS = {"sgx": (3, 4), "tdx": (4, 5)}
_INTEL_QE_VENDOR = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
_PCK_CHAIN, _QE_REPORT_CERTIFICATION = 5, 6

Layout = tuple[tuple[str, int], ...]

SGX_LAYOUT: Layout = (
    ("cpu_svn", 16), ("misc_select", 4), ("", 12), ("isv_ext_prod_id", 16), ("attributes", 16), ("mr_enclave", 32),
    ("", 32), ("mr_signer", 32), ("", 32), ("config_id", 64), ("isv_prod_id", 2), ("isv_svn", 2), ("config_svn", 2),
    ("", 42), ("isv_family_id", 16), ("report_data", 64),
)  # fmt: skip
TD10_LAYOUT: Layout = (
    ("tee_tcb_svn", 16), ("mr_seam", 48), ("mr_signer_seam", 48), ("seam_attributes", 8), ("td_attributes", 8),
    ("xfam", 8), ("mr_td", 48), ("mr_config_id", 48), ("mr_owner", 48), ("mr_owner_config", 48), ("rt_mr0", 48),
    ("rt_mr1", 48), ("rt_mr2", 48), ("rt_mr3", 48), ("report_data", 64),
)  # fmt: skip
TD15_LAYOUT = (*TD10_LAYOUT, ("tee_tcb_svn_2", 16), ("mr_service_td", 48))
_V5_LAYOUTS = {2: TD10_LAYOUT, 3: TD15_LAYOUT}


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote, read but not yet believed.

    `signed` is what the attestation key signed; `body` and `qe_report` are report fields by name; `attestation_key`
    is the point without its leading 04; signatures are r ‖ s; `certificates` is the PCK chain in PEM.
    """

    kind: str
    signed: bytes
    body: Mapping[str, bytes]
    signature: bytes
    attestation_key: bytes
    qe_report: Mapping[str, bytes]
    qe_signed: bytes
    qe_signature: bytes
    qe_authentication: bytes
    certificates: bytes


class _Cursor:
    """Bytes, taken from the front."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        part = self.data[self.at : self.at + size]
        if len(part) != size:
            raise MalformedQuote("shorter than its lengths say")
        self.at += size
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def rest(self) -> bytes:
        return self.data[self.at :]


def read_quote(evidence: Evidence) -> Quote:
    """The quote of SGX or TDX evidence of at most 16 KiB."""
    if evidence.kind not in _VERSIONS:
        raise UnsupportedEvidence(kind=evidence.kind)
    if len(evidence.blob) > MAX_BLOB:
        raise MalformedQuote("longer than 16 KiB", size=len(evidence.blob))
    if evidence.certificates:
        raise MalformedQuote("certificates beside a quote that carries its own")
    cursor = _Cursor(evidence.blob)
    version = _read_header(cursor, evidence.kind)
    body = _read_body(cursor, evidence.kind, version)
    signed = evidence.blob[: cursor.at]
    section = _Cursor(cursor.take(cursor.number(4)))
    if any(cursor.rest()):
        raise MalformedQuote("other bytes than zero behind the quote")
    return _read_section(section, evidence.kind, version, signed, body)


def _read_header(cursor: _Cursor, kind: str) -> int:
    """The version of a quote of this kind, after checking its header of 48 bytes."""
    version, key_type, tee_type = cursor.number(2), cursor.number(2), cursor.number(4)
    if _TEE_TYPES.get(tee_type) != kind or version not in _VERSIONS[kind]:
        raise MalformedQuote("version or TEE type does not fit", version=version, tee_type=tee_type, kind=kind)
    if key_type != _ECDSA_P256:
        raise MalformedQuote("unknown attestation key type", key_type=key_type)
    cursor.take(4)  # The versions of quoting and certification enclave here are hints; the certified ones count.
    if cursor.take(16) != _INTEL_QE_VENDOR:
        raise MalformedQuote("unknown quoting enclave vendor")
    cursor.take(20)  # User data: the platform library's private matter.
    return version


def _read_body(cursor: _Cursor, kind: str, version: int) -> Mapping[str, bytes]:
    """The fields of the report; version 5 announces its type and size first."""
    layout = SGX_LAYOUT if kind == "sgx" else TD10_LAYOUT
    if version == 5:
        layout = _V5_LAYOUTS.get(cursor.number(2), ())
        if not layout or cursor.number(4) != _size(layout):
            raise MalformedQuote("unknown body type, or a size that does not fit")
    return _read_layout(cursor.take(_size(layout)), layout)


def _read_section(section: _Cursor, kind: str, version: int, signed: bytes, body: Mapping[str, bytes]) -> Quote:
    """The signature section: attestation key, quoting enclave and PCK chain."""
    signature, key = section.take(64), section.take(64)
    if version >= 4:
        section = _Cursor(_read_certification(section, _QE_REPORT_CERTIFICATION))
    qe_signed, qe_signature = section.take(384), section.take(64)
    return Quote(
        kind=kind,
        signed=signed,
        body=body,
        signature=signature,
        attestation_key=key,
        qe_report=_read_layout(qe_signed, SGX_LAYOUT),
        qe_signed=qe_signed,
        qe_signature=qe_signature,
        qe_authentication=section.take(section.number(2)),
        certificates=_read_certification(section, _PCK_CHAIN),
    )


def _read_certification(section: _Cursor, kind: int) -> bytes:
    """Certification data of this kind, which fills the rest of its section."""
    found, content = section.number(2), section.take(section.number(4))
    if found != kind or section.rest():
        raise MalformedQuote("certification data of another kind, or not the last", expected=kind, found=found)
    return content


def _read_layout(content: bytes, layout: Layout) -> Mapping[str, bytes]:
    """Named fields of a fixed layout; unnamed ones are reserved and must be zero."""
    fields, at = {}, 0
    for name, size in layout:
        value = content[at : at + size]
        if name:
            fields[name] = value
        elif any(value):
            raise MalformedQuote("reserved bytes not zero", at=at)
        at += size
    return fields


def _size(layout: Layout) -> int:
    return sum(size for _, size in layout)
