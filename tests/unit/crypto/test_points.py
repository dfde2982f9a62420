import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from panacea.crypto.bbs import SHA256
from panacea.crypto.keys import ECDSAKey, Ed25519Key, InvalidKey, KeyKind, PublicKey, Secp256k1Key
from panacea.crypto.points import coordinates, from_coordinates, from_point, require_point, to_x25519

P = 2**255 - 19
SPELLED = [
    Secp256k1Key(bytes(range(1, 33))).public_key,
    ECDSAKey(KeyKind.P256, bytes(range(1, 33))).public_key,
    ECDSAKey(KeyKind.P384, bytes(range(1, 49))).public_key,
]
OTHERS = [
    Ed25519Key(bytes(range(1, 33))).public_key,
    PublicKey(KeyKind.BLS12381G2, SHA256.public_key(bytes(range(32)))),
    PublicKey(KeyKind.X25519, bytes(range(32))),
]
# Orders 1, 2, 4, 4, 8, 8, 8, 8: the points that "Taming the many EdDSAs" (SSR 2020), table 6b, lists.
SMALL = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


@pytest.mark.parametrize("key", [*SPELLED, *OTHERS], ids=lambda key: key.kind)
def test_real_keys_are_points(key: PublicKey) -> None:
    assert require_point(key) is key


def test_many_ed25519_keys_are_points() -> None:
    for number in range(64):
        require_point(Ed25519Key(hashlib.sha256(bytes([number])).digest()).public_key)


@pytest.mark.parametrize("key", SPELLED, ids=lambda key: key.kind)
def test_a_key_is_its_coordinates(key: PublicKey) -> None:
    x, y = coordinates(key)
    assert from_coordinates(key.kind, x, y) == key
    assert from_point(key.kind, b"\x04" + x + y) == from_point(key.kind, key.raw) == key


@pytest.mark.parametrize("key", SPELLED, ids=lambda key: key.kind)
def test_coordinates_off_the_curve_are_refused(key: PublicKey) -> None:
    x, y = coordinates(key)
    size = len(x)
    for bad_x, bad_y in [(x, x), (y, x), (x, bytes(size)), (bytes(size), bytes(size)), (b"\xff" * size, y)]:
        with pytest.raises(InvalidKey):
            from_coordinates(key.kind, bad_x, bad_y)
    for short_x, short_y in [(x[1:], y), (b"\x00" + x, y), (x, b""), (b"", b"")]:
        with pytest.raises(InvalidKey, match="two coordinates"):
            from_coordinates(key.kind, short_x, short_y)


@pytest.mark.parametrize("key", SPELLED, ids=lambda key: key.kind)
def test_points_in_other_forms_are_refused(key: PublicKey) -> None:
    x, y = coordinates(key)
    hybrid = bytes([6 + y[-1] % 2]) + x + y
    for octets in (b"", b"\x00", hybrid, key.raw[:-1], key.raw + b"\x00", b"\x04" + x, b"\x02" + x + y):
        with pytest.raises(InvalidKey):
            from_point(key.kind, octets)
    with pytest.raises(InvalidKey, match="not a point of the curve"):
        coordinates(PublicKey(key.kind, b"\x02" + b"\xff" * len(x)))


@pytest.mark.parametrize("text", SMALL)
def test_ed25519_points_of_small_order_are_refused(text: str) -> None:
    with pytest.raises(InvalidKey, match="small order"):
        require_point(PublicKey(KeyKind.ED25519, bytes.fromhex(text)))


@pytest.mark.parametrize(
    "number",
    [2, P, P + 1, 2**255 - 1, 1 | 1 << 255, P - 1 | 1 << 255],
    ids=["off the curve", "0 again", "1 again", "beyond p", "-0", "-0 of order 2"],
)
def test_ed25519_bytes_that_are_no_point_are_refused(number: int) -> None:
    with pytest.raises(InvalidKey):
        require_point(PublicKey(KeyKind.ED25519, number.to_bytes(32, "little")))


@pytest.mark.parametrize("raw", [bytes(96), b"\xc0" + bytes(95), b"\xff" * 96, b"\xa0" + bytes(95)])
def test_bls_bytes_that_are_no_point_are_refused(raw: bytes) -> None:
    with pytest.raises(InvalidKey):
        require_point(PublicKey(KeyKind.BLS12381G2, raw))


def test_kinds_without_coordinates_say_so() -> None:
    for key in OTHERS:
        with pytest.raises(InvalidKey, match="coordinates"):
            coordinates(key)
        with pytest.raises(InvalidKey):
            from_coordinates(key.kind, bytes(32), bytes(32))
        with pytest.raises(InvalidKey):
            from_point(key.kind, key.raw)
    with pytest.raises(InvalidKey):
        require_point(PublicKey(KeyKind.MLKEM768_X25519, bytes(1216)))


def test_an_ed25519_key_agrees_by_x25519() -> None:
    seed = bytes(range(7, 39))
    scalar = hashlib.sha512(seed).digest()[:32]
    theirs = X25519PrivateKey.from_private_bytes(scalar).public_key().public_bytes_raw()
    assert to_x25519(Ed25519Key(seed).public_key) == PublicKey(KeyKind.X25519, theirs)
    for key in (*SPELLED, PublicKey(KeyKind.ED25519, bytes.fromhex(SMALL[0]))):
        with pytest.raises(InvalidKey):
            to_x25519(key)
