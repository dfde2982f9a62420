"""Canonical CBOR (RFC 8949 §4.2.1) of integers, bytes, text, booleans, null, arrays and maps; nothing else exists here.

One value has one encoding, and only that encoding is read back: shortest heads, definite lengths, map keys ascending
by their encoded bytes. No floats, no tags. What wallets, enclaves, stores and the chain hash alike must not have two
spellings, so this is ours and small rather than a general library with its strictness switched on.
"""

from typing import Any

from panacea.primitives.rejected import Rejected

_KINDS = {0: "unsigned", 1: "negative", 2: "bytes", 3: "text", 4: "array", 5: "map", 6: "tag", 7: "simple"}


class NotCanonical(Rejected, codespace="cbor", code=2, text="not canonical CBOR"):
    """The bytes are not the canonical encoding of a value of this subset."""


def encode(value: Any) -> bytes:  # Any: the sum type of CBOR values is recursive and checked below
    """The canonical bytes of `value`.

    Raises:
        TypeError: a value outside the subset: this is the caller's bug, not an input's.
    """
    out = bytearray()
    _write(out, value)
    return bytes(out)


def head(major: int, size: int) -> bytes:
    """The bytes before a value: its kind, and a number or a length in its shortest form. TypeError from 2^64 on."""
    if size < 24:
        return bytes([major << 5 | size])
    for extra, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if size < 1 << 8 * width:
            return bytes([major << 5 | extra]) + size.to_bytes(width, "big")
    raise TypeError(f"{_KINDS[major]} of {size} does not fit 64 bits")


def _write(out: bytearray, value: Any) -> None:  # Any: see encode
    if value is None or value is True or value is False:
        out.append({None: 0xF6, True: 0xF5, False: 0xF4}[value])
    elif isinstance(value, int):
        out += head(0, value) if value >= 0 else head(1, -1 - value)
    elif isinstance(value, bytes | bytearray | memoryview):
        out += head(2, len(value))
        out += value
    elif isinstance(value, str):
        text = value.encode()
        out += head(3, len(text)) + text
    elif isinstance(value, list | tuple):
        out += head(4, len(value))
        for item in value:
            _write(out, item)
    elif isinstance(value, dict):
        out += head(5, len(value))
        for key, item in sorted((encode(key), item) for key, item in value.items()):
            out += key
            _write(out, item)
    else:
        raise TypeError(f"{type(value).__name__} has no place in canonical CBOR")


def decode(raw: bytes, *, max_bytes: int = 64 * 1024, max_depth: int = 8) -> Any:  # Any: the caller checks the shape
    """The value of `raw`: arrays come back as lists.

    Raises:
        NotCanonical: too large, too deep, outside the subset, not canonical, or bytes left over.
    """
    if len(raw) > max_bytes:
        raise NotCanonical("too large", size=len(raw), limit=max_bytes)
    reader = _Reader(raw, max_depth)
    value = reader.value(0)
    if reader.at != len(raw):
        raise NotCanonical("bytes left over", at=reader.at)
    return value


class _Reader:
    """A cursor over the bytes."""

    def __init__(self, raw: bytes, max_depth: int) -> None:
        self.raw = raw
        self.at = 0
        self.max_depth = max_depth

    def take(self, size: int) -> bytes:
        if size > len(self.raw) - self.at:
            raise NotCanonical("cut short", at=self.at)
        self.at += size
        return self.raw[self.at - size : self.at]

    def head(self) -> tuple[int, int]:
        first = self.take(1)[0]
        major, size = first >> 5, first & 31
        if size < 24:
            return major, size
        if size > 27 or major == 7:
            raise NotCanonical("a form outside the subset", at=self.at - 1)
        width = 1 << size - 24
        value = int.from_bytes(self.take(width), "big")
        if head(major, value)[0] != first:
            raise NotCanonical("a number is not in its shortest form", at=self.at - width - 1)
        return major, value

    def value(self, depth: int) -> Any:  # Any: see decode
        if depth > self.max_depth:
            raise NotCanonical("too deep", limit=self.max_depth)
        major, size = self.head()
        if major == 0:
            return size
        if major == 1:
            return -1 - size
        if major == 2:
            return self.take(size)
        if major == 3:
            return self.text(size)
        if major == 4:
            self.require_room(size)
            return [self.value(depth + 1) for _ in range(size)]
        if major == 5:
            self.require_room(2 * size)
            return self.map(size, depth)
        if major == 7 and size in (20, 21, 22):
            return {20: False, 21: True, 22: None}[size]
        raise NotCanonical("a form outside the subset", kind=_KINDS[major], at=self.at)

    def require_room(self, items: int) -> None:
        # Each item takes a byte at least: a length that promises more is refused before anything is allocated.
        if items > len(self.raw) - self.at:
            raise NotCanonical("cut short", at=self.at)

    def text(self, size: int) -> str:
        try:
            return self.take(size).decode()
        except UnicodeDecodeError:
            raise NotCanonical("text is not UTF-8", at=self.at - size) from None

    def map(self, size: int, depth: int) -> dict[Any, Any]:  # Any: see decode
        found: dict[Any, Any] = {}  # Any: see decode
        last = b""
        for _ in range(size):
            start = self.at
            key = self.value(depth + 1)
            encoded = self.raw[start : self.at]
            if encoded <= last or isinstance(key, list | dict):
                raise NotCanonical("map keys must be scalars, ascending and different", at=start)
            last = encoded
            found[key] = self.value(depth + 1)
        return found
