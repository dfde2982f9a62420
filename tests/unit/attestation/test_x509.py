"""Certificates outside the profile: each is built properly and then bent in one place."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from der_surgery import NULL, each, grow, join, paths, split
from simulated_evidence import NOW, PLATFORM

from panacea.attestation.types import (
    BadSignature,
    CertificateRevoked,
    ChainRefused,
    MalformedCertificate,
    OutsideValidity,
    UntrustedRoot,
)
from panacea.attestation.x509 import (
    MAX_BODY,
    Certificate,
    read_certificate,
    read_chain,
    read_revocation_list,
    require_chain,
    require_not_revoked,
    require_revocation_list,
)

KEYS = [ec.derive_private_key(secret, ec.SECP256R1()) for secret in (11, 22, 33, 44)]
START = datetime.fromtimestamp(NOW, UTC)
Builder = x509.CertificateBuilder
Bend = Callable[[Builder], Builder]


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage(*, is_ca: bool) -> x509.KeyUsage:
    off = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
        **off,
    )


def builder(
    place: int,
    issuer: int,
    *,
    is_ca: bool,
    path_length: int | None = None,
    roles: bool = True,
    serial: int | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Builder:
    made = (
        Builder()
        .subject_name(name(f"holder {place}"))
        .issuer_name(name(f"holder {issuer}"))
        .public_key((key or KEYS[place]).public_key())
        .serial_number(serial or 1000 + place)
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(START + timedelta(days=1))
    )
    if not roles:
        return made
    made = made.add_extension(x509.BasicConstraints(is_ca, path_length), critical=True)
    return made.add_extension(usage(is_ca=is_ca), critical=True)


def sign(made: Builder, issuer: int) -> bytes:
    return made.sign(KEYS[issuer], hashes.SHA256()).public_bytes(Encoding.DER)


def leaf(bend: Bend = lambda made: made) -> bytes:
    return sign(bend(builder(0, 1, is_ca=False)), 1)


def chain(*, leaf_is_ca: bool = False, middle_is_ca: bool = True, root_path: int | None = 1) -> list[Certificate]:
    made = (
        sign(builder(0, 1, is_ca=leaf_is_ca), 1),
        sign(builder(1, 2, is_ca=middle_is_ca, path_length=0 if middle_is_ca else None), 2),
        sign(builder(2, 2, is_ca=True, path_length=root_path), 2),
    )
    return [read_certificate(der) for der in made]


def bare(*extensions: tuple[x509.ExtensionType, bool]) -> bytes:
    made = builder(0, 1, is_ca=False, roles=False)
    for extension, critical in extensions:
        made = made.add_extension(extension, critical=critical)
    return sign(made, 1)


def test_fields() -> None:
    read = read_certificate(leaf())
    assert (read.serial, read.common_name, read.is_ca, read.path_length) == (1000, "holder 0", False, None)
    assert (read.not_before, read.not_after) == (NOW - 86400, NOW + 86400)


def test_a_good_chain() -> None:
    good = chain()
    require_chain(good, good[-1].key_id, NOW)
    require_chain(good[1:], good[-1].key_id, NOW, to_authority=True)


@pytest.mark.parametrize("now", [NOW - 86401, NOW + 86401])
def test_outside_validity(now: int) -> None:
    good = chain()
    with pytest.raises(OutsideValidity):
        require_chain(good, good[-1].key_id, now)


@pytest.mark.parametrize("now", [NOW - 86400, NOW + 86400])
def test_edges_of_validity(now: int) -> None:
    good = chain()
    require_chain(good, good[-1].key_id, now)


def test_another_root() -> None:
    good = chain()
    with pytest.raises(UntrustedRoot):
        require_chain(good, good[0].key_id, NOW)


@pytest.mark.parametrize(
    "bad", [chain(leaf_is_ca=True), chain(middle_is_ca=False), chain(root_path=0)], ids=["leaf", "middle", "too long"]
)
def test_roles(bad: list[Certificate]) -> None:
    with pytest.raises(ChainRefused):
        require_chain(bad, bad[-1].key_id, NOW)


def test_a_leaf_is_no_authority() -> None:
    good = chain()
    with pytest.raises(ChainRefused):
        require_chain(good, good[-1].key_id, NOW, to_authority=True)


def test_order() -> None:
    good = chain()
    with pytest.raises(ChainRefused):
        require_chain([good[0], good[2]], good[2].key_id, NOW)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_signature_is_checked(place: int) -> None:
    bad = chain()
    bad[place] = dataclasses.replace(bad[place], signature=bytes(32) + bad[place].signature[32:])
    with pytest.raises(BadSignature):
        require_chain(bad, bad[-1].key_id, NOW)


def unknown(number: int, *, critical: bool = False) -> tuple[x509.ExtensionType, bool]:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.2.3.{number}"), b"x"), critical


CONSTRAINTS = (x509.BasicConstraints(ca=False, path_length=None), True)
USAGE = (usage(is_ca=False), True)


def test_unknown_extensions_are_passed_over() -> None:
    assert read_certificate(bare(CONSTRAINTS, USAGE, unknown(1))).serial == 1000


@pytest.mark.parametrize(
    "extensions",
    [
        (CONSTRAINTS, USAGE, unknown(1, critical=True)),
        (CONSTRAINTS,),
        (USAGE,),
        ((CONSTRAINTS[0], False), USAGE),
        (CONSTRAINTS, (USAGE[0], False)),
        (CONSTRAINTS, USAGE, *(unknown(number) for number in range(15))),
    ],
    ids=["critical", "no usage", "no constraints", "constraints not critical", "usage not critical", "too many"],
)
def test_bad_extensions(extensions: tuple[tuple[x509.ExtensionType, bool], ...]) -> None:
    with pytest.raises(MalformedCertificate):
        read_certificate(bare(*extensions))


@pytest.mark.parametrize("is_ca", [True, False])
def test_usage_must_fit_the_role(is_ca: bool) -> None:
    constraints = (x509.BasicConstraints(ca=is_ca, path_length=None), True)
    with pytest.raises(ChainRefused):
        read_certificate(bare(constraints, (usage(is_ca=not is_ca), True)))


def test_another_curve() -> None:
    other = ec.derive_private_key(5, ec.SECP384R1())
    with pytest.raises(MalformedCertificate):
        read_certificate(sign(builder(0, 1, is_ca=False, key=other), 1))


def test_another_hash() -> None:
    der = builder(0, 1, is_ca=False).sign(KEYS[1], hashes.SHA384()).public_bytes(Encoding.DER)
    with pytest.raises(MalformedCertificate):
        read_certificate(der)


SERIAL = bytes.fromhex("020203e8")
VERSION = bytes.fromhex("a003020102")
ALGORITHM = bytes.fromhex("300a06082a8648ce3d040302")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SERIAL, bytes.fromhex("02028000")),  # negative serial number
        (SERIAL, bytes.fromhex("02020000")),  # zero, not minimal
        (SERIAL, bytes.fromhex("04020001")),  # no number
        (VERSION, bytes.fromhex("a003020101")),  # version 2
        (VERSION, bytes.fromhex("a003020201")),
        (ALGORITHM, ALGORITHM[:-1] + b"\x03"),  # another algorithm inside than outside
        (b"holder 0", b"h\xc3\xa9der 0"),  # a name outside ASCII
        (bytes.fromhex("0603551d13"), bytes.fromhex("0603551d0f")),  # an extension twice
        (bytes.fromhex("0101ff"), bytes.fromhex("010100")),  # a default written out
    ],
)
def test_patched(old: bytes, new: bytes) -> None:
    der = leaf()
    assert old in der
    with pytest.raises(MalformedCertificate):
        read_certificate(der.replace(old, new, 1))


def test_serial_number_zero() -> None:
    der = sign(builder(0, 1, is_ca=False, serial=1), 1)
    with pytest.raises(MalformedCertificate, match="serial"):
        read_certificate(der.replace(bytes.fromhex("020101300a"), bytes.fromhex("020100300a"), 1))


@pytest.mark.parametrize("cut", [b"\x00", b"\x05\x00"])
def test_bytes_behind(cut: bytes) -> None:
    with pytest.raises(MalformedCertificate):
        read_certificate(leaf() + cut)


def crl(serials: tuple[int, ...] = (), *, extension: tuple[x509.ExtensionType, bool] | None = None) -> bytes:
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name("holder 1"))
        .last_update(START - timedelta(days=1))
        .next_update(START + timedelta(days=1))
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(START)
        made = made.add_revoked_certificate(
            entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False).build()
        )
    if extension:
        made = made.add_extension(extension[0], critical=extension[1])
    return made.sign(KEYS[1], hashes.SHA256()).public_bytes(Encoding.DER)


def whole(der: bytes) -> list[tuple[int, ...]]:
    """Containers whose every byte has a meaning here; an issuer's name is compared as a whole instead."""
    return [path for path in paths(der) if path[:2] not in {(0, 3)}]


@pytest.mark.parametrize("path", whole(leaf()))
def test_nothing_may_hide_in_a_certificate(path: tuple[int, ...]) -> None:
    with pytest.raises(MalformedCertificate):
        read_certificate(grow(leaf(), *path))


@pytest.mark.parametrize("path", [path for path in paths(crl((7, 8))) if path[:2] != (0, 2)])
def test_nothing_may_hide_in_a_list(path: tuple[int, ...]) -> None:
    with pytest.raises(MalformedCertificate):
        read_revocation_list(grow(crl((7, 8)), *path))


@pytest.mark.parametrize("behind", [NULL, b"\x02\x01\x01"])
def test_nothing_may_hide_in_a_signature(behind: bytes) -> None:
    parts = each(split(leaf())[1])
    bits = split(parts[2])[1]
    tag, numbers, _ = split(bits[1:])
    for bent in (bits + behind, bits[:1] + join(tag, numbers + behind)):
        with pytest.raises(MalformedCertificate):
            read_certificate(join(0x30, parts[0] + parts[1] + join(3, bent)))


@pytest.mark.parametrize(
    ("constraints", "key_usage"),
    [
        ("30000500", "03020780"),
        ("30020500", "03020780"),
        ("3000", "030207800500"),
        ("3000", "0303078000"),
        ("3000", "030100"),
        ("30030201 00", "03020780"),  # a path length, but no authority
        ("", "03020780"),
        ("3000", ""),
    ],
)
def test_roles_out_of_form(constraints: str, key_usage: str) -> None:
    made = builder(0, 1, is_ca=False, roles=False)
    for oid, value in (("2.5.29.19", constraints), ("2.5.29.15", key_usage)):
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), bytes.fromhex(value))
        made = made.add_extension(extension, critical=True)
    with pytest.raises(MalformedCertificate):
        read_certificate(sign(made, 1))


def test_too_long() -> None:
    with pytest.raises(MalformedCertificate, match="too long"):
        read_chain(bytes(12 * 1024 + 1), 2)
    with pytest.raises(MalformedCertificate, match="too long"):
        read_revocation_list(bytes(MAX_BODY + 1))


def test_version_of_a_list() -> None:
    with pytest.raises(MalformedCertificate, match="version 2"):
        read_revocation_list(crl().replace(bytes.fromhex("020101300a"), bytes.fromhex("020100300a"), 1))


def test_pem_chain() -> None:
    text = PLATFORM.collateral_items(NOW)[0].issuer_chain
    assert len(read_chain(text, 2)) == len(read_chain(text.removesuffix(b"\n"), 2)) == 2


@pytest.mark.parametrize("length", [0, 1, 3, 4])
def test_chains_of_another_length(length: int) -> None:
    with pytest.raises(MalformedCertificate):
        read_chain(PLATFORM.collateral_items(NOW)[0].issuer_chain, length)


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: b"",
        lambda text: b"\n",
        lambda text: b"junk\n" + text,
        lambda text: text + b"junk\n",
        lambda text: text + b"\n",
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"\n", b"", 2),
        lambda text: text[:100] + b"\n" + text[100:],
        lambda text: text.replace(b"-----END", b"----END", 1),
        lambda text: text.replace(b"-----BEGIN", b"----BEGIN", 1),
        lambda text: text.replace(b"M", b"\xc3", 1),
        lambda text: text[:60] + b"=" + text[61:],
        lambda text: text + bytes(12 * 1024),
    ],
)
def test_pem_out_of_form(bend: Callable[[bytes], bytes]) -> None:
    with pytest.raises(MalformedCertificate):
        read_chain(bend(PLATFORM.collateral_items(NOW)[0].issuer_chain), 2)


def test_unused_base64_bits() -> None:
    text = PLATFORM.collateral_items(NOW)[0].issuer_chain
    at = text.index(b"=")
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(text[at - 1]) ^ 1]
    with pytest.raises(MalformedCertificate, match="canonical"):
        read_chain(text[: at - 1] + bytes([other]) + text[at:], 2)


def test_revocation() -> None:
    good = chain()
    listed = read_revocation_list(crl((7, 1000)))
    require_revocation_list(listed, good[1], NOW)
    require_not_revoked(listed, good[1], good[2])
    with pytest.raises(CertificateRevoked):
        require_not_revoked(listed, good[2], good[0])


def test_nothing_revoked() -> None:
    assert read_revocation_list(crl()).serials == frozenset()


def test_list_of_another_authority() -> None:
    with pytest.raises(ChainRefused):
        require_revocation_list(read_revocation_list(crl()), chain()[2], NOW)


def test_list_under_another_key() -> None:
    authority = dataclasses.replace(chain()[1], point=chain()[2].point)
    with pytest.raises(BadSignature):
        require_revocation_list(read_revocation_list(crl()), authority, NOW)


@pytest.mark.parametrize("now", [NOW - 86401, NOW + 86401])
def test_list_outside_its_time(now: int) -> None:
    with pytest.raises(OutsideValidity):
        require_revocation_list(read_revocation_list(crl()), chain()[1], now)


@pytest.mark.parametrize(
    "der",
    [
        b"",
        crl()[:-1],
        crl() + b"\x00",
        crl(extension=(x509.DeltaCRLIndicator(1), True)),
        crl((1,)).replace(bytes.fromhex("020101170d"), bytes.fromhex("020100170d"), 1),  # serial number zero
    ],
)
def test_bad_lists(der: bytes) -> None:
    with pytest.raises(MalformedCertificate):
        read_revocation_list(der)
