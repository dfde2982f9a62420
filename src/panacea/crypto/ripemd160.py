"""RIPEMD-160 (Dobbertin, Bosselaers and Preneel, 1996), also where OpenSSL leaves it out.

OpenSSL 3.0 counts it among its legacy algorithms, so some systems' `hashlib` lacks it. `ripemd160` takes OpenSSL's
where it is there and `ripemd160_pure` elsewhere: the same function, in Python.
"""

import hashlib
from struct import pack, unpack

_Words = tuple[int, ...]

_MASK = 0xFFFFFFFF
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
_RHO = (7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8)
_PI = tuple((9 * i + 5) % 16 for i in range(16))

_LEFT_ADD = (0x00000000, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E)
_RIGHT_ADD = (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0x00000000)

# How far each of the 80 steps rotates, one hexadecimal digit a step, one word a round.
_LEFT_TURN = [int(d, 16) for d in "befc5879bdef6798768db97f7cf9b7dcbd67e9dfe8d65c75bcefef989e56865c9f5b68dc5cdeb856"]
_RIGHT_TURN = [int(d, 16) for d in "899bdff5778beec69df7c89b77c76fdb97fb866ecd5edd75f58bee6e69c9c5f885c9c5e68d65fdbb"]


def ripemd160(x: bytes) -> bytes:
    """RIPEMD-160 of `x`, 20 bytes."""
    try:
        return hashlib.new("ripemd160", x).digest()
    except ValueError:
        return ripemd160_pure(x)


def ripemd160_pure(x: bytes) -> bytes:
    """RIPEMD-160 of `x`, 20 bytes, without OpenSSL."""
    padded = x + b"\x80" + bytes(-(len(x) + 9) % 64) + pack("<Q", 8 * len(x))
    state: _Words = _START
    for start in range(0, len(padded), 64):
        state = _compress(state, unpack("<16I", padded[start : start + 64]))
    return pack("<5I", *state)


def _orders(first: tuple[int, ...]) -> list[int]:
    """Which word of the block each of the 80 steps takes: every round permutes the last one's order by rho."""
    order, orders = first, list(first)
    for _ in range(4):
        order = tuple(_RHO[i] for i in order)
        orders += order
    return orders


_LEFT_WORD = _orders(tuple(range(16)))
_RIGHT_WORD = _orders(_PI)


def _compress(state: _Words, block: _Words) -> _Words:
    """The state after one block of sixteen words: two lines of 80 steps, added crosswise."""
    left = right = state
    for step in range(80):
        turn, word = _LEFT_TURN[step], block[_LEFT_WORD[step]]
        left = _step(left, step // 16, (word + _LEFT_ADD[step // 16], turn))
        turn, word = _RIGHT_TURN[step], block[_RIGHT_WORD[step]]
        right = _step(right, 4 - step // 16, (word + _RIGHT_ADD[step // 16], turn))
    return tuple((state[(i + 1) % 5] + left[(i + 2) % 5] + right[(i + 3) % 5]) & _MASK for i in range(5))


def _step(line: _Words, function: int, addend: tuple[int, int]) -> _Words:
    """One step of a line: mix with the round's function, rotate, shift the line by one register."""
    a, b, c, d, e = line
    added, turn = addend
    mixed = _rotate((a + _mix(function, b, c, d) + added) & _MASK, turn)
    return e, (mixed + e) & _MASK, b, _rotate(c, 10), d


def _mix(function: int, x: int, y: int, z: int) -> int:
    """The five Boolean functions; the right line takes them in reverse."""
    match function:
        case 0:
            return x ^ y ^ z
        case 1:
            return x & y | ~x & z
        case 2:
            return (x | ~y & _MASK) ^ z
        case 3:
            return x & z | y & ~z
        case _:
            return x ^ (y | ~z & _MASK)


def _rotate(word: int, turn: int) -> int:
    return (word << turn | word >> 32 - turn) & _MASK
