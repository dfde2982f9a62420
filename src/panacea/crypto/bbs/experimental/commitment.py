"""Commitments: what a holder wants signed unseen, and a proof that the holder knows it.

    C = Q_2 blind + J_1 m_1 + J_2 m_2 + ...        C~ = Q_2 s~ + J_1 m~_1 + ...        c = hash(J's, C, C~)
    octets of C, s^ = s~ + blind c, m^_1, m^_2, ..., c

Source: draft-irtf-cfrg-bbs-blind-signatures-02, commitment operations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from panacea.crypto.bbs.experimental.drafts import MAX_SCALARS, MalformedCommitment, WrongCommitment
from panacea.crypto.bbs.generators import Generators, JoinedGenerators, UntabledGenerators
from panacea.crypto.bbs.suite import Suite, random_scalars
from panacea.crypto.hazmat.bls12381 import (
    G1,
    G1_SIZE,
    SCALAR_SIZE,
    OctetsRejected,
    Scalar,
    read_g1,
    read_scalar,
)
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import Random

COMMITMENT_FLOOR = G1_SIZE + 2 * SCALAR_SIZE
"""Bytes of a commitment to nothing but its blinding; each message adds a scalar."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment whose proof holds: point C, and how many messages it commits to."""

    point: G1
    count: int


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface with two lists of generators: H for what the issuer knows, J for what the holder commits to."""

    suite: Suite
    blind: Generators

    def joined(self, count: int) -> Suite:
        """The interface as a plain one, where `count` messages are the issuer's and all after them the holder's."""
        self.suite.require_count(count)
        return _joined(self, count)

    def commit(self, scalars: Sequence[Scalar], random: Random) -> tuple[bytes, SecretBytes]:
        """Commit to messages as scalars. Answers the octets for the issuer, and the blinding that the holder keeps.

        One draw of 48 bytes for each of the blinding, s~, and an m~ for each message. Raises TooManyMessages.
        """
        self.suite.require_count(len(scalars))
        blind, *tildes = random_scalars(random, 2 + len(scalars))
        secrets = [blind, *scalars]
        numbers = range(1, 2 + len(scalars))  # Number 0 would be P1.
        point = self.blind.sum_of_products(numbers, secrets)
        challenge = self._challenge(len(scalars), point, self.blind.sum_of_products(numbers, tildes))
        hats = [tilde + secret * challenge for tilde, secret in zip(tildes, secrets, strict=True)]
        octets = b"".join([point.to_compressed_bytes(), *(scalar.to_be_bytes() for scalar in [*hats, challenge])])
        return octets, SecretBytes(blind.to_be_bytes())

    def read_commitment(self, octets: bytes) -> Commitment:
        """A commitment whose maker knows what is in it; MalformedCommitment, WrongCommitment."""
        count, rest = divmod(len(octets) - COMMITMENT_FLOOR, SCALAR_SIZE)
        if rest or not 0 <= count <= MAX_SCALARS:
            raise MalformedCommitment(size=len(octets))
        try:
            point = read_g1(octets[:G1_SIZE])
            *hats, challenge = (
                read_scalar(octets[at : at + SCALAR_SIZE]) for at in range(G1_SIZE, len(octets), SCALAR_SIZE)
            )
        except OctetsRejected as error:
            raise MalformedCommitment(error.text) from error
        opened = self.blind.sum_of_products(range(1, 2 + count), hats) - point * challenge
        if self._challenge(count, point, opened) != challenge:
            raise WrongCommitment
        return Commitment(point, count)

    def _challenge(self, count: int, point: G1, opened: G1) -> Scalar:
        points = self.blind.octets(1 + count) + point.to_compressed_bytes() + opened.to_compressed_bytes()
        return self.suite.hash_to_scalar(count.to_bytes(8, "big") + points, b"H2S_")


@lru_cache(maxsize=16)
def interface(plain: Suite, api_id: bytes) -> Interface:
    """The interface of that name over a ciphersuite's P1 and hashes."""
    base, expand = plain.generators.base, plain.expand
    suite = Suite(api_id, expand, UntabledGenerators(api_id, expand, base), MAX_SCALARS)
    return Interface(suite, UntabledGenerators(b"BLIND_" + api_id, expand, base))


@lru_cache(maxsize=64)
def _joined(of: Interface, count: int) -> Suite:
    generators = JoinedGenerators(of.suite.generators, of.blind, 1 + count)
    return Suite(of.suite.api_id, of.suite.expand, generators, MAX_SCALARS)
