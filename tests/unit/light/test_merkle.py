"""Merkle roots and proofs against the recursive definition of RFC 6962."""

from dataclasses import replace
from hashlib import sha256

import pytest

from panacea.light import merkle
from panacea.light.merkle import MerkleProofRejected


def by_definition(items: list[bytes]) -> bytes:
    if not items:
        return sha256(b"").digest()
    if len(items) == 1:
        return sha256(b"\x00" + items[0]).digest()
    split = 1 << (len(items) - 1).bit_length() - 1
    return sha256(b"\x01" + by_definition(items[:split]) + by_definition(items[split:])).digest()


@pytest.mark.parametrize("count", range(18))
def test_roots_and_proofs(count: int) -> None:
    items = [b"item %d" % number for number in range(count)]
    root = merkle.root(items)
    assert root == by_definition(items)
    for index, item in enumerate(items):
        proof = merkle.prove(items, index)
        proof.verify(root, item)
        wrong = [
            replace(proof, index=(index + 1) % count) if count > 1 else replace(proof, index=1),
            replace(proof, aunts=(*proof.aunts, b"\x00" * 32)),
            replace(proof, aunts=(b"\x00" * 32,) * len(proof.aunts)) if proof.aunts else replace(proof, total=0),
            replace(proof, index=-1),
        ]
        for forged in wrong:
            with pytest.raises(MerkleProofRejected):
                forged.verify(root, item)
        with pytest.raises(MerkleProofRejected, match="another item"):
            proof.verify(root, item + b"x")
