"""What needs no token: reading public keys as tokens keep them. `tests/interop/test_softhsm.py` has a token."""

import sys

import pytest

from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Secp256k1Key
from panacea.crypto.pkcs11 import PARAMETERS, TokenFailed, TokenKeyNotFound, open_token_key, read_public_key
from panacea.crypto.points import coordinates
from panacea.crypto.secret import SecretBytes

KEYS = [
    ECDSAKey(KeyKind.P256, bytes(range(1, 33))).public_key,
    ECDSAKey(KeyKind.P384, bytes(range(1, 49))).public_key,
    Secp256k1Key(bytes(range(1, 33))).public_key,
]
ED25519 = Ed25519Key(bytes(32)).public_key


def parameters(kind: KeyKind) -> bytes:
    return next(octets for octets, known in PARAMETERS.items() if known is kind)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.kind)
def test_points_with_and_without_their_octet_string(key: PublicKey) -> None:
    point = b"\x04" + b"".join(coordinates(key))
    for octets in (point, bytes([4, len(point)]) + point, bytes([4, len(key.raw)]) + key.raw):
        assert read_public_key(parameters(key.kind), octets) == key


def test_a_point_is_not_taken_for_its_octet_string() -> None:
    # 04 3f …: 63 octets follow the second one, as in an octet string of that length.
    secrets = (number.to_bytes(32, "big") for number in range(1, 10_000))
    keys = (ECDSAKey(KeyKind.P256, secret).public_key for secret in secrets)
    key = next(key for key in keys if key.raw[1] == 63)
    assert read_public_key(parameters(KeyKind.P256), b"\x04" + b"".join(coordinates(key))) == key


def test_edwards_points() -> None:
    for named in (bytes.fromhex("06032b6570"), b"\x13\x0cedwards25519"):
        assert read_public_key(named, b"\x04\x20" + ED25519.raw) == ED25519
        assert read_public_key(named, ED25519.raw) == ED25519


@pytest.mark.parametrize(
    "octets", [b"", b"\x04", b"\x04\x41", b"\x04" + bytes(64), b"\x04\x41\x04" + b"\xff" * 64, bytes(32)]
)
@pytest.mark.parametrize("kind", [KeyKind.P256, KeyKind.P384, KeyKind.SECP256K1, KeyKind.ED25519])
def test_what_is_no_point_is_refused(kind: KeyKind, octets: bytes) -> None:
    with pytest.raises(TokenKeyNotFound):
        read_public_key(parameters(kind), octets)


@pytest.mark.parametrize("named", [b"", bytes.fromhex("06052b81040023"), b"\x13\x0acurve25519"])
def test_other_curves_are_refused(named: bytes) -> None:
    with pytest.raises(TokenKeyNotFound, match="unknown"):
        read_public_key(named, b"\x04\x20" + ED25519.raw)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(TokenFailed, match="hsm") as refused:
        open_token_key("/lib.so", token="token", label="key", pin=SecretBytes(b"1234"))
    assert "1234" not in str(refused.value)
