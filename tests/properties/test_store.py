"""The tree, its proofs and branches against plain dictionaries."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from panacea.light.ics23 import IAVL, verify_absence, verify_membership, verify_non_membership, verify_presence
from panacea.light.proofs import ExistenceProof, NonExistenceProof, ProofOp, ProofRejected
from panacea.store.branch import Branch
from panacea.store.multistore import MultiStore
from panacea.store.nodes import Node
from panacea.store.proofs import prove
from panacea.store.rejections import HeightUnavailable
from panacea.store.tree import Tree

# Few keys, so that they meet often; zero and 255 are where ranges end.
KEYS = st.lists(st.sampled_from([b"\x00", b"a", b"b", b"\xff"]), min_size=1, max_size=3).map(b"".join)
VALUES = st.binary(min_size=1, max_size=3)
BLOCKS = st.lists(st.dictionaries(KEYS, st.none() | VALUES, max_size=30), min_size=1, max_size=6)
Writes = dict[bytes, bytes | None]


def apply(tree: Tree, model: dict[bytes, bytes], writes: Writes) -> None:
    for key, value in sorted(writes.items()):
        if value is None:
            assert tree.remove(key) == (model.pop(key, None) is not None)
        else:
            tree.set(key, value)
            model[key] = value
    tree.seal()
    tree.version += 1


def require_balanced(node: Any) -> tuple[int, int, bytes, bytes]:
    """Height, size, least and greatest key below, after checking them."""
    assert isinstance(node, Node)
    if not node.height:
        return 0, 1, node.key, node.key
    left, right = require_balanced(node.left), require_balanced(node.right)
    assert abs(left[0] - right[0]) <= 1
    assert left[3] < node.key <= right[2]
    assert (node.height, node.size) == (max(left[0], right[0]) + 1, left[1] + right[1])
    return node.height, node.size, left[2], right[3]


@settings(max_examples=60, deadline=None)
@given(BLOCKS)
def test_a_tree_is_a_balanced_dictionary(blocks: list[Writes]) -> None:
    tree, model = Tree(), dict[bytes, bytes]()
    for writes in blocks:
        apply(tree, model, writes)
        assert list(tree.iterate(b"", None)) == sorted(model.items())
        assert all(tree.get(key) == model.get(key) for key in writes)
        if tree.root is not None:
            require_balanced(tree.root)


@settings(max_examples=60, deadline=None)
@given(BLOCKS, KEYS, KEYS, st.booleans())
def test_a_range_is_a_slice(blocks: list[Writes], start: bytes, end: bytes, reverse: bool) -> None:
    tree, model = Tree(), dict[bytes, bytes]()
    for writes in blocks:
        apply(tree, model, writes)
    expected = [(key, value) for key, value in sorted(model.items()) if start <= key < end]
    assert list(tree.iterate(start, end, reverse=reverse)) == (expected[::-1] if reverse else expected)


@settings(max_examples=60, deadline=None)
@given(BLOCKS, KEYS)
def test_every_key_has_one_proof_and_no_other(blocks: list[Writes], asked: bytes) -> None:
    tree, model = Tree(), dict[bytes, bytes]()
    for writes in blocks:
        apply(tree, model, writes)
    for key in {asked, *model}:
        proof = prove(tree, key)
        if proof is None:
            assert not model
        elif key in model:
            assert isinstance(proof, ExistenceProof)
            verify_membership(IAVL, tree.root_hash, proof, key, model[key])
            with pytest.raises(ProofRejected):
                verify_membership(IAVL, tree.root_hash, replace(proof, value=b"other"), key, b"other")
        else:
            assert isinstance(proof, NonExistenceProof)
            verify_non_membership(IAVL, tree.root_hash, proof, key)
            with pytest.raises(ProofRejected):
                verify_non_membership(IAVL, tree.root_hash, replace(proof, left=None, right=None), key)


STORES = ("acc", "bank", "did")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(STORES), st.dictionaries(KEYS, st.none() | VALUES), min_size=1), max_size=5
    ),
    KEYS,
)
def test_the_past_stays_provable(blocks: list[dict[str, Writes]], asked: bytes) -> None:
    model: dict[str, dict[bytes, bytes]] = {store: {} for store in STORES}
    past = []
    with MultiStore.memory(STORES) as state:
        for block in blocks:
            branch = state.branch()
            for store, writes in block.items():
                for key, value in writes.items():
                    if value is None:
                        branch.kv(store).delete(key)
                        model[store].pop(key, None)
                    else:
                        branch.kv(store).set(key, value)
                        model[store][key] = value
            root = state.prepare(branch)
            assert state.prepare(branch) == root
            state.commit()
            past.append((root, {store: dict(pairs) for store, pairs in model.items()}))
        for height, (root, stores) in enumerate(past, 1):
            view = state.at(height)
            for store, pairs in stores.items():
                assert list(view.kv(store).iterate(b"", None)) == sorted(pairs.items())
                assert list(view.kv(store).iterate(b"", None, reverse=True)) == sorted(pairs.items(), reverse=True)
                check_proof(state, root, (store, asked, height), pairs)
                for key in list(pairs)[:3]:
                    check_proof(state, root, (store, key, height), pairs)


def check_proof(state: MultiStore, root: bytes, place: tuple[str, bytes, int], pairs: dict[bytes, bytes]) -> None:
    store, key, _ = place
    assert state.at(place[2]).kv(store).get(key) == pairs.get(key)
    ops = state.prove(*place)
    if key in pairs:
        verify_presence(root, store, key, pairs[key], ops)
        with pytest.raises(ProofRejected):
            verify_absence(root, store, key, ops)
    else:
        verify_absence(root, store, key, ops)
        with pytest.raises(ProofRejected):
            verify_presence(root, store, key, b"x", ops)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_altered_proof_verifies(data: st.DataObject) -> None:
    keys = data.draw(st.lists(KEYS, min_size=1, max_size=20, unique=True))
    with MultiStore.memory(STORES) as state:
        branch = state.branch()
        for key in keys:
            branch.kv("bank").set(key, b"value of " + key)
        root = state.prepare(branch)
        state.commit()
        asked = data.draw(st.sampled_from(keys) | KEYS)
        ops = state.prove("bank", asked, 1)
    step = data.draw(st.integers(0, 1))
    raw = bytearray(ops[step].data)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    ops[step] = ProofOp(ops[step].type, ops[step].key, bytes(raw))
    with pytest.raises(ProofRejected):
        if asked in keys:
            verify_presence(root, "bank", asked, b"value of " + asked, ops)
        else:
            verify_absence(root, "bank", asked, ops)


class Branches(RuleBasedStateMachine):
    """A stack of branches against a stack of dictionaries, committed now and then and reopened in the past."""

    @initialize(keep=st.none() | st.integers(1, 3))
    def begin(self, keep: int | None) -> None:
        self.keep = keep
        self.state = MultiStore.memory(["s"], keep=keep)
        self.branches: list[Branch] = [self.state.branch()]
        self.models: list[dict[bytes, bytes]] = [{}]
        self.past: list[dict[bytes, bytes]] = [{}]

    @rule(key=KEYS, value=VALUES)
    def set(self, key: bytes, value: bytes) -> None:
        self.branches[-1].kv("s").set(key, value)
        self.models[-1][key] = value

    @rule(key=KEYS)
    def delete(self, key: bytes) -> None:
        self.branches[-1].kv("s").delete(key)
        self.models[-1].pop(key, None)

    @rule()
    def deeper(self) -> None:
        if len(self.branches) < 4:
            self.branches.append(self.branches[-1].branch())
            self.models.append(dict(self.models[-1]))

    @rule(keep=st.booleans())
    def leave(self, keep: bool) -> None:
        if len(self.branches) > 1:
            branch, model = self.branches.pop(), self.models.pop()
            if keep:
                branch.write()
                self.models[-1] = model

    @rule()
    def commit(self) -> None:
        while len(self.branches) > 1:
            self.leave(keep=True)
        self.state.prepare(self.branches[0])
        assert self.state.commit() == len(self.past)
        self.past.append(dict(self.models[0]))
        self.branches = [self.state.branch()]

    @rule(start=st.binary(max_size=2), end=st.none() | KEYS, reverse=st.booleans())
    def iterate(self, start: bytes, end: bytes | None, reverse: bool) -> None:
        pairs = sorted(self.models[-1].items(), reverse=reverse)
        expected = [(key, value) for key, value in pairs if start <= key and (end is None or key < end)]
        assert list(self.branches[-1].kv("s").iterate(start, end, reverse=reverse)) == expected

    @rule(key=KEYS)
    def get(self, key: bytes) -> None:
        kv = self.branches[-1].kv("s")
        assert kv.get(key) == self.models[-1].get(key)
        assert kv.has(key) == (key in self.models[-1])

    @invariant()
    def the_past_is_kept_as_long_as_promised(self) -> None:
        latest = len(self.past) - 1
        for height in range(1, latest + 1):
            if self.keep is None or height > latest - self.keep:
                view = self.state.at(height)
                assert dict(view.kv("s").iterate(b"", None)) == self.past[height]
            else:
                with pytest.raises(HeightUnavailable):
                    self.state.at(height)

    def teardown(self) -> None:
        if hasattr(self, "state"):
            self.state.close()


TestBranches = Branches.TestCase
TestBranches.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
