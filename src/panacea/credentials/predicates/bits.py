"""That hidden numbers lie in ranges, bit by bit: one commitment and one equation for all bits of all ranges.

Side s of a range says that w_s = v - a (at least a) or w_s = b - v (at most b) is a sum of bits b_i 2^i. The prover
commits to the bits, and beside each to the factor a_i (1 - 2 b_i) that makes its answer's square come out:

    V = H r  + sum L_i b_i + sum Q_i a_i (1 - 2 b_i)         a_i, r, t at random, but sum a_i 2^i = + or - v~
    A = H t  + sum L_i a_i - sum Q_i a_i^2

and answers the challenge c with f_i = a_i + b_i c and z = t + r c. The verifier recomputes

    A = H z + sum L_i f_i + sum Q_i f_i (c - f_i) - V c

and hashes it. f_0 of a side is not sent: sum f_i 2^i must be v^ - a c, or b c - v^, where v^ is the answer of the
companion's proof for v. Source of the bit argument: Bootle, Cerulli, Chaidos, Ghadafi, Groth, Petit, "Short accountable
ring signatures based on DDH" (ESORICS 2015), here with both vectors in one commitment.
`docs/reference/predicates.md` has the security argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from panacea.credentials.predicates import basis
from panacea.crypto.bbs.suite import random_scalars
from panacea.crypto.hazmat.bls12381 import G1, Scalar
from panacea.primitives.time import Random


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a range: v at least `bound`, or `at_most` it, by `bits` bits of the difference."""

    position: int
    bound: int
    bits: int
    at_most: bool

    def apart(self, number: Scalar, bound: Scalar) -> Scalar:
        """How far `number` lies on the right side of `bound`; linear, so also for answers and multiples."""
        return bound - number if self.at_most else number - bound


@dataclass(frozen=True, slots=True)
class BitsBegun:
    """The commitments, and what is needed to answer once."""

    commitment: G1
    first: G1
    sides: tuple[Side, ...]
    bits: tuple[int, ...] = field(repr=False)
    tildes: tuple[Scalar, ...] = field(repr=False)
    blinding: tuple[Scalar, Scalar] = field(repr=False)

    def answers(self, challenge: Scalar) -> list[Scalar]:
        """f_i of each side but its f_0, then z."""
        hats = [tilde + challenge if bit else tilde for bit, tilde in zip(self.bits, self.tildes, strict=True)]
        sent = [hat for hat, lowest in zip(hats, _lowest(self.sides), strict=True) if not lowest]
        return [*sent, self.blinding[1] + self.blinding[0] * challenge]


def begin(sides: Sequence[Side], numbers: Sequence[int], tildes: Sequence[Scalar], random: Random) -> BitsBegun:
    """Commit to the bits of how far `numbers` lie within each of `sides`; true statements only.

    `tildes` are the blinding scalars of the numbers in the companion's proof, side by side like `numbers`.
    """
    count = count_bits(sides)
    drawn = random_scalars(random, 2 + count - len(sides))
    blinding, rest = (drawn[0], drawn[1]), iter(drawn[2:])
    bits: list[int] = []
    blinds: list[Scalar] = []
    for side, number, tilde in zip(sides, numbers, tildes, strict=True):
        apart = side.bound - number if side.at_most else number - side.bound
        if not 0 <= apart < 2**side.bits:
            raise ValueError("a range is begun only where it holds")
        bits += [apart >> place & 1 for place in range(side.bits)]
        higher = [next(rest) for _ in range(1, side.bits)]
        blinds += [side.apart(tilde, Scalar(0)) - _weighted(higher), *higher]
    products = [-blind if bit else blind for bit, blind in zip(bits, blinds, strict=True)]
    ones = [Scalar(bit) for bit in bits]
    squares = [-blind.square() for blind in blinds]
    commitment = basis.commit_vector([blinding[0], *_interleaved(ones, products)])
    first = basis.commit_vector([blinding[1], *_interleaved(blinds, squares)])
    return BitsBegun(commitment, first, tuple(sides), tuple(bits), tuple(blinds), blinding)


def reopen(
    sides: Sequence[Side], commitment: G1, hats: Sequence[Scalar], answers: Sequence[Scalar], challenge: Scalar
) -> G1:
    """A, as the answers say it must have been; `hats` are the companion's answers for the numbers, side by side."""
    sent = iter(answers)
    found: list[Scalar] = []
    for side, hat in zip(sides, hats, strict=True):
        higher = [next(sent) for _ in range(1, side.bits)]
        found += [side.apart(hat, Scalar(side.bound) * challenge) - _weighted(higher), *higher]
    blinding = next(sent)
    squares = [answer * (challenge - answer) for answer in found]
    return basis.commit_vector([blinding, *_interleaved(found, squares)]) - commitment * challenge


def count_bits(sides: Sequence[Side]) -> int:
    """The length of the vector."""
    return sum(side.bits for side in sides)


def count_answers(sides: Sequence[Side]) -> int:
    """How many scalars `answers` gives."""
    return count_bits(sides) - len(sides) + 1 if sides else 0


def _weighted(higher: Sequence[Scalar]) -> Scalar:
    """The sum of 2^i times the i-th, from i = 1 on, by Horner's rule."""
    total = Scalar(0)
    for scalar in reversed(higher):
        total = total + scalar
        total = total + total
    return total


def _interleaved(left: Sequence[Scalar], right: Sequence[Scalar]) -> list[Scalar]:
    return [scalar for pair in zip(left, right, strict=True) for scalar in pair]


def _lowest(sides: Sequence[Side]) -> list[bool]:
    return [place == 0 for side in sides for place in range(side.bits)]
