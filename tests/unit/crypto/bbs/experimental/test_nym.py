"""Attacks on pseudonyms: one holder, one context, one pseudonym, and nobody else's."""

from typing import Any

import pytest

from panacea.crypto.bbs import SHA256, SHAKE256, MalformedProof, WrongIndexes, WrongProof, WrongSignature
from panacea.crypto.bbs.experimental import (
    Draft,
    MalformedPseudonym,
    NymSuite,
    WrongCommitment,
    WrongNyms,
    nym_suite,
)
from panacea.crypto.bbs.experimental.drafts import MAX_NYMS
from panacea.crypto.hazmat.bls12381 import G1, Scalar
from panacea.crypto.hazmat.hash_to_curve import hash_to_g1
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import SystemRandom

SECRET = SHA256.key_gen(b"k" * 32)
PUBLIC = SHA256.public_key(SECRET)
HEADER, SHOWN_HEADER, CONTEXT = b"header", b"asked by deal 7", b"https://verifier.example/"
MESSAGES, COMMITTED = [b"name", b"born 1970"], [b"my secret"]


def scalar(number: int) -> SecretBytes:
    return SecretBytes(number.to_bytes(32, "big"))


ENTROPY = scalar(99)


class Holder:
    """A holder with a finalized signature."""

    def __init__(self, suite: NymSuite, *numbers: int) -> None:
        self.suite, self.nyms = suite, [scalar(number) for number in numbers]
        self.commitment, self.blind = suite.commit(self.nyms, COMMITTED)
        self.signature = suite.sign(
            SECRET, PUBLIC, HEADER, MESSAGES, commitment=self.commitment, entropy=ENTROPY, nyms=len(numbers)
        )
        self.secrets = suite.finalize(
            PUBLIC,
            self.signature,
            HEADER,
            MESSAGES,
            nyms=self.nyms,
            entropy=ENTROPY,
            prover_blind=self.blind,
            committed=COMMITTED,
        )

    def prove(self, context: bytes = CONTEXT, **changed: Any) -> tuple[bytes, bytes]:  # Any: keyword arguments
        known: dict[str, Any] = {  # Any: keyword arguments
            "context": context,
            "nym_secrets": self.secrets,
            "prover_blind": self.blind,
            "committed": COMMITTED,
            "disclosed": [1],
        }
        return self.suite.prove(PUBLIC, self.signature, HEADER, SHOWN_HEADER, MESSAGES, **known | changed)

    def check(self, proof: bytes, pseudonym: bytes, **changed: Any) -> None:  # Any: keyword arguments
        known: dict[str, Any] = {  # Any: keyword arguments
            "context": CONTEXT,
            "pseudonym": pseudonym,
            "count": 2,
            "nyms": len(self.nyms),
        }
        disclosed = changed.pop("disclosed", {1: MESSAGES[1]})
        self.suite.check(PUBLIC, proof, HEADER, SHOWN_HEADER, disclosed, **known | changed)


ONE, MANY = Holder(nym_suite(Draft.NYM_03, SHA256), 5), Holder(nym_suite(Draft.NYM_03, SHA256), 5, 6, 7)
OLD, SHAKEN = Holder(nym_suite(Draft.NYM_00, SHA256), 5), Holder(nym_suite(Draft.NYM_03, SHAKE256), 5, 6)
HOLDERS = pytest.mark.parametrize("holder", [ONE, MANY, OLD, SHAKEN], ids=["one", "many", "old", "shaken"])


@HOLDERS
def test_one_verifier_one_pseudonym(holder: Holder) -> None:
    proof, pseudonym = holder.prove()
    holder.check(proof, pseudonym)
    again, same = holder.prove()
    assert (same, again) != (pseudonym, proof)
    assert same == pseudonym == holder.suite.pseudonym(holder.secrets, CONTEXT)
    assert holder.prove(b"another")[1] != pseudonym


@HOLDERS
def test_another_context_is_another_pseudonym(holder: Holder) -> None:
    proof, pseudonym = holder.prove()
    with pytest.raises(WrongProof):
        holder.check(proof, pseudonym, context=b"another")
    with pytest.raises(WrongProof):
        holder.check(proof, holder.suite.pseudonym(holder.secrets, b"another"))


@HOLDERS
def test_nobody_elses_pseudonym(holder: Holder) -> None:
    proof, pseudonym = holder.prove()
    other = Holder(holder.suite, *range(20, 20 + len(holder.nyms)))
    with pytest.raises(WrongProof):
        holder.check(proof, other.prove()[1])
    with pytest.raises(WrongProof):
        other.check(other.prove()[0], pseudonym)


@HOLDERS
def test_unsigned_secrets_make_no_pseudonym(holder: Holder) -> None:
    """A holder that proves with other secrets than the signed ones gets a proof nobody accepts."""
    invented = [scalar(1000 + number) for number in range(len(holder.nyms))]
    proof, pseudonym = holder.prove(nym_secrets=invented)
    with pytest.raises(WrongProof):
        holder.check(proof, pseudonym)


@HOLDERS
def test_the_entropy_is_signed(holder: Holder) -> None:
    for entropy in (scalar(98), scalar(1)):
        with pytest.raises(WrongSignature):
            holder.suite.finalize(
                PUBLIC,
                holder.signature,
                HEADER,
                MESSAGES,
                nyms=holder.nyms,
                entropy=entropy,
                prover_blind=holder.blind,
                committed=COMMITTED,
            )


@HOLDERS
def test_every_part_of_a_proof_counts(holder: Holder) -> None:
    proof, pseudonym = holder.prove()
    for at in range(0, len(proof), 11):
        with pytest.raises((WrongProof, MalformedProof)):
            holder.check(proof[:at] + bytes([proof[at] ^ 1]) + proof[at + 1 :], pseudonym)


@pytest.mark.parametrize("pseudonym", [b"", b"\xc0" + bytes(47), b"\xc0" + bytes(46) + b"\x01", b"\x80" + bytes(47)])
def test_bad_points_are_no_pseudonyms(pseudonym: bytes) -> None:
    with pytest.raises(MalformedPseudonym):
        ONE.check(ONE.prove()[0], pseudonym)


def test_a_negated_pseudonym_is_another() -> None:
    proof, pseudonym = ONE.prove()
    with pytest.raises(WrongProof):
        ONE.check(proof, (-G1.from_compressed_bytes(pseudonym)).to_compressed_bytes())


@pytest.mark.parametrize("holder", [ONE, OLD], ids=["one", "old"])
def test_a_nym_secret_is_never_disclosed(holder: Holder) -> None:
    """Were the nym shown, the hidden answer in its place would be the committed message's, which is of free choice."""
    with pytest.raises(WrongIndexes):
        holder.prove(disclosed_committed=[1])
    suite, joined = holder.suite, holder.suite.interface.joined(2)
    secrets = [Scalar.from_be_bytes(secret.reveal()) for secret in (holder.blind, *holder.secrets)]
    scalars = [*joined.map_messages(MESSAGES), secrets[0], *joined.map_messages(COMMITTED), secrets[1]]
    header = HEADER + (bytes(7) + b"\x01" if suite.draft is Draft.NYM_03 else b"")
    first = joined.begin(PUBLIC, holder.signature, header, scalars, disclosed=[1, 4], random=SystemRandom())
    point = hash_to_g1(CONTEXT, joined.api_id, joined.expand)
    pseudonym, opened = point * scalars[3], point * first.tilde(3)
    new = suite.draft is Draft.NYM_03
    points = (pseudonym, opened) if new else (pseudonym, point, opened)
    tail = len(CONTEXT).to_bytes(8, "big") + CONTEXT if new else b""
    proof = first.finish(joined.challenge(first, SHOWN_HEADER, points=points, octets=tail)).to_octets()
    octets = pseudonym.to_compressed_bytes()
    for disclosed_committed in ({1: b"?"}, {0: COMMITTED[0]}, {}):
        with pytest.raises((WrongIndexes, WrongProof)):
            holder.check(proof, octets, disclosed_committed=disclosed_committed)


def test_the_number_of_nyms_is_signed() -> None:
    proof, pseudonym = MANY.prove()
    for nyms in (1, 2):
        with pytest.raises(WrongProof):
            MANY.check(proof, pseudonym, nyms=nyms)
    with pytest.raises(WrongProof):
        MANY.check(proof, pseudonym, nyms=4)  # A committed message would pass for a nym.
    for nyms in (5, MAX_NYMS):
        with pytest.raises(WrongIndexes):
            MANY.check(proof, pseudonym, nyms=nyms)
    for nyms in (0, -1, MAX_NYMS + 1):
        with pytest.raises(WrongNyms):
            MANY.check(proof, pseudonym, nyms=nyms)


def test_the_old_draft_has_one_nym() -> None:
    with pytest.raises(WrongNyms):
        OLD.suite.commit([scalar(1), scalar(2)])
    with pytest.raises(WrongNyms):
        OLD.suite.pseudonym([], CONTEXT)
    with pytest.raises(WrongNyms):
        OLD.check(*OLD.prove(), nyms=2)


def test_drafts_are_not_mixed() -> None:
    """Both drafts share an interface name and generators, yet neither takes what is the other's."""
    for mine, other in [(ONE, OLD), (OLD, ONE)]:
        proof, pseudonym = mine.prove()
        with pytest.raises(WrongProof):
            other.check(proof, pseudonym)
        with pytest.raises(WrongSignature):
            other.suite.finalize(
                PUBLIC,
                mine.signature,
                HEADER,
                MESSAGES,
                nyms=mine.nyms,
                entropy=ENTROPY,
                prover_blind=mine.blind,
                committed=COMMITTED,
            )


def test_a_commitment_needs_its_nyms() -> None:
    with pytest.raises(WrongCommitment):
        ONE.suite.sign(SECRET, PUBLIC, HEADER, MESSAGES, commitment=ONE.commitment, entropy=ENTROPY, nyms=3)
    with pytest.raises(WrongNyms):
        ONE.suite.commit([])


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32, b"short"])
def test_secrets_that_are_no_scalars_are_not_told(secret: bytes) -> None:
    with pytest.raises(WrongNyms) as refused:
        ONE.suite.commit([SecretBytes(secret)])
    assert refused.value.values == {}
    assert refused.value.__suppress_context__
