"""Sealing to a public key: HPKE (RFC 9180), base mode, suite 1 = MLKEM768_X25519 + HKDF-SHA256 + AES-256-GCM.

    public key   ML-KEM-768 key (1184 bytes) ‖ X25519 key (32)             1216 bytes
    secret       the seed of X-Wing (draft-connolly-cfrg-xwing-kem)          32 bytes
    sealed       enc (1120 bytes) ‖ ciphertext, 16 bytes longer than the plaintext

All context goes into `info`, as canonical CBOR; what was sealed under another info does not open. A 1216-byte key is
safe while either half is, against a quantum computer too.
"""

import hashlib
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from panacea.crypto.keys import InvalidKey
from panacea.crypto.secret import SecretBytes
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random

SUITE = 1
PUBLIC_KEY_SIZE = 1216
SECRET_SIZE = 32
ENC_SIZE = 1120
OVERHEAD = ENC_SIZE + 16
MAX_PLAINTEXT = 1 << 20

_MLKEM_SIZE = 1184
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class SealRejected(Rejected, codespace="crypto", code=8, text="the sealed bytes do not open"):
    """Sealed to another key, under another info, changed, or of an impossible length."""


class HPKEKey:
    """A private key that opens what was sealed to `public_key` (1216 bytes)."""

    __slots__ = ("_key", "_seed", "public_key")

    def __init__(self, secret: bytes) -> None:
        """Expand a 32-byte seed as X-Wing does. Raises InvalidKey for another length."""
        if len(secret) != SECRET_SIZE:
            raise InvalidKey(f"a seed of {len(secret)} bytes, {SECRET_SIZE} expected")
        expanded = hashlib.shake_256(secret).digest(96)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        self._seed = SecretBytes(secret)
        self._key = hpke.MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public_key = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    @classmethod
    def generate(cls, random: Random) -> Self:
        """A new key."""
        return cls(random.token(SECRET_SIZE))

    @property
    def secret(self) -> SecretBytes:
        """The 32-byte seed, for a keyring; an epoch key never asks for it."""
        return self._seed

    def open(self, info: bytes, sealed: bytes) -> bytes:
        """The plaintext that was sealed to this key under `info`. Raises SealRejected."""
        if not OVERHEAD <= len(sealed) <= OVERHEAD + MAX_PLAINTEXT:
            raise SealRejected(f"{len(sealed)} bytes")
        try:
            return _SUITE.decrypt(sealed, self._key, info=info)
        except (InvalidTag, ValueError) as reason:
            raise SealRejected from reason

    def __repr__(self) -> str:
        return f"HPKEKey({self.public_key[:8].hex()}…)"


def seal(public_key: bytes, info: bytes, plaintext: bytes) -> bytes:
    """`plaintext` (at most 1 MiB), sealed to `public_key` under `info`: enc ‖ ciphertext.

    Each call seals anew, with fresh randomness of the operating system. Raises InvalidKey.
    """
    if len(plaintext) > MAX_PLAINTEXT:
        raise ValueError(f"{len(plaintext)} bytes to seal, at most {MAX_PLAINTEXT} expected")
    if len(public_key) != PUBLIC_KEY_SIZE:
        raise InvalidKey(f"{len(public_key)} bytes, {PUBLIC_KEY_SIZE} expected")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_SIZE])
        x25519 = X25519PublicKey.from_public_bytes(public_key[_MLKEM_SIZE:])
        return _SUITE.encrypt(plaintext, hpke.MLKEM768X25519PublicKey(mlkem, x25519), info=info)
    except ValueError as reason:
        raise InvalidKey("not a key one can seal to") from reason


def check_public_key(public_key: bytes) -> None:
    """Accept a key only if something can be sealed to it: right length, reduced coefficients, no low-order point.

    Raises InvalidKey.
    """
    seal(public_key, b"", b"")
