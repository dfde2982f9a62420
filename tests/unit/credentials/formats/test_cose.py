"""CBOR with tags and COSE_Sign1: one value, bounded work, no key that two could mean."""

import time

import pytest
from token_parties import ED_KEY, ISSUER_KEY, K1_KEY, OTHER_KEY, P384_KEY

from panacea.credentials.formats import cose
from panacea.credentials.formats.cose import Tagged
from panacea.credentials.formats.types import AlgorithmRefused, CBORRejected, HeaderRefused, WrongSignature
from panacea.crypto.keys import Signer

VALUES: list[tuple[str, cose.CBOR]] = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("1903e8", 1000),
    ("1b000000e8d4a51000", 10**12),
    ("1bffffffffffffffff", 2**64 - 1),
    ("20", -1),
    ("3bffffffffffffffff", -(2**64)),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("40", b""),
    ("4401020304", b"\x01\x02\x03\x04"),
    ("62c3bc", "ü"),
    ("83010203", [1, 2, 3]),
    ("a201020304", {1: 2, 3: 4}),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ("c11a514b67b0", Tagged(1, 1363896240)),
    ("d2d83d80", Tagged(18, Tagged(61, []))),
]
"""Most from RFC 8949, appendix A."""


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values(text: str, value: cose.CBOR) -> None:
    assert cose.decode(bytes.fromhex(text)) == value
    assert cose.encode(value).hex() == text


def test_others_may_choose_their_heads_and_order() -> None:
    assert cose.decode(bytes.fromhex("1900ff")) == 255
    assert cose.decode(bytes.fromhex("b900020202 0101".replace(" ", ""))) == {2: 2, 1: 1}
    assert cose.encode({2: 2, 1: 1}).hex() == "a202020101"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "18",
        "1b00",
        "41",
        "61ff",
        "0000",
        "9f00ff",
        "5f40ff",
        "bf0000ff",
        "ff",
        "f90000",
        "fa00000000",
        "fb0000000000000000",
        "f7",
        "e0",
        "f818",
        "1c",
        "a10102ff",
        "a201000100",
        "a2f500f400",
        "a1f600",
        "a18000",
        "a1c10000",
        "82",
        "8201",
        "c1",
        "9bffffffffffffffff",
        "bbffffffffffffffff",
        "5bffffffffffffffff",
        "9a00ffffff" + "00" * 10,
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(CBORRejected):
        cose.decode(bytes.fromhex(text))


def test_bombs() -> None:
    bombs = [
        b"\x81" * 100_000,
        b"\xc1" * 100_000,
        b"\xa1\x00" * 100_000,
        b"\x9b\x00\x00\x00\x01\x00\x00\x00\x00" * 1000,
        b"\x98\xff" + b"\x98\xff" * 100_000,
        cose.encode([0] * 70_000),
        b"\x00" * 50_000_000,
    ]
    for bomb in bombs:
        start = time.process_time()
        with pytest.raises(CBORRejected):
            cose.decode(bomb)
        assert time.process_time() - start < 0.5


@pytest.mark.parametrize("signer", [ISSUER_KEY, P384_KEY, ED_KEY], ids=["ES256", "ES384", "EdDSA"])
def test_what_is_signed_is_read_back(signer: Signer) -> None:
    octets = cose.sign(b"payload", signer=signer, kid=b"12", protected={cose.TYP: "x/y"})
    found = cose.read(octets)
    assert (found.kid, found.protected[cose.TYP]) == (b"12", "x/y")
    assert found.verify(signer.public_key) == b"payload"
    assert cose.read(cose.encode(Tagged(61, cose.decode(octets)))).verify(signer.public_key) == b"payload"
    assert cose.read(octets[1:]).verify(signer.public_key) == b"payload"
    for other in (ISSUER_KEY, P384_KEY, ED_KEY, K1_KEY):
        if other is not signer:
            with pytest.raises(AlgorithmRefused):
                found.verify(other.public_key)
    with pytest.raises(AlgorithmRefused):
        found.verify(signer.public_key, algorithms=())
    with pytest.raises(WrongSignature):
        cose.read(octets[:-1] + bytes([octets[-1] ^ 1])).verify(signer.public_key)


def test_another_key_and_another_kind() -> None:
    with pytest.raises(WrongSignature):
        cose.read(cose.sign(b"x", signer=ISSUER_KEY)).verify(OTHER_KEY.public_key)
    with pytest.raises(AlgorithmRefused):
        cose.sign(b"x", signer=K1_KEY)


def made(*parts: cose.CBOR, tag: int = 18) -> bytes:
    return cose.encode(Tagged(tag, list(parts)))


HEAD = cose.encode({1: -7})


@pytest.mark.parametrize(
    "octets",
    [
        made(HEAD, {}, b"x", b"s", tag=17),
        made(HEAD, {}, b"x"),
        made(HEAD, {}, None, b"s"),
        made(HEAD, [], b"x", b"s"),
        made(b"\x80", {}, b"x", b"s"),
        made(b"\xff", {}, b"x", b"s"),
        made(HEAD, {1: -8}, b"x", b"s"),
        cose.encode("text"),
        cose.encode({}),
        b"",
    ],
)
def test_what_is_no_signature(octets: bytes) -> None:
    with pytest.raises(CBORRejected):
        cose.read(octets)


def test_algorithms_that_are_refused() -> None:
    for alg in (None, 0, 5, -257, "ES256", True, b"-7", [1], Tagged(1, -7)):
        found = cose.read(made(cose.encode({1: alg}), {}, b"x", bytes(64)))
        with pytest.raises(AlgorithmRefused):
            found.verify(ISSUER_KEY.public_key)
    # An algorithm that stands unprotected is nobody's word.
    with pytest.raises(AlgorithmRefused):
        cose.read(made(b"", {1: -7}, b"x", bytes(64))).verify(ISSUER_KEY.public_key)
    for head, more in ((cose.encode({1: -7, 2: [99]}), {}), (HEAD, {2: [1]})):
        with pytest.raises(HeaderRefused):
            cose.read(made(head, more, b"x", bytes(64)))
    assert cose.read(made(HEAD, {4: "text"}, b"x", b"s")).kid is None


def test_claims_are_a_map() -> None:
    assert cose.read_claims(cose.encode({1: "x"})) == {1: "x"}
    with pytest.raises(CBORRejected):
        cose.read_claims(cose.encode([1]))
    for value in (1.5, object(), {1, 2}):
        with pytest.raises(TypeError):
            cose.encode(value)
    with pytest.raises(TypeError):
        cose.encode(1 << 64)
