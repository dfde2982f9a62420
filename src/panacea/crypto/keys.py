"""Signing keys: secp256k1 (accounts, DIDs, oracles), Ed25519 (consensus, stores, statements), P-256, P-384 (issuers).

What is signed differs, and a signer does not hash for its caller:

    secp256k1   a 32-byte digest, mostly SHA-256; signature R‖S, 64 bytes, RFC 6979 nonce, S at most n/2
    Ed25519     any bytes (RFC 8032, pure); signature 64 bytes
    P-256       any bytes, hashed with SHA-256; signature R‖S, 64 bytes, RFC 6979 nonce (FIPS 186-5)
    P-384       any bytes, hashed with SHA-384; signature R‖S, 96 bytes, RFC 6979 nonce

A `Signer` may be a key in memory, a keyring's or a device's: it shows its public key and signs.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any, ClassVar, Protocol, Self

import coincurve
from coincurve import _libsecp256k1 as libsecp256k1
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from panacea.crypto.digest import hash160
from panacea.crypto.secret import SecretBytes
from panacea.primitives.address import Address
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random

SECRET_SIZE = 32
SIGNATURE_SIZE = 64
DIGEST_SIZE = 32


class InvalidKey(Rejected, codespace="crypto", code=3, text="invalid key"):
    """The bytes are not a key of that kind."""


class SignatureRejected(Rejected, codespace="crypto", code=4, text="signature verification failed"):
    """The signature was not made by that key over that payload, or is not in its one accepted form."""


class KeyKind(StrEnum):
    """Kinds of keys, by the name they carry in files and listings."""

    SECP256K1 = "secp256k1"
    ED25519 = "ed25519"
    P256 = "p256"
    P384 = "p384"
    BLS12381G2 = "bls12381g2"
    X25519 = "x25519"
    MLKEM768_X25519 = "mlkem768-x25519"


PUBLIC_SIZES = {
    KeyKind.SECP256K1: 33,
    KeyKind.ED25519: 32,
    KeyKind.P256: 33,
    KeyKind.P384: 49,
    KeyKind.BLS12381G2: 96,
    KeyKind.X25519: 32,
    KeyKind.MLKEM768_X25519: 1216,
}
"""Bytes of a public key: compressed points for the curves, ML-KEM key ‖ X25519 key for the sealing kind."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its kind and its bytes, of the kind's one length.

    That the bytes are a point of the curve is checked where the key is used, or before by `crypto.points`.
    """

    kind: KeyKind
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_SIZES[self.kind]:
            raise InvalidKey(f"{len(self.raw)} bytes, {PUBLIC_SIZES[self.kind]} expected", kind=self.kind)

    def verify(self, payload: bytes, signature: bytes) -> None:
        """Accept `signature` over `payload`: a 32-byte digest for secp256k1, any bytes for the others.

        Ed25519 is verified as RFC 8032 does without the cofactor; ZIP-215, which consensus votes follow, accepts a
        few deliberately malformed signatures more.

        Raises:
            SignatureRejected: any other signature, a high S among them, or a key that does not sign.
            InvalidKey: the key is not on its curve.
        """
        verify = _VERIFIERS.get(self.kind)
        if verify is None:
            raise SignatureRejected("this kind of key is verified elsewhere", kind=self.kind)
        verify(self.raw, payload, signature)

    def address(self) -> Address:
        """The account of a secp256k1 key, or the consensus address of an Ed25519 key. Raises InvalidKey for others."""
        match self.kind:
            case KeyKind.SECP256K1:
                return Address(hash160(self.raw))
            case KeyKind.ED25519:
                return Address(hashlib.sha256(self.raw).digest()[:20])
            case _:
                raise InvalidKey("this kind of key has no address", kind=self.kind)


class Signer(Protocol):
    """Whoever can sign for a public key."""

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies what `sign` makes."""
        ...

    def sign(self, payload: bytes) -> bytes:
        """A signature over `payload`: a 32-byte digest for secp256k1, any bytes for the others."""
        ...


class Secp256k1Key:
    """A secp256k1 private key in memory."""

    kind: ClassVar = KeyKind.SECP256K1
    __slots__ = ("_key", "public_key")

    def __init__(self, secret: bytes) -> None:
        """Take 32 bytes, big-endian, from 1 to n - 1. Raises InvalidKey."""
        try:
            self._key = coincurve.PrivateKey(_require_secret(secret))
        except ValueError as reason:
            raise InvalidKey("the scalar is out of range") from reason
        self.public_key = PublicKey(self.kind, self._key.public_key.format())

    @classmethod
    def generate(cls, random: Random) -> Self:
        """A new key; a random scalar out of range is a chance of 2^-128."""
        return cls(random.token(SECRET_SIZE))

    @property
    def secret(self) -> SecretBytes:
        """The scalar, 32 bytes, big-endian."""
        return SecretBytes(self._key.secret)

    def sign(self, payload: bytes) -> bytes:
        """R‖S with low S over a 32-byte digest; the nonce is RFC 6979's, so the same digest gives the same bytes."""
        if len(payload) != DIGEST_SIZE:
            raise ValueError(f"secp256k1 signs a digest of {DIGEST_SIZE} bytes, not {len(payload)}")
        return self._key.sign_recoverable(payload, hasher=None)[:SIGNATURE_SIZE]

    def __repr__(self) -> str:
        return f"Secp256k1Key({self.public_key.raw.hex()})"


class Ed25519Key:
    """An Ed25519 private key in memory."""

    kind: ClassVar = KeyKind.ED25519
    __slots__ = ("_key", "public_key")

    def __init__(self, secret: bytes) -> None:
        """Take the 32-byte seed of RFC 8032. Raises InvalidKey."""
        self._key = Ed25519PrivateKey.from_private_bytes(_require_secret(secret))
        self.public_key = PublicKey(self.kind, self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, random: Random) -> Self:
        """A new key."""
        return cls(random.token(SECRET_SIZE))

    @property
    def secret(self) -> SecretBytes:
        """The seed, 32 bytes."""
        return SecretBytes(self._key.private_bytes_raw())

    def sign(self, payload: bytes) -> bytes:
        """64 bytes over any payload, always the same for the same payload."""
        return self._key.sign(payload)

    def __repr__(self) -> str:
        return f"Ed25519Key({self.public_key.raw.hex()})"


class ECDSAKey:
    """A P-256 or P-384 private key in memory, hashing what it signs with SHA-256 or SHA-384."""

    __slots__ = ("_key", "kind", "public_key")

    def __init__(self, kind: KeyKind, secret: bytes) -> None:
        """Take the scalar, 32 or 48 bytes, big-endian, from 1 to n - 1. Raises InvalidKey."""
        curve = _curve(kind)
        if len(secret) != curve.size:
            raise InvalidKey(f"a secret of {len(secret)} bytes, {curve.size} expected", kind=kind)
        try:
            self._key = ec.derive_private_key(int.from_bytes(secret, "big"), curve.curve)
        except ValueError:
            raise InvalidKey("the scalar is out of range", kind=kind) from None
        raw = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        self.kind, self.public_key = kind, PublicKey(kind, raw)

    @classmethod
    def generate(cls, kind: KeyKind, random: Random) -> Self:
        """A new key: 16 bytes more than the scalar has, reduced into range (FIPS 186-5, A.2.1)."""
        curve = _curve(kind)
        scalar = int.from_bytes(random.token(curve.size + 16), "big") % (curve.order - 1) + 1
        return cls(kind, scalar.to_bytes(curve.size, "big"))

    @property
    def secret(self) -> SecretBytes:
        """The scalar, big-endian."""
        return SecretBytes(self._key.private_numbers().private_value.to_bytes(_curve(self.kind).size, "big"))

    def sign(self, payload: bytes) -> bytes:
        """R‖S over any payload; the nonce is RFC 6979's, so the same payload gives the same bytes."""
        curve = _curve(self.kind)
        signature = self._key.sign(payload, ec.ECDSA(curve.digest, deterministic_signing=True))
        return b"".join(part.to_bytes(curve.size, "big") for part in decode_dss_signature(signature))

    def __repr__(self) -> str:
        return f"ECDSAKey({self.kind}, {self.public_key.raw.hex()})"


PrivateKey = Secp256k1Key | Ed25519Key | ECDSAKey


def load_private_key(kind: KeyKind, secret: bytes) -> PrivateKey:
    """The signing key of that kind from its secret bytes. Raises InvalidKey, also for kinds that do not sign."""
    match kind:
        case KeyKind.SECP256K1:
            return Secp256k1Key(secret)
        case KeyKind.ED25519:
            return Ed25519Key(secret)
        case KeyKind.P256 | KeyKind.P384:
            return ECDSAKey(kind, secret)
        case _:
            raise InvalidKey("this kind of key does not sign", kind=kind)


@dataclass(frozen=True, slots=True)
class _Curve:
    """A curve of NIST SP 800-186: the bytes of a coordinate, its order, and the hash that goes with it."""

    curve: ec.EllipticCurve
    digest: hashes.HashAlgorithm
    size: int
    order: int


_CURVES = {
    KeyKind.P256: _Curve(
        ec.SECP256R1(), hashes.SHA256(), 32, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    ),
    KeyKind.P384: _Curve(
        ec.SECP384R1(),
        hashes.SHA384(),
        48,
        int("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16),
    ),
}


def _curve(kind: KeyKind) -> _Curve:
    if kind not in _CURVES:
        raise InvalidKey("not a NIST curve", kind=kind)
    return _CURVES[kind]


def _require_secret(secret: bytes) -> bytes:
    if len(secret) != SECRET_SIZE:
        raise InvalidKey(f"a secret of {len(secret)} bytes, {SECRET_SIZE} expected")
    return secret


@lru_cache(4096)
def _point(raw: bytes) -> Any:  # Any: a point of libsecp256k1, which cffi does not type
    """The parsed point of a compressed secp256k1 key: a square root, kept for accounts that sign again."""
    try:
        return coincurve.PublicKey(raw).public_key
    except ValueError as reason:
        raise InvalidKey("not a point of secp256k1", key=raw) from reason


def _verify_secp256k1(raw: bytes, payload: bytes, signature: bytes) -> None:
    """Compact parsing and verification by libsecp256k1, which itself refuses a high S."""
    point = _point(raw)
    if len(payload) != DIGEST_SIZE or len(signature) != SIGNATURE_SIZE:
        raise SignatureRejected(f"a digest of {len(payload)} and a signature of {len(signature)} bytes")
    lib, context = libsecp256k1.lib, coincurve.GLOBAL_CONTEXT.ctx
    parsed = libsecp256k1.ffi.new("secp256k1_ecdsa_signature *")
    if not lib.secp256k1_ecdsa_signature_parse_compact(context, parsed, signature):
        raise SignatureRejected("R or S is out of range")
    if not lib.secp256k1_ecdsa_verify(context, parsed, payload, point):
        raise SignatureRejected


def _verify_ed25519(raw: bytes, payload: bytes, signature: bytes) -> None:
    try:
        key = Ed25519PublicKey.from_public_bytes(raw)
        key.verify(signature, payload)
    except InvalidSignature as reason:
        raise SignatureRejected from reason


@lru_cache(1024)
def _nist_point(kind: KeyKind, raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_curve(kind).curve, raw)
    except ValueError as reason:
        raise InvalidKey("not a point of the curve", kind=kind, key=raw) from reason


def _verify_ecdsa(kind: KeyKind, raw: bytes, payload: bytes, signature: bytes) -> None:
    curve = _curve(kind)
    point = _nist_point(kind, raw)
    if len(signature) != 2 * curve.size:
        raise SignatureRejected(f"a signature of {len(signature)} bytes, {2 * curve.size} expected", kind=kind)
    r, s = (int.from_bytes(part, "big") for part in (signature[: curve.size], signature[curve.size :]))
    try:
        point.verify(encode_dss_signature(r, s), payload, ec.ECDSA(curve.digest))
    except InvalidSignature as reason:
        raise SignatureRejected from reason


_VERIFIERS: dict[KeyKind, Callable[[bytes, bytes, bytes], None]] = {
    KeyKind.SECP256K1: _verify_secp256k1,
    KeyKind.ED25519: _verify_ed25519,
    KeyKind.P256: partial(_verify_ecdsa, KeyKind.P256),
    KeyKind.P384: partial(_verify_ecdsa, KeyKind.P384),
}
