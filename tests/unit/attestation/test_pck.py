from dataclasses import replace

import pytest
from der_surgery import grow, paths
from simulated_evidence import FMSPC, NOW, PLATFORM, evidence

from panacea.attestation import Evidence, requirements
from panacea.attestation.pck import read_authority, read_pck_chain, read_platform
from panacea.attestation.quote import read_quote
from panacea.attestation.types import ChainRefused, MalformedCertificate
from panacea.attestation.x509 import Certificate, read_chain
from panacea.simulated.documents import sgx_extension

PPID = bytes(range(16))
EXTENSION = sgx_extension(PPID, FMSPC)
ARC = bytes.fromhex("060b2a864886f84d010d01")
CHAIN = read_quote(evidence()).certificates


def platform_certificate(extension: bytes | None) -> Certificate:
    return replace(read_pck_chain(CHAIN)[0], sgx_extension=extension)


def element(tag: int, content: bytes) -> bytes:
    assert len(content) < 0x10000
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


def with_more(*fields: str) -> bytes:
    """The extension with further fields, given in hex."""
    return element(0x30, EXTENSION[4:] + b"".join(bytes.fromhex(field) for field in fields))


INSTANCE = "301e060a2a864886f84d010d01060410" + "ab" * 16
CONFIGURATION = (
    "3044060a2a864886f84d010d01073036"
    "3010060b2a864886f84d010d0107010101ff3010060b2a864886f84d010d0107020101ff3010060b2a864886f84d010d0107030101ff"
)


def test_fields() -> None:
    platform = read_platform(platform_certificate(EXTENSION))
    assert (platform.ppid, platform.fmspc, platform.pce_id, platform.pce_svn) == (PPID, FMSPC, bytes(2), 13)
    assert platform.components == (5,) * 16


def test_optional_fields() -> None:
    read_platform(platform_certificate(with_more(INSTANCE, CONFIGURATION)))


def component(place: int) -> bytes:
    return b"\x30\x10" + ARC + bytes([2, place]) + b"\x02\x01\x05"


@pytest.mark.parametrize(
    "extension",
    [
        None,
        b"",
        EXTENSION + b"\x00",
        EXTENSION.replace(component(16), b""),  # 15 components; lengths no longer fit either
        EXTENSION.replace(component(2), component(1)),  # one twice
        EXTENSION.replace(component(1), component(17)),
        EXTENSION.replace(b"\x0a\x01\x00", b"\x0a\x01\x03"),  # unknown SGX type
        EXTENSION.replace(FMSPC, FMSPC[:5]),
        with_more(INSTANCE),  # the configuration goes with it
        with_more(CONFIGURATION),
        with_more(INSTANCE, CONFIGURATION, INSTANCE),
        with_more(INSTANCE, CONFIGURATION.replace("0702", "0701")),  # a flag twice
        with_more(INSTANCE, CONFIGURATION.replace("0703", "0704")),
        with_more(INSTANCE, CONFIGURATION.replace("0101ff", "010101")),
    ],
)
def test_bad_extensions(extension: bytes | None) -> None:
    with pytest.raises(MalformedCertificate):
        read_platform(platform_certificate(extension))


def pair(kind: bytes, value: bytes) -> bytes:
    arc = bytes.fromhex("2a864886f84d010d01")
    content = bytes([6, len(arc + kind)]) + arc + kind + value
    return element(0x30, content) if len(content) > 127 else bytes([0x30, len(content)]) + content


def octets(value: bytes) -> bytes:
    return bytes([4, len(value)]) + value


def rebuilt(
    *,
    count: int = 16,
    behind_svns: bytes = b"",
    cpu_svn: bytes = bytes(16),
    ppid: bytes = octets(PPID),
    fmspc: bytes = octets(FMSPC),
    sgx_type: int = 0,
    behind: bytes = b"",
) -> bytes:
    """An extension whose lengths all fit."""
    svns = b"".join(pair(bytes([2, place]), b"\x02\x01\x05") for place in range(1, count + 1))
    svns += pair(b"\x02\x11", b"\x02\x01\x0d") + pair(b"\x02\x12", octets(cpu_svn)) + behind_svns
    fields = pair(b"\x01", ppid) + pair(b"\x02", element(0x30, svns)) + pair(b"\x03", octets(bytes(2)))
    return element(0x30, fields + pair(b"\x04", fmspc) + pair(b"\x05", bytes([10, 1, sgx_type])) + behind)


@pytest.mark.parametrize(
    "extension",
    [
        rebuilt(count=0),
        rebuilt(count=15),
        rebuilt(count=17),
        rebuilt(behind_svns=pair(b"\x02\x13", b"\x02\x01\x00")),
        rebuilt(cpu_svn=bytes(15)),
        rebuilt(ppid=octets(bytes(17))),
        rebuilt(ppid=octets(PPID) + b"\x05\x00"),
        rebuilt(fmspc=octets(FMSPC[:5])),
        rebuilt(sgx_type=3),
        rebuilt(
            behind=bytes.fromhex(INSTANCE) + pair(b"\x07", element(0x30, pair(b"\x07\x01", b"\x01\x01\x00\x05\x00")))
        ),
        rebuilt(behind=bytes.fromhex(INSTANCE) + pair(b"\x07", element(0x30, pair(b"\x08\x01", b"\x01\x01\x00")))),
    ],
)
def test_misfits_whose_lengths_fit(extension: bytes) -> None:
    with pytest.raises(MalformedCertificate):
        read_platform(platform_certificate(extension))


@pytest.mark.parametrize("sgx_type", [0, 1, 2])
def test_sgx_types(sgx_type: int) -> None:
    assert read_platform(platform_certificate(rebuilt(sgx_type=sgx_type))).fmspc == FMSPC


FULL = with_more(INSTANCE, CONFIGURATION)


@pytest.mark.parametrize("path", paths(FULL))
def test_nothing_may_hide_in_the_extension(path: tuple[int, ...]) -> None:
    with pytest.raises(MalformedCertificate):
        read_platform(platform_certificate(grow(FULL, *path)))


def test_one_final_nul_is_tolerated() -> None:
    assert read_pck_chain(CHAIN + b"\x00") == read_pck_chain(CHAIN)
    with pytest.raises(MalformedCertificate):
        read_pck_chain(CHAIN + b"\x00\x00")


def test_names_of_the_chain() -> None:
    blocks = [block + b"-----END CERTIFICATE-----\n" for block in CHAIN.split(b"-----END CERTIFICATE-----\n")[:-1]]
    with pytest.raises(ChainRefused, match="not a PCK certificate"):
        read_pck_chain(b"".join([blocks[1], blocks[1], blocks[2]]))
    with pytest.raises(ChainRefused, match="not a PCK authority"):
        read_pck_chain(b"".join([blocks[0], blocks[2], blocks[2]]))


def test_authority() -> None:
    assert read_authority(read_pck_chain(CHAIN)[1]) == "processor"
    with pytest.raises(ChainRefused):
        read_authority(read_chain(PLATFORM.collateral_items(NOW)[1].issuer_chain, 1)[0])


def test_requirements_name_the_family() -> None:
    found = requirements(Evidence("sgx", evidence().blob))
    assert (found.kind, found.root_key_id, found.fmspc, found.ca) == ("sgx", PLATFORM.root_key_id, FMSPC, "processor")
