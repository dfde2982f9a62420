"""Verification of ICS-23 proofs: of one tree under its specification, and of a key in a store of the chain's state.

    verify_presence, verify_absence      two steps: IAVL tree of the store, then the simple tree over all stores
    verify_membership, verify_non_membership   one step under one specification

Both specifications in use, IAVL and TENDERMINT, describe binary trees, and only such trees are supported. Every
function returns nothing or raises ProofRejected.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from panacea.crypto.ripemd160 import ripemd160
from panacea.light.proofs import (
    MAX_DEPTH,
    CommitmentProof,
    ExistenceProof,
    HashOp,
    InnerOp,
    LeafOp,
    LengthOp,
    NonExistenceProof,
    ProofOp,
    ProofRejected,
    decode_proof,
)
from panacea.light.protobuf import MalformedMessage, read_zigzag, uvarint

IAVL_OP, SIMPLE_OP = "ics23:iavl", "ics23:simple"


@dataclass(frozen=True, slots=True)
class InnerSpec:
    """The shape of a binary inner node: sizes in bytes, of a child and of what stands before the first child."""

    child_size: int
    min_prefix_length: int
    max_prefix_length: int
    hash: HashOp
    empty_child: bytes = b""


@dataclass(frozen=True, slots=True)
class ProofSpec:
    """The shape a tree's proofs must have; a depth of 0 means the default."""

    leaf: LeafOp
    inner: InnerSpec
    max_depth: int = 0
    min_depth: int = 0

    def is_like(self, other: "ProofSpec") -> bool:
        """Whether both describe the same kind of tree; prefix bytes and depths are not compared."""

        def shape(spec: ProofSpec) -> tuple[object, ...]:
            leaf, inner = spec.leaf, spec.inner
            ops = (leaf.hash, leaf.prehash_key, leaf.prehash_value, leaf.length, inner.hash)
            return (*ops, inner.min_prefix_length, inner.max_prefix_length, inner.child_size)

        return shape(self) == shape(other)


LEAF = LeafOp(HashOp.SHA256, HashOp.NO_HASH, HashOp.SHA256, LengthOp.VAR_PROTO, b"\x00")
IAVL = ProofSpec(LEAF, InnerSpec(33, 4, 12, HashOp.SHA256))
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of an IAVL tree without leaves."""
TENDERMINT = ProofSpec(LEAF, InnerSpec(32, 1, 1, HashOp.SHA256))


def verify_presence(root: bytes, store: str, key: bytes, value: bytes, proof_ops: Sequence[ProofOp]) -> None:
    """Check that `value` stands under `key` of `store` in the state whose app hash is `root`."""
    in_tree, of_tree = _steps(store, key, proof_ops)
    if not isinstance(in_tree, ExistenceProof):
        raise ProofRejected("the proof shows absence", store=store, key=key)
    tree_root = calculate_root(in_tree)
    verify_membership(IAVL, tree_root, in_tree, key, value)
    verify_membership(TENDERMINT, root, of_tree, store.encode(), tree_root)


def verify_absence(root: bytes, store: str, key: bytes, proof_ops: Sequence[ProofOp]) -> None:
    """Check that nothing stands under `key` of `store` in the state whose app hash is `root`.

    A store in which nothing stands at all has no tree to prove it in: its one step shows the root of an empty tree.
    A neighbour may have an empty value, which ICS-23 itself does not allow: the owner index of the bank module has
    only such values, and its first key is the neighbour of the last balance. The hash of nothing is as binding.
    """
    if [(op.type, op.key) for op in proof_ops] == [(SIMPLE_OP, store.encode())]:
        verify_membership(TENDERMINT, root, decode_proof(proof_ops[0].data), store.encode(), EMPTY_ROOT)
        return
    in_tree, of_tree = _steps(store, key, proof_ops)
    neighbour = None if isinstance(in_tree, ExistenceProof) else in_tree.left or in_tree.right
    if neighbour is None:
        raise ProofRejected("the proof shows no absence", store=store, key=key)
    tree_root = calculate_root(neighbour, empty_value=True)
    verify_non_membership(IAVL, tree_root, in_tree, key, empty_values=True)
    verify_membership(TENDERMINT, root, of_tree, store.encode(), tree_root)


def _steps(store: str, key: bytes, ops: Sequence[ProofOp]) -> tuple[CommitmentProof, CommitmentProof]:
    if [(op.type, op.key) for op in ops] != [(IAVL_OP, key), (SIMPLE_OP, store.encode())]:
        raise ProofRejected("not the two steps of this key", store=store, key=key)
    return decode_proof(ops[0].data), decode_proof(ops[1].data)


def verify_membership(spec: ProofSpec, root: bytes, proof: CommitmentProof, key: bytes, value: bytes) -> None:
    """Check that `proof` shows `value` under `key` in the tree of that root."""
    if not isinstance(proof, ExistenceProof):
        raise ProofRejected("not an existence proof", key=key)
    _verify_existence(spec, root, proof, key, value)


def verify_non_membership(
    spec: ProofSpec, root: bytes, proof: CommitmentProof, key: bytes, *, empty_values: bool = False
) -> None:
    """Check that `proof` shows nothing under `key` in the tree of that root; `empty_values` allows them beside it."""
    if not isinstance(proof, NonExistenceProof) or proof.key != key:
        raise ProofRejected("not a non-existence proof of this key", key=key)
    left, right = proof.left, proof.right
    for neighbour in (left, right):
        if neighbour is not None:
            check_against_spec(neighbour, spec)
            if calculate_root(neighbour, empty_value=empty_values) != root:
                raise ProofRejected("a neighbour leads to another root", key=neighbour.key)
    if (left is not None and left.key >= key) or (right is not None and right.key <= key):
        raise ProofRejected("the neighbours do not enclose the key", key=key)
    inner = spec.inner
    if left is None and right is not None:
        adjacent = is_left_most(inner, right.path)
    elif right is None and left is not None:
        adjacent = is_right_most(inner, left.path)
    else:
        adjacent = left is not None and right is not None and is_left_neighbour(inner, left.path, right.path)
    if not adjacent:
        raise ProofRejected("leaves may stand between the neighbours", key=key)


def _verify_existence(spec: ProofSpec, root: bytes, proof: ExistenceProof, key: bytes, value: bytes) -> None:
    check_against_spec(proof, spec)
    if proof.key != key or proof.value != value:
        raise ProofRejected("the proof shows another key or value", key=key)
    if calculate_root(proof) != root:
        raise ProofRejected("the proof leads to another root", key=key)


def calculate_root(proof: ExistenceProof, *, empty_value: bool = False) -> bytes:
    """The root to which an existence proof leads; a key with an empty value has one only where that is allowed."""
    if proof.leaf is None:
        raise ProofRejected("no leaf operation", key=proof.key)
    hashed = apply_leaf(proof.leaf, proof.key, proof.value, empty_value=empty_value)
    for op in proof.path:
        hashed = apply_inner(op, hashed)
    return hashed


def apply_leaf(op: LeafOp, key: bytes, value: bytes, *, empty_value: bool = False) -> bytes:
    """The hash of a leaf; the key must not be empty, nor the value unless that is allowed."""
    if not key or not (value or empty_value):
        raise ProofRejected("an empty key or value", key=key)
    parts = ((op.prehash_key, key), (op.prehash_value, value))
    hashed = [_with_length(op.length, do_hash(how, part) if how else part) for how, part in parts]
    return do_hash(op.hash, op.prefix + b"".join(hashed))


def apply_inner(op: InnerOp, child: bytes) -> bytes:
    """The hash of an inner node; `child` must not be empty."""
    if not child:
        raise ProofRejected("an inner operation without a child")
    return do_hash(op.hash, op.prefix + child + op.suffix)


def do_hash(op: HashOp, data: bytes) -> bytes:
    """Hash the data as the operation says; NO_HASH and KECCAK256 are refused."""
    match op:
        case HashOp.SHA256:
            return hashlib.sha256(data).digest()
        case HashOp.SHA512:
            return hashlib.sha512(data).digest()
        case HashOp.RIPEMD160:
            return ripemd160(data)
        case HashOp.BITCOIN:
            return ripemd160(hashlib.sha256(data).digest())
        case HashOp.SHA512_256:
            return hashlib.new("sha512_256", data).digest()
        case HashOp.BLAKE2B_512:
            return hashlib.blake2b(data).digest()
        case HashOp.BLAKE2S_256:
            return hashlib.blake2s(data).digest()
    raise ProofRejected("hash operation not supported", operation=op.name)


def _with_length(op: LengthOp, data: bytes) -> bytes:
    match op:
        case LengthOp.NO_PREFIX:
            return data
        case LengthOp.VAR_PROTO:
            return uvarint(len(data)) + data
        case LengthOp.FIXED32_BIG | LengthOp.FIXED64_BIG:
            return len(data).to_bytes(4 if op == LengthOp.FIXED32_BIG else 8, "big") + data
        case LengthOp.FIXED32_LITTLE | LengthOp.FIXED64_LITTLE:
            return len(data).to_bytes(4 if op == LengthOp.FIXED32_LITTLE else 8, "little") + data
        case LengthOp.REQUIRE_32_BYTES | LengthOp.REQUIRE_64_BYTES:
            if len(data) == (32 if op == LengthOp.REQUIRE_32_BYTES else 64):
                return data
    raise ProofRejected("length operation not met or not supported", operation=op.name)


def check_against_spec(proof: ExistenceProof, spec: ProofSpec) -> None:
    """Check the form of a proof: its leaf operation, its depth and every inner operation."""
    if proof.leaf is None:
        raise ProofRejected("no leaf operation", key=proof.key)
    check_leaf(proof.leaf, spec.leaf)
    iavl = spec.is_like(IAVL)
    if iavl:
        height, size, version, rest = _iavl_numbers(proof.leaf.prefix)
        if (height, size, rest) != (0, 1, b"") or version < 0:
            raise ProofRejected("not the prefix of an IAVL leaf", prefix=proof.leaf.prefix)
    if not spec.min_depth <= len(proof.path) <= (spec.max_depth or MAX_DEPTH):
        raise ProofRejected("path too short or too long", depth=len(proof.path))
    for layer, op in enumerate(proof.path, 1):
        _check_inner(op, spec)
        if iavl:
            _check_iavl_inner(op, layer)
        elif spec.is_like(TENDERMINT) and (op.prefix[:1] != b"\x01" or (op.suffix and op.prefix != b"\x01")):
            raise ProofRejected("not an inner node of a simple tree", prefix=op.prefix)


def check_leaf(op: LeafOp, spec: LeafOp) -> None:
    """Check that a leaf operation is the one of the specification, its prefix perhaps longer."""
    ops, expected = ((x.hash, x.prehash_key, x.prehash_value, x.length) for x in (op, spec))
    if ops != expected or not op.prefix.startswith(spec.prefix):
        raise ProofRejected("not the leaf operation of the specification")


def _check_inner(op: InnerOp, spec: ProofSpec) -> None:
    inner = spec.inner
    if inner.child_size < 1 or inner.max_prefix_length >= inner.min_prefix_length + inner.child_size:
        raise ProofRejected("the specification leaves it open where a child begins")
    if op.hash != inner.hash:
        raise ProofRejected("not the hash of the specification", operation=op.hash.name)
    if op.prefix.startswith(spec.leaf.prefix):
        raise ProofRejected("an inner node that looks like a leaf", prefix=op.prefix)
    if not inner.min_prefix_length <= len(op.prefix) <= inner.max_prefix_length + inner.child_size:
        raise ProofRejected("prefix too short or too long", prefix=op.prefix)
    if len(op.suffix) % inner.child_size:
        raise ProofRejected("the suffix is not made of children", suffix=op.suffix)


def _check_iavl_inner(op: InnerOp, layer: int) -> None:
    height, size, version, rest = _iavl_numbers(op.prefix)
    if height < layer or size < 0 or version < 0 or len(rest) not in (1, 34):
        raise ProofRejected("not an inner node of an IAVL tree", prefix=op.prefix)


def _iavl_numbers(prefix: bytes) -> tuple[int, int, int, bytes]:
    """Height, size and version at the head of an IAVL prefix, and what is left."""
    try:
        height, at = read_zigzag(prefix, 0)
        size, at = read_zigzag(prefix, at)
        version, at = read_zigzag(prefix, at)
    except MalformedMessage as malformed:
        raise ProofRejected("not an IAVL prefix", prefix=prefix) from malformed
    return height, size, version, prefix[at:]


def is_left_most(spec: InnerSpec, path: Sequence[InnerOp]) -> bool:
    """Whether nothing can stand to the left of a leaf with this path."""
    return all(_is_child(spec, op, 0) or left_branch_is_empty(spec, op) for op in path)


def is_right_most(spec: InnerSpec, path: Sequence[InnerOp]) -> bool:
    """Whether nothing can stand to the right of a leaf with this path."""
    return all(_is_child(spec, op, 1) or right_branch_is_empty(spec, op) for op in path)


def is_left_neighbour(spec: InnerSpec, left: Sequence[InnerOp], right: Sequence[InnerOp]) -> bool:
    """Whether nothing can stand between the leaves of these two paths."""
    left_ops, right_ops = list(left), list(right)
    while left_ops and right_ops:
        upper_left, upper_right = left_ops.pop(), right_ops.pop()
        if (upper_left.prefix, upper_left.suffix) != (upper_right.prefix, upper_right.suffix):
            return (
                _is_child(spec, upper_left, 0)
                and _is_child(spec, upper_right, 1)
                and is_right_most(spec, left_ops)
                and is_left_most(spec, right_ops)
            )
    return False


def left_branch_is_empty(spec: InnerSpec, op: InnerOp) -> bool:
    """Whether the child left of this one is the placeholder of an empty branch."""
    return bool(spec.empty_child) and _is_child(spec, op, 1) and op.prefix.endswith(spec.empty_child)


def right_branch_is_empty(spec: InnerSpec, op: InnerOp) -> bool:
    """Whether the child right of this one is the placeholder of an empty branch."""
    return bool(spec.empty_child) and _is_child(spec, op, 0) and op.suffix == spec.empty_child


def _is_child(spec: InnerSpec, op: InnerOp, branch: int) -> bool:
    """Whether lengths of prefix and suffix are those around the child on that side (0 left, 1 right)."""
    before = len(op.prefix) - branch * spec.child_size
    return (
        spec.min_prefix_length <= before <= spec.max_prefix_length and len(op.suffix) == (1 - branch) * spec.child_size
    )
