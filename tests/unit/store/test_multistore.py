"""Blocks into the state: idempotent preparation, first heights, pruning, growth, other readers."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from panacea.light.ics23 import verify_absence, verify_presence
from panacea.light.proofs import ProofRejected
from panacea.store import multistore
from panacea.store.committed import CommittedState, open_tree
from panacea.store.database import Database
from panacea.store.multistore import MultiStore
from panacea.store.nodes import NAME_BYTES, Node, encode_name
from panacea.store.rejections import HeightUnavailable, UnknownStore
from panacea.store.tree import EMPTY_ROOT, Tree


def commit(state: MultiStore, writes: dict[bytes, bytes | None], store: str = "bank") -> bytes:
    branch = state.branch()
    for key, value in writes.items():
        if value is None:
            branch.kv(store).delete(key)
        else:
            branch.kv(store).set(key, value)
    root = state.prepare(branch)
    state.commit()
    assert state.app_hash == root
    return root


def block(number: int) -> dict[bytes, bytes | None]:
    """Writes that add, change and delete."""
    keys = [b"%d" % (number * 13 % 37 + step * 5) for step in range(12)]
    return {key: None if step % 4 == 0 else b"%d:%d" % (number, step) for step, key in enumerate(keys)}


def test_a_fresh_state_is_empty() -> None:
    with MultiStore.memory(["acc", "bank"]) as state:
        assert (state.height, state.app_hash) == (0, EMPTY_ROOT)
        assert state.branch().kv("bank").get(b"a") is None
        with pytest.raises(HeightUnavailable):
            state.at(1)
        with pytest.raises(RuntimeError, match="nothing was prepared"):
            state.commit()


def test_preparing_again_changes_nothing() -> None:
    with MultiStore.memory(["bank"]) as state, MultiStore.memory(["bank"]) as twin:
        for number in range(6):
            branch, other = state.branch(), state.branch()
            other.kv("bank").set(b"else", b"x")
            for key, value in block(number).items():
                branch.kv("bank").delete(key) if value is None else branch.kv("bank").set(key, value)
            first = state.prepare(branch)
            assert state.prepare(other) != first
            assert state.prepare(branch) == first
            state.commit()
            assert commit(twin, block(number)) == first


def test_what_was_prepared_is_lost_with_the_process(tmp_path: Path) -> None:
    with MultiStore.open(tmp_path, ["bank"]) as state:
        commit(state, {b"a": b"1"})
        branch = state.branch()
        branch.kv("bank").set(b"a", b"2")
        root = state.prepare(branch)
    with MultiStore.open(tmp_path, ["bank"]) as state:
        assert (state.height, state.branch().kv("bank").get(b"a")) == (1, b"1")
        assert commit(state, {b"a": b"2"}) == root


def test_reopened_it_goes_on_alike(tmp_path: Path) -> None:
    with MultiStore.memory(["acc", "bank"]) as twin:
        for number in range(20):
            with MultiStore.open(tmp_path, ["acc", "bank"]) as state:
                assert state.height == number
                assert commit(state, block(number)) == commit(twin, block(number))


def test_trimmed_it_goes_on_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multistore, "HELD_LEVELS", 2)
    with MultiStore.memory(["bank"]) as state, MultiStore.memory(["bank"]) as twin:
        for number in range(20):
            monkeypatch.setattr(multistore, "HELD_NODES", 0)
            root = commit(state, block(number))
            monkeypatch.setattr(multistore, "HELD_NODES", 1 << 60)
            assert commit(twin, block(number)) == root


def test_a_chain_may_begin_at_any_height() -> None:
    with MultiStore.memory(["bank"]) as state:
        branch = state.branch()
        branch.kv("bank").set(b"a", b"1")
        state.prepare(branch, height=100)
        assert state.commit(note=b"time") == 100
        view = state.at(100)
        assert (view.height, view.version.note, view.kv("bank").get(b"a")) == (100, b"time", b"1")
        assert view.version.roots["bank"].version == 100  # type: ignore[union-attr]  # the store is not empty
        with pytest.raises(ValueError, match="does not follow"):
            state.prepare(state.branch(), height=102)


def test_a_branch_of_an_older_state_is_refused() -> None:
    with MultiStore.memory(["bank"]) as state:
        old = state.branch()
        commit(state, {b"a": b"1"})
        with pytest.raises(ValueError, match="not a branch of the last"):
            state.prepare(old)
        with pytest.raises(ValueError, match="not a branch of the last"):
            state.prepare(state.branch().branch())


def test_a_new_store_begins_empty_and_an_old_one_may_not_vanish(tmp_path: Path) -> None:
    with MultiStore.open(tmp_path, ["bank"]) as state:
        commit(state, {b"a": b"1"})
    with MultiStore.open(tmp_path, ["bank", "did"]) as state:
        assert commit(state, {b"b": b"2"}, "did") == state.app_hash
        with pytest.raises(UnknownStore, match="no such store: did"):
            state.at(1).kv("did")
        with pytest.raises(UnknownStore):
            state.prove("did", b"b", 1)
        verify_presence(state.app_hash, "did", b"b", b"2", state.prove("did", b"b", 2))
    with pytest.raises(UnknownStore, match="did"):
        MultiStore.open(tmp_path, ["bank"])


@pytest.mark.parametrize("names", [["a", "a"], [""], ["x" * 32], ["é"]])
def test_store_names_are_checked(names: list[str]) -> None:
    with pytest.raises(ValueError, match="store names"):
        MultiStore.memory(names)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 17])
def test_every_store_is_proven(count: int) -> None:
    names = [f"store{number:02}" for number in range(count)]
    with MultiStore.memory([*names, "empty"]) as state:
        branch = state.branch()
        for name in names:
            branch.kv(name).set(b"key", name.encode())
        root = state.prepare(branch)
        state.commit()
        for name in names:
            verify_presence(root, name, b"key", name.encode(), state.prove(name, b"key", 1))
            verify_absence(root, name, b"kex", state.prove(name, b"kex", 1))
        [step] = nothing = state.prove("empty", b"key", 1)
        verify_absence(root, "empty", b"key", nothing)
        for store, ops in (("store00", nothing), ("store00", [replace(step, key=b"store00")])):
            with pytest.raises(ProofRejected):
                verify_absence(root, store, b"key", ops)
        with pytest.raises(ProofRejected):
            verify_absence(root, "store00", b"key", state.prove("store00", b"key", 1)[1:])


def reachable(state: MultiStore, store: str, height: int) -> set[bytes]:
    """The names of all nodes of a version."""
    names: set[bytes] = set()

    def visit(tree: Tree, node: Node) -> None:
        names.add(encode_name(node))
        if node.height:
            visit(tree, tree.left(node))
            visit(tree, tree.right(node))

    with state._database.read() as snapshot:
        tree = open_tree(snapshot, store, height)
        if tree.root is not None:
            visit(tree, tree.path(b"")[0])
    return names


def stored(state: MultiStore, store: str) -> set[bytes]:
    """The names of all nodes in the file."""
    prefix = store.encode() + b"\x00"
    with state._database.read() as snapshot, snapshot._txn.cursor(snapshot._tables[b"node"]) as cursor:
        return {bytes(key)[-NAME_BYTES:] for key in cursor.iternext(values=False) if bytes(key).startswith(prefix)}


@pytest.mark.parametrize("keep", [1, 3])
def test_pruning_leaves_exactly_what_is_kept(keep: int) -> None:
    with MultiStore.memory(["acc", "bank"], keep=keep) as state:
        for number in range(12):
            commit(state, block(number))
            kept = range(max(1, state.height - keep + 1), state.height + 1)
            assert stored(state, "bank") == set().union(*(reachable(state, "bank", height) for height in kept))
            for height in range(1, kept[0]):
                with pytest.raises(HeightUnavailable):
                    state.at(height)


def test_less_may_be_kept_later(tmp_path: Path) -> None:
    with MultiStore.open(tmp_path, ["bank"]) as state:
        for number in range(45):
            commit(state, block(number))
        assert state.at(1).kv("bank").get(b"5") == b"0:1"
    with MultiStore.open(tmp_path, ["bank"], keep=2) as state:
        for number in range(4):
            commit(state, block(number))
        assert stored(state, "bank") == reachable(state, "bank", 48) | reachable(state, "bank", 49)


def test_a_view_outlives_its_version_with_a_rejection() -> None:
    with MultiStore.memory(["bank"], keep=1) as state:
        commit(state, {b"a": b"1", b"b": b"1"})
        view = state.at(1)
        assert view.kv("bank").get(b"a") == b"1"
        commit(state, {b"a": b"2", b"b": b"2"})
        with pytest.raises(HeightUnavailable):
            view.kv("bank").get(b"b")
        with pytest.raises(HeightUnavailable):
            list(view.kv("bank").iterate(b"", None))


def test_a_committed_view_is_not_written_to() -> None:
    with MultiStore.memory(["bank"]) as state:
        commit(state, {b"a": b"1"})
        with pytest.raises(TypeError, match="take a branch"):
            state.at(1).kv("bank").set(b"a", b"2")
        with pytest.raises(TypeError, match="take a branch"):
            state.at(1).kv("bank").delete(b"a")


def test_an_iteration_goes_on_while_blocks_are_committed() -> None:
    with MultiStore.memory(["bank"]) as state:
        first = {b"%04d" % number: b"old" for number in range(1000)}
        commit(state, dict(first))
        pairs = state.at(1).kv("bank").iterate(b"", None)
        seen = [next(pairs) for _ in range(5)]
        commit(state, dict.fromkeys(first))
        assert seen + list(pairs) == sorted(first.items())


def test_the_map_grows(tmp_path: Path) -> None:
    with MultiStore.open(tmp_path, ["bank"]) as state:
        reader = subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert reader.stdin is not None
        assert reader.stdout is not None
        with reader:
            for number in range(3):
                commit(state, {b"%d" % part: bytes([number]) * (1 << 20) for part in range(12)})
                reader.stdin.write("\n")
                reader.stdin.flush()
                assert reader.stdout.readline().split() == [str(number + 1), state.app_hash.hex(), str(number)]
            reader.stdin.close()
        assert (tmp_path / "data.mdb").stat().st_size > 64 << 20


READER = """
import sys
from pathlib import Path
from panacea.store.committed import CommittedState
state = CommittedState.open_readonly(Path(sys.argv[1]))
for _ in sys.stdin:
    print(state.height, state.app_hash.hex(), state.at(state.height).kv("bank").get(b"11")[0], flush=True)
"""


def test_a_reader_alone_sees_the_same(tmp_path: Path) -> None:
    with MultiStore.open(tmp_path, ["bank"]) as state:
        root = commit(state, {b"a": b"1"})
    with CommittedState.open_readonly(tmp_path) as reader:
        assert (reader.height, reader.app_hash) == (1, root)
        verify_presence(root, "bank", b"a", b"1", reader.prove("bank", b"a", 1))


def test_a_file_of_another_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Database(tmp_path).close()
    monkeypatch.setattr("panacea.store.database.FORMAT", b"\x02")
    with pytest.raises(ValueError, match="format"):
        Database(tmp_path)


def test_two_writers_are_found_out(tmp_path: Path) -> None:
    with MultiStore.open(tmp_path, ["bank"]) as state:
        commit(state, {b"a": b"1"})
        branch = state.branch()
        state.prepare(branch)
        subprocess.run([sys.executable, "-c", WRITER, str(tmp_path)], check=True)
        with pytest.raises(RuntimeError, match="another process"):
            state.commit()


WRITER = """
import sys
from pathlib import Path
from panacea.store.multistore import MultiStore
with MultiStore.open(Path(sys.argv[1]), ["bank"]) as state:
    state.prepare(state.branch())
    state.commit()
"""
