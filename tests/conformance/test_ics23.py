"""The published ICS-23 vectors: whole proofs of IAVL and simple trees, and single operations."""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest
from shared_files import shared

from panacea.light.ics23 import (
    IAVL,
    TENDERMINT,
    InnerSpec,
    ProofSpec,
    apply_inner,
    apply_leaf,
    calculate_root,
    check_against_spec,
    check_leaf,
    do_hash,
    left_branch_is_empty,
    right_branch_is_empty,
    verify_membership,
    verify_non_membership,
)
from panacea.light.proofs import (
    ExistenceProof,
    HashOp,
    InnerOp,
    LeafOp,
    LengthOp,
    ProofRejected,
    decode_proof,
    encode_proof,
)

JSON = Any  # Any: parsed JSON.
FOLDER = shared("ics23")


def cases(name: str) -> list[JSON]:
    found = json.loads((FOLDER / f"{name}.json").read_text())
    pairs = found.items() if isinstance(found, dict) else enumerate(found)
    return [pytest.param(case, id=str(title)) for title, case in pairs]


def raw(text: str | None) -> bytes:
    return b64decode(text or "")


def leaf_op(case: JSON) -> LeafOp:
    hashed, key, value = (HashOp(case.get(name, 0)) for name in ("hash", "prehash_key", "prehash_value"))
    return LeafOp(hashed, key, value, LengthOp(case.get("length", 0)), raw(case.get("prefix")))


def inner_op(case: JSON) -> InnerOp:
    return InnerOp(HashOp(case.get("hash", 0)), raw(case.get("prefix")), raw(case.get("suffix")))


def existence(case: JSON) -> ExistenceProof:
    leaf = leaf_op(case["leaf"]) if case.get("leaf") else None
    path = tuple(inner_op(op) for op in case.get("path", []))
    return ExistenceProof(raw(case.get("key")), raw(case.get("value")), leaf, path)


def spec_of(case: JSON) -> ProofSpec:
    inner = case["inner_spec"]
    assert inner["child_order"] == [0, 1]
    sizes = (inner["child_size"], inner["min_prefix_length"], inner["max_prefix_length"])
    return ProofSpec(
        leaf_op(case["leaf_spec"]),
        InnerSpec(*sizes, hash=HashOp(inner["hash"]), empty_child=raw(inner.get("empty_child"))),
        case.get("max_depth", 0),
        case.get("min_depth", 0),
    )


def judged(is_error: bool, action: Callable[[], bytes | None], expected: str | None = None) -> None:
    if is_error:
        with pytest.raises(ProofRejected):
            action()
    else:
        assert action() == (None if expected is None else raw(expected))


@pytest.mark.parametrize("tree", ["iavl", "tendermint"])
@pytest.mark.parametrize(
    "name", [f"{kind}_{side}" for kind in ("exist", "nonexist") for side in ["left", "middle", "right"]]
)
def test_whole_proofs(tree: str, name: str) -> None:
    case = {
        field: bytes.fromhex(text) for field, text in json.loads((FOLDER / tree / f"{name}.json").read_text()).items()
    }
    spec, other = (IAVL, TENDERMINT) if tree == "iavl" else (TENDERMINT, IAVL)
    proof = decode_proof(case["proof"])
    assert encode_proof(proof) == case["proof"]

    def verify(spec: ProofSpec, root: bytes, key: bytes, value: bytes) -> None:
        if case["value"]:
            verify_membership(spec, root, proof, key, value)
        else:
            verify_non_membership(spec, root, proof, key)

    good = (case["root"], case["key"], case["value"])
    verify(spec, *good)
    refused = [(other, good), (spec, (b"\x00" * 32, *good[1:])), (spec, (good[0], good[1] + b"x", good[2]))]
    for wrong_spec, wrong in refused:
        with pytest.raises(ProofRejected):
            verify(wrong_spec, *wrong)


@pytest.mark.parametrize("case", cases("TestCheckAgainstSpecData"))
def test_check_against_spec(case: JSON) -> None:
    judged(bool(case["Err"]), lambda: check_against_spec(existence(case["Proof"]), spec_of(case["Spec"])))


@pytest.mark.parametrize("case", cases("TestCheckLeafData"))
def test_check_leaf(case: JSON) -> None:
    judged(case["IsErr"], lambda: check_leaf(leaf_op(case["Leaf"]), leaf_op(case["Spec"])))


@pytest.mark.parametrize("case", cases("TestDoHashData"))
def test_do_hash(case: JSON) -> None:
    preimage = case.get("Preimage") or case["PreImage"]
    assert do_hash(HashOp(case["HashOp"]), preimage.encode()).hex() == case["ExpectedHash"]


@pytest.mark.parametrize("case", cases("TestEmptyBranchData"))
def test_empty_branch(case: JSON) -> None:
    op, inner = inner_op(case["Op"]), spec_of(case["Spec"]).inner
    assert left_branch_is_empty(inner, op) == case["IsLeft"]
    assert right_branch_is_empty(inner, op) == case["IsRight"]


@pytest.mark.parametrize("case", cases("TestExistenceProofData"))
def test_existence_proof(case: JSON) -> None:
    judged(case["IsErr"], lambda: calculate_root(existence(case["Proof"])), case["Expected"])


@pytest.mark.parametrize("case", cases("TestInnerOpData"))
def test_inner_op(case: JSON) -> None:
    judged(case["IsErr"], lambda: apply_inner(inner_op(case["Op"]), raw(case["Child"])), case["Expected"])


@pytest.mark.parametrize("case", cases("TestLeafOpData"))
def test_leaf_op(case: JSON) -> None:
    judged(
        case["IsErr"], lambda: apply_leaf(leaf_op(case["Op"]), raw(case["Key"]), raw(case["Value"])), case["Expected"]
    )
