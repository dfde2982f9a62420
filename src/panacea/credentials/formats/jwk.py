"""Public keys as JSON Web Keys: P-256, P-384, secp256k1 and Ed25519 (RFC 7517, 7518 §6.2, 8037, 8812).

A key that is read has been checked to lie on its curve, and carries no private part.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import coincurve
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from panacea.credentials.formats import base64url
from panacea.credentials.formats.types import KeyNotFound, MalformedToken
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import JSON, JSONRejected

MAX_SET: Final = 256 * 1024
MAX_KEYS: Final = 256
"""Bytes of a key set, and keys in it, that are read."""

_CURVES: Final = {"P-256": KeyKind.P256, "P-384": KeyKind.P384, "secp256k1": KeyKind.SECP256K1}
_NAMES: Final = {kind: name for name, kind in _CURVES.items()}
_SIZES: Final = {KeyKind.P256: 32, KeyKind.P384: 48, KeyKind.SECP256K1: 32}
_NIST: Final[Mapping[KeyKind, ec.EllipticCurve]] = {KeyKind.P256: ec.SECP256R1(), KeyKind.P384: ec.SECP384R1()}
_ALGORITHMS: Final = {
    KeyKind.P256: ("ES256",),
    KeyKind.P384: ("ES384",),
    KeyKind.SECP256K1: ("ES256K",),
    KeyKind.ED25519: ("EdDSA", "Ed25519"),
}


def read_jwk(value: JSON, *, use: str = "sig") -> PublicKey:
    """The public key that a JWK spells, for signatures (`use` sig) or key agreement (enc).

    Raises MalformedToken for a private or symmetric key, an unknown curve, a point that is not on it, coordinates of
    another length, or a `use` or `alg` that speaks of something else.
    """
    if not isinstance(value, dict) or "d" in value or "k" in value:
        raise MalformedToken("not a public JWK")
    if value.get("use", use) != use:
        raise MalformedToken("a JWK for another use", use=value["use"], expected=use)
    match value:
        case {"kty": "OKP", "crv": "Ed25519", "x": str(x)}:
            key = PublicKey(KeyKind.ED25519, _coordinate(x, 32))
        case {"kty": "EC", "crv": str(curve), "x": str(x), "y": str(y)} if curve in _CURVES:
            kind = _CURVES[curve]
            key = _point(kind, _coordinate(x, _SIZES[kind]), _coordinate(y, _SIZES[kind]))
        case _:
            raise MalformedToken("a JWK of a kind unknown here", kty=value.get("kty"), crv=value.get("crv"))
    if use == "sig" and "alg" in value and value["alg"] not in _ALGORITHMS[key.kind]:
        raise MalformedToken("a JWK whose alg is not its curve's", alg=value["alg"])
    return key


def to_jwk(key: PublicKey) -> dict[str, str]:
    """The JWK of a public key: its required members only. Raises MalformedToken for a kind that JOSE does not know."""
    if key.kind is KeyKind.ED25519:
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(key.raw)}
    if key.kind not in _NAMES:
        raise MalformedToken("no JWK for this kind of key", kind=key.kind)
    x, y = coordinates(key)
    return {"kty": "EC", "crv": _NAMES[key.kind], "x": base64url.encode(x), "y": base64url.encode(y)}


def coordinates(key: PublicKey) -> tuple[bytes, bytes]:
    """X and y of a point, big-endian, each as long as the field. Raises MalformedToken for what is no point."""
    try:
        if key.kind is KeyKind.SECP256K1:
            point = coincurve.PublicKey(key.raw).format(compressed=False)
        else:
            found = ec.EllipticCurvePublicKey.from_encoded_point(_NIST[key.kind], key.raw)
            point = found.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    except ValueError as error:
        raise MalformedToken("not a point of the curve", kind=key.kind) from error
    size = _SIZES[key.kind]
    return point[1 : 1 + size], point[1 + size :]


def thumbprint(key: PublicKey) -> str:
    """base64url of the SHA-256 thumbprint (RFC 7638): 43 characters."""
    members = dict(sorted(to_jwk(key).items()))
    return base64url.encode(hashlib.sha256(to_json(members)).digest())


def read_jwk_set(octets: bytes) -> list[dict[str, JSON]]:
    """The keys of a JWK set, unread: one that is no use here must not hide the others. Raises MalformedToken."""
    try:
        found = parse_json(octets, max_bytes=MAX_SET, max_depth=8)
    except JSONRejected as error:
        raise MalformedToken(f"key set: {error}") from error
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or len(keys) > MAX_KEYS or not all(isinstance(key, dict) for key in keys):
        raise MalformedToken("not a JWK set")
    return keys


def get_from_set(keys: list[dict[str, JSON]], kid: str) -> PublicKey:
    """The one key of that `kid`. Raises KeyNotFound where there is none or more than one, MalformedToken."""
    found = [key for key in keys if key.get("kid") == kid]
    if len(found) != 1:
        raise KeyNotFound("none or more than one in the key set", kid=kid, found=len(found))
    return read_jwk(found[0])


def _coordinate(text: str, size: int) -> bytes:
    octets = base64url.decode(text) if len(text) <= 128 else b""
    if len(octets) != size:
        raise MalformedToken("a JWK coordinate of another length", expected=size)
    return octets


def _point(kind: KeyKind, x: bytes, y: bytes) -> PublicKey:
    try:
        if kind is KeyKind.SECP256K1:
            raw = coincurve.PublicKey(b"\x04" + x + y).format()
        else:
            point = ec.EllipticCurvePublicKey.from_encoded_point(_NIST[kind], b"\x04" + x + y)
            raw = point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    except ValueError as error:
        raise MalformedToken("not a point of the curve", kind=kind) from error
    return PublicKey(kind, raw)
