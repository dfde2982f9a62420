"""The object format: golden bytes, an independent second writer, every altered byte, padding, ranges."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from blake3 import blake3
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from panacea.vault import objects
from panacea.vault.types import ObjectDamaged, ObjectMalformed, ObjectTooLarge, WrongKey
from panacea.wire import cbor

KEY = bytes(range(16))
GROUP_DATA = 4 * 64 * 1024


@dataclass
class Fixed:
    """A random source that repeats itself, so that bytes can be compared."""

    sizes: list[int] = field(default_factory=list)

    def token(self, size: int) -> bytes:
        self.sizes.append(size)
        return bytes(range(0x10, 0x10 + size))


def seal(data: bytes, *, pad: bool = True) -> objects.Sealed:
    return objects.seal(data, KEY, Fixed(), pad=pad)


def unseal(sealed: objects.Sealed, key: bytes = KEY, oid: bytes | None = None) -> bytes:
    return objects.open(sealed.descriptor, sealed.leaves, sealed.groups, key, oid=oid)


def by_hand(data: bytes, padded: int) -> tuple[bytes, list[bytes]]:
    """The body and its leaves written a second time, straight from the design."""
    nonce = bytes(range(0x10, 0x20))
    cipher = ChaCha20Poly1305(HKDF(SHA256(), 32, nonce, b"payload").derive(KEY))
    plain = (len(data).to_bytes(8, "big") + data).ljust(padded, b"\0")
    source, chunks = io.BytesIO(plain), []
    count = -(-padded // 65536)
    for i in range(count):
        counter = i.to_bytes(11, "big") + (b"\1" if i == count - 1 else b"\0")
        chunks.append(cipher.encrypt(counter, source.read(65536), None))
    groups = [b"".join(chunks[i : i + 4]) for i in range(0, count, 4)]
    return b"".join(groups), [blake3(b"\0" + group).digest() for group in groups]


def test_golden_descriptor_and_id() -> None:
    sealed = seal(b"a glucose of 5.4 mmol/L")
    assert len(sealed.groups) == 1
    assert len(sealed.groups[0]) == 2048 + 16
    assert sealed.descriptor.hex() == GOLDEN_DESCRIPTOR
    assert sealed.oid.hex() == GOLDEN_OID
    assert sealed.groups[0][:32].hex() == GOLDEN_START


@pytest.mark.parametrize(("size", "padded"), [(0, 2048), (2040, 2048), (70_000, 71_680), (GROUP_DATA * 3, 802_816)])
def test_an_independent_writer_agrees(size: int, padded: int) -> None:
    data = bytes(i % 251 for i in range(size))
    body, leaves = by_hand(data, padded)
    sealed = seal(data)
    assert b"".join(sealed.groups) == body
    assert sealed.leaves == leaves
    assert unseal(sealed, oid=sealed.oid) == data


def test_descriptor_says_what_the_design_says() -> None:
    sealed = seal(b"x" * 500_000)
    found = cbor.decode(sealed.descriptor)
    assert found["v"] == 1
    assert (found["enc"], found["hash"], found["group"]) == ("age-stream-v1", "blake3", 262_208)
    assert found["size"] == sum(map(len, sealed.groups))
    assert found["kc"] == HKDF(SHA256(), 32, found["nonce"], b"panacea/key-commitment/v1").derive(KEY)
    one, two = sealed.leaves
    assert found["root"] == blake3(b"\1" + one + two).digest()
    assert len(sealed.descriptor) == 154
    assert sealed.oid == blake3(sealed.descriptor).digest()


def test_tree_has_the_shape_of_rfc_9162() -> None:
    leaves = [bytes([i]) * 32 for i in range(5)]

    def node(left: bytes, right: bytes) -> bytes:
        return blake3(b"\1" + left + right).digest()

    four = node(node(leaves[0], leaves[1]), node(leaves[2], leaves[3]))
    assert objects.tree_root(leaves[:1]) == leaves[0]
    assert objects.tree_root(leaves[:3]) == node(node(leaves[0], leaves[1]), leaves[2])
    assert objects.tree_root(leaves) == node(four, leaves[4])


@pytest.mark.parametrize("size", [0, 1, 65_527, 65_528, 65_529, GROUP_DATA - 8, GROUP_DATA - 7, 2 * GROUP_DATA - 8])
@pytest.mark.parametrize("pad", [True, False])
def test_every_boundary_comes_back(size: int, pad: bool) -> None:
    data = bytes(i % 253 for i in range(size))
    sealed = seal(data, pad=pad)
    assert unseal(sealed) == data
    assert objects.check(sealed.descriptor, sealed.leaves, sealed.groups, oid=sealed.oid).oid == sealed.oid
    if not pad:
        assert sum(map(len, sealed.groups)) == size + 8 + 16 * -(-(size + 8) // 65_536)


def test_padding_hides_the_length() -> None:
    assert objects.padded_size(1) == objects.padded_size(2048) == 2048
    assert objects.padded_size(2049) == 2176
    assert [objects.padded_size(n) for n in (9_999, 10_000, 10_001)] == [10_240] * 3
    for size in range(2049, 200_000, 997):
        assert size <= objects.padded_size(size) <= size * 1.12
    assert {len(seal(bytes(n)).groups[0]) for n in (0, 10, 2040)} == {2064}


def test_equal_data_have_different_names() -> None:
    class Counting:
        at = 0

        def token(self, size: int) -> bytes:
            self.at += 1
            return self.at.to_bytes(size, "big")

    random = Counting()
    assert objects.seal(b"same", KEY, random).oid != objects.seal(b"same", KEY, random).oid


def test_a_wrong_key_is_named_before_anything_is_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(b"secret")
    monkeypatch.setattr(objects, "ChaCha20Poly1305", None)
    for key in (bytes(16), KEY[:15], KEY + b"\0", b""):
        with pytest.raises(WrongKey):
            unseal(sealed, key)


def test_one_ciphertext_cannot_have_two_keys() -> None:
    sealed, other = seal(b"shown to the oracle"), bytes(16)
    changed = cbor.decode(sealed.descriptor) | {"kc": objects.key_commitment(other, bytes(range(0x10, 0x20)))}
    forged = cbor.encode(changed)
    assert objects.object_id(forged) != sealed.oid
    with pytest.raises(ObjectDamaged, match="does not open"):
        objects.open(forged, sealed.leaves, sealed.groups, other)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("v", True),
        ("enc", "aes-256-gcm"),
        ("hash", "sha-256"),
        ("group", 262_144),
        ("size", 0),
        ("size", 23),
        ("size", -5),
        ("size", 65_552 + 16),
        ("size", "2064"),
        ("root", b"short"),
        ("nonce", b""),
        ("kc", b"1"),
        ("extra", 1),
    ],
)
def test_unknown_names_and_impossible_fields_are_refused(field: str, value: object) -> None:
    sealed = seal(b"x")
    changed = cbor.encode(cbor.decode(sealed.descriptor) | {field: value})
    with pytest.raises(ObjectMalformed):
        objects.open(changed, sealed.leaves, sealed.groups, KEY)
    with pytest.raises(ObjectMalformed):
        objects.check(changed, sealed.leaves, sealed.groups)


def test_a_missing_field_is_refused() -> None:
    sealed = seal(b"x")
    found = cbor.decode(sealed.descriptor)
    del found["kc"]
    with pytest.raises(ObjectMalformed):
        objects.Descriptor.decode(cbor.encode(found))
    with pytest.raises(ObjectMalformed):
        objects.Descriptor.decode(cbor.encode([1, 2]))


def test_groups_swapped_dropped_added_or_cut_are_refused() -> None:
    sealed = seal(bytes(3 * GROUP_DATA))
    first, second, *rest = sealed.groups
    wrong = [[second, first, *rest], sealed.groups[:-1], [*sealed.groups, b""], [first[:-1], second, *rest], []]
    for groups in wrong:
        with pytest.raises((ObjectDamaged, ObjectMalformed)):
            objects.check(sealed.descriptor, sealed.leaves, groups)
        with pytest.raises((ObjectDamaged, ObjectMalformed)):
            objects.open(sealed.descriptor, sealed.leaves, groups, KEY)


def test_leaves_of_another_kind_are_refused() -> None:
    sealed = seal(bytes(3 * GROUP_DATA))
    odd: list[list[object]] = [[], [b"short"] * 4, [*sealed.leaves[:-1], "text"], [*sealed.leaves[::-1]]]
    for leaves in odd:
        with pytest.raises((ObjectDamaged, ObjectMalformed)):
            objects.check(sealed.descriptor, leaves, sealed.groups)  # type: ignore[arg-type] # wrong on purpose


def test_sizes_are_bounded() -> None:
    sealed = seal(bytes(100_000))
    with pytest.raises(ObjectTooLarge, match="limit=65536"):
        objects.open(sealed.descriptor, sealed.leaves, sealed.groups, KEY, max_bytes=65_536)


def test_an_envelope_that_lies_is_refused() -> None:
    nonce = bytes(range(0x10, 0x20))
    cipher = ChaCha20Poly1305(HKDF(SHA256(), 32, nonce, b"payload").derive(KEY))
    for plain, said in [((99).to_bytes(8, "big") + b"x" * 8, "length"), ((2).to_bytes(8, "big") + b"okay", "padding")]:
        group = cipher.encrypt(bytes(11) + b"\1", plain, None)
        leaves = [objects.leaf_hash(group)]
        descriptor = objects.Descriptor(len(group), leaves[0], nonce, objects.key_commitment(KEY, nonce)).encode()
        with pytest.raises(ObjectDamaged, match=said):
            objects.open(descriptor, leaves, [group], KEY)


def test_a_stream_gives_nothing_of_a_damaged_group() -> None:
    sealed = seal(b"\7" * (2 * GROUP_DATA))
    opener = objects.Opener(objects.Head(sealed.descriptor, sealed.leaves), KEY)
    damaged = [sealed.groups[0], bytes([sealed.groups[1][0] ^ 1]) + sealed.groups[1][1:], *sealed.groups[2:]]
    got: list[bytes] = []
    with pytest.raises(ObjectDamaged):
        got.extend(objects.open_stream(opener, damaged))
    assert b"".join(got) == b"\7" * (GROUP_DATA - 8)


def test_sealing_in_pieces_gives_the_same_object() -> None:
    data = bytes(i % 241 for i in range(700_000))

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(data), 9_999):
            yield data[at : at + 9_999]

    sealer = objects.Sealer(len(data), KEY, Fixed())
    groups = list(sealer.groups(pieces()))
    whole = seal(data)
    assert (sealer.finish().oid, groups) == (whole.oid, whole.groups)
    with pytest.raises(ValueError, match="announced"):
        list(objects.Sealer(3, KEY, Fixed()).groups([b"four"]))
    with pytest.raises(ValueError, match="16 bytes"):
        objects.Sealer(3, b"short", Fixed())


def test_the_nonce_is_drawn_anew() -> None:
    random = Fixed()
    objects.seal(b"", KEY, random)
    assert random.sizes == [16]


def test_ranges_read_only_what_they_need() -> None:
    data = bytes(i % 239 for i in range(5 * GROUP_DATA))
    sealed = seal(data)
    opener = objects.Opener(objects.Head(sealed.descriptor, sealed.leaves), KEY)
    asked: list[int] = []

    def fetch(index: int) -> bytes:
        asked.append(index)
        return sealed.groups[index]

    for start, stop in [(0, 10), (GROUP_DATA - 10, GROUP_DATA + 10), (3 * GROUP_DATA, 3 * GROUP_DATA + 1), (0, 10**9)]:
        assert objects.open_range(opener, fetch, start, stop) == data[start:stop]
    asked.clear()
    objects.open_range(opener, fetch, 3 * GROUP_DATA, 3 * GROUP_DATA + 1)
    assert asked == [0, 3]
    assert objects.open_range(opener, fetch, len(data), len(data) + 5) == b""
    with pytest.raises(ObjectDamaged):
        objects.open_range(opener, lambda index: sealed.groups[0], GROUP_DATA * 2, GROUP_DATA * 2 + 5)


GOLDEN_DESCRIPTOR = (
    "a8617601626b635820e89076355bf6601e78b4826be3cb19dc898f5ca2ef4c17ee11747144b6d3e76463656e636d6167652d"
    "73747265616d2d7631646861736866626c616b653364726f6f745820b85a57122914e55fb0e889237fdd9b6a2eec5419b70f"
    "4b02e1f4fc7c63a6cb056473697a651908106567726f75701a00040040656e6f6e636550101112131415161718191a1b1c1d"
    "1e1f"
)
GOLDEN_OID = "b94558825c9fdd6e0b7b07a605f3140d9c48147d0f73d316cccc0dcd62a2c3b3"
GOLDEN_START = "85b93fde32de15e7fdb67d4301c65e1ffb062e0a0d59541f64ed926d01142b40"
