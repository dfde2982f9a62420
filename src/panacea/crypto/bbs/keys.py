"""Whoever signs with BBS: a key in memory, or one that stays in another process or machine.

No security module does BLS12-381, so a key of value lives in a small service of its own that signs what it is asked to
(`docs/guides/issuer-keys.md`). All that crosses over is a header and messages one way, 80 bytes the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from panacea.crypto.bbs.suite import SHA256
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import Random


@runtime_checkable
class BBSSigner(Protocol):
    """Whoever can sign for a BBS public key, in the SHA-256 suite that bbs-2023 uses."""

    @property
    def public(self) -> bytes:
        """The public key, 96 bytes."""
        ...

    def sign(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """A signature of 80 bytes over the header and the messages in their order."""
        ...


@dataclass(frozen=True, slots=True)
class BBSKey:
    """A BBS key pair in memory: the secret scalar, 32 bytes, and the public key, 96 bytes."""

    secret: SecretBytes
    public: bytes

    @classmethod
    def generate(cls, random: Random) -> "BBSKey":
        """A new key pair."""
        return cls.of(SHA256.key_gen(random.token(32)))

    @classmethod
    def of(cls, secret: bytes) -> "BBSKey":
        """The pair of a secret scalar; MalformedKey."""
        return cls(SecretBytes(secret), SHA256.public_key(secret))

    def sign(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """A signature of 80 bytes over the header and the messages in their order."""
        return SHA256.sign(self.secret.reveal(), self.public, header, messages)
