"""BLS12-381 as the rooms above see it: points, scalars, strict octets, sums of products and one pairing equation.

    octets --read_g1/read_g2/read_scalar--> G1, G2, Scalar --sum_of_products, pairings_cancel--> a point, a yes or no

Sources: the zcash encoding of draft-irtf-cfrg-pairing-friendly-curves (Appendix C); RFC 9380 for `map_to_g1`.
The arithmetic is arkworks', which is NOT constant time: keys of value belong in an enclave.
"""

from collections.abc import Sequence
from typing import Final

import py_arkworks_bls12381 as arkworks

from panacea.primitives.rejected import Rejected

G1 = arkworks.G1Point
G2 = arkworks.G2Point
Scalar = arkworks.Scalar

ORDER: Final = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
"""r, the prime order of G1 and G2."""

FIELD: Final = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", base=16
)
"""p, the prime of the field that coordinates live in."""

G1_SIZE: Final = 48
G2_SIZE: Final = 96
SCALAR_SIZE: Final = 32

G2_GENERATOR: Final = G2()
IDENTITY: Final = G1.identity()


class OctetsRejected(Rejected, codespace="bls12381"):
    """Octets that are no canonical encoding of what they should be."""


class MalformedPoint(OctetsRejected, code=2, text="not a canonical point of the subgroup other than the identity"):
    """Wrong size or flags, off the curve, outside the subgroup, the identity, or a second spelling of a point."""


class MalformedScalar(OctetsRejected, code=3, text="not a scalar from 1 to r - 1"):
    """Wrong size, zero, or not below the group order. The value is not kept: it may be a secret."""


def read_g1(octets: bytes) -> G1:
    """The point of G1 with these 48 compressed octets; MalformedPoint for the identity and anything not canonical."""
    try:
        point = G1.from_compressed_bytes(octets)
    except ValueError as error:
        raise MalformedPoint(octets=octets) from error
    # The library forgives stray bits beside the infinity flag, so only octets that come out again are accepted.
    if point.to_compressed_bytes() != octets or point == IDENTITY:
        raise MalformedPoint(octets=octets)
    return point


def read_g2(octets: bytes) -> G2:
    """The point of G2 with these 96 compressed octets; MalformedPoint for the identity and anything not canonical."""
    try:
        point = G2.from_compressed_bytes(octets)
    except ValueError as error:
        raise MalformedPoint(octets=octets) from error
    if point.to_compressed_bytes() != octets or point == G2.identity():
        raise MalformedPoint(octets=octets)
    return point


def read_scalar(octets: bytes) -> Scalar:
    """The non-zero scalar with these 32 big-endian octets; MalformedScalar for zero and for values from r on."""
    if len(octets) != SCALAR_SIZE or not 0 < int.from_bytes(octets, "big") < ORDER:
        raise MalformedScalar(size=len(octets))
    return Scalar.from_be_bytes(octets)


def scalar_modulo_order(octets: bytes) -> Scalar:
    """Big-endian octets reduced modulo r; 48 of them make the bias negligible."""
    # The library reduces too, at twice the price.
    return Scalar.from_be_bytes((int.from_bytes(octets, "big") % ORDER).to_bytes(SCALAR_SIZE, "big"))


def map_to_g1(element: int) -> G1:
    """RFC 9380 §6.6.3 and §7: a field element to a point of the subgroup (SSWU, isogeny, cofactor cleared)."""
    return G1.map_from_fp_be(element.to_bytes(G1_SIZE, "big"))


def map_to_g2(real: int, imaginary: int) -> G2:
    """The same for G2, whose field elements are pairs: real + imaginary * I."""
    return G2.map_from_fp2_be(real.to_bytes(G1_SIZE, "big") + imaginary.to_bytes(G1_SIZE, "big"))


def sum_of_products(points: Sequence[G1], scalars: Sequence[Scalar]) -> G1:
    """points[0] * scalars[0] + points[1] * scalars[1] + ..., as one multi-scalar multiplication."""
    if len(points) != len(scalars):
        raise ValueError("a point for each scalar")  # The library would drop the longer tail in silence.
    return G1.multiexp_unchecked(list(points), list(scalars))


def pairings_cancel(left: tuple[G1, G2], right: tuple[G1, G2]) -> bool:
    """Whether e(left) * e(right) is one."""
    return arkworks.GT.pairing_check([left[0], right[0]], [left[1], right[1]])
