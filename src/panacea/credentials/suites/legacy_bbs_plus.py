"""BBS+ as it was in 2020, verification only: what `BbsBlsSignature2020` and its derived proofs rest on.

    A = (P1 + H_0 s + H_1 m_1 + ...) / (sk + e)        signature (A, e, s), 112 bytes
    e(A, w) e(A e - B, P2) = 1                         verification

Unlike in today's BBS the bases H_0 .. H_n depend on the public key and on the number of messages, there is no header,
and a message becomes a scalar by BLAKE2b. A proof hides some messages:

    A' = A r1     Abar = B r1 - A' e     d = B r1 - H_0 r2           e(A', w) e(-Abar, P2) = 1
    T1 = A' e^ + H_0 r2^ + (Abar - d) c                              first answers: e^, r2^
    T2 = d r3^ + H_0 s^ + hidden H_j m_j^ - (P1 + shown H_i m_i) c   second answers: r3^, s^, m_j^

Its challenge c covers the points and the nonce, not the messages that are shown. They are safe all the same because
each is the hash of a statement: a forger would have to hit such a hash with a number that the challenge chooses.

The scheme never became a standard; new credentials are bbs-2023. Source: the drafts of MATTR's bbs-signatures
specification; layouts as @mattrglobal/bbs-signatures 2.0 and aries-framework-go 0.1.9 write them.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from panacea.credentials.suites.types import MalformedProof, WrongKey, WrongProof, WrongStatements
from panacea.crypto.hazmat.bls12381 import (
    FIELD,
    G1,
    G1_SIZE,
    G2,
    G2_GENERATOR,
    SCALAR_SIZE,
    OctetsRejected,
    Scalar,
    map_to_g1,
    pairings_cancel,
    read_g1,
    read_g2,
    read_scalar,
    scalar_modulo_order,
    sum_of_products,
)
from panacea.crypto.hazmat.hash_to_curve import hash_to_field

SIGNATURE_SIZE: Final = G1_SIZE + 2 * SCALAR_SIZE
MAX_MESSAGES: Final = 400
"""Messages a signature may bind here: their bases are made anew for each key and number, 1 ms each."""

DST: Final = b"BLS12381G1_XMD:BLAKE2B_SSWU_RO_BBS+_SIGNATURES:1_0_0"
ONE: Final = Scalar(1)
BLOCK: Final = 128
"""Bytes that BLAKE2b takes in at a time."""

A: Final = 0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D
B: Final = 0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0
Z: Final = 11
"""The isogenous curve y^2 = x^3 + A x + B of RFC 9380 §8.8.1, and the constant of its map."""

RATIO: Final = -B * pow(A, -1, FIELD) % FIELD
ROOT: Final = pow(-(Z**3), (FIELD + 1) // 4, FIELD)

Part = TypeVar("Part")


def verify_signature(public_key: bytes, signature: bytes, messages: Sequence[bytes]) -> None:
    """Refuse a signature that is not by that key over exactly these messages.

    Raises WrongKey, MalformedProof, WrongStatements for more messages than are worked on, WrongProof.
    """
    key = _read_key(public_key)
    if len(signature) != SIGNATURE_SIZE:
        raise MalformedProof("not 112 bytes of a point and two scalars", size=len(signature))
    a = _part(read_g1, signature[:G1_SIZE])
    e, s = (_part(read_scalar, signature[at : at + SCALAR_SIZE]) for at in (G1_SIZE, G1_SIZE + SCALAR_SIZE))
    bases = bases_of(public_key, len(messages))
    bound = sum_of_products([G1(), *bases], [ONE, s, *(hash_to_scalar(message) for message in messages)])
    if not pairings_cancel((a, key), (a * e - bound, G2_GENERATOR)):
        raise WrongProof


def verify_proof(public_key: bytes, proof: bytes, nonce: bytes, shown: Sequence[bytes]) -> int:
    """Refuse a proof unless the signer of that key signed all messages `shown`; answers how many stay hidden.

    `shown` are in the order in which they were signed. Raises WrongKey, MalformedProof, WrongStatements when the proof
    is for another number of messages, WrongProof.
    """
    key = _read_key(public_key)
    parts = ShownProof.from_octets(proof)
    if len(shown) != len(parts.indexes):
        raise WrongStatements("the proof shows another number", shown=len(shown), expected=len(parts.indexes))
    if not pairings_cancel((parts.a_prime, key), (-parts.a_bar, G2_GENERATOR)):
        raise WrongProof
    base, *bases = bases_of(public_key, parts.count)
    scalars = dict(zip(parts.indexes, map(hash_to_scalar, shown), strict=True))
    hidden = [bases[index] for index in range(parts.count) if index not in scalars]
    points = [parts.a_bar, parts.a_prime, base, parts.t1, parts.d, base, *hidden, parts.t2]
    c = hash_to_scalar(b"".join([point.to_xy_bytes_be() for point in points]) + hash_to_scalar(nonce).to_be_bytes())
    first = sum_of_products([parts.a_prime, base, parts.a_bar - parts.d], [*parts.first, c])
    if first != parts.t1:
        raise WrongProof
    known = [bases[index] for index in parts.indexes]
    against = -c
    answers = [*parts.second, against, *(scalar * against for scalar in scalars.values())]
    if sum_of_products([parts.d, base, *hidden, G1(), *known], answers) != parts.t2:
        raise WrongProof
    return len(hidden)


@dataclass(frozen=True, slots=True)
class ShownProof:
    """A proof taken apart: `count` messages were signed, those at `indexes` are shown."""

    count: int
    indexes: tuple[int, ...]
    a_prime: G1
    a_bar: G1
    d: G1
    t1: G1
    first: tuple[Scalar, ...]
    t2: G1
    second: tuple[Scalar, ...]

    @classmethod
    def from_octets(cls, octets: bytes) -> "ShownProof":
        """Read a proof strictly; MalformedProof, WrongStatements.

        The layout: count (2), bits of the shown indexes (count/8 + 1, big-endian), A', Abar, d, length of what follows
        up to T2 (4), T1, 2 (4), two scalars, T2, number of scalars (4), scalars.
        """
        reader = _Reader(octets)
        count = reader.number(2)
        _require_count(count)
        bits = reader.number(count // 8 + 1)
        if bits >> count:
            raise MalformedProof("shows messages beyond the last one")
        indexes = tuple(index for index in range(count) if bits >> index & 1)
        a_prime, a_bar, d = reader.point(), reader.point(), reader.point()
        if reader.number(4) != G1_SIZE + 4 + 2 * SCALAR_SIZE:
            raise MalformedProof("the first part has another size")
        t1, first = reader.point(), reader.scalars(2)
        t2, second = reader.point(), reader.scalars(2 + count - len(indexes))
        reader.end()
        return cls(count, indexes, a_prime, a_bar, d, t1, first, t2, second)


class _Reader:
    """Octets read from the front, each part of its size; MalformedProof."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = 0

    def take(self, size: int) -> bytes:
        found = self.octets[self.at : self.at + size]
        if len(found) != size:
            raise MalformedProof("the proof ends early", size=len(self.octets))
        self.at += size
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def point(self) -> G1:
        return _part(read_g1, self.take(G1_SIZE))

    def scalars(self, count: int) -> tuple[Scalar, ...]:
        if self.number(4) != count:
            raise MalformedProof("another number of answers", expected=count)
        return tuple(_part(read_scalar, self.take(SCALAR_SIZE)) for _ in range(count))

    def end(self) -> None:
        if self.at != len(self.octets):
            raise MalformedProof("octets after the proof", size=len(self.octets))


def hash_to_scalar(octets: bytes) -> Scalar:
    """BLAKE2b of 48 bytes, reduced: what a message, a nonce and a challenge become."""
    return scalar_modulo_order(hashlib.blake2b(octets, digest_size=48).digest())


@lru_cache(maxsize=16)
def bases_of(public_key: bytes, count: int) -> tuple[G1, ...]:
    """H_0 to H_count of a key; WrongKey, WrongStatements above the bound on work."""
    _require_count(count)
    octets = _read_key(public_key).to_xy_bytes_be()
    # arkworks writes the two halves of a coordinate the other way round than the zcash encoding.
    halves = [octets[at : at + G1_SIZE] for at in range(0, len(octets), G1_SIZE)]
    point = halves[1] + halves[0] + halves[3] + halves[2]
    seeds = [point + b"\0" + index.to_bytes(4, "big") + b"\0" + count.to_bytes(4, "big") for index in range(count + 1)]
    return tuple(hash_to_g1(seed) for seed in seeds)


def hash_to_g1(message: bytes) -> G1:
    """A point for octets, as draft-irtf-cfrg-hash-to-curve-06 has it with BLAKE2b and big-endian signs."""
    first, second = (_map(element) for element in hash_to_field(message, DST, 2, expand_message_blake2b))
    return first + second


def _map(element: int) -> G1:
    """The point of RFC 9380 or its negative: the draft compares signs by size, the RFC by parity (sgn0).

    The sign is that of y on the isogenous curve, which is computed here: y^2 = g(x), with x from the element.
    """
    square = Z * element * element % FIELD
    denominator = (square * square + square) % FIELD
    x = RATIO * (1 + pow(denominator, -1, FIELD) if denominator else -pow(Z, -1, FIELD)) % FIELD
    g = (x * x * x + A * x + B) % FIELD
    y = pow(g, (FIELD + 1) // 4, FIELD)
    if y * y % FIELD != g:
        # g is no square, so the map takes square^3 g, whose root is this one times element^3 times that of -Z^3.
        y = y * element**3 * ROOT % FIELD
    if (y ^ element) & 1:
        y = FIELD - y
    point = map_to_g1(element)
    return point if (y > FIELD // 2) == (element > FIELD // 2) else -point


def expand_message_blake2b(message: bytes, dst: bytes, length: int) -> bytes:
    """expand_message_xmd of RFC 9380 §5.3.1 with BLAKE2b-512; at most 128 bytes, which is what a point takes."""
    if not 0 < length <= 2 * hashlib.blake2b.MAX_DIGEST_SIZE:
        raise ValueError(f"{length} bytes are not asked for")
    suffix = dst + bytes([len(dst)])
    first = hashlib.blake2b(bytes(BLOCK) + message + length.to_bytes(2, "big") + b"\0" + suffix).digest()
    one = hashlib.blake2b(first + b"\1" + suffix).digest()
    mixed = bytes(left ^ right for left, right in zip(first, one, strict=True))
    return (one + hashlib.blake2b(mixed + b"\2" + suffix).digest())[:length]


def _read_key(octets: bytes) -> G2:
    try:
        return read_g2(octets)
    except OctetsRejected as error:
        raise WrongKey("not a point of BLS12-381 G2") from error


def _require_count(count: int) -> None:
    if not 0 < count <= MAX_MESSAGES:
        raise WrongStatements("no messages, or more than are worked on", count=count, limit=MAX_MESSAGES)


def _part(read: Callable[[bytes], Part], octets: bytes) -> Part:
    try:
        return read(octets)
    except OctetsRejected as error:
        raise MalformedProof(error.text) from error
