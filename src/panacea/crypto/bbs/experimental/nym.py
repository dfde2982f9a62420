"""Pseudonyms: a holder is the same to one verifier each time, and another to every other verifier.

    the holder's nyms, the issuer's entropy --sign--> nym secrets: signed, known to the holder alone
    context --hash--> OP, z        pseudonym = OP (n_1 + n_2 z + n_3 z^2 + ...)

The proof shows that the pseudonym is of the secrets which were signed: U = OP (n~_1 + n~_2 z + ...) joins the challenge
and the hidden messages' own blinding scalars are used. The issuer's entropy keeps a holder from choosing its identity.
Source: draft-irtf-cfrg-bbs-per-verifier-linkability-03, and an older revision that W3C vc-di-bbs still follows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from panacea.crypto.bbs.experimental.blind import (
    joined_indexes,
    read_secret_scalar,
    shown_scalars,
    sign_point,
    signed_scalars,
)
from panacea.crypto.bbs.experimental.commitment import Commitment, Interface, interface
from panacea.crypto.bbs.experimental.drafts import (
    MAX_NYMS,
    Draft,
    MalformedPseudonym,
    UnknownDraft,
    WrongCommitment,
    WrongNyms,
)
from panacea.crypto.bbs.suite import SYSTEM, Suite, with_length
from panacea.crypto.bbs.types import Proof, WrongProof
from panacea.crypto.hazmat.bls12381 import G1, OctetsRejected, Scalar, read_g1
from panacea.crypto.hazmat.hash_to_curve import hash_to_g1
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import Random


@dataclass(frozen=True, slots=True)
class NymSuite:
    """Signatures with pseudonyms, of one draft over one ciphersuite. Octets as in `BlindSuite`."""

    draft: Draft
    interface: Interface

    def commit(
        self, nyms: Sequence[SecretBytes], committed: Sequence[bytes] = (), *, random: Random = SYSTEM
    ) -> tuple[bytes, SecretBytes]:
        """The holder's request: commits to messages and, after them, to its part of the nym secrets, 32 bytes each."""
        self._require_nyms(len(nyms))
        scalars = self.interface.suite.map_messages(committed)
        return self.interface.commit([*scalars, *map(read_secret_scalar, nyms)], random)

    def verify_commitment(self, commitment: bytes, nyms: int = 1) -> Commitment:
        """Refuse a request of fewer than `nyms` nyms or one whose maker does not know what is in it."""
        self._require_nyms(nyms)
        found = self.interface.read_commitment(commitment)
        if found.count < nyms:
            raise WrongCommitment(committed=found.count, nyms=nyms)
        return found

    def sign(
        self,
        secret_key: bytes,
        public_key: bytes,
        header: bytes,
        messages: Sequence[bytes],
        *,
        commitment: bytes,
        entropy: SecretBytes,
        nyms: int = 1,
    ) -> bytes:
        """The issuer's signature; `entropy`, 32 bytes, is added to the last of `nyms` nyms and told to the holder.

        Fresh entropy makes a new identity; the entropy of an earlier signature keeps one. Raises as `BlindSuite.sign`.
        """
        found = self.verify_commitment(commitment, nyms)
        last = self.interface.blind.first(1 + found.count)[-1]
        moved = Commitment(found.point + last * read_secret_scalar(entropy), found.count)
        scalars = self.interface.suite.map_messages(messages)
        return sign_point(self.interface, (secret_key, public_key), self._header(header, nyms), scalars, moved)

    def finalize(
        self,
        public_key: bytes,
        signature: bytes,
        header: bytes,
        messages: Sequence[bytes],
        *,
        nyms: Sequence[SecretBytes],
        entropy: SecretBytes,
        prover_blind: SecretBytes,
        committed: Sequence[bytes] = (),
    ) -> tuple[SecretBytes, ...]:
        """The holder's check of what it got; answers its nym secrets, which stay with it."""
        secrets = self.add_entropy(nyms, entropy)
        known = signed_scalars(self.interface, messages, committed, prover_blind)
        scalars = [*known, *map(read_secret_scalar, secrets)]
        joined = self.interface.joined(len(messages))
        joined.verify_scalars(public_key, signature, self._header(header, len(nyms)), scalars)
        return secrets

    def add_entropy(self, nyms: Sequence[SecretBytes], entropy: SecretBytes) -> tuple[SecretBytes, ...]:
        """The nym secrets: the holder's nyms, with the issuer's entropy added to the last."""
        self._require_nyms(len(nyms))
        *others, last = nyms
        added = read_secret_scalar(last) + read_secret_scalar(entropy)
        return (*others, SecretBytes(added.to_be_bytes()))

    def pseudonym(self, nym_secrets: Sequence[SecretBytes], context: bytes) -> bytes:
        """Who the holder is in that context: 48 bytes."""
        self._require_nyms(len(nym_secrets))
        point, evaluate = self._at(context)
        return (point * evaluate(list(map(read_secret_scalar, nym_secrets)))).to_compressed_bytes()

    def prove(
        self,
        public_key: bytes,
        signature: bytes,
        header: bytes,
        presentation_header: bytes,
        messages: Sequence[bytes],
        *,
        context: bytes,
        nym_secrets: Sequence[SecretBytes],
        prover_blind: SecretBytes,
        committed: Sequence[bytes] = (),
        disclosed: Sequence[int] = (),
        disclosed_committed: Sequence[int] = (),
        random: Random = SYSTEM,
    ) -> tuple[bytes, bytes]:
        """`BlindSuite.prove`, and the pseudonym in `context` that the proof is for."""
        self._require_nyms(len(nym_secrets))
        joined = self.interface.joined(len(messages))
        secrets = list(map(read_secret_scalar, nym_secrets))
        scalars = [*signed_scalars(self.interface, messages, committed, prover_blind), *secrets]
        indexes = joined_indexes(disclosed, len(messages), disclosed_committed, len(committed))
        bound = self._header(header, len(secrets))
        first = joined.begin(public_key, signature, bound, scalars, disclosed=indexes, random=random)
        point, evaluate = self._at(context)
        pseudonym = point * evaluate(secrets)
        opened = point * evaluate([first.tilde(at) for at in range(len(scalars) - len(secrets), len(scalars))])
        extra = self._said(point, pseudonym, opened)
        challenge = joined.challenge(first, presentation_header, points=extra, octets=self._tail(context))
        return first.finish(challenge).to_octets(), pseudonym.to_compressed_bytes()

    def check(
        self,
        public_key: bytes,
        proof: bytes,
        header: bytes,
        presentation_header: bytes,
        disclosed: Mapping[int, bytes],
        *,
        context: bytes,
        pseudonym: bytes,
        count: int,
        nyms: int = 1,
        disclosed_committed: Mapping[int, bytes] | None = None,
    ) -> None:
        """`BlindSuite.check`, and that `pseudonym` is the signed holder's own in `context`; MalformedPseudonym."""
        self._require_nyms(nyms)
        joined = self.interface.joined(count)
        shown, claimed = Proof.from_octets(proof), _read_pseudonym(pseudonym)
        known = shown_scalars(self.interface, shown, count, disclosed, disclosed_committed or {}, nyms=nyms)
        again = joined.reopen(public_key, shown, self._header(header, nyms), known)
        point, evaluate = self._at(context)
        # The nym secrets are the last of all messages and cannot be disclosed, so their answers are the last as well.
        opened = point * evaluate(shown.hidden_hats[-nyms:]) - claimed * shown.challenge
        extra = self._said(point, claimed, opened)
        if joined.challenge(again, presentation_header, points=extra, octets=self._tail(context)) != shown.challenge:
            raise WrongProof
        joined.require_pairing(public_key, shown)

    def _at(self, context: bytes) -> tuple[G1, Callable[[Sequence[Scalar]], Scalar]]:
        """The point of a context, and the polynomial's value for given secrets there."""
        suite = self.interface.suite
        point = hash_to_g1(context, suite.api_id, suite.expand)
        z = suite.hash_to_scalar(context, b"VECT_NYM_SECRETS")

        def evaluate(coefficients: Sequence[Scalar]) -> Scalar:
            total = Scalar(0)
            for coefficient in reversed(coefficients):
                total = total * z + coefficient
            return total

        return point, evaluate

    def _said(self, point: G1, pseudonym: G1, opened: G1) -> tuple[G1, ...]:
        return (pseudonym, opened) if self.draft is Draft.NYM_03 else (pseudonym, point, opened)

    def _tail(self, context: bytes) -> bytes:
        return with_length(context) if self.draft is Draft.NYM_03 else b""

    def _header(self, header: bytes, nyms: int) -> bytes:
        return header + nyms.to_bytes(8, "big") if self.draft is Draft.NYM_03 else header

    def _require_nyms(self, count: int) -> None:
        """WrongNyms unless the draft allows that many."""
        if not 1 <= count <= (MAX_NYMS if self.draft is Draft.NYM_03 else 1):
            raise WrongNyms(count=count)


def nym_suite(draft: Draft, plain: Suite) -> NymSuite:
    """Pseudonyms of that draft over a ciphersuite, SHA256 or SHAKE256; UnknownDraft for another extension's."""
    if draft not in {Draft.NYM_03, Draft.NYM_00}:
        raise UnknownDraft(suite_id=draft.value)
    return NymSuite(draft, interface(plain, plain.api_id + b"PSEUDONYM_"))


def _read_pseudonym(octets: bytes) -> G1:
    try:
        return read_g1(octets)
    except OctetsRejected as error:
        raise MalformedPseudonym(error.text) from error
