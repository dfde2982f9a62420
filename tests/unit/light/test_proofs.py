"""The strict encoding of state proofs."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.light.proofs import (
    MAX_DEPTH,
    MAX_PROOF_BYTES,
    CommitmentProof,
    ExistenceProof,
    HashOp,
    InnerOp,
    LeafOp,
    LengthOp,
    NonExistenceProof,
    ProofRejected,
    decode_proof,
    encode_proof,
)

BYTES = st.binary(max_size=20)
HASHES = st.sampled_from(HashOp)
LEAVES = st.builds(LeafOp, HASHES, HASHES, HASHES, st.sampled_from(LengthOp), BYTES)
INNER = st.lists(st.builds(InnerOp, HASHES, BYTES, BYTES), max_size=5).map(tuple)
EXISTENCE = st.builds(ExistenceProof, BYTES, BYTES, st.none() | LEAVES, INNER)
PROOFS = EXISTENCE | st.builds(NonExistenceProof, BYTES, st.none() | EXISTENCE, st.none() | EXISTENCE)


@given(PROOFS)
def test_proofs_come_back(proof: CommitmentProof) -> None:
    assert decode_proof(encode_proof(proof)) == proof


@given(st.binary(max_size=60), PROOFS, st.data())
def test_any_bytes_are_read_or_refused(noise: bytes, proof: CommitmentProof, data: st.DataObject) -> None:
    raw = encode_proof(proof)
    at = data.draw(st.integers(0, len(raw)))
    for altered in (noise, raw[:at], raw[:at] + noise + raw[at:]):
        with suppress(ProofRejected):
            decode_proof(altered)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "neither"),
        (bytes.fromhex("1a00"), "neither"),
        (bytes.fromhex("0a001200"), "neither"),
        (bytes.fromhex("0801"), "a number stands"),
        (bytes.fromhex("0a022801"), "unknown field"),
        (bytes.fromhex("0a041a020809"), "no such HashOp"),
        (bytes.fromhex("0a041a023001"), "unknown fields"),
        (bytes.fromhex("12022001"), "unknown fields"),
        (b"\x0a" * (MAX_PROOF_BYTES + 1), "too long"),
        (encode_proof(ExistenceProof(b"k", b"v", None, (InnerOp(),) * (MAX_DEPTH + 1))), "path too long"),
    ],
)
def test_what_is_no_proof_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ProofRejected, match=why):
        decode_proof(data)
