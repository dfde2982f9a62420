"""The points behind public keys: are they on their curve at all, and their coordinates as JSON Web Keys spell them.

    bytes of a PublicKey --require_point--> surely usable     x, y --from_coordinates--> PublicKey --coordinates--> x, y

Sources: SEC 1 for the compressed points of secp256k1, P-256 and P-384; RFC 8032, section 5.1.3, for Ed25519.
"""

from functools import lru_cache

import coincurve
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey

COORDINATE_SIZES = {KeyKind.SECP256K1: 32, KeyKind.P256: 32, KeyKind.P384: 48}
"""Bytes of one coordinate, for the kinds whose keys are spelled by two."""

_NIST = {KeyKind.P256: ec.SECP256R1(), KeyKind.P384: ec.SECP384R1()}

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)


def require_point(key: PublicKey) -> PublicKey:
    """The key itself, if its bytes are a point that a signature could be verified with.

    BLS12-381 keys must lie in the subgroup of prime order, Ed25519 keys outside the eight points of small order, with
    which one signature fits many payloads. Any 32 bytes are an X25519 key (RFC 7748).

    Raises:
        InvalidKey: they are no such point.
    """
    _require(key.kind, key.raw)
    return key


def from_coordinates(kind: KeyKind, x: bytes, y: bytes) -> PublicKey:
    """The key with these big-endian coordinates, each of the kind's one size. Raises InvalidKey off the curve."""
    size = COORDINATE_SIZES.get(kind)
    if size is None or (len(x), len(y)) != (size, size):
        raise InvalidKey("not two coordinates of this kind", kind=kind)
    return PublicKey(kind, _compressed(kind, b"\x04" + x + y))


def from_point(kind: KeyKind, octets: bytes) -> PublicKey:
    """The key of a SEC 1 point of secp256k1, P-256 or P-384, compressed or not. Raises InvalidKey."""
    size = COORDINATE_SIZES.get(kind)
    if size is None or (len(octets), octets[:1]) not in (
        (size + 1, b"\x02"),
        (size + 1, b"\x03"),
        (2 * size + 1, b"\x04"),
    ):
        raise InvalidKey("not a point of this kind", kind=kind)
    return PublicKey(kind, _compressed(kind, octets))


def coordinates(key: PublicKey) -> tuple[bytes, bytes]:
    """X and y of a secp256k1, P-256 or P-384 key, big-endian. Raises InvalidKey for other kinds and off the curve."""
    size = COORDINATE_SIZES.get(key.kind)
    if size is None:
        raise InvalidKey("this kind is not spelled by coordinates", kind=key.kind)
    try:
        if key.kind is KeyKind.SECP256K1:
            octets = coincurve.PublicKey(key.raw).format(compressed=False)
        else:
            point = ec.EllipticCurvePublicKey.from_encoded_point(_NIST[key.kind], key.raw)
            octets = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    except ValueError as reason:
        raise InvalidKey("not a point of the curve", kind=key.kind, key=key.raw) from reason
    return octets[1 : 1 + size], octets[1 + size :]


def to_x25519(key: PublicKey) -> PublicKey:
    """The X25519 key that an Ed25519 key is birational to, u = (1 + y) / (1 - y) (RFC 7748, section 4.1).

    Raises InvalidKey for another kind and off the curve.
    """
    if key.kind is not KeyKind.ED25519:
        raise InvalidKey("an Ed25519 key expected", kind=key.kind)
    _require(key.kind, key.raw)
    y = int.from_bytes(key.raw, "little") & ((1 << 255) - 1)
    u = (1 + y) * pow(1 - y, -1, _P) % _P
    return PublicKey(KeyKind.X25519, u.to_bytes(32, "little"))


@lru_cache(1024)
def _require(kind: KeyKind, raw: bytes) -> None:
    match kind:
        case KeyKind.SECP256K1 | KeyKind.P256 | KeyKind.P384:
            _compressed(kind, raw)
        case KeyKind.ED25519:
            _require_ed25519(raw)
        case KeyKind.BLS12381G2:
            from panacea.crypto.hazmat.bls12381 import MalformedPoint, read_g2

            try:
                read_g2(raw)
            except MalformedPoint as reason:
                raise InvalidKey(reason.text, kind=kind, key=raw) from reason
        case KeyKind.X25519:
            pass
        case KeyKind.MLKEM768_X25519:
            raise InvalidKey("this kind is checked where it is used", kind=kind)


def _compressed(kind: KeyKind, octets: bytes) -> bytes:
    """A point in its compressed form, once it is known to lie on the curve."""
    try:
        if kind is KeyKind.SECP256K1:
            return coincurve.PublicKey(octets).format()
        point = ec.EllipticCurvePublicKey.from_encoded_point(_NIST[kind], octets)
    except ValueError as reason:
        raise InvalidKey("not a point of the curve", kind=kind, key=octets) from reason
    return point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _require_ed25519(raw: bytes) -> None:
    """Refuse what RFC 8032 does not decode, and the points of small order."""
    encoded = int.from_bytes(raw, "little")
    y, sign = encoded & ((1 << 255) - 1), encoded >> 255
    if y < _P:
        numerator, denominator = (y * y - 1) % _P, (_D * y * y + 1) % _P
        candidate = numerator * pow(denominator, 3, _P) % _P
        x = candidate * pow(numerator * pow(denominator, 7, _P), (_P - 5) // 8, _P) % _P
        if (denominator * x * x + numerator) % _P == 0:
            x = x * _ROOT_OF_MINUS_ONE % _P
        if (denominator * x * x - numerator) % _P == 0 and not (x == 0 and sign):
            if _eightfold_is_neutral(x, y):
                raise InvalidKey("a point of small order", kind=KeyKind.ED25519, key=raw)
            return
    raise InvalidKey("not a point of the curve", kind=KeyKind.ED25519, key=raw)


def _eightfold_is_neutral(x: int, y: int) -> bool:
    """Whether 8 (x, y) is (0, 1): three doublings in projective coordinates (x = X / Z, y = Y / Z)."""
    z = 1
    for _ in range(3):
        # The doubling of Bernstein et al., "Twisted Edwards Curves", section 6, with a = -1.
        b, c, d = (x + y) ** 2 % _P, x * x % _P, y * y % _P
        f = (d - c) % _P
        j = (f - 2 * z * z) % _P
        x, y, z = (b - c - d) * j % _P, f * (-c - d) % _P, f * j % _P
    return x == 0 and y == z
