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
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from panacea.crypto.bbs.batch import find_wrong_pairings
from panacea.crypto.bbs.generators import Generators
from panacea.crypto.bbs.phases import Begun, Reopened
from panacea.crypto.bbs.types import (
    MAX_MESSAGES,
    MAX_PROOFS,
    BBSRejected,
    MalformedKey,
    Proof,
    Signature,
    TooManyMessages,
    TooManyProofs,
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
)
from panacea.crypto.hazmat.few_points import multiples_of, product, sum_of_multiples
from panacea.crypto.hazmat.hash_to_curve import Expand, expand_message_shake256, expand_message_xmd
from panacea.primitives.time import Random, SystemRandom

SYSTEM: Final = SystemRandom()
WIDE: Final = 48
"""Uniform bytes a scalar is reduced from (expand_len)."""

Shown = tuple[bytes, bytes, bytes, Mapping[int, bytes]]
"""What a holder shows: proof, header, presentation header, and the disclosed messages by index."""

NO_TILDES: Final[Mapping[int, Scalar]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Suite:
    """A BBS ciphersuite with the interface of the draft: messages are octets, hashed to scalars.

    Another `api_id` over the same generators keeps signatures of another purpose under the same key apart.
    """

    api_id: bytes
    expand: Expand = field(repr=False)
    generators: Generators = field(repr=False)
    limit: int = field(default=MAX_MESSAGES, repr=False)
    """Messages of a signature, at most."""

    def key_gen(self, key_material: bytes, key_info: bytes = b"", key_dst: bytes | None = None) -> bytes:
        """A secret key of 32 bytes, from 32 or more secret bytes; WeakKeyMaterial."""
        if len(key_material) < 32 or len(key_info) > 0xFFFF:
            raise WeakKeyMaterial(material_size=len(key_material), info_size=len(key_info))
        dst = self.api_id + b"KEYGEN_DST_" if key_dst is None else key_dst
        derived = self.expand(key_material + len(key_info).to_bytes(2, "big") + key_info, dst, WIDE)
        return scalar_modulo_order(derived).to_be_bytes()

    def public_key(self, secret_key: bytes) -> bytes:
        """The public key, 96 bytes, a compressed point of G2; MalformedKey."""
        return (G2_GENERATOR * read_secret_key(secret_key)).to_compressed_bytes()

    def map_message(self, message: bytes) -> Scalar:
        """The scalar that stands for a message in a signature."""
        return self.hash_to_scalar(message, b"MAP_MSG_TO_SCALAR_AS_HASH_")

    def sign(self, secret_key: bytes, public_key: bytes, header: bytes, messages: Sequence[bytes]) -> bytes:
        """A signature of 80 bytes over the header and the messages in their order."""
        return self.sign_scalars(secret_key, public_key, header, self.map_messages(messages))

    def sign_scalars(self, secret_key: bytes, public_key: bytes, header: bytes, scalars: Sequence[Scalar]) -> bytes:
        """A signature over messages that are scalars already; MalformedKey, TooManyMessages."""
        secret = read_secret_key(secret_key)
        domain = self.domain(public_key, len(scalars), header)
        e = self.hash_to_scalar(_octets([secret, *scalars, domain]), b"H2S_")
        share = (secret + e).inverse()
        return Signature(self._sum([share, domain * share, *(scalar * share for scalar in scalars)]), e).to_octets()

    def verify(self, public_key: bytes, signature: bytes, header: bytes, messages: Sequence[bytes]) -> None:
        """Refuse a signature that is not by that key over exactly these; MalformedKey, -Signature, WrongSignature."""
        self.verify_scalars(public_key, signature, header, self.map_messages(messages))

    def verify_scalars(self, public_key: bytes, signature: bytes, header: bytes, scalars: Sequence[Scalar]) -> None:
        """`verify` over messages that are scalars already."""
        key, signed = read_public_key(public_key), Signature.from_octets(signature)
        factors = [self.domain(public_key, len(scalars), header), *scalars]
        bound = self.generators.base + self.generators.sum_of_products(range(1, 1 + len(factors)), factors)
        if not pairings_cancel((signed.a, key), (product(signed.a, signed.e) - bound, G2_GENERATOR)):
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
        scalars = self.map_messages(messages)
        first = self.begin(public_key, signature, header, scalars, disclosed=disclosed, random=random)
        return first.finish(self.challenge(first, presentation_header)).to_octets()

    def begin(
        self,
        public_key: bytes,
        signature: bytes,
        header: bytes,
        scalars: Sequence[Scalar],
        *,
        disclosed: Sequence[int],
        random: Random,
        tildes: Mapping[int, Scalar] = NO_TILDES,
    ) -> Begun:
        """The first half of `prove`: all that the challenge is computed from.

        `tildes` fixes the blinding scalars of hidden messages that a second proof speaks about too. They are secret,
        uniform and used for one challenge only. The draw from `random` has the same size with and without them.
        Raises MalformedSignature, TooManyMessages, WrongIndexes.
        """
        signed = Signature.from_octets(signature)
        domain = self.domain(public_key, len(scalars), header)
        shown = require_indexes(disclosed, len(scalars))
        hidden = {index: scalar for index, scalar in enumerate(scalars) if index not in shown}
        if unknown := tildes.keys() - hidden.keys():
            raise WrongIndexes(indexes=sorted(unknown), count=len(scalars))
        r1, r2, e_tilde, r1_tilde, r3_tilde, *drawn = random_scalars(random, 5 + len(hidden))
        blinds = {**dict(zip(hidden, drawn, strict=True)), **tildes}
        d = self._sum([r2, domain * r2, *(scalar * r2 for scalar in scalars)])
        a_bar = product(signed.a, r1 * r2)
        of_a, of_d = multiples_of(a_bar), multiples_of(d)
        b_bar = sum_of_multiples([of_a, of_d], [-signed.e, r1])
        t1 = sum_of_multiples([of_a, of_d], [e_tilde, r1_tilde])
        t2 = self.generators.sum_of_products([2 + index for index in hidden], list(blinds.values()))
        return Begun(
            a_bar, b_bar, d, t1, t2 + sum_of_multiples([of_d], [r3_tilde]),
            domain, {index: scalars[index] for index in sorted(shown)}, hidden, blinds,
            e=(signed.e, e_tilde), r1=(r1, r1_tilde), r3=(r2.inverse(), r3_tilde),
        )  # fmt: skip

    def check(
        self, public_key: bytes, proof: bytes, header: bytes, presentation_header: bytes, disclosed: Mapping[int, bytes]
    ) -> None:
        """Refuse a proof unless the signer of that key signed `header` and `disclosed`, each at its index.

        Raises MalformedKey, MalformedProof, WrongIndexes, TooManyMessages, WrongProof.
        """
        read_public_key(public_key)
        self.require_pairing(
            public_key, self._require_answers(public_key, (proof, header, presentation_header, disclosed))
        )

    def check_many(self, public_key: bytes, shown: Sequence[Shown], random: Random) -> None:
        """`check` of many proofs under one key: two pairings instead of two for each; `shown` holds its arguments.

        WrongProof names in `indexes` every proof that `check` would refuse, for whatever reason. A batch with a wrong
        proof passes with a probability of 2^-128, if nobody foresees `random` (see `batch`). Every proof's T1 and T2
        are still computed alone: each is hashed into its own challenge, so no combination of them could be tested.
        Raises MalformedKey, TooManyProofs, WrongProof.
        """
        key = read_public_key(public_key)
        if len(shown) > MAX_PROOFS:
            raise TooManyProofs(count=len(shown), limit=MAX_PROOFS)
        wrong: list[int] = []
        answered: dict[int, Proof] = {}
        for index, each in enumerate(shown):
            try:
                answered[index] = self._require_answers(public_key, each)
            except BBSRejected:
                wrong.append(index)
        numbers = list(answered)
        wrong += [numbers[found] for found in find_wrong_pairings(key, list(answered.values()), random)]
        if wrong:
            raise WrongProof(indexes=sorted(wrong))

    def _require_answers(self, public_key: bytes, shown: Shown) -> Proof:
        """All of `check` but the pairings."""
        octets, header, presentation_header, disclosed = shown
        proof = Proof.from_octets(octets)
        total = len(proof.hidden_hats) + len(disclosed)
        self.require_count(total)
        require_indexes(list(disclosed), total)
        known = {index: self.map_message(message) for index, message in disclosed.items()}
        if self.challenge(self.reopen(public_key, proof, header, known), presentation_header) != proof.challenge:
            raise WrongProof
        return proof

    def reopen(self, public_key: bytes, proof: Proof, header: bytes, known: Mapping[int, Scalar]) -> Reopened:
        """The first half of `check`: what the challenge must have been computed from.

        A proof is true when `challenge` of this is the proof's own and `require_pairing` passes; one alone says
        nothing. Raises WrongIndexes, TooManyMessages.
        """
        total = len(proof.hidden_hats) + len(known)
        indexes = require_indexes(list(known), total)
        domain = self.domain(public_key, total, header)
        c = proof.challenge
        of_a, of_b, of_d = multiples_of(proof.a_bar), multiples_of(proof.b_bar), multiples_of(proof.d)
        t1 = sum_of_multiples([of_a, of_b, of_d], [proof.e_hat, c, proof.r1_hat])
        hidden = [index for index in range(total) if index not in indexes]
        hats = dict(zip(hidden, proof.hidden_hats, strict=True))
        # T2 = B c + D r3^ + hidden, where B has only its known part: one sum over all generators.
        answers = [known[index] * c if index in indexes else hats[index] for index in range(total)]
        t2 = sum_of_multiples([of_d], [proof.r3_hat]) + self._sum([c, domain * c, *answers])
        return Reopened(proof.a_bar, proof.b_bar, proof.d, t1, t2, domain, known, hats)

    def challenge(
        self, first: Begun | Reopened, presentation_header: bytes, *, points: Sequence[G1] = (), octets: bytes = b""
    ) -> Scalar:
        """What the prover must answer: a hash of all that is shown and committed to.

        A proof that says more adds its own `points` after T2, and its own `octets` at the end.
        """
        known = first.known
        shown = b"".join(index.to_bytes(8, "big") + known[index].to_be_bytes() for index in sorted(known))
        all_points = (first.a_bar, first.b_bar, first.d, first.t1, first.t2, *points)
        committed = b"".join([point.to_compressed_bytes() for point in all_points]) + first.domain.to_be_bytes()
        said = len(known).to_bytes(8, "big") + shown + committed + with_length(presentation_header) + octets
        return self.hash_to_scalar(said, b"H2S_")

    def require_pairing(self, public_key: bytes, proof: Proof) -> None:
        """The other half of `check`: A' and B' carry a signature of that key; MalformedKey, WrongProof."""
        if not pairings_cancel((proof.a_bar, read_public_key(public_key)), (-proof.b_bar, G2_GENERATOR)):
            raise WrongProof

    def require_count(self, count: int) -> None:
        """TooManyMessages above the limit."""
        if count > self.limit:
            raise TooManyMessages(count=count, limit=self.limit)

    def map_messages(self, messages: Sequence[bytes]) -> list[Scalar]:
        """`map_message` of each; TooManyMessages before any work."""
        self.require_count(len(messages))
        return [self.map_message(message) for message in messages]

    def hash_to_scalar(self, octets: bytes, use: bytes) -> Scalar:
        """A scalar for `octets`, in the domain that the ciphersuite and `use` name."""
        return scalar_modulo_order(self.expand(octets, self.api_id + use, WIDE))

    def domain(self, public_key: bytes, count: int, header: bytes) -> Scalar:
        """The scalar that stands for key, ciphersuite, generators, number of messages and header; TooManyMessages."""
        self.require_count(count)
        points = self.generators.octets(1 + count)
        octets = public_key + count.to_bytes(8, "big") + points + self.api_id + with_length(header)
        return self.hash_to_scalar(octets, b"H2S_")

    def _sum(self, scalars: Sequence[Scalar]) -> G1:
        """A sum over all generators from P1 on."""
        return self.generators.sum_of_products(range(len(scalars)), scalars)


def _suite(name: bytes, expand: Expand, table: str) -> Suite:
    api_id = b"BBS_BLS12381G1_" + name + b"_SSWU_RO_H2G_HM2S_"
    return Suite(api_id, expand, Generators(api_id, expand, table))


SHA256: Final = _suite(b"XMD:SHA-256", expand_message_xmd, "generators_sha256.bin")
SHAKE256: Final = _suite(b"XOF:SHAKE-256", expand_message_shake256, "generators_shake256.bin")


def random_scalars(random: Random, count: int) -> list[Scalar]:
    """`count` uniform scalars from one draw, 48 bytes for each."""
    drawn = random.token(WIDE * count)
    return [scalar_modulo_order(drawn[at : at + WIDE]) for at in range(0, WIDE * count, WIDE)]


def with_length(octets: bytes) -> bytes:
    """The octets after their number, in 8 bytes."""
    return len(octets).to_bytes(8, "big") + octets


def require_indexes(indexes: Sequence[int], count: int) -> set[int]:
    """The indexes as a set; WrongIndexes for one that repeats or names no message."""
    distinct = set(indexes)
    if len(distinct) != len(indexes) or not all(0 <= index < count for index in distinct):
        raise WrongIndexes(indexes=sorted(indexes), count=count)
    return distinct


@lru_cache(maxsize=256)
def read_public_key(octets: bytes) -> G2:
    """The point of a public key, kept for the next call with the same octets; MalformedKey."""
    try:
        return read_g2(octets)
    except OctetsRejected as error:
        raise MalformedKey("public key") from error


def _octets(scalars: Sequence[Scalar]) -> bytes:
    return b"".join([scalar.to_be_bytes() for scalar in scalars])


def read_secret_key(octets: bytes) -> Scalar:
    """The scalar of a secret key; MalformedKey, which does not carry the octets."""
    try:
        return read_scalar(octets)
    except OctetsRejected:
        raise MalformedKey("secret key") from None  # Not even the cause may carry the octets.
