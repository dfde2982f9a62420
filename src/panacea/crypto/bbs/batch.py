"""The pairing halves of many proofs under one key, tested as one.

    e(A'_i, pk) = e(B'_i, G2) for every i     <==     e(sum of w_i A'_i, pk) = e(sum of w_i B'_i, G2)     w_i random

Soundness: let E_i be the quotient of the two sides for proof i, an element of a group of prime order r. If some E_i is
not one, then whatever the other weights are, at most one value of w_i makes the product of all E_i^(w_i) one, and it is
hit with a probability of 2^-128. The weights must be drawn after the proofs are fixed, where no prover sees them; and
every point must lie in its subgroup, which reading a proof has established.
"""

from collections.abc import Sequence
from typing import Final

from panacea.crypto.bbs.types import Proof
from panacea.crypto.hazmat.bls12381 import (
    G2,
    G2_GENERATOR,
    Scalar,
    pairings_cancel,
    scalar_modulo_order,
    sum_of_products,
)
from panacea.primitives.time import Random

WEIGHT_SIZE: Final = 16
"""Bytes of a weight: a batch with a wrong proof passes with a probability of 2^-128."""


def find_wrong_pairings(key: G2, proofs: Sequence[Proof], random: Random) -> list[int]:
    """Which of the proofs carry no signature of that key, in ascending order.

    Two pairings when all do. Else the halves are tested on, down to single proofs, with never more than 2 n - 1 tests.
    """
    drawn = random.token(WEIGHT_SIZE * len(proofs))
    weights = [scalar_modulo_order(drawn[at : at + WEIGHT_SIZE]) for at in range(0, len(drawn), WEIGHT_SIZE)]
    wrong: list[int] = []
    waiting = [range(len(proofs))] if proofs else []
    while waiting:
        span = waiting.pop()
        if _all_signed(key, proofs[span.start : span.stop], weights[span.start : span.stop]):
            continue
        if len(span) == 1:
            wrong.append(span.start)
        else:
            middle = len(span) // 2
            waiting += [span[middle:], span[:middle]]
    return wrong


def _all_signed(key: G2, proofs: Sequence[Proof], weights: Sequence[Scalar]) -> bool:
    if len(proofs) == 1:
        # A single proof is tested as it is: a weight of zero must not hide it.
        return pairings_cancel((proofs[0].a_bar, key), (-proofs[0].b_bar, G2_GENERATOR))
    left = sum_of_products([proof.a_bar for proof in proofs], weights)
    right = sum_of_products([proof.b_bar for proof in proofs], weights)
    return pairings_cancel((left, key), (-right, G2_GENERATOR))
