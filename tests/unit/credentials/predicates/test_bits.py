"""The bit argument by itself: complete, and nothing but bits passes."""

from dataclasses import replace

import pytest
from predicate_town import Seeded

from panacea.credentials.predicates import bits
from panacea.credentials.predicates.basis import commit_vector
from panacea.credentials.predicates.bits import BitsBegun, Side
from panacea.crypto.bbs.suite import random_scalars
from panacea.crypto.hazmat.bls12381 import Scalar

CHALLENGE = random_scalars(Seeded(b"challenge"), 1)[0]
TILDE = random_scalars(Seeded(b"tilde"), 1)[0]


def begun(number: int, *sides: Side) -> BitsBegun:
    return bits.begin(sides, [number] * len(sides), [TILDE] * len(sides), Seeded(b"bits"))


def holds(proof: BitsBegun, number: int, challenge: Scalar = CHALLENGE) -> bool:
    hats = [TILDE + Scalar(number) * challenge] * len(proof.sides)
    answers = proof.answers(challenge)
    assert len(answers) == bits.count_answers(proof.sides)
    return bits.reopen(proof.sides, proof.commitment, hats, answers, challenge) == proof.first


@pytest.mark.parametrize(
    ("number", "bound", "at_most", "size"),
    [
        (0, 0, False, 16),
        (65_535, 0, False, 16),
        (65_535, 65_535, False, 16),
        (65_535, 65_535, True, 16),
        (0, 65_535, True, 16),
        (2**32 - 1, 0, False, 32),
        (0, 2**32 - 1, True, 32),
        (1000, 999, False, 32),
    ],
)
def test_what_is_true_passes(number: int, bound: int, at_most: bool, size: int) -> None:
    assert holds(begun(number, Side(1, bound, size, at_most)), number)


def test_many_sides_at_once() -> None:
    sides = [Side(1, 5, 16, at_most=False), Side(1, 9, 16, at_most=True), Side(1, 7, 32, at_most=False)]
    assert holds(begun(7, *sides), 7)


@pytest.mark.parametrize(("number", "at_most"), [(4, False), (6, True)])
def test_what_is_false_is_not_begun(number: int, at_most: bool) -> None:
    with pytest.raises(ValueError, match="only where it holds"):
        begun(number, Side(1, 5, 16, at_most))


def test_another_number_bound_side_or_challenge() -> None:
    side = Side(1, 5, 16, at_most=False)
    proof = begun(7, side)
    assert not holds(proof, 8)
    assert not holds(replace(proof, sides=(replace(side, bound=4),)), 7)
    assert not holds(replace(proof, sides=(replace(side, at_most=True),)), 7)
    answers = proof.answers(CHALLENGE)
    other = CHALLENGE + Scalar(1)
    hat = TILDE + Scalar(7) * other
    assert bits.reopen(proof.sides, proof.commitment, [hat], answers, other) != proof.first


def cheat(digits: list[int], factor: bool) -> BitsBegun:
    """Commitments to digits that are no bits, with the factor an honest prover would put beside each, or the best one.

    With a digit b the square leaves c^2 b (1 - b) + c a (1 - 2 b) - a^2; there is no place for the first term.
    """
    side = Side(1, 0, len(digits), at_most=False)
    blinding, other, *higher = random_scalars(Seeded(b"cheat"), 1 + len(digits))
    weighted = Scalar(0)
    for scalar in reversed(higher):
        weighted = (weighted + scalar) * Scalar(2)
    blinds = [TILDE - weighted, *higher]
    products = [
        blind * (Scalar(1) - Scalar(2) * Scalar(digit))
        + (CHALLENGE * Scalar(digit) * (Scalar(1) - Scalar(digit)) if factor else Scalar(0))
        for digit, blind in zip(digits, blinds, strict=True)
    ]
    lower = [scalar for pair in zip(map(Scalar, digits), products, strict=True) for scalar in pair]
    upper = [scalar for blind in blinds for scalar in (blind, -blind.square())]
    return BitsBegun(
        commit_vector([blinding, *lower]), commit_vector([other, *upper]), (side,), (), (), (blinding, other)
    )


def answers(proof: BitsBegun, digits: list[int], challenge: Scalar) -> list[Scalar]:
    higher = random_scalars(Seeded(b"cheat"), 1 + len(digits))[2:]
    sent = [blind + Scalar(digit) * challenge for blind, digit in zip(higher, digits[1:], strict=True)]
    return [*sent, proof.blinding[1] + proof.blinding[0] * challenge]


@pytest.mark.parametrize("digits", [[2, 0, 0, 0], [0, 3, 0, 0], [1, 1, 1, 5]])
def test_digits_that_are_no_bits(digits: list[int]) -> None:
    """They pass only for a challenge that was known when they were committed to, as the soundness argument says."""
    number = sum(digit << place for place, digit in enumerate(digits))
    for factor, challenge, passes in [
        (False, CHALLENGE, False),
        (True, CHALLENGE, True),
        (True, CHALLENGE + Scalar(1), False),
    ]:
        proof = cheat(digits, factor)
        hat = TILDE + Scalar(number) * challenge
        reopened = bits.reopen(proof.sides, proof.commitment, [hat], answers(proof, digits, challenge), challenge)
        assert (reopened == proof.first) is passes


def test_the_cheat_with_bits_is_honest() -> None:
    proof = cheat([1, 0, 1, 0], factor=False)
    hat = TILDE + Scalar(5) * CHALLENGE
    reopened = bits.reopen(proof.sides, proof.commitment, [hat], answers(proof, [1, 0, 1, 0], CHALLENGE), CHALLENGE)
    assert reopened == proof.first
