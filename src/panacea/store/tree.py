"""An exact IAVL tree of version 1: the root hashes are those of cosmos/iavl after the same writes.

The tree is persistent: a write copies the nodes on its path, and a saved node never changes. Nodes made since the
last `seal` belong to nobody else yet and are changed in place. Children are loaded when they are first needed.

Every write re-versions its path, also when the value is equal; removing an absent key changes nothing.
"""

from collections.abc import Callable, Iterator

from panacea.light.ics23 import EMPTY_ROOT
from panacea.store.nodes import Link, Node, Reference, encode_name

Source = Callable[[Reference], Node]


class NodeMissing(LookupError):
    """A saved node cannot be loaded: its version was pruned, or the file is damaged."""


def nowhere(reference: Reference) -> Node:
    """The source of a tree that lives in memory only."""
    raise NodeMissing(f"version {reference.version}, node {reference.nonce}")


class Tree:
    """One store at one version, and the version being built on it.

    `source` loads saved nodes, `version` is the one being built, `orphans` names the saved nodes that it no longer
    reaches.
    """

    def __init__(self, root: Link | None = None, *, version: int = 1, source: Source = nowhere) -> None:
        self.root = root
        self.version = version
        self.orphans: list[bytes] = []
        self._source = source

    def get(self, key: bytes) -> bytes | None:
        """The value under `key`, or None."""
        if self.root is None:
            return None
        node = self._load(self.root)
        while node.height:
            node = self.left(node) if key < node.key else self.right(node)
        return node.value if node.key == key else None

    def iterate(self, start: bytes, end: bytes | None, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """The pairs with start <= key < end in byte order; in reverse from the end. Not while writing."""
        stack = [] if self.root is None else [self.root]
        while stack:
            node = self._load(stack.pop())
            if not node.height:
                if start <= node.key and (end is None or node.key < end):
                    yield node.key, node.value
                continue
            lower = [node.left] if start < node.key else []
            upper = [node.right] if end is None or node.key < end else []
            stack += lower + upper if reverse else upper + lower

    def path(self, key: bytes) -> list[Node]:
        """The nodes from the root to the leaf where `key` stands or would stand; empty for an empty tree."""
        path = [] if self.root is None else [self._load(self.root)]
        while path and path[-1].height:
            path.append(self.left(path[-1]) if key < path[-1].key else self.right(path[-1]))
        return path

    def set(self, key: bytes, value: bytes) -> None:
        """Put `value` under `key`."""
        leaf = Node(key, value, self.version)
        self.root = leaf if self.root is None else self._set(self._load(self.root), leaf)[0]

    def remove(self, key: bytes) -> bool:
        """Take `key` away; says whether it was there."""
        path = self.path(key)
        if not path or path[-1].key != key:
            return False
        self.root = self._remove(path[0], key)[0]
        return True

    def seal(self) -> list[Node]:
        """Hash and number the nodes made in this version, children first, and return them; they are final now."""
        fresh: list[Node] = []

        def visit(link: Link | None) -> None:
            if isinstance(link, Node) and not link.nonce:
                if link.height:
                    visit(link.left)
                    visit(link.right)
                fresh.append(link)
                link.seal(len(fresh))

        visit(self.root)
        return fresh

    @property
    def root_hash(self) -> bytes:
        """The hash of the sealed root; that of nothing for an empty tree."""
        return EMPTY_ROOT if self.root is None else self.root.hash

    def left(self, node: Node) -> Node:
        """The left child, loaded."""
        child = node.left
        if isinstance(child, Reference):
            child = node.left = self._source(child)
        return child

    def right(self, node: Node) -> Node:
        """The right child, loaded."""
        child = node.right
        if isinstance(child, Reference):
            child = node.right = self._source(child)
        return child

    def _load(self, link: Link) -> Node:
        return self._source(link) if isinstance(link, Reference) else link

    def _orphan(self, node: Node) -> None:
        if node.nonce:
            self.orphans.append(encode_name(node))

    def _own(self, node: Node) -> Node:
        """The inner node itself if this version made it, else a copy that this version may change."""
        if not node.nonce:
            return node
        self._orphan(node)
        return Node.inner(node.key, node.left, node.right, self.version)

    def _set(self, node: Node, leaf: Node) -> tuple[Node, bool]:
        """The subtree with the leaf in it, and whether the leaf replaced one of the same key."""
        key = leaf.key
        if not node.height:
            if key == node.key:
                self._orphan(node)
                return leaf, True
            if key < node.key:
                return Node.inner(node.key, leaf, node, self.version), False
            return Node.inner(key, node, leaf, self.version), False
        if key < node.key:
            child, replaced = self._set(self.left(node), leaf)
            node = self._own(node)
            node.left = child
        else:
            child, replaced = self._set(self.right(node), leaf)
            node = self._own(node)
            node.right = child
        if replaced:
            return node, True
        node.measure()
        return self._balance(node), False

    def _remove(self, node: Node, key: bytes) -> tuple[Node | None, bytes | None]:
        """The subtree without the key, which is in it, and the separator to hand upward.

        When the smallest leaf of a right subtree goes, the nearest ancestor on whose right it stood takes over the
        separator of the node that vanished with it.
        """
        if not node.height:
            self._orphan(node)
            return None, None
        if key < node.key:
            left, separator = self._remove(self.left(node), key)
            if left is None:
                self._orphan(node)
                return self.right(node), node.key
            node = self._own(node)
            node.left = left
        else:
            right, found = self._remove(self.right(node), key)
            if right is None:
                self._orphan(node)
                return self.left(node), None
            node = self._own(node)
            node.right = right
            separator = None
            if found is not None:
                node.key = found
        node.measure()
        return self._balance(node), separator

    def _balance(self, node: Node) -> Node:
        """Rotate a node of this version until its sides differ by one level at most."""
        lean = node.left.height - node.right.height
        if lean > 1:
            left = self.left(node)
            if left.left.height < left.right.height:
                node.left = self._rotate_left(self._own(left))
            return self._rotate_right(node)
        if lean < -1:
            right = self.right(node)
            if right.left.height > right.right.height:
                node.right = self._rotate_right(self._own(right))
            return self._rotate_left(node)
        return node

    def _rotate_right(self, node: Node) -> Node:
        """The left child takes the place of the node, which becomes its right child."""
        risen = self._own(self.left(node))
        node.left = risen.right
        risen.right = node
        node.measure()
        risen.measure()
        return risen

    def _rotate_left(self, node: Node) -> Node:
        """The right child takes the place of the node, which becomes its left child."""
        risen = self._own(self.right(node))
        node.right = risen.left
        risen.left = node
        node.measure()
        risen.measure()
        return risen
