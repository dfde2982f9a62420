"""Signing keys: secp256k1 (accounts, DIDs, oracles) and Ed25519 (consensus, stores, statements).

What is signed differs, and a signer does not hash for its caller:

    secp256k1   a 32-byte digest, mostly SHA-256; signature R‖S, 64 bytes, RFC 6979 nonce, S at most n/2
    Ed25519     any bytes (RFC 8032, pure); signature 64 bytes

A `Signer` may be a key in memory, a keyring's or a device's: it shows its public key and signs.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Protocol, Self

import coincurve
from coincurve import _libsecp256k1 as libsecp256k1
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

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
    BLS12381G2 = "bls12381g2"
    MLKEM768_X25519 = "mlkem768-x25519"


PUBLIC_SIZES = {
    KeyKind.SECP256K1: 33,
    KeyKind.ED25519: 32,
    KeyKind.BLS12381G2: 96,
    KeyKind.MLKEM768_X25519: 1216,
}
"""Bytes of a public key: compressed points for the curves, ML-KEM key ‖ X25519 key for the sealing kind."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its kind and its bytes, of the kind's one length.

    That the bytes are a point of the curve is checked where the key is used.
    """

    kind: KeyKind
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_SIZES[self.kind]:
            raise InvalidKey(f"{len(self.raw)} bytes, {PUBLIC_SIZES[self.kind]} expected", kind=self.kind)

    def verify(self, payload: bytes, signature: bytes) -> None:
        """Accept `signature` over `payload`: a 32-byte digest for secp256k1, any bytes for Ed25519.

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
        """64 bytes over `payload`: a 32-byte digest for secp256k1, any bytes for Ed25519."""
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


PrivateKey = Secp256k1Key | Ed25519Key


def load_private_key(kind: KeyKind, secret: bytes) -> PrivateKey:
    """The signing key of that kind from its 32 secret bytes. Raises InvalidKey, also for other kinds."""
    match kind:
        case KeyKind.SECP256K1:
            return Secp256k1Key(secret)
        case KeyKind.ED25519:
            return Ed25519Key(secret)
        case _:
            raise InvalidKey("this kind of key does not sign", kind=kind)


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


_VERIFIERS: dict[KeyKind, Callable[[bytes, bytes, bytes], None]] = {
    KeyKind.SECP256K1: _verify_secp256k1,
    KeyKind.ED25519: _verify_ed25519,
}
