"""Parts and transaction proofs of a block; the recorded blocks are checked in conformance."""

import pytest

from panacea.light import blocks, merkle
from panacea.light.headers import PartSetHeader


@pytest.mark.parametrize(("size", "parts"), [(1, 1), (65_536, 1), (65_537, 2), (200_000, 4)])
def test_a_block_is_cut_into_parts(size: int, parts: int) -> None:
    raw = bytes(size)
    cut = [raw[at : at + 65_536] for at in range(0, size, 65_536)]
    assert blocks.part_set_header(raw) == PartSetHeader(parts, merkle.root(cut))


def test_a_transaction_is_proven() -> None:
    txs = [b"a", b"b", b"c"]
    for index, tx in enumerate(txs):
        blocks.verify_tx(blocks.data_hash(txs), tx, blocks.prove_tx(txs, index))
        with pytest.raises(merkle.MerkleProofRejected):
            blocks.verify_tx(blocks.data_hash(txs), b"d", blocks.prove_tx(txs, index))
