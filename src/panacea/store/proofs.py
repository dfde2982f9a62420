"""ICS-23 proofs out of a tree, and out of the simple tree over the stores."""

from collections.abc import Mapping
from hashlib import sha256

from panacea.light import merkle
from panacea.light.ics23 import LEAF
from panacea.light.proofs import CommitmentProof, ExistenceProof, HashOp, InnerOp, LeafOp, NonExistenceProof
from panacea.light.protobuf import delimited
from panacea.store.tree import Tree


def prove(tree: Tree, key: bytes) -> CommitmentProof | None:
    """The proof that `key` has its value, or that it has none; None for an empty tree, which proves nothing."""
    if tree.root is None:
        return None
    if tree.path(key)[-1].key == key:
        return _existence(tree, key)
    left = next(tree.iterate(b"", key, reverse=True), None)
    right = next(tree.iterate(key, None), None)
    return NonExistenceProof(
        key, None if left is None else _existence(tree, left[0]), None if right is None else _existence(tree, right[0])
    )


def _existence(tree: Tree, key: bytes) -> ExistenceProof:
    *inner, leaf = tree.path(key)
    ops = []
    for node in reversed(inner):
        head = node.numbers() + b"\x20"
        if key < node.key:
            ops.append(InnerOp(HashOp.SHA256, head, b"\x20" + node.right.hash))
        else:
            ops.append(InnerOp(HashOp.SHA256, head + node.left.hash + b"\x20"))
    leaf_op = LeafOp(LEAF.hash, LEAF.prehash_key, LEAF.prehash_value, LEAF.length, leaf.numbers())
    return ExistenceProof(key, leaf.value, leaf_op, tuple(ops))


def app_hash(roots: Mapping[str, bytes]) -> bytes:
    """The root over all stores by name: what the next header carries."""
    return merkle.root(_items(roots))


def prove_store(roots: Mapping[str, bytes], store: str) -> ExistenceProof:
    """The proof that `store` has its root in the app hash."""
    proof = merkle.prove(_items(roots), sorted(roots).index(store))
    ops, index, last = [], proof.index, proof.total - 1
    for aunt in proof.aunts:
        # A last node without a sibling moves up as it is and leaves no operation.
        while index == last and not index & 1:
            index, last = index >> 1, last >> 1
        ops.append(
            InnerOp(HashOp.SHA256, b"\x01" + aunt) if index & 1 else InnerOp(HashOp.SHA256, b"\x01", aunt),
        )
        index, last = index >> 1, last >> 1
    return ExistenceProof(store.encode(), roots[store], LEAF, tuple(ops))


def _items(roots: Mapping[str, bytes]) -> list[bytes]:
    return [
        delimited(name.encode()) + delimited(sha256(root).digest())
        for name, root in sorted(roots.items(), key=lambda item: item[0])
    ]
