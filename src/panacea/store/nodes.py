"""The nodes of an IAVL tree: their hashes and the records they are kept in.

    leaf    0x00 | key length (2) | key | value
    inner   height (1) | size (8) | left reference | right reference | key
    reference   version (8) | nonce (4) | height (1) | size (8) | hash (32), big-endian

A reference holds whatever the parent needs of a child (height, size, hash), so that no sibling is loaded to balance,
hash or prove. A node is named by the version that made it and its number within that version.
"""

from hashlib import sha256
from struct import Struct

from panacea.light.protobuf import uvarint, zigzag

_REFERENCE = Struct(">QIBQ32s")
_INNER = Struct(">BQ")
_NAME = Struct(">QI")
REFERENCE_BYTES = _REFERENCE.size
NAME_BYTES = _NAME.size


class Reference:
    """A saved node that is not in memory."""

    __slots__ = ("hash", "height", "nonce", "size", "version")

    def __init__(self, version: int, nonce: int, height: int, size: int, hash: bytes) -> None:
        self.version = version
        self.nonce = nonce
        self.height = height
        self.size = size
        self.hash = hash


class Node:
    """A leaf (height 0, with a value) or an inner node (with two children).

    `nonce` is 0 until the node is sealed; only then is it hashed, and never changed again except to replace a
    reference by the node it names.
    """

    __slots__ = ("hash", "height", "key", "left", "nonce", "right", "size", "value", "version")

    left: "Node | Reference"
    right: "Node | Reference"

    def __init__(self, key: bytes, value: bytes, version: int) -> None:
        self.key = key
        self.value = value
        self.version = version
        self.height = 0
        self.size = 1
        self.nonce = 0
        self.hash = b""

    @classmethod
    def inner(cls, key: bytes, left: "Link", right: "Link", version: int) -> "Node":
        """A new inner node over two children."""
        node = cls(key, b"", version)
        node.left, node.right = left, right
        node.measure()
        return node

    def measure(self) -> None:
        """Take height and size anew from the children."""
        left, right = self.left, self.right
        self.height = 1 + (left.height if left.height > right.height else right.height)
        self.size = left.size + right.size

    def numbers(self) -> bytes:
        """Height, size and version, the head of what is hashed and of every proof operation."""
        return zigzag(self.height) + zigzag(self.size) + zigzag(self.version)

    def seal(self, nonce: int) -> None:
        """Give the node its number and hash; its children are sealed."""
        self.nonce = nonce
        head = self.numbers()
        if self.height:
            self.hash = sha256(head + b"\x20" + self.left.hash + b"\x20" + self.right.hash).digest()
        else:
            key, value = self.key, sha256(self.value).digest()
            self.hash = sha256(head + uvarint(len(key)) + key + b"\x20" + value).digest()

    def encode(self) -> bytes:
        """The record of a sealed node."""
        if self.height:
            left, right = encode_reference(self.left), encode_reference(self.right)
            return _INNER.pack(self.height, self.size) + left + right + self.key
        return b"\x00" + len(self.key).to_bytes(2, "big") + self.key + self.value


Link = Node | Reference


def trim(link: Link, levels: int) -> Link:
    """The sealed tree with all inner nodes more than `levels` below given back to the file they were loaded from."""
    if isinstance(link, Node) and link.height:
        if levels == 0:
            return Reference(link.version, link.nonce, link.height, link.size, link.hash)
        link.left, link.right = trim(link.left, levels - 1), trim(link.right, levels - 1)
    return link


def encode_reference(link: Link) -> bytes:
    """The bytes of a reference to a sealed node."""
    return _REFERENCE.pack(link.version, link.nonce, link.height, link.size, link.hash)


def decode_reference(record: bytes, at: int = 0) -> Reference:
    """The reference at that offset of a record."""
    return Reference(*_REFERENCE.unpack_from(record, at))


def encode_name(link: Link) -> bytes:
    """The name of a sealed node: 12 bytes, in the order of creation."""
    return _NAME.pack(link.version, link.nonce)


def decode_node(record: bytes, reference: Reference) -> Node:
    """The node of a record, which `reference` names."""
    if record[0] == 0:
        middle = 3 + int.from_bytes(record[1:3], "big")
        node = Node(record[3:middle], record[middle:], reference.version)
    else:
        node = Node(record[_INNER.size + 2 * REFERENCE_BYTES :], b"", reference.version)
        node.height, node.size = _INNER.unpack_from(record)
        node.left = decode_reference(record, _INNER.size)
        node.right = decode_reference(record, _INNER.size + REFERENCE_BYTES)
    node.nonce, node.hash = reference.nonce, reference.hash
    return node
