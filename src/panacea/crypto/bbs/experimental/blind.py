"""Blind BBS: the issuer signs messages of its own and messages of the holder that it does not see.

    B = P1 + Q_1 domain + H_1 m_1 + ... + C        A = B / (sk + e)        e = hash(sk, B)

To everything after the signing it is plain BBS over H's, Q_2 and J's: the blinding is one more message, always hidden.
Source: draft-irtf-cfrg-bbs-blind-signatures-02.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panacea.crypto.bbs.experimental.commitment import Commitment, Interface, interface
from panacea.crypto.bbs.experimental.drafts import Draft, UnknownDraft, WrongCommitment, WrongNyms
from panacea.crypto.bbs.suite import SYSTEM, Suite, read_secret_key, require_indexes
from panacea.crypto.bbs.types import Proof, Signature, WrongIndexes, WrongProof
from panacea.crypto.hazmat.bls12381 import G1, OctetsRejected, Scalar, read_scalar
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import Random

PLAIN_TAIL: Final = b"H2G_HM2S_"
BLIND_TAIL: Final = b"BLIND_H2G_HM2S_"


@dataclass(frozen=True, slots=True)
class BlindSuite:
    """Blind signatures of one draft over one ciphersuite. Octets as in `Suite`, if not said otherwise."""

    draft: Draft
    interface: Interface

    def commit(self, committed: Sequence[bytes], random: Random = SYSTEM) -> tuple[bytes, SecretBytes]:
        """The holder's request, 112 bytes and 32 for each message, and the blinding to keep until the proof."""
        return self.interface.commit(self.interface.suite.map_messages(committed), random)

    def verify_commitment(self, commitment: bytes) -> Commitment:
        """Refuse a request whose maker does not know what is in it; MalformedCommitment, WrongCommitment."""
        return self.interface.read_commitment(commitment)

    def sign(
        self, secret_key: bytes, public_key: bytes, header: bytes, messages: Sequence[bytes], *, commitment: bytes = b""
    ) -> bytes:
        """The issuer's signature over its messages and what `commitment` hides; empty when there is none."""
        found = self.verify_commitment(commitment) if commitment else Commitment(G1.identity(), 0)
        scalars = self.interface.suite.map_messages(messages)
        return sign_point(self.interface, (secret_key, public_key), header, scalars, found)

    def verify(
        self,
        public_key: bytes,
        signature: bytes,
        header: bytes,
        messages: Sequence[bytes],
        *,
        committed: Sequence[bytes] = (),
        prover_blind: SecretBytes | None = None,
    ) -> None:
        """The holder's check of what it got; `prover_blind` is what `commit` gave, None without a commitment."""
        scalars = signed_scalars(self.interface, messages, committed, prover_blind)
        self.interface.joined(len(messages)).verify_scalars(public_key, signature, header, scalars)

    def prove(
        self,
        public_key: bytes,
        signature: bytes,
        header: bytes,
        presentation_header: bytes,
        messages: Sequence[bytes],
        *,
        committed: Sequence[bytes] = (),
        prover_blind: SecretBytes | None = None,
        disclosed: Sequence[int] = (),
        disclosed_committed: Sequence[int] = (),
        random: Random = SYSTEM,
    ) -> bytes:
        """`Suite.prove`, with messages of both kinds shown or hidden; the blinding is hidden always."""
        joined = self.interface.joined(len(messages))
        scalars = signed_scalars(self.interface, messages, committed, prover_blind)
        indexes = joined_indexes(disclosed, len(messages), disclosed_committed, len(committed))
        first = joined.begin(public_key, signature, header, scalars, disclosed=indexes, random=random)
        return first.finish(joined.challenge(first, presentation_header)).to_octets()

    def check(
        self,
        public_key: bytes,
        proof: bytes,
        header: bytes,
        presentation_header: bytes,
        disclosed: Mapping[int, bytes],
        *,
        count: int,
        disclosed_committed: Mapping[int, bytes] | None = None,
    ) -> None:
        """`Suite.check`; `count` is the number of the issuer's messages, shown and hidden."""
        joined = self.interface.joined(count)
        shown = Proof.from_octets(proof)
        known = shown_scalars(self.interface, shown, count, disclosed, disclosed_committed or {})
        if joined.challenge(joined.reopen(public_key, shown, header, known), presentation_header) != shown.challenge:
            raise WrongProof
        joined.require_pairing(public_key, shown)


def blind_suite(draft: Draft, plain: Suite) -> BlindSuite:
    """Blind signatures of that draft over a ciphersuite, SHA256 or SHAKE256; UnknownDraft for another extension's."""
    if draft is not Draft.BLIND_02:
        raise UnknownDraft(suite_id=draft.value)
    return BlindSuite(draft, interface(plain, plain.api_id.removesuffix(PLAIN_TAIL) + BLIND_TAIL))


def sign_point(
    of: Interface, keys: tuple[bytes, bytes], header: bytes, scalars: Sequence[Scalar], commitment: Commitment
) -> bytes:
    """Sign the issuer's `scalars` and all that is in the point of `commitment`, with a secret and a public key."""
    secret_key, public_key = keys
    secret = read_secret_key(secret_key)
    joined = of.joined(len(scalars))
    domain = joined.domain(public_key, len(scalars) + 1 + commitment.count, header)
    seen = of.suite.generators.sum_of_products(range(2 + len(scalars)), [Scalar(1), domain, *scalars])
    bound = seen + commitment.point
    if bound == G1.identity():
        raise WrongCommitment
    e = of.suite.hash_to_scalar(secret.to_be_bytes() + bound.to_compressed_bytes(), b"H2S_")
    return Signature(bound * (secret + e).inverse(), e).to_octets()


def signed_scalars(
    of: Interface, messages: Sequence[bytes], committed: Sequence[bytes], prover_blind: SecretBytes | None
) -> list[Scalar]:
    """All that a blind signature is over, in order: the issuer's messages, the blinding, the holder's messages."""
    blind = Scalar(0) if prover_blind is None else read_secret_scalar(prover_blind)
    return [*of.suite.map_messages(messages), blind, *of.suite.map_messages(committed)]


def shown_scalars(
    of: Interface,
    proof: Proof,
    count: int,
    disclosed: Mapping[int, bytes],
    committed: Mapping[int, bytes],
    *,
    nyms: int = 0,
) -> dict[int, Scalar]:
    """The disclosed messages under their joined indexes; WrongIndexes when they and the proof do not fit `count`.

    The last `nyms` of the holder's scalars, and the blinding, cannot be among them.
    """
    total = len(proof.hidden_hats) + len(disclosed) + len(committed) - count - 1 - nyms
    if total < 0:
        raise WrongIndexes(indexes=sorted(disclosed), count=count)
    indexes = joined_indexes(list(disclosed), count, list(committed), total)
    messages = [*disclosed.values(), *committed.values()]
    return dict(zip(indexes, of.suite.map_messages(messages), strict=True))


def joined_indexes(disclosed: Sequence[int], count: int, committed: Sequence[int], total: int) -> list[int]:
    """Indexes of both kinds in the joined order, where the blinding stands between them; WrongIndexes."""
    require_indexes(disclosed, count)
    require_indexes(committed, total)
    return [*disclosed, *(count + 1 + index for index in committed)]


def read_secret_scalar(octets: SecretBytes) -> Scalar:
    """The scalar of a blinding or a nym secret; WrongNyms, which does not carry it."""
    try:
        return read_scalar(octets.reveal())
    except OctetsRejected:
        raise WrongNyms from None
