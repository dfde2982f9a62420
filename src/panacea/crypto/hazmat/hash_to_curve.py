"""Hashing to BLS12-381 G1 and G2 and to their scalars: RFC 9380, with XMD:SHA-256 and XOF:SHAKE.

    message, DST --Expand--> uniform bytes --hash_to_field--> elements of the field --map_to_g1, add--> a point

Scalars are reduced from 48 uniform bytes, as the signature schemes say that use them.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256, shake_128, shake_256
from typing import Final

from panacea.crypto.hazmat.bls12381 import FIELD, G1, G2, map_to_g1, map_to_g2

Expand = Callable[[bytes, bytes, int], bytes]
"""expand_message of RFC 9380 §5.3: (message, DST, length) to that many uniform bytes."""

ELEMENT_SIZE: Final = 64
"""L of RFC 9380 §8.8.1: bytes a field element is reduced from."""

OVERSIZE: Final = b"H2C-OVERSIZE-DST-"

PADDING: Final = sha256(bytes(64))
"""The state after Z_pad, one block of zeros, which every message starts with."""


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 §5.3.1 with SHA-256; at most 8160 bytes."""
    blocks = -(-length // 32)
    if not 0 < blocks <= 255:
        raise ValueError(f"XMD:SHA-256 cannot give {length} bytes")
    first_suffix, second_suffix, suffix = _xmd_suffixes(dst, length)
    state = PADDING.copy()
    state.update(message + first_suffix)
    first = state.digest()
    block = sha256(first + second_suffix).digest()
    uniform = block
    for number in range(2, blocks + 1):
        mixed = int.from_bytes(first, "big") ^ int.from_bytes(block, "big")
        block = sha256(mixed.to_bytes(32, "big") + number.to_bytes(1, "big") + suffix).digest()
        uniform += block
    return uniform[:length]


@lru_cache(maxsize=256)
def _xmd_suffixes(dst: bytes, length: int) -> tuple[bytes, bytes, bytes]:
    """What follows the message, the first digest, and every later one: the same for many messages in a row."""
    if len(dst) > 255:
        dst = sha256(OVERSIZE + dst).digest()
    suffix = dst + bytes([len(dst)])
    return length.to_bytes(2, "big") + b"\x00" + suffix, b"\x01" + suffix, suffix


def expand_message_shake256(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 §5.3.2 with SHAKE-256; at most 65,535 bytes."""
    if len(dst) > 255:
        dst = shake_256(OVERSIZE + dst).digest(64)
    return shake_256(message + length.to_bytes(2, "big") + dst + bytes([len(dst)])).digest(length)


def expand_message_shake128(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 §5.3.2 with SHAKE-128; at most 65,535 bytes."""
    if len(dst) > 255:
        dst = shake_128(OVERSIZE + dst).digest(32)
    return shake_128(message + length.to_bytes(2, "big") + dst + bytes([len(dst)])).digest(length)


def hash_to_field(message: bytes, dst: bytes, count: int, expand: Expand) -> list[int]:
    """RFC 9380 §5.2 for the field of G1: `count` elements below p; two make an element of the field of G2."""
    uniform = expand(message, dst, count * ELEMENT_SIZE)
    return [
        int.from_bytes(uniform[at : at + ELEMENT_SIZE], "big") % FIELD for at in range(0, len(uniform), ELEMENT_SIZE)
    ]


def hash_to_g1(message: bytes, dst: bytes, expand: Expand) -> G1:
    """RFC 9380 §3, hash_to_curve for BLS12-381 G1, of the suites ..._SSWU_RO_."""
    first, second = hash_to_field(message, dst, 2, expand)
    # Clearing the cofactor is linear: the sum of two cleared points is the cleared sum.
    return map_to_g1(first) + map_to_g1(second)


def hash_to_g2(message: bytes, dst: bytes, expand: Expand) -> G2:
    """RFC 9380 §3, hash_to_curve for BLS12-381 G2, of the suites ..._SSWU_RO_."""
    first, second, third, fourth = hash_to_field(message, dst, 4, expand)
    return map_to_g2(first, second) + map_to_g2(third, fourth)
