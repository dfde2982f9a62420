"""Keys and octets as text have one spelling."""

import pytest

from panacea.credentials.suites.multikey import from_base64url, from_multikey, to_base64url, to_multikey
from panacea.credentials.suites.types import MalformedMultikey, MalformedProof
from panacea.crypto import base58
from panacea.crypto.keys import PUBLIC_SIZES, KeyKind, PublicKey

KINDS = [KeyKind.ED25519, KeyKind.BLS12381G2, KeyKind.SECP256K1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_comes_back(kind: KeyKind) -> None:
    key = PublicKey(kind, bytes(range(PUBLIC_SIZES[kind])))
    assert from_multikey(to_multikey(key)) == key


def test_known_prefixes() -> None:
    assert to_multikey(PublicKey(KeyKind.ED25519, bytes(32))).startswith("z6Mk")
    assert to_multikey(PublicKey(KeyKind.BLS12381G2, b"\xa0" + bytes(95))).startswith("zUC7")
    assert to_multikey(PublicKey(KeyKind.SECP256K1, b"\x02" + bytes(32))).startswith("zQ3s")


def test_a_sealing_key_has_no_multikey() -> None:
    with pytest.raises(MalformedMultikey):
        to_multikey(PublicKey(KeyKind.MLKEM768_X25519, bytes(1216)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z0",
        "u" + "A" * 45,
        "z" + base58.encode(b"\xed\x01" + bytes(31)),
        "z" + base58.encode(b"\xed\x01" + bytes(33)),
        "z" + base58.encode(b"\xed\x81\x00" + bytes(32)),  # the number in a longer varint
        "z" + base58.encode(b"\x80\x24" + bytes(33)),  # P-256
        "z" + "2" * 2000,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(MalformedMultikey):
        from_multikey(text)


def test_octets_come_back() -> None:
    for size in range(7):
        assert from_base64url(to_base64url(b"\xfb\xff\xfe\x00\x01\x02"[:size])) == b"\xfb\xff\xfe\x00\x01\x02"[:size]


@pytest.mark.parametrize("text", ["", "zAA", "AA", "uAA==", "uA", "uAB", "uAA A", "u+_8", "u//8", "uÄ", "uAA\n"])
def test_other_base64url_is_refused(text: str) -> None:
    with pytest.raises(MalformedProof):
        from_base64url(text)
