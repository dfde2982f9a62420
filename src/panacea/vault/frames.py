"""An object as it travels and as it lies in a store: one frame, the same bytes both ways.

    head length (4 bytes, big-endian) ‖ canonical CBOR [descriptor, [leaf, …]] ‖ groups

A range answer has the whole head and only the groups asked for. Nothing is believed: a reader that knows the id checks
the head against it, and each group against its leaf, before it lets go of them.
"""

from panacea.vault.objects import GROUP_BYTES, HASH_BYTES, MAX_BYTES, Head, Sealed
from panacea.vault.types import ObjectMalformed, ObjectTooLarge
from panacea.wire import cbor

PREFIX_BYTES = 4
_DESCRIPTOR_ROOM = 320
_LEAF_ROOM = HASH_BYTES + 2


def encode_head(head: Head) -> bytes:
    """Length and head, the part before the groups."""
    body = cbor.encode([head.raw, list(head.leaves)])
    return len(body).to_bytes(PREFIX_BYTES, "big") + body


def encode(sealed: Sealed) -> bytes:
    """The frame of an object that fits memory."""
    body = cbor.encode([sealed.descriptor, sealed.leaves])
    return b"".join([len(body).to_bytes(PREFIX_BYTES, "big"), body, *sealed.groups])


def decode(raw: bytes, oid: bytes, *, span: tuple[int, int] | None = None, max_bytes: int = MAX_BYTES) -> Sealed:
    """The object `oid` from its whole frame, or of a range answer its head and the groups `span` (first, last).

    Raises:
        ObjectRejected, NotCanonical: not that object.
    """
    reader = FrameReader(oid, span=span, max_bytes=max_bytes)
    groups = reader.feed(raw)
    head = reader.finish()
    return Sealed(head.raw, head.oid, list(head.leaves), groups)


class FrameReader:
    """Takes a frame in any cut and gives out checked groups; at most one group and one head wait in memory."""

    def __init__(self, oid: bytes, *, span: tuple[int, int] | None = None, max_bytes: int = MAX_BYTES) -> None:
        self.head: Head | None = None
        self._oid = oid
        self._span = span
        self._max_bytes = max_bytes
        self._next = span[0] if span else 0
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The groups that are whole now, checked, in their order.

        Raises:
            ObjectRejected, NotCanonical: not the object of this id, or more than it.
        """
        self._held += data
        if self.head is None and not self._read_head():
            return []
        assert self.head is not None
        ready = []
        while self._next <= self._last and len(self._held) >= self.head.group_size(self._next):
            group = self._take(self.head.group_size(self._next))
            self.head.require_group(self._next, group)
            ready.append(group)
            self._next += 1
        if self._next > self._last and self._held:
            raise ObjectMalformed("bytes after the last group")
        return ready

    def finish(self) -> Head:
        """The head, once every group was given out.

        Raises:
            ObjectMalformed: the frame is cut short.
        """
        if self.head is None or self._next <= self._last:
            raise ObjectMalformed("the frame is cut short")
        return self.head

    @property
    def _last(self) -> int:
        assert self.head is not None
        return self._span[1] if self._span else len(self.head.leaves) - 1

    def _read_head(self) -> bool:
        if len(self._held) < PREFIX_BYTES:
            return False
        size = int.from_bytes(self._held[:PREFIX_BYTES], "big")
        limit = _DESCRIPTOR_ROOM + _LEAF_ROOM * (self._max_bytes // GROUP_BYTES + 1)
        if size > limit:
            raise ObjectTooLarge("the head", size=size, limit=limit)
        if len(self._held) < PREFIX_BYTES + size:
            return False
        self._take(PREFIX_BYTES)
        found = cbor.decode(self._take(size), max_bytes=limit, max_depth=2)
        if not isinstance(found, list) or [type(part) for part in found] != [bytes, list]:
            raise ObjectMalformed("a head is [descriptor, leaves]")
        self.head = Head(found[0], found[1], oid=self._oid, max_bytes=self._max_bytes)
        if self._last >= len(self.head.leaves):
            raise ObjectMalformed("a range beyond the object")
        return True

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken
