"""What a write does to a tree, and what loading a node does."""

import pytest

from panacea.store.nodes import Node, Reference, decode_node, encode_name, trim
from panacea.store.tree import EMPTY_ROOT, NodeMissing, Tree


def grown(count: int = 8) -> Tree:
    tree = Tree()
    for number in range(count):
        tree.set(b"%03d" % number, b"value")
    tree.seal()
    tree.version += 1
    return tree


def test_an_equal_value_is_a_write() -> None:
    tree = grown()
    before = tree.root_hash
    tree.set(b"003", b"value")
    assert {node.key for node in tree.seal() if not node.height} == {b"003"}
    assert tree.root_hash != before
    assert len(tree.orphans) == 4


def test_removing_what_is_absent_is_none() -> None:
    tree = grown()
    before = tree.root
    assert not tree.remove(b"absent")
    assert tree.seal() == []
    assert (tree.root, tree.orphans) == (before, [])


def test_removing_all_leaves_nothing() -> None:
    tree = grown(3)
    for key in (b"001", b"000", b"002"):
        assert tree.remove(key)
    assert (tree.root, tree.root_hash, tree.get(b"000"), tree.path(b"000")) == (None, EMPTY_ROOT, None, [])
    assert len(tree.orphans) == 5


def test_what_comes_and_goes_within_a_version_is_no_orphan() -> None:
    tree = Tree()
    for value in (b"1", b"2"):
        tree.set(b"a", value)
        tree.set(b"b", value)
    tree.remove(b"a")
    assert (tree.orphans, len(tree.seal())) == ([], 1)


def test_nodes_come_back_from_their_records() -> None:
    tree = grown(100)
    records = {}
    assert tree.root is not None

    def save(node: Node) -> None:
        records[encode_name(node)] = node.encode()
        if node.height:
            save(tree.left(node))
            save(tree.right(node))

    save(tree.path(b"")[0])
    loaded: list[bytes] = []

    def source(reference: Reference) -> Node:
        loaded.append(encode_name(reference))
        return decode_node(records[encode_name(reference)], reference)

    root = trim(tree.root, 0)
    again = Tree(root, version=2, source=source)
    again.set(b"050", b"other")
    assert len(loaded) <= tree.root.height + 1
    tree.set(b"050", b"other")
    tree.seal()
    again.seal()
    assert again.root_hash == tree.root_hash
    assert list(Tree(root, source=source).iterate(b"", None)) == list(grown(100).iterate(b"", None))


def test_a_missing_node_is_told() -> None:
    root = grown().root
    assert root is not None
    root = trim(root, 0)
    with pytest.raises(NodeMissing, match="version 1"):
        Tree(root).get(b"003")
