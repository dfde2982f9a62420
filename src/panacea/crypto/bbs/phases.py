"""A proof between its two halves: what is committed to, and what is still to be answered.

    Suite.begin  --> Begun    --Suite.challenge--> c --finish(c)--> Proof       the holder
    Suite.reopen --> Reopened --Suite.challenge--> c, equal to the proof's own?  the verifier

Another proof about the same hidden messages shares their blinding scalars (`tilde`) and answers the same challenge:
then equal answers (`hats`) show equal messages. Source: draft-irtf-cfrg-bbs-signatures, sections 3.7.1 to 3.7.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from panacea.crypto.bbs.types import Proof
from panacea.crypto.hazmat.bls12381 import G1, Scalar


@dataclass(frozen=True, slots=True)
class Begun:
    """A proof that waits for its challenge; it must answer one only, since two answers give the hidden messages away.

    `known` are the disclosed messages by index, `hidden` the others; all but the points, the domain and `known` is
    secret.
    """

    a_bar: G1
    b_bar: G1
    d: G1
    t1: G1
    t2: G1
    domain: Scalar
    known: Mapping[int, Scalar]
    hidden: Mapping[int, Scalar] = field(repr=False)
    tildes: Mapping[int, Scalar] = field(repr=False)
    e: tuple[Scalar, Scalar] = field(repr=False)
    """e of the signature and its blinding scalar; likewise r1, and r3, which is 1 / r2."""

    r1: tuple[Scalar, Scalar] = field(repr=False)
    r3: tuple[Scalar, Scalar] = field(repr=False)

    def tilde(self, index: int) -> Scalar:
        """The blinding scalar of the hidden message at that index; KeyError for a disclosed one."""
        return self.tildes[index]

    def finish(self, challenge: Scalar) -> Proof:
        """The answers to `challenge`, once."""
        e, r1, r3 = self.e, self.r1, self.r3
        return Proof(
            self.a_bar, self.b_bar, self.d,
            e[1] + e[0] * challenge, r1[1] - r1[0] * challenge, r3[1] - r3[0] * challenge,
            tuple(self.tildes[index] + scalar * challenge for index, scalar in self.hidden.items()),
            challenge,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reopened:
    """What the prover must have committed to, if its answers are true.

    `hats` are the answers for the hidden messages by their index, in ascending order.
    """

    a_bar: G1
    b_bar: G1
    d: G1
    t1: G1
    t2: G1
    domain: Scalar
    known: Mapping[int, Scalar]
    hats: Mapping[int, Scalar]
