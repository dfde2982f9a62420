"""What BBS passes around in octets, and how it refuses.

    BBSRejected
      x MalformedKey, MalformedSignature, MalformedProof                octets that are no key, signature or proof
      x WrongSignature, WrongProof                                      well formed, and not true
      x WrongIndexes, WeakKeyMaterial, TooManyMessages, TooManyProofs   arguments outside the scheme

Source: draft-irtf-cfrg-bbs-signatures, section 4.2.4 for the encodings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from panacea.crypto.hazmat.bls12381 import G1, G1_SIZE, SCALAR_SIZE, OctetsRejected, Scalar, read_g1, read_scalar
from panacea.primitives.rejected import Rejected

MAX_MESSAGES: Final = 4096
"""Messages a signature may bind; a bound on work, not of the scheme."""

MAX_PROOFS: Final = 4096
"""Proofs of one batch."""

SIGNATURE_SIZE: Final = G1_SIZE + SCALAR_SIZE
PROOF_FLOOR: Final = 3 * G1_SIZE + 4 * SCALAR_SIZE
"""Bytes of a proof that hides nothing; each hidden message adds a scalar."""

Part = TypeVar("Part")


class BBSRejected(Rejected, codespace="bbs"):
    """A key, signature, proof or argument of BBS was refused."""


class MalformedKey(BBSRejected, code=2, text="malformed BBS key"):
    """No canonical key of the curve. The octets of a secret key are never kept."""


class MalformedSignature(BBSRejected, code=3, text="malformed BBS signature"):
    """Not 80 bytes of a point and a scalar, both canonical."""


class MalformedProof(BBSRejected, code=4, text="malformed BBS proof"):
    """Not three points and four or more scalars, all canonical."""


class WrongSignature(BBSRejected, code=5, text="BBS signature does not verify"):
    """The signature is not by that key over that header and those messages."""


class WrongProof(BBSRejected, code=6, text="BBS proof does not verify"):
    """The proof does not show those messages, that header and that presentation header under that key.

    Of a batch, `indexes` says which proofs.
    """


class WrongIndexes(BBSRejected, code=7, text="disclosed indexes must be distinct and name a message"):
    """An index repeats or lies outside the messages."""


class TooManyMessages(BBSRejected, code=8, text="too many messages"):
    """More messages than this implementation works on."""


class WeakKeyMaterial(BBSRejected, code=9, text="key material needs 32 bytes, key info at most 65535"):
    """Input of the key generation is outside its bounds."""


class TooManyProofs(BBSRejected, code=10, text="too many proofs at once"):
    """A batch is larger than this implementation works on."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A BBS signature: point A and scalar e."""

    a: G1
    e: Scalar

    @classmethod
    def from_octets(cls, octets: bytes) -> "Signature":
        """Read 80 bytes; MalformedSignature."""
        if len(octets) != SIGNATURE_SIZE:
            raise MalformedSignature(size=len(octets))
        a = _strictly(MalformedSignature, read_g1, octets[:G1_SIZE])
        return cls(a, _strictly(MalformedSignature, read_scalar, octets[G1_SIZE:]))

    def to_octets(self) -> bytes:
        """80 bytes: A compressed, e big-endian."""
        return self.a.to_compressed_bytes() + self.e.to_be_bytes()


@dataclass(frozen=True, slots=True)
class Proof:
    """A BBS proof: the blinded signature and the answers to the challenge, one for each hidden message."""

    a_bar: G1
    b_bar: G1
    d: G1
    e_hat: Scalar
    r1_hat: Scalar
    r3_hat: Scalar
    hidden_hats: tuple[Scalar, ...]
    challenge: Scalar

    @classmethod
    def from_octets(cls, octets: bytes) -> "Proof":
        """Read 272 bytes and 32 for each hidden message; MalformedProof."""
        hidden, rest = divmod(len(octets) - PROOF_FLOOR, SCALAR_SIZE)
        if rest or not 0 <= hidden <= MAX_MESSAGES:
            raise MalformedProof(size=len(octets))
        split = 3 * G1_SIZE
        a_bar, b_bar, d = (
            _strictly(MalformedProof, read_g1, octets[at : at + G1_SIZE]) for at in range(0, split, G1_SIZE)
        )
        e_hat, r1_hat, r3_hat, *hidden_hats, challenge = (
            _strictly(MalformedProof, read_scalar, octets[at : at + SCALAR_SIZE])
            for at in range(split, len(octets), SCALAR_SIZE)
        )
        return cls(a_bar, b_bar, d, e_hat, r1_hat, r3_hat, tuple(hidden_hats), challenge)

    def to_octets(self) -> bytes:
        """Points compressed, then scalars big-endian, the challenge last."""
        points = (self.a_bar, self.b_bar, self.d)
        scalars = (self.e_hat, self.r1_hat, self.r3_hat, *self.hidden_hats, self.challenge)
        return b"".join([p.to_compressed_bytes() for p in points] + [s.to_be_bytes() for s in scalars])


def _strictly(refusal: type[BBSRejected], read: Callable[[bytes], Part], octets: bytes) -> Part:
    """Read a part of an encoding, and say of which when it is malformed."""
    try:
        return read(octets)
    except OctetsRejected as error:
        raise refusal(error.text) from error
