"""A process that commits is killed again and again: what it acknowledged stays, and nothing is torn."""

import random
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

from panacea.store.committed import open_tree
from panacea.store.kv import KV
from panacea.store.multistore import MultiStore
from panacea.store.tree import Tree

STORES = ("acc", "bank")
ROUNDS = 10

CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_crash import STORES, write
from panacea.store.multistore import MultiStore
state = MultiStore.open(Path(sys.argv[1]), STORES, keep=5)
while True:
    branch = state.branch()
    write(branch.kv("bank"), state.height + 1)
    root = state.prepare(branch)
    state.commit()
    print(state.height, root.hex(), flush=True)
"""


def writes_of(height: int) -> list[tuple[bytes, bytes | None]]:
    """The net writes of one block in order, drawn from its height alone; keys come again from block to block."""
    draw = random.Random(height)
    writes: dict[bytes, bytes | None] = {}
    for _ in range(40):
        value = draw.randbytes(draw.randrange(1, 3000)) if draw.randrange(5) else None
        writes[sha256(bytes([draw.randrange(200)])).digest()] = value
    return sorted(writes.items(), key=lambda pair: pair[0])


def write(kv: KV, height: int) -> None:
    for key, value in writes_of(height):
        if value is None:
            kv.delete(key)
        else:
            kv.set(key, value)


def grow(tree: Tree, height: int) -> None:
    """Build the versions of a tree in memory up to that height."""
    while tree.version <= height:
        for key, value in writes_of(tree.version):
            if value is None:
                tree.remove(key)
            else:
                tree.set(key, value)
        tree.seal()
        tree.version += 1


def test_kill_in_mid_commit(tmp_path: Path) -> None:
    draw, acknowledged, model = random.Random(2026), 0, Tree()
    for _ in range(ROUNDS):
        told = run_and_kill(tmp_path, draw.uniform(0.005, 0.08))
        with MultiStore.open(tmp_path, STORES, keep=5) as state:
            height = state.height
            assert max(acknowledged, told) <= height <= told + 1
            grow(model, height)
            pairs = list(model.iterate(b"", None))
            view = state.at(height)
            assert view.version.root_hashes()["bank"] == model.root_hash
            assert list(view.kv("bank").iterate(b"", None)) == pairs
            for kept in range(max(1, height - 4), height + 1):
                assert state.prove("bank", pairs[0][0], kept)
            require_whole(state, height, pairs)
            acknowledged = height
    assert acknowledged > ROUNDS


def require_whole(state: MultiStore, height: int, pairs: list[tuple[bytes, bytes]]) -> None:
    """Every node of the tree is there, and belongs to it."""
    with state._database.read() as snapshot:
        tree = open_tree(snapshot, "bank", height)
        assert list(tree.iterate(b"", None)) == pairs


def run_and_kill(folder: Path, seconds: float) -> int:
    """Let a child commit for so long after its first block, kill it, and return the last height it acknowledged."""
    command = [sys.executable, "-c", CHILD, str(folder), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        time.sleep(seconds)
        child.kill()
        lines += child.stdout.read().splitlines()
    whole = [line.split() for line in lines if len(line.split()) == 2 and len(line.split()[1]) == 64]
    return int(whole[-1][0])
