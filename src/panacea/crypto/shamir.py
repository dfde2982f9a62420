"""Shamir's secret sharing, bytewise over GF(2^8) with the polynomial 0x11B (design/exchange.md §8).

Every byte of the secret is the constant term of its own random polynomial of degree threshold - 1; share x, from 1 to
count, holds the values at x. All bytes are packed in one integer and worked on at once. Only public numbers (the
places and their Lagrange coefficients) steer the flow, never a byte of the secret.
"""

from collections.abc import Mapping

from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random

MAX_COUNT = 255


class InvalidShares(Rejected, codespace="crypto", code=7, text="invalid shares"):
    """The shares do not belong together: none, a place outside 1 to 255, or lengths that differ."""


def split(secret: bytes, threshold: int, count: int, random: Random) -> list[bytes]:
    """`count` shares of the secret's length, any `threshold` of which give it back; share x is at index x - 1.

    Raises ValueError unless 1 <= threshold <= count <= 255 and the secret has a byte.
    """
    if not 1 <= threshold <= count <= MAX_COUNT or not secret:
        raise ValueError(f"{threshold} of {count} shares of {len(secret)} bytes")
    size = len(secret)
    coefficients = [int.from_bytes(random.token(size), "big") for _ in range(threshold - 1)]
    shares = []
    for x in range(1, count + 1):
        value = 0
        for coefficient in [*coefficients, int.from_bytes(secret, "big")]:
            value = _scale(value, x, size) ^ coefficient
        shares.append(value.to_bytes(size, "big"))
    return shares


def join(shares: Mapping[int, bytes]) -> bytes:
    """The secret that these shares, by their place x, interpolate to.

    Too few shares, or a false one, give other bytes and no error: the caller confirms the secret (key commitment).
    Raises InvalidShares.
    """
    sizes = {len(share) for share in shares.values()}
    if len(sizes) != 1 or 0 in sizes:
        raise InvalidShares("no shares, or of different lengths", lengths=sorted(sizes))
    if not all(1 <= x <= MAX_COUNT for x in shares):
        raise InvalidShares("a place outside 1 to 255", places=sorted(shares))
    size, secret = sizes.pop(), 0
    for x, share in shares.items():
        secret ^= _scale(int.from_bytes(share, "big"), _lagrange_at_zero(x, shares), size)
    return secret.to_bytes(size, "big")


def _lagrange_at_zero(x: int, places: Mapping[int, bytes]) -> int:
    """The weight of place `x`: the product of other / (other - x), where minus is exclusive or."""
    weight = 1
    for other in places:
        if other != x:
            weight = _scale(_scale(weight, other, 1), _inverse(other ^ x), 1)
    return weight


def _inverse(element: int) -> int:
    """The inverse of a non-zero element, its 254th power."""
    power = 1
    for _ in range(254):
        power = _scale(power, element, 1)
    return power


def _scale(packed: int, scalar: int, size: int) -> int:
    """Every byte of `packed` (of `size` bytes) times the public `scalar`, in GF(2^8)."""
    ones = int.from_bytes(b"\x01" * size, "big")
    product = 0
    for bit in range(8):
        if scalar >> bit & 1:
            product ^= packed
        packed = (packed & ones * 0x7F) << 1 ^ (packed >> 7 & ones) * 0x1B
    return product
