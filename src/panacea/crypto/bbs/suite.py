"""The two ciphersuites of BBS, and the whole scheme as their methods.

    A = B / (sk + e)             B = P1 + Q1 domain + H_1 m_1 + H_2 m_2 + ...         signature (A, e)
    e(A, pk) e(A e - B, G2) = 1                                                       verification

A proof blinds the signature and answers a challenge for all that stays hidden (Schnorr, by Fiat and Shamir):

    D = B r2     A' = A r1 r2     B' = D r1 - A' e          e(A', pk) e(-B', G2) = 1, so (A', B') carry a signature
    T1 = A' e~ + D r1~            T2 = D r3~ + sum over hidden of H_j m~_j

Source: draft-irtf-cfrg-bbs-signatures, sections 3 (operations), 4 (domain, challenge), 7 (ciphersuites).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from panacea.crypto.bbs.generators import Generators
from panacea.crypto.bbs.types import (
    MAX_MESSAGES,
    MalformedKey,
    Proof,
    Signature,
    TooManyMessages,
    WeakKeyMaterial,
    WrongIndexes,
    WrongProof,
    WrongSignature,
)
from panacea.crypto.hazmat.bls12381 import (
    G1,
    G2,
    G2_GENERATOR,
    OctetsRejected,
    Scalar,
    pairings_cancel,
    read_g2,
    read_scalar,
    scalar_modulo_order,
    sum_of_products,
)
from panacea.crypto.hazmat.hash_to_curve import Expand, expand_message_shake256, expand_message_xmd
from panacea.primitives.time import Random, SystemRandom

SYSTEM: Final = SystemRandom()
ONE: Final = Scalar(1)
WIDE: Final = 48
"""Uniform bytes a scalar is reduced from (expand_len)."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A BBS ciphersuite with the interface of the draft: messages are octets, hashed to scalars."""

    api_id: bytes
    expand: Expand = field(repr=False)
    generators: Generators = field(repr=False)

    def key_gen(self, key_material: bytes, key_info: bytes = b"", key_dst: bytes | None = None) -> bytes:
        """A secret key of 32 bytes, from 32 or more secret bytes; WeakKeyMaterial."""
        if len(key_material) < 32 or len(key_info) > 0xFFFF:
            raise WeakKeyMaterial(material_size=len(key_material), info_size=len(key_info))
        dst = self.api_id + b"KEYGEN_DST_" if key_dst is None else key_dst
        derived = self.expand(key_material + len(key_info).to_bytes(2, "big") + key_info, dst, WIDE)
        return scalar_modulo_order(derived).to_be_bytes()

    def public_key(self, secret_key: bytes) -> bytes:
        """The public key, 96 bytes, a compressed point of G2; MalformedKey."""
        return (G2_GENERATOR * _read_secret(secret_key)).to_compressed_bytes()

    def sign(self, secret_key: bytes, public_key: bytes, header: bytes, messages: Sequence[bytes]) -> bytes:
        """A signature of 80 bytes over the header and the messages in their order."""
        secret = _read_secret(secret_key)
        points, scalars = self._bind(public_key, header, messages)
        domain, hashed = scalars[1], scalars[2:]
        e = self._hash_to_scalar(_octets([secret, *hashed, domain]), b"H2S_")
        share = (secret + e).inverse()
        return Signature(sum_of_products(points, [scalar * share for scalar in scalars]), e).to_octets()

    def verify(self, public_key: bytes, signature: bytes, header: bytes, messages: Sequence[bytes]) -> None:
        """Refuse a signature that is not by that key over exactly these; MalformedKey, -Signature, WrongSignature."""
        key, signed = _read_public(public_key), Signature.from_octets(signature)
        points, scalars = self._bind(public_key, header, messages)
        remainder = sum_of_products([signed.a, *points], [signed.e, *(-scalar for scalar in scalars)])
        if not pairings_cancel((signed.a, key), (remainder, G2_GENERATOR)):
            raise WrongSignature

    def prove(
        self,
        public_key: bytes,
        signature: bytes,
        header: bytes,
        presentation_header: bytes,
        messages: Sequence[bytes],
        *,
        disclosed: Sequence[int],
        random: Random = SYSTEM,
    ) -> bytes:
        """Show the messages at the `disclosed` indexes and hide the rest: 272 bytes and 32 for each hidden one.

        The signature is taken as true; a wrong one makes a proof that no `check` accepts. All randomness is one draw
        of 48 bytes for each scalar: r1, r2, e~, r1~, r3~, then one m~ for each hidden message.
        """
        signed = Signature.from_octets(signature)
        points, scalars = self._bind(public_key, header, messages)
        shown = _require_indexes(disclosed, len(messages))
        hidden = [index for index in range(len(messages)) if index not in shown]
        draws = random.token(WIDE * (5 + len(hidden)))
        r1, r2, e_tilde, r1_tilde, r3_tilde, *tildes = (
            scalar_modulo_order(draws[at : at + WIDE]) for at in range(0, len(draws), WIDE)
        )
        d = sum_of_products(points, [scalar * r2 for scalar in scalars])
        a_bar = signed.a * (r1 * r2)
        b_bar = d * r1 - a_bar * signed.e
        t1 = a_bar * e_tilde + d * r1_tilde
        t2 = sum_of_products([d, *(points[2 + index] for index in hidden)], [r3_tilde, *tildes])
        known = {index: scalars[2 + index] for index in shown}
        challenge = self._challenge(known, (a_bar, b_bar, d, t1, t2), scalars[1], presentation_header)
        return Proof(
            a_bar, b_bar, d,
            e_tilde + signed.e * challenge, r1_tilde - r1 * challenge, r3_tilde - r2.inverse() * challenge,
            tuple(tilde + scalars[2 + index] * challenge for tilde, index in zip(tildes, hidden, strict=True)),
            challenge,
        ).to_octets()  # fmt: skip

    def check(
        self, public_key: bytes, proof: bytes, header: bytes, presentation_header: bytes, disclosed: Mapping[int, bytes]
    ) -> None:
        """Refuse a proof unless the signer of that key signed `header` and `disclosed`, each at its index.

        Raises MalformedKey, MalformedProof, WrongIndexes, TooManyMessages, WrongProof.
        """
        key, shown = _read_public(public_key), Proof.from_octets(proof)
        total = len(shown.hidden_hats) + len(disclosed)
        indexes = _require_indexes(list(disclosed), total)
        points = self._points(total)
        domain = self._domain(public_key, points[1:], header)
        known = {index: self._map(disclosed[index]) for index in indexes}
        c = shown.challenge
        t1 = sum_of_products([shown.b_bar, shown.a_bar, shown.d], [c, shown.e_hat, shown.r1_hat])
        # T2 = B c + D r3^ + hidden, where B has only its known part: one sum over all generators.
        hats = iter(shown.hidden_hats)
        answers = [known[index] * c if index in known else next(hats) for index in range(total)]
        t2 = sum_of_products([shown.d, *points], [shown.r3_hat, c, domain * c, *answers])
        if self._challenge(known, (shown.a_bar, shown.b_bar, shown.d, t1, t2), domain, presentation_header) != c:
            raise WrongProof
        if not pairings_cancel((shown.a_bar, key), (-shown.b_bar, G2_GENERATOR)):
            raise WrongProof

    def _bind(self, public_key: bytes, header: bytes, messages: Sequence[bytes]) -> tuple[list[G1], list[Scalar]]:
        """The terms of B: the points P1, Q1, H_1, ... and their scalars 1, domain, m_1, ..."""
        points = self._points(len(messages))
        domain = self._domain(public_key, points[1:], header)
        return points, [ONE, domain, *map(self._map, messages)]

    def _points(self, count: int) -> list[G1]:
        """P1, Q1 and a generator for each of `count` messages."""
        if count > MAX_MESSAGES:
            raise TooManyMessages(count=count, limit=MAX_MESSAGES)
        return [self.generators.base, *self.generators.first(1 + count)]

    def _domain(self, public_key: bytes, generators: Sequence[G1], header: bytes) -> Scalar:
        """The scalar that stands for key, ciphersuite, number of messages and header; `generators` are Q1, H_1, ..."""
        count = (len(generators) - 1).to_bytes(8, "big")
        points = b"".join([point.to_compressed_bytes() for point in generators])
        return self._hash_to_scalar(public_key + count + points + self.api_id + _with_length(header), b"H2S_")

    def _challenge(
        self, known: Mapping[int, Scalar], points: tuple[G1, ...], domain: Scalar, presentation_header: bytes
    ) -> Scalar:
        """What the prover must answer: a hash of all that is shown, `points` being A', B', D, T1 and T2."""
        shown = b"".join(index.to_bytes(8, "big") + known[index].to_be_bytes() for index in sorted(known))
        committed = b"".join([point.to_compressed_bytes() for point in points]) + domain.to_be_bytes()
        octets = len(known).to_bytes(8, "big") + shown + committed + _with_length(presentation_header)
        return self._hash_to_scalar(octets, b"H2S_")

    def _map(self, message: bytes) -> Scalar:
        return self._hash_to_scalar(message, b"MAP_MSG_TO_SCALAR_AS_HASH_")

    def _hash_to_scalar(self, octets: bytes, use: bytes) -> Scalar:
        return scalar_modulo_order(self.expand(octets, self.api_id + use, WIDE))


def _suite(name: bytes, expand: Expand, table: str) -> Suite:
    api_id = b"BBS_BLS12381G1_" + name + b"_SSWU_RO_H2G_HM2S_"
    return Suite(api_id, expand, Generators(api_id, expand, table))


SHA256: Final = _suite(b"XMD:SHA-256", expand_message_xmd, "generators_sha256.bin")
SHAKE256: Final = _suite(b"XOF:SHAKE-256", expand_message_shake256, "generators_shake256.bin")


def _octets(scalars: Sequence[Scalar]) -> bytes:
    return b"".join([scalar.to_be_bytes() for scalar in scalars])


def _with_length(octets: bytes) -> bytes:
    return len(octets).to_bytes(8, "big") + octets


def _require_indexes(indexes: Sequence[int], count: int) -> set[int]:
    """The indexes as a set; WrongIndexes for one that repeats or names no message."""
    distinct = set(indexes)
    if len(distinct) != len(indexes) or not all(0 <= index < count for index in distinct):
        raise WrongIndexes(indexes=sorted(indexes), count=count)
    return distinct


def _read_secret(octets: bytes) -> Scalar:
    try:
        return read_scalar(octets)
    except OctetsRejected:
        raise MalformedKey("secret key") from None  # Not even the cause may carry the octets.


def _read_public(octets: bytes) -> G2:
    try:
        return read_g2(octets)
    except OctetsRejected as error:
        raise MalformedKey("public key") from error
