"""`panacea-object/1`: bytes sealed so that a blind node can check them and only the key's owner can read them.

    envelope   length of data (8 bytes, big-endian) ‖ data ‖ zeros up to a Padmé length, 2 KiB at least
    stream     HKDF-SHA256(ikm = file_key, salt = nonce, info = "payload"), as the payload of age v1
    chunk i    ChaCha20-Poly1305(stream, i in 11 bytes big-endian ‖ 1 if last else 0, envelope[64 KiB · i …])
    group j    4 chunks; the last group may be shorter
    leaf j     BLAKE3(0x00 ‖ group j);  node = BLAKE3(0x01 ‖ left ‖ right), in the tree shape of RFC 9162 §2.1
    descriptor canonical CBOR map {v, kc, enc, hash, root, size, group, nonce}; size is that of all groups together
    oid        BLAKE3(descriptor)

`kc` commits to the key. Neither this AEAD nor AES-GCM does that by itself: without it one ciphertext could be made to
open to two plaintexts under two keys. The design is `storage.md` §3.2; the chunk layer is that of the age format, v1.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from panacea.primitives.time import Random
from panacea.vault.types import ObjectDamaged, ObjectMalformed, ObjectTooLarge, WrongKey
from panacea.wire import cbor

KEY_BYTES = 16
NONCE_BYTES = 16
HASH_BYTES = 32
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
CHUNKS_PER_GROUP = 4
GROUP_BYTES = CHUNKS_PER_GROUP * (CHUNK_BYTES + TAG_BYTES)
LENGTH_BYTES = 8
PADDING_FLOOR = 2048
MAX_BYTES = 16 * 1024 * 1024

_NAMES = {"v": 1, "enc": "age-stream-v1", "hash": "blake3", "group": GROUP_BYTES}
_FIELDS = {"size": int, "root": bytes, "nonce": bytes, "kc": bytes}


@dataclass(frozen=True, slots=True)
class Descriptor:
    """All that a node sees of an object besides its ciphertext."""

    size: int
    root: bytes
    nonce: bytes
    commitment: bytes

    def encode(self) -> bytes:
        """The canonical bytes, whose hash is the object's id."""
        return cbor.encode({**_NAMES, "size": self.size, "root": self.root, "nonce": self.nonce, "kc": self.commitment})

    @classmethod
    def decode(cls, raw: bytes) -> "Descriptor":
        """The descriptor of these bytes.

        Raises:
            ObjectMalformed: another shape, a name we do not know, or a size that no object has.
            NotCanonical: not canonical CBOR.
        """
        found = cbor.decode(raw, max_bytes=256, max_depth=1)
        if not isinstance(found, dict) or found.keys() != _NAMES.keys() | _FIELDS.keys():
            raise ObjectMalformed("a descriptor with other fields")
        for name, value in _NAMES.items():
            if type(found[name]) is not type(value) or found[name] != value:
                raise ObjectMalformed("an unknown format", field=name, value=found[name])
        if any(type(found[name]) is not kind for name, kind in _FIELDS.items()):
            raise ObjectMalformed("a descriptor field of another type")
        descriptor = cls(found["size"], found["root"], found["nonce"], found["kc"])
        lengths = (len(descriptor.root), len(descriptor.nonce), len(descriptor.commitment))
        if lengths != (HASH_BYTES, NONCE_BYTES, HASH_BYTES):
            raise ObjectMalformed("a descriptor field of another length")
        # Every chunk holds at least one byte of envelope, so some sizes do not exist.
        smallest, beyond = TAG_BYTES + LENGTH_BYTES, descriptor.size % (CHUNK_BYTES + TAG_BYTES)
        if descriptor.size < smallest or 0 < beyond <= TAG_BYTES:
            raise ObjectMalformed("an impossible size", size=descriptor.size)
        return descriptor

    @property
    def group_count(self) -> int:
        """How many groups the body has; one at least."""
        return -(-self.size // GROUP_BYTES)

    @property
    def chunk_count(self) -> int:
        """How many chunks the body has; one at least."""
        return -(-self.size // (CHUNK_BYTES + TAG_BYTES))

    @property
    def envelope_size(self) -> int:
        """The size of the plaintext envelope."""
        return self.size - TAG_BYTES * self.chunk_count


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed object in memory: `leaves` are 32 bytes each, `groups` are the body."""

    descriptor: bytes
    oid: bytes
    leaves: list[bytes]
    groups: list[bytes]


class Head:
    """Descriptor and leaves of one object, checked against each other and, where it is given, against the id.

    Raises:
        ObjectTooLarge: the body exceeds `max_bytes`.
        ObjectMalformed, NotCanonical: not an object.
        ObjectDamaged: the leaves are not those under the root, or the descriptor is not the one of `oid`.
    """

    def __init__(
        self, descriptor: bytes, leaves: Sequence[bytes], *, oid: bytes | None = None, max_bytes: int = MAX_BYTES
    ) -> None:
        self.raw = descriptor
        self.oid = object_id(descriptor)
        if oid is not None and oid != self.oid:
            raise ObjectDamaged("the descriptor has another id", oid=oid)
        self.descriptor = Descriptor.decode(descriptor)
        if self.descriptor.size > max_bytes:
            raise ObjectTooLarge(size=self.descriptor.size, limit=max_bytes)
        if len(leaves) != self.descriptor.group_count or any(
            type(leaf) is not bytes or len(leaf) != HASH_BYTES for leaf in leaves
        ):
            raise ObjectMalformed("the leaves do not fit the size", leaves=len(leaves))
        if tree_root(leaves) != self.descriptor.root:
            raise ObjectDamaged("the leaves do not have the root")
        self.leaves = tuple(leaves)

    def group_size(self, index: int) -> int:
        """The exact size of a group in bytes."""
        return min(GROUP_BYTES, self.descriptor.size - index * GROUP_BYTES)

    def require_group(self, index: int, group: bytes) -> None:
        """This is group `index`.

        Raises:
            ObjectMalformed: no such group, or not bytes.
            ObjectDamaged: another size or another hash.
        """
        if not 0 <= index < len(self.leaves) or not isinstance(group, bytes):
            raise ObjectMalformed("no such group", index=index)
        if len(group) != self.group_size(index) or leaf_hash(group) != self.leaves[index]:
            raise ObjectDamaged("a group does not have its leaf", index=index)


class Opener:
    """A head and its key: opens any group by itself. The key is checked before anything is decrypted."""

    def __init__(self, head: Head, file_key: bytes) -> None:
        descriptor = head.descriptor
        if len(file_key) != KEY_BYTES or not hmac.compare_digest(
            key_commitment(file_key, descriptor.nonce), descriptor.commitment
        ):
            raise WrongKey(oid=head.oid)
        self.head = head
        self._cipher = ChaCha20Poly1305(_derive(file_key, descriptor.nonce, b"payload"))

    def open_group(self, index: int, group: bytes) -> bytes:
        """The part of the envelope in group `index`, 256 KiB save in the last.

        Raises:
            ObjectRejected: not that group, or a chunk that does not decrypt.
        """
        self.head.require_group(index, group)
        first, last = index * CHUNKS_PER_GROUP, self.head.descriptor.chunk_count - 1
        width = CHUNK_BYTES + TAG_BYTES
        chunks = (group[at : at + width] for at in range(0, len(group), width))
        try:
            return b"".join(
                self._cipher.decrypt(_chunk_nonce(i, last=i == last), chunk, None)
                for i, chunk in enumerate(chunks, first)
            )
        except InvalidTag:
            raise ObjectDamaged("a chunk does not open", group=index) from None


class Sealer:
    """Seals a body of known size as it comes: iterate `groups`, then ask for `finish`.

    `random` gives the nonce, so that even a key used twice never meets its nonce again.
    """

    def __init__(self, size: int, file_key: bytes, random: Random, *, pad: bool = True) -> None:
        if len(file_key) != KEY_BYTES:
            raise ValueError(f"a file key has {KEY_BYTES} bytes")
        self._nonce = random.token(NONCE_BYTES)
        self._commitment = key_commitment(file_key, self._nonce)
        self._cipher = ChaCha20Poly1305(_derive(file_key, self._nonce, b"payload"))
        self._size = size
        self._padded = padded_size(LENGTH_BYTES + size) if pad else LENGTH_BYTES + size
        self._leaves: list[bytes] = []
        self._done = 0

    def groups(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The body, a group at a time; `pieces` are the data in any cut.

        Raises:
            ValueError: the pieces are not `size` bytes together.
        """
        last = -(-self._padded // CHUNK_BYTES) - 1
        group = b""
        for i, chunk in enumerate(_recut(self._envelope(pieces), CHUNK_BYTES)):
            group += self._cipher.encrypt(_chunk_nonce(i, last=i == last), chunk, None)
            if i == last or i % CHUNKS_PER_GROUP == CHUNKS_PER_GROUP - 1:
                self._leaves.append(leaf_hash(group))
                self._done += len(group)
                yield group
                group = b""

    def finish(self) -> Head:
        """The head of what `groups` gave."""
        descriptor = Descriptor(self._done, tree_root(self._leaves), self._nonce, self._commitment)
        return Head(descriptor.encode(), self._leaves, max_bytes=self._done)

    def _envelope(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        yield self._size.to_bytes(LENGTH_BYTES, "big")
        given = 0
        for piece in pieces:
            given += len(piece)
            yield piece
        if given != self._size:
            raise ValueError(f"{given} bytes given, {self._size} announced")
        yield bytes(self._padded - LENGTH_BYTES - given)


def seal(plaintext: bytes, file_key: bytes, random: Random, *, pad: bool = True) -> Sealed:
    """Seal a body that fits memory. `pad=False` keeps its exact length visible."""
    sealer = Sealer(len(plaintext), file_key, random, pad=pad)
    groups = list(sealer.groups([plaintext]))
    head = sealer.finish()
    return Sealed(head.raw, head.oid, list(head.leaves), groups)


def check(
    descriptor: bytes,
    leaves: Sequence[bytes],
    groups: Sequence[bytes],
    *,
    oid: bytes | None = None,
    max_bytes: int = MAX_BYTES,
) -> Head:
    """What a blind node checks: everything but the key. Returns the head.

    Raises:
        ObjectRejected, NotCanonical: some byte is not the one that was sealed.
    """
    head = Head(descriptor, leaves, oid=oid, max_bytes=max_bytes)
    if len(groups) != len(head.leaves):
        raise ObjectMalformed("groups missing or too many", groups=len(groups))
    for index, group in enumerate(groups):
        head.require_group(index, group)
    return head


def open(  # noqa: A001 the word of HPKE and of the design; the builtin is not used here
    descriptor: bytes,
    leaves: Sequence[bytes],
    groups: Sequence[bytes],
    file_key: bytes,
    *,
    oid: bytes | None = None,
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """The data of an object that fits memory: its id, root and key first, then leaf by leaf.

    Raises:
        ObjectRejected, NotCanonical: a wrong key, or some byte is not the one that was sealed.
    """
    opener = Opener(Head(descriptor, leaves, oid=oid, max_bytes=max_bytes), file_key)
    return b"".join(open_stream(opener, groups))


def open_stream(opener: Opener, groups: Iterable[bytes]) -> Iterator[bytes]:
    """The data, piece by piece; a piece is given out only after its group was checked.

    Raises:
        ObjectRejected: from the piece on that fails; also at the end, where groups are missing or too many.
    """
    size = at = seen = 0
    for index, group in enumerate(groups):
        plain = opener.open_group(index, group)
        if index == 0:
            size, plain = _content_size(opener, plain), plain[LENGTH_BYTES:]
        content = plain[: size - at]
        if plain.count(0, len(content)) != len(plain) - len(content):
            raise ObjectDamaged("the padding is not zero")
        at, seen = at + len(content), index + 1
        if content:
            yield content
    if seen != len(opener.head.leaves):
        raise ObjectMalformed("groups missing", groups=seen)


def open_range(opener: Opener, fetch: Callable[[int], bytes], start: int, stop: int) -> bytes:
    """The data from byte `start` to before `stop`, cut at its end; `fetch(j)` gives group j and is asked once for each.

    Group 0 is always among them: it holds the true length.

    Raises:
        ObjectRejected: a group asked for does not hold.
    """
    first = opener.open_group(0, fetch(0))
    stop = min(stop, _content_size(opener, first))
    if start >= stop:
        return b""
    width = CHUNKS_PER_GROUP * CHUNK_BYTES
    low, high = (LENGTH_BYTES + start) // width, (LENGTH_BYTES + stop - 1) // width
    plain = b"".join(first if j == 0 else opener.open_group(j, fetch(j)) for j in range(low, high + 1))
    skip = LENGTH_BYTES + start - low * width
    return plain[skip : skip + stop - start]


def object_id(descriptor: bytes) -> bytes:
    """The name of an object: BLAKE3 of its descriptor, 32 bytes."""
    return blake3(descriptor).digest()


def key_commitment(file_key: bytes, nonce: bytes) -> bytes:
    """The descriptor's `kc`, 32 bytes: says which key opens, and tells nothing about it."""
    return _derive(file_key, nonce, b"panacea/key-commitment/v1")


def padded_size(size: int) -> int:
    """The Padmé length of `size`, 2 KiB at least: at most 12 % more, few lengths left to tell apart (PURBs, 2019)."""
    if size <= PADDING_FLOOR:
        return PADDING_FLOOR
    exponent = size.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    return -(-size >> low_bits) << low_bits


def leaf_hash(group: bytes) -> bytes:
    """BLAKE3(0x00 ‖ group)."""
    return blake3(b"\x00").update(group).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over one leaf or more: RFC 9162 §2.1, a left side of the largest power of two below the count."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return blake3(b"\x01" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def _content_size(opener: Opener, plain: bytes) -> int:
    size = int.from_bytes(plain[:LENGTH_BYTES], "big")
    if size > opener.head.descriptor.envelope_size - LENGTH_BYTES:
        raise ObjectDamaged("the envelope's length is beyond the envelope", size=size)
    return size


def _derive(file_key: bytes, nonce: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=nonce, info=info).derive(file_key)


def _chunk_nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([last])


def _recut(pieces: Iterable[bytes], width: int) -> Iterator[bytes]:
    """The same bytes in pieces of `width`, the last one shorter."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= width:
            yield bytes(held[:width])
            del held[:width]
    if held:
        yield bytes(held)
