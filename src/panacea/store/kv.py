"""What every view of the state offers: ordered bytes by store and key.

Stores.kv(name) -> KV      a branch, or the state as it was committed at some height
"""

from collections.abc import Iterator
from typing import Protocol


class KV(Protocol):
    """One store of a view: keys in byte order, never empty; values of any length."""

    def get(self, key: bytes) -> bytes | None:
        """The value under `key`, or None."""
        ...

    def has(self, key: bytes) -> bool:
        """Whether a value stands under `key`."""
        ...

    def set(self, key: bytes, value: bytes) -> None:
        """Put `value` under `key`; writing an equal value again still counts as a write."""
        ...

    def delete(self, key: bytes) -> None:
        """Take `key` away; an absent key is no error."""
        ...

    def iterate(self, start: bytes, end: bytes | None, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """The pairs with start <= key < end in byte order, to the last key when `end` is None.

        In reverse the same pairs come from the end. Writes to keys not yet reached may or may not be seen.
        """
        ...


class Stores(Protocol):
    """The state as named stores."""

    def kv(self, store: str) -> KV:
        """The store of that name."""
        ...
