"""Branches: writes that are kept aside until they are merged into what is below, or dropped.

A transaction works on a branch of the block's branch, and that is a branch of the committed state::

    attempt = block.branch()
    ...
    attempt.write()        # or let it go
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

from panacea.store.database import MAX_KEY_BYTES
from panacea.store.kv import KV, Stores


class KeyOutOfBounds(ValueError):
    """A key is empty or longer than `MAX_KEY_BYTES`: a bug of whoever composed it."""


class BranchKV:
    """One store of a branch: its own writes over the store below."""

    __slots__ = ("_below", "_sorted", "_unsorted", "_writes")

    def __init__(self, below: KV) -> None:
        self._below = below
        self._writes: dict[bytes, bytes | None] = {}
        self._sorted: list[bytes] = []
        self._unsorted: list[bytes] = []

    def get(self, key: bytes) -> bytes | None:
        """The value under `key`, or None."""
        if key in self._writes:
            return self._writes[key]
        return self._below.get(key)

    def has(self, key: bytes) -> bool:
        """Whether a value stands under `key`."""
        return self.get(key) is not None

    def set(self, key: bytes, value: bytes) -> None:
        """Put `value` under `key`, in this branch only."""
        self._write(key, value)

    def delete(self, key: bytes) -> None:
        """Take `key` away, in this branch only."""
        self._write(key, None)

    def iterate(self, start: bytes, end: bytes | None, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """The pairs with start <= key < end in byte order, in reverse from the end.

        Keys that are first written while the iteration runs are not seen; deleting keys already passed is safe.
        """
        ours = self._keys(start, end)
        if reverse:
            ours.reverse()
        theirs = self._below.iterate(start, end, reverse=reverse)
        pair = next(theirs, None)
        for key in ours:
            while pair is not None and (pair[0] > key if reverse else pair[0] < key):
                yield pair
                pair = next(theirs, None)
            if pair is not None and pair[0] == key:
                pair = next(theirs, None)
            value = self._writes.get(key)
            if value is not None:
                yield key, value
        while pair is not None:
            yield pair
            pair = next(theirs, None)

    def writes(self) -> list[tuple[bytes, bytes | None]]:
        """The net writes in ascending order of keys; None deletes."""
        return [(key, self._writes[key]) for key in self._keys(b"", None)]

    def pour(self, into: KV) -> None:
        """Do the same writes to another store, and forget them."""
        for key, value in self._writes.items():
            if value is None:
                into.delete(key)
            else:
                into.set(key, value)
        self._writes, self._sorted, self._unsorted = {}, [], []

    def _write(self, key: bytes, value: bytes | None) -> None:
        if not 0 < len(key) <= MAX_KEY_BYTES:
            raise KeyOutOfBounds(f"a key of {len(key)} bytes")
        if key not in self._writes:
            self._unsorted.append(key)
        self._writes[key] = value

    def _keys(self, start: bytes, end: bytes | None) -> list[bytes]:
        """The written keys of a range; a few new ones are sorted in singly, many all at once."""
        keys = self._sorted
        if len(self._unsorted) > 8 + len(keys) // 64:
            keys += self._unsorted
            keys.sort()
        else:
            for key in self._unsorted:
                insort(keys, key)
        self._unsorted = []
        return keys[bisect_left(keys, start) : len(keys) if end is None else bisect_left(keys, end)]


class Branch:
    """Writes over a parent: another branch, or the state as it was committed."""

    def __init__(self, parent: Stores) -> None:
        self.parent = parent
        self._stores: dict[str, BranchKV] = {}

    def kv(self, store: str) -> BranchKV:
        """The store of that name; raises UnknownStore."""
        found = self._stores.get(store)
        if found is None:
            found = self._stores[store] = BranchKV(self.parent.kv(store))
        return found

    def branch(self) -> "Branch":
        """A branch of this one."""
        return Branch(self)

    def write(self) -> None:
        """Merge all writes into the parent branch; this one is empty afterwards and may be used again."""
        for store, kv in self._stores.items():
            kv.pour(self.parent.kv(store))

    def writes(self, store: str) -> list[tuple[bytes, bytes | None]]:
        """The net writes to a store in ascending order of keys; None deletes."""
        return self._stores[store].writes() if store in self._stores else []
