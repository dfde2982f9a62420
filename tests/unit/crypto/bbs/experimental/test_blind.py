"""Attacks on blind BBS: what is committed stays hidden, stays the holder's, and is what gets signed."""

from dataclasses import replace

import pytest

from panacea.crypto.bbs import (
    SHA256,
    SHAKE256,
    BBSRejected,
    MalformedProof,
    TooManyMessages,
    WrongIndexes,
    WrongProof,
    WrongSignature,
)
from panacea.crypto.bbs.experimental import (
    Draft,
    MalformedCommitment,
    UnknownDraft,
    WrongCommitment,
    WrongNyms,
    blind_suite,
    nym_suite,
    read_draft,
)
from panacea.crypto.bbs.experimental.drafts import MAX_SCALARS
from panacea.crypto.bbs.suite import Suite
from panacea.crypto.bbs.types import Proof
from panacea.crypto.hazmat.bls12381 import ORDER
from panacea.crypto.secret import SecretBytes

SUITE = blind_suite(Draft.BLIND_02, SHA256)
SECRET = SHA256.key_gen(b"k" * 32)
PUBLIC = SHA256.public_key(SECRET)
HEADER, SHOWN_HEADER = b"header", b"asked by deal 7"
MESSAGES, COMMITTED = [b"name", b"born 1970"], [b"my secret", b"my other secret"]
COMMITMENT, BLIND = SUITE.commit(COMMITTED)
SIGNATURE = SUITE.sign(SECRET, PUBLIC, HEADER, MESSAGES, commitment=COMMITMENT)


def proven(disclosed: list[int], disclosed_committed: list[int]) -> bytes:
    return SUITE.prove(
        PUBLIC,
        SIGNATURE,
        HEADER,
        SHOWN_HEADER,
        MESSAGES,
        committed=COMMITTED,
        prover_blind=BLIND,
        disclosed=disclosed,
        disclosed_committed=disclosed_committed,
    )


PROOF = proven([0], [1])


def check(
    proof: bytes = PROOF,
    disclosed: dict[int, bytes] | None = None,
    committed: dict[int, bytes] | None = None,
    *,
    count: int = 2,
) -> None:
    SUITE.check(
        PUBLIC,
        proof,
        HEADER,
        SHOWN_HEADER,
        {0: MESSAGES[0]} if disclosed is None else disclosed,
        count=count,
        disclosed_committed={1: COMMITTED[1]} if committed is None else committed,
    )


@pytest.mark.parametrize("plain", [SHA256, SHAKE256])
def test_commit_sign_show_check(plain: Suite) -> None:
    suite = blind_suite(Draft.BLIND_02, plain)
    public = plain.public_key(SECRET)
    commitment, blind = suite.commit(COMMITTED)
    assert suite.verify_commitment(commitment).count == 2
    signature = suite.sign(SECRET, public, HEADER, MESSAGES, commitment=commitment)
    suite.verify(public, signature, HEADER, MESSAGES, committed=COMMITTED, prover_blind=blind)
    proof = suite.prove(
        public,
        signature,
        HEADER,
        SHOWN_HEADER,
        MESSAGES,
        committed=COMMITTED,
        prover_blind=blind,
        disclosed=[1],
        disclosed_committed=[0],
    )
    suite.check(
        public,
        proof,
        HEADER,
        SHOWN_HEADER,
        {1: MESSAGES[1]},
        count=2,
        disclosed_committed={0: COMMITTED[0]},
    )


def test_without_a_commitment() -> None:
    signature = SUITE.sign(SECRET, PUBLIC, HEADER, MESSAGES)
    SUITE.verify(PUBLIC, signature, HEADER, MESSAGES)
    proof = SUITE.prove(PUBLIC, signature, HEADER, SHOWN_HEADER, MESSAGES, disclosed=[0])
    SUITE.check(PUBLIC, proof, HEADER, SHOWN_HEADER, {0: MESSAGES[0]}, count=2)


def test_sums_by_rows_are_the_same() -> None:
    for _ in range(20):
        check(proven([0], [1]))


def test_two_commitments_to_the_same_share_no_part() -> None:
    again, blind = SUITE.commit(COMMITTED)
    assert blind != BLIND
    assert all(COMMITMENT[at : at + 16] not in again for at in range(0, len(COMMITMENT), 16))


def test_every_byte_of_a_commitment_counts() -> None:
    for at in range(len(COMMITMENT)):
        with pytest.raises((MalformedCommitment, WrongCommitment)):
            SUITE.verify_commitment(COMMITMENT[:at] + bytes([COMMITMENT[at] ^ 1]) + COMMITMENT[at + 1 :])


@pytest.mark.parametrize("size", [0, 1, 47, 111, 113])
def test_commitments_of_another_size(size: int) -> None:
    with pytest.raises(MalformedCommitment):
        SUITE.verify_commitment((COMMITMENT * 2)[:size])


@pytest.mark.parametrize("point", [b"\xc0" + bytes(47), b"\xc0" + bytes(46) + b"\x01", b"\x80" + bytes(47), bytes(48)])
def test_commitments_to_bad_points(point: bytes) -> None:
    with pytest.raises(MalformedCommitment):
        SUITE.verify_commitment(point + COMMITMENT[48:])


@pytest.mark.parametrize("scalar", [0, ORDER, 2**256 - 1])
def test_commitments_with_bad_scalars(scalar: int) -> None:
    for at in range(48, len(COMMITMENT), 32):
        with pytest.raises(MalformedCommitment):
            SUITE.verify_commitment(COMMITMENT[:at] + scalar.to_bytes(32, "big") + COMMITMENT[at + 32 :])


def test_a_commitment_is_of_one_interface() -> None:
    for other in (
        blind_suite(Draft.BLIND_02, SHAKE256),
        nym_suite(Draft.NYM_03, SHA256),
        nym_suite(Draft.NYM_00, SHA256),
    ):
        with pytest.raises(WrongCommitment):
            other.verify_commitment(COMMITMENT)


def test_a_signature_is_of_one_interface() -> None:
    blindless = SUITE.sign(SECRET, PUBLIC, HEADER, MESSAGES)
    with pytest.raises(WrongSignature):
        SHA256.verify(PUBLIC, blindless, HEADER, MESSAGES)
    with pytest.raises(WrongSignature):
        SUITE.verify(PUBLIC, SHA256.sign(SECRET, PUBLIC, HEADER, MESSAGES), HEADER, MESSAGES)


@pytest.mark.parametrize(
    ("messages", "committed"),
    [
        (MESSAGES[:1], COMMITTED),
        (MESSAGES[::-1], COMMITTED),
        (MESSAGES, COMMITTED[:1]),
        (MESSAGES, COMMITTED[::-1]),
        ([*MESSAGES, COMMITTED[0]], COMMITTED[1:]),
        (MESSAGES, [b"another secret", COMMITTED[1]]),
    ],
)
def test_other_messages_are_not_signed(messages: list[bytes], committed: list[bytes]) -> None:
    with pytest.raises(WrongSignature):
        SUITE.verify(PUBLIC, SIGNATURE, HEADER, messages, committed=committed, prover_blind=BLIND)


@pytest.mark.parametrize("blind", [None, SecretBytes(bytes(31) + b"\x01")])
def test_another_blinding_is_not_signed(blind: SecretBytes | None) -> None:
    with pytest.raises(WrongSignature):
        SUITE.verify(PUBLIC, SIGNATURE, HEADER, MESSAGES, committed=COMMITTED, prover_blind=blind)


@pytest.mark.parametrize("blind", [bytes(32), bytes(31), b"\xff" * 32])
def test_a_blinding_that_is_no_scalar(blind: bytes) -> None:
    with pytest.raises(WrongNyms) as refused:
        SUITE.verify(PUBLIC, SIGNATURE, HEADER, MESSAGES, committed=COMMITTED, prover_blind=SecretBytes(blind))
    assert refused.value.values == {}


def test_every_part_of_a_proof_counts() -> None:
    check()
    for at in range(0, len(PROOF), 5):
        with pytest.raises((WrongProof, MalformedProof)):
            check(PROOF[:at] + bytes([PROOF[at] ^ 1]) + PROOF[at + 1 :])


def test_a_proof_shows_only_what_it_showed() -> None:
    for disclosed, committed, count in [
        ({0: MESSAGES[1]}, {1: COMMITTED[1]}, 2),
        ({1: MESSAGES[0]}, {1: COMMITTED[1]}, 2),
        ({0: MESSAGES[0]}, {0: COMMITTED[1]}, 2),
        ({0: MESSAGES[0]}, {}, 2),
        ({0: MESSAGES[0]}, {1: COMMITTED[1]}, 1),
        ({0: MESSAGES[0]}, {0: COMMITTED[1]}, 3),
    ]:
        with pytest.raises((WrongProof, WrongIndexes)):
            check(PROOF, disclosed, committed, count=count)


def test_the_blinding_cannot_be_named() -> None:
    """Index 2 of the joined list is the blinding: no index of either kind leads there."""
    with pytest.raises(WrongIndexes):
        check(PROOF, {2: b""}, {1: COMMITTED[1]})
    with pytest.raises(WrongIndexes):
        check(PROOF, {0: MESSAGES[0]}, {-1: b"", 1: COMMITTED[1]})
    with pytest.raises(WrongIndexes):
        check(PROOF, {0: MESSAGES[0]}, {2: COMMITTED[1]})
    for disclosed, committed in [([2], []), ([-1], []), ([], [2]), ([], [-1]), ([0, 0], [])]:
        with pytest.raises(WrongIndexes):
            proven(disclosed, committed)


def test_counts_are_bounded() -> None:
    for count in (MAX_SCALARS + 1, 10**9):
        with pytest.raises(TooManyMessages):
            check(count=count)
    with pytest.raises(WrongIndexes):
        check(count=-1)
    with pytest.raises(TooManyMessages):
        SUITE.commit([b""] * (MAX_SCALARS + 1))
    with pytest.raises(MalformedCommitment):
        SUITE.verify_commitment(COMMITMENT + bytes(32) * MAX_SCALARS)
    with pytest.raises(BBSRejected):
        check(PROOF[:-32] + PROOF[-32:] * MAX_SCALARS)


def test_a_spliced_commitment_signs_nothing_of_the_victim() -> None:
    """Somebody else's commitment under a proof of one's own, and the other way round."""
    other, _ = SUITE.commit([b"x", b"y"])
    for at in (48, 80, len(other) - 32):
        with pytest.raises(WrongCommitment):
            SUITE.sign(SECRET, PUBLIC, HEADER, MESSAGES, commitment=COMMITMENT[:at] + other[at:])


def test_hidden_values_cannot_trade_places() -> None:
    proof = Proof.from_octets(PROOF)
    with pytest.raises(WrongProof):
        check(replace(proof, hidden_hats=proof.hidden_hats[::-1]).to_octets())


def test_drafts_are_named_and_not_mixed() -> None:
    assert read_draft("draft-irtf-cfrg-bbs-blind-signatures-02") is Draft.BLIND_02
    for name in ("draft-irtf-cfrg-bbs-blind-signatures-03", "", "BLIND_02"):
        with pytest.raises(UnknownDraft):
            read_draft(name)
    with pytest.raises(UnknownDraft):
        blind_suite(Draft.NYM_03, SHA256)
    with pytest.raises(UnknownDraft):
        nym_suite(Draft.BLIND_02, SHA256)
