r"""State as declared collections: a store, a frozen prefix, a key codec and a value codec.

A collection holds nothing. It is a name for a place, and is told in which view to look::

    entries = Map("did", b"\x00", TEXT, message(DIDDocumentWithSeq))
    entries.find(ctx, "did:panacea:...")

The bytes are those of the Cosmos SDK's collections and older keepers, so that a proof of a key made here is the proof
a stock client expects.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from panacea.store.kv import Stores

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Codec(Generic[V]):
    """How one kind of value becomes bytes and comes back."""

    encode: Callable[[V], bytes]
    decode: Callable[[bytes], V]


def _uint64(raw: bytes) -> int:
    if len(raw) != 8:
        raise ValueError(f"{len(raw)} bytes where 8 were expected")
    return int.from_bytes(raw, "big")


UINT64: Codec[int] = Codec(lambda value: value.to_bytes(8, "big"), _uint64)
TEXT: Codec[str] = Codec(str.encode, bytes.decode)
BYTES: Codec[bytes] = Codec(bytes, bytes)
PRESENT: Codec[None] = Codec(lambda _: b"\x01", lambda _: None)
EMPTY: Codec[None] = Codec(lambda _: b"", lambda _: None)
DECIMAL: Codec[int] = Codec(lambda value: str(value).encode(), int)


def prefixed(value: bytes) -> bytes:
    """One length byte, then the value: how a key part of varying length is delimited."""
    return bytes([len(value)]) + value


def split_prefixed(raw: bytes) -> tuple[bytes, bytes]:
    """A length-prefixed part at the front of `raw`, and what follows it."""
    return raw[1 : 1 + raw[0]], raw[1 + raw[0] :]


ADDRESS: Codec[bytes] = Codec(prefixed, lambda raw: split_prefixed(raw)[0])


def end_of(prefix: bytes) -> bytes | None:
    """The first key after all keys that begin with `prefix`; None when there is none."""
    trimmed = prefix.rstrip(b"\xff")
    return trimmed[:-1] + bytes([trimmed[-1] + 1]) if trimmed else None


@dataclass(frozen=True, slots=True)
class Map(Generic[K, V]):
    """Values by key, iterated in the byte order of the encoded keys."""

    store: str
    prefix: bytes
    key: Codec[K]
    value: Codec[V]

    def raw_key(self, key: K) -> bytes:
        """The bytes under which the value of `key` stands: what a proof is asked for."""
        return self.prefix + self.key.encode(key)

    def find(self, view: Stores, key: K) -> V | None:
        """The value of `key`, or None."""
        raw = view.kv(self.store).get(self.raw_key(key))
        return None if raw is None else self.value.decode(raw)

    def has(self, view: Stores, key: K) -> bool:
        """Whether `key` has a value."""
        return view.kv(self.store).has(self.raw_key(key))

    def set(self, view: Stores, key: K, value: V) -> None:
        """Write the value of `key`."""
        view.kv(self.store).set(self.raw_key(key), self.value.encode(value))

    def delete(self, view: Stores, key: K) -> None:
        """Take `key` away."""
        view.kv(self.store).delete(self.raw_key(key))

    def items(
        self, view: Stores, within: bytes = b"", *, start: bytes | None = None, reverse: bool = False
    ) -> Iterator[tuple[K, V]]:
        """The pairs whose encoded key begins with `within`, in order; `start` is a raw key relative to the prefix.

        Going forward `start` is where to begin, in reverse the key to begin at, both inclusive.
        """
        low, high = self.prefix + within, end_of(self.prefix + within)
        if start is not None and not reverse:
            low = max(low, self.prefix + start)
        if start is not None and reverse:
            high = self.prefix + start + b"\x00"
        for raw, value in view.kv(self.store).iterate(low, high, reverse=reverse):
            yield self.key.decode(raw[len(self.prefix) :]), self.value.decode(value)


@dataclass(frozen=True, slots=True)
class Item(Generic[V]):
    """One value under one key."""

    store: str
    raw_key: bytes
    value: Codec[V]

    def find(self, view: Stores) -> V | None:
        """The value, or None while it was never written."""
        raw = view.kv(self.store).get(self.raw_key)
        return None if raw is None else self.value.decode(raw)

    def get(self, view: Stores) -> V:
        """The value, which genesis wrote.

        Raises:
            LookupError: it was never written: a bug, not an input.
        """
        found = self.find(view)
        if found is None:
            raise LookupError(f"store {self.store}: nothing under {self.raw_key.hex()}")
        return found

    def set(self, view: Stores, value: V) -> None:
        """Write the value."""
        view.kv(self.store).set(self.raw_key, self.value.encode(value))


@dataclass(frozen=True, slots=True)
class Sequence:
    """A counter; `next` answers the number and moves on."""

    store: str
    raw_key: bytes
    first: int = 0

    def peek(self, view: Stores) -> int:
        """The number that `next` would answer."""
        raw = view.kv(self.store).get(self.raw_key)
        return self.first if raw is None else _uint64(raw)

    def next(self, view: Stores) -> int:
        """The next number."""
        number = self.peek(view)
        self.set(view, number + 1)
        return number

    def set(self, view: Stores, number: int) -> None:
        """Let `number` be the next."""
        view.kv(self.store).set(self.raw_key, UINT64.encode(number))


def message(cls: type[V]) -> Codec[V]:
    """Values that are wire messages, in the one serialization of `wire.encode`."""
    from panacea.wire.encode import decode, encode

    wire_class: Any = cls  # Any: the wire classes come from descriptors; the stub beside the caller types them
    return Codec(encode, lambda raw: decode(wire_class, raw))
