"""Sums over few points that are new each time: scalars of half the size, and doublings that all the points share.

    scalar = low + high LAMBDA                 LAMBDA (x, y) = (BETA x, y), which costs next to nothing
    low, high = sum of digit_i 16^i            digits from -8 to 7, of the point and of its image
    sum = (... (digits_32) 16 + digits_31) 16 + ... + digits_0

For three points that takes a third less time than the library's own sum, for one point a quarter less than its product
(the method is Straus', the halves are Gallant, Lambert and Vanstone's). A point's multiples cost 20 microseconds and
may serve several sums. Every point must lie in the subgroup: outside of it the image is no multiple of the point.
Like all arithmetic here, none of this is constant time.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from panacea.crypto.hazmat.bls12381 import FIELD, G1, G1_SIZE, IDENTITY, Scalar

LAMBDA: Final = 0xD201000000010000**2 - 1
"""A cube root of one modulo r, half as long as r: z^2 - 1, of the curve's parameter z."""

BETA: Final = 0x1A0111EA397FE699EC02408663D4DE85AA0D857D89759AD4897D29650FB85F9B409427EB4F49FFFD8BFD00000000AAAC
"""The cube root of one modulo p that multiplies x where LAMBDA multiplies the point."""

DIGITS: Final = "0123456789abcdef"
BALANCE: Final = int("8" * 33, base=16)
"""Added to half a scalar, it makes each hexadecimal digit the signed digit plus 8; the first one takes the carry."""

STEP: Final = Scalar(16)

Table = Mapping[str, G1]
"""A point times -8 to 7, by the hexadecimal digit that stands for each."""

Multiples = tuple[Table, Table]
"""The tables of a point and of its image."""


def multiples_of(point: G1) -> Multiples:
    """What a point of the subgroup brings into sums."""
    octets = point.to_xy_bytes_be()  # Of the identity all zeros, which are read as the identity again.
    x = int.from_bytes(octets[:G1_SIZE], "big") * BETA % FIELD
    image = G1.from_xy_bytes_unchecked_be(x.to_bytes(G1_SIZE, "big") + octets[G1_SIZE:])
    return _table(point), _table(image)


def sum_of_multiples(multiples: Sequence[Multiples], scalars: Sequence[Scalar]) -> G1:
    """The first point times the first scalar, and so on, summed up."""
    chosen = []
    for (of_point, of_image), scalar in zip(multiples, scalars, strict=True):
        high, low = divmod(int.from_bytes(scalar.to_be_bytes(), "big"), LAMBDA)
        chosen.append(map(of_point.__getitem__, f"{low + BALANCE:x}"))
        chosen.append(map(of_image.__getitem__, f"{high + BALANCE:x}"))
    total = IDENTITY
    for column in zip(*chosen, strict=True):
        total = sum(column, total * STEP)
    return total


def product(point: G1, scalar: Scalar) -> G1:
    """A point of the subgroup times a scalar."""
    return sum_of_multiples([multiples_of(point)], [scalar])


def _table(point: G1) -> Table:
    plus = [point]
    while len(plus) < 8:
        plus.append(plus[-1] + point)
    minus = [-each for each in reversed(plus)]
    return dict(zip(DIGITS, [*minus, IDENTITY, *plus[:7]], strict=True))
