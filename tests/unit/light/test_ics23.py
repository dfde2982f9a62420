"""Both steps of a state proof must belong together, and to what was asked."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from panacea.light.ics23 import (
    IAVL,
    LEAF,
    TENDERMINT,
    check_against_spec,
    verify_absence,
    verify_non_membership,
    verify_presence,
)
from panacea.light.proofs import ExistenceProof, HashOp, InnerOp, NonExistenceProof, ProofOp, ProofRejected
from panacea.store.multistore import MultiStore
from panacea.store.proofs import prove
from panacea.store.tree import Tree


@pytest.fixture(name="state", scope="module")
def made() -> MultiStore:
    state = MultiStore.memory(["bank", "did"])
    branch = state.branch()
    for store in ("bank", "did"):
        for number in range(9):
            branch.kv(store).set(b"%d" % number, store.encode())
    state.prepare(branch)
    state.commit()
    return state


def test_a_step_of_another_store_is_refused(state: MultiStore) -> None:
    root, bank, did = state.app_hash, state.prove("bank", b"3", 1), state.prove("did", b"3", 1)
    verify_presence(root, "bank", b"3", b"bank", bank)
    wrong: list[tuple[str, bytes, list[ProofOp]]] = [
        ("did", b"did", bank),
        ("did", b"bank", [bank[0], did[1]]),
        ("bank", b"did", [did[0], bank[1]]),
        ("bank", b"bank", [bank[0], replace(did[1], key=b"bank")]),
        ("bank", b"bank", bank[:1]),
        ("bank", b"bank", [*bank, bank[1]]),
        ("bank", b"bank", bank[::-1]),
        ("bank", b"bank", []),
        ("bank", b"bank", [replace(bank[0], type="ics23:simple"), bank[1]]),
        ("bank", b"", bank),
    ]
    for store, value, ops in wrong:
        with pytest.raises(ProofRejected):
            verify_presence(root, store, b"3", value, ops)


def test_an_absence_between_distant_leaves_is_refused(state: MultiStore) -> None:
    root = state.app_hash
    ops = state.prove("bank", b"33", 1)
    verify_absence(root, "bank", b"33", ops)
    for key in (b"3", b"4", b"44", b"0"):
        with pytest.raises(ProofRejected):
            verify_absence(root, "bank", key, [replace(ops[0], key=key), ops[1]])
        with pytest.raises(ProofRejected):
            verify_presence(root, "bank", key, b"bank", [replace(ops[0], key=key), ops[1]])


KEYS = [b"%02d" % number for number in range(11)]


@cache
def tree() -> Tree:
    made = Tree()
    for key in KEYS:
        made.set(key, b"value")
    made.seal()
    return made


@cache
def existence(key: bytes | None) -> ExistenceProof | None:
    proof = None if key is None else prove(tree(), key)
    assert proof is None or isinstance(proof, ExistenceProof)
    return proof


@pytest.mark.parametrize("left", [None, *KEYS])
@pytest.mark.parametrize("right", [None, *KEYS])
def test_only_neighbours_prove_an_absence(left: bytes | None, right: bytes | None) -> None:
    """Every pair of true leaves, for keys present and absent: accepted exactly when nothing can stand between."""
    before, after = existence(left), existence(right)
    around: list[bytes | None] = [None, *KEYS, None]
    adjacent = (left, right) in set(pairwise(around))
    for key in (b"\x00", *KEYS, *(key + b"x" for key in KEYS)):
        proof = NonExistenceProof(key, before, after)
        encloses = (left is None or left < key) and (right is None or key < right)
        if adjacent and encloses:
            verify_non_membership(IAVL, tree().root_hash, proof, key)
        else:
            with pytest.raises(ProofRejected):
                verify_non_membership(IAVL, tree().root_hash, proof, key)


def inner(prefix: str, suffix: bytes = b"") -> InnerOp:
    return InnerOp(HashOp.SHA256, bytes.fromhex(prefix), suffix)


CHILD = b"\x20" + b"h" * 32
GOOD = inner("02040220", CHILD)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ((inner("00020220", CHILD),), "looks like a leaf"),
        ((GOOD, inner("02040220", CHILD)), "not an inner node of an IAVL"),
        ((inner("02030220", CHILD),), "not an inner node of an IAVL"),
        ((inner("02040320", CHILD),), "not an inner node of an IAVL"),
        ((inner("020402", CHILD),), "prefix too short"),
        ((inner("0204022020", CHILD),), "not an inner node of an IAVL"),
        ((inner("02040220" + "20" * 42, CHILD),), "prefix too short or too long"),
        ((inner("02848484", CHILD),), "not an IAVL prefix"),
        ((inner("02040220", CHILD[1:]),), "not made of children"),
        ((replace(GOOD, hash=HashOp.SHA512),), "not the hash"),
        ((GOOD,) * 129, "path too"),
    ],
)
def test_iavl_inner_nodes_have_a_form(path: tuple[InnerOp, ...], why: str) -> None:
    leaf = replace(LEAF, prefix=bytes.fromhex("000202"))
    check_against_spec(ExistenceProof(b"k", b"v", leaf, (GOOD, inner("04060220", CHILD))), IAVL)
    with pytest.raises(ProofRejected, match=why):
        check_against_spec(ExistenceProof(b"k", b"v", leaf, path), IAVL)


@pytest.mark.parametrize("prefix", ["00", "0002", "000402", "000203", "00020200", "000001", "020202"])
def test_iavl_leaves_have_a_form(prefix: str) -> None:
    with pytest.raises(ProofRejected):
        check_against_spec(ExistenceProof(b"k", b"v", replace(LEAF, prefix=bytes.fromhex(prefix))), IAVL)


@pytest.mark.parametrize(
    "op", [inner("02"), inner("01" + "00" * 32, b"h" * 32), inner("01" + "00" * 33), inner("01", b"h" * 31), inner("")]
)
def test_simple_inner_nodes_have_a_form(op: InnerOp) -> None:
    for good in (inner("01" + "00" * 32), inner("01", b"h" * 32)):
        check_against_spec(ExistenceProof(b"k", b"v", LEAF, (good,)), TENDERMINT)
    with pytest.raises(ProofRejected):
        check_against_spec(ExistenceProof(b"k", b"v", LEAF, (op,)), TENDERMINT)


def test_a_specification_must_tell_children_apart() -> None:
    vague = replace(TENDERMINT, inner=replace(TENDERMINT.inner, max_prefix_length=33))
    with pytest.raises(ProofRejected, match="leaves it open"):
        check_against_spec(ExistenceProof(b"k", b"v", LEAF, (inner("01", b"h" * 32),)), vague)


def test_absence_beside_an_empty_value() -> None:
    state = MultiStore.memory(["bank"])
    branch = state.branch()
    for key, value in ((b"1", b"one"), (b"5", b""), (b"7", b"")):
        branch.kv("bank").set(key, value)
    state.prepare(branch)
    state.commit()
    for absent in (b"0", b"3", b"6", b"8"):
        verify_absence(state.app_hash, "bank", absent, state.prove("bank", absent, 1))
    with pytest.raises(ProofRejected):
        verify_absence(state.app_hash, "bank", b"3", state.prove("bank", b"6", 1))
    with pytest.raises(ProofRejected, match="empty"):
        verify_presence(state.app_hash, "bank", b"5", b"", state.prove("bank", b"5", 1))
