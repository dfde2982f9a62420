"""The binary Merkle tree of RFC 6962 as CometBFT uses it, for headers, transactions, validators, parts and stores.

leaf = sha256(0x00 | item), inner = sha256(0x01 | left | right), nothing = sha256(""); a list of n is split at the
largest power of two below n.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from panacea.primitives.rejected import Rejected

EMPTY = sha256(b"").digest()
MAX_AUNTS = 100


class MerkleProofRejected(Rejected, codespace="light", code=3, text="Merkle proof rejected"):
    """A path does not lead from the item to the root."""


def leaf_hash(item: bytes) -> bytes:
    """The hash of one item."""
    return sha256(b"\x00" + item).digest()


def inner_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root(items: Sequence[bytes]) -> bytes:
    """The root over the items in their order."""
    return root_of_hashes([leaf_hash(item) for item in items])


def root_of_hashes(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes.

    Pairing neighbours level by level, with an odd last one carried up, builds the same tree as splitting at powers
    of two does.
    """
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        above = [inner_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


@dataclass(frozen=True, slots=True)
class MerkleProof:
    """That an item stands at `index` among `total`: its leaf hash and the siblings from the leaf up."""

    total: int
    index: int
    leaf_hash: bytes
    aunts: tuple[bytes, ...]

    def verify(self, root: bytes, item: bytes) -> None:
        """Raise MerkleProofRejected unless the path leads from `item` to `root`."""
        if not 0 <= self.index < self.total or len(self.aunts) > MAX_AUNTS:
            raise MerkleProofRejected("index or length out of bounds", index=self.index, total=self.total)
        if leaf_hash(item) != self.leaf_hash:
            raise MerkleProofRejected("another item")
        hashed, index, last, aunts = self.leaf_hash, self.index, self.total - 1, iter(self.aunts)
        while last:
            # A last node without a sibling moves up as it is.
            if index & 1 or index != last:
                aunt = next(aunts, b"")
                hashed = inner_hash(aunt, hashed) if index & 1 else inner_hash(hashed, aunt)
            index, last = index >> 1, last >> 1
        if hashed != root or next(aunts, None) is not None:
            raise MerkleProofRejected("the path does not lead to the root")


def prove(items: Sequence[bytes], index: int) -> MerkleProof:
    """The proof of the item at `index`."""
    level = [leaf_hash(item) for item in items]
    total, at, leaf = len(items), index, level[index]
    aunts: list[bytes] = []
    while len(level) > 1:
        if at ^ 1 < len(level):
            aunts.append(level[at ^ 1])
        above = [inner_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
        at >>= 1
    return MerkleProof(total, index, leaf, tuple(aunts))
