"""The points that commitments are made with, and the BBS ciphersuite of companions.

    G, H                       Pedersen:  C = G v + H r
    H, L_i, Q_i                a vector of bits and one of products:  V = H r + sum L_i b_i + sum Q_i w_i

Each is the hash of its own name, so nobody knows one as a multiple of others. The table beside this file holds G, H,
then L_0, Q_0, L_1, Q_1, ..., both coordinates, big-endian; `tools/make_generators.py` writes it and a test derives it.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import count as counting
from typing import Final

from panacea.crypto.bbs import SHA256, Suite
from panacea.crypto.hazmat.bls12381 import G1, Scalar, sum_of_products
from panacea.crypto.hazmat.fixed_points import Row, row_of, sum_of_rows
from panacea.crypto.hazmat.hash_to_curve import expand_message_xmd, hash_to_g1
from panacea.wire import cbor

TABLE: Final = "basis.bin"
RECORD_SIZE: Final = 96
MAX_BITS: Final = 256
"""Bits of all ranges of one proof: four two-sided ones of 32 bits, or sixteen one-sided of 16."""

PLAIN_SUMS: Final = 8
"""Sums made without rows: a row costs a multiplication, which one verification does not earn back."""

POINT_DST: Final = b"PANACEA_PREDICATES_V1_BLS12381G1_XMD:SHA-256_SSWU_RO_"

COMPANION: Final = Suite(b"PANACEA_PREDICATES_COMPANION_V1_" + SHA256.api_id, expand_message_xmd, SHA256.generators)
"""BBS under the key and generators of bbs-2023 and an api_id of its own: no signature of one is one of the other."""

_SUMS: Final = counting()


def derive(count: int = 2 + 2 * MAX_BITS) -> list[G1]:
    """The points of the table by the definition: 1 ms for four of them."""
    names = [name for bit in range(count // 2) for name in (f"bit {bit}", f"product {bit}")]
    return [_hash(name.encode()) for name in ("value", "blinding", *names)][:count]


def commit(value: Scalar, blinding: Scalar) -> G1:
    """The Pedersen commitment G value + H blinding."""
    return sum_of_products(_points()[:2], [value, blinding])


def commit_vector(scalars: Sequence[Scalar]) -> G1:
    """H, L_0, Q_0, L_1, Q_1, ... each times its scalar, summed up."""
    numbers = range(1, 1 + len(scalars))
    if next(_SUMS) < PLAIN_SUMS:
        points = _points()
        return sum_of_products([points[number] for number in numbers], scalars)
    return sum_of_rows([_row(number) for number in numbers], scalars)


def deal_point(chain_id: str, deal_id: int) -> G1:
    """The point that a deal's pseudonyms are multiples of."""
    return _hash(cbor.encode(["panacea/predicates/deal/v1", chain_id, deal_id]))


def _hash(message: bytes) -> G1:
    return hash_to_g1(message, POINT_DST, expand_message_xmd)


@cache
def _points() -> list[G1]:
    octets = files(__package__).joinpath(TABLE).read_bytes()
    # Unchecked, because the file is part of the program and a test derives it again.
    return [G1.from_xy_bytes_unchecked_be(octets[at : at + RECORD_SIZE]) for at in range(0, len(octets), RECORD_SIZE)]


@cache
def _row(number: int) -> Row:
    return row_of(_points()[number])
