"""Sealed objects: what goes in comes out, and no altered byte goes unnoticed."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.primitives.rejected import Rejected
from panacea.vault import frames, objects


class Seeded:
    """A repeatable random source."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)

    def token(self, size: int) -> bytes:
        return self._draw.randbytes(size)


def sealed_of(size: int, seed: int, *, pad: bool = True) -> tuple[bytes, bytes, objects.Sealed]:
    source = Seeded(seed)
    data, key = source.token(size), source.token(16)
    return data, key, objects.seal(data, key, source, pad=pad)


@given(size=st.integers(0, 600_000), seed=st.integers(0, 2**32), pad=st.booleans())
@settings(max_examples=30, deadline=None)
def test_round_trip(size: int, seed: int, pad: bool) -> None:
    data, key, sealed = sealed_of(size, seed, pad=pad)
    again = frames.decode(frames.encode(sealed), sealed.oid)
    assert again == sealed
    assert objects.open(again.descriptor, again.leaves, again.groups, key) == data


@given(size=st.integers(1, 600_000), seed=st.integers(0, 2**32), place=st.data())
@settings(max_examples=30, deadline=None)
def test_any_range(size: int, seed: int, place: st.DataObject) -> None:
    data, key, sealed = sealed_of(size, seed)
    start = place.draw(st.integers(0, size))
    stop = place.draw(st.integers(start, size + 10))
    opener = objects.Opener(objects.Head(sealed.descriptor, sealed.leaves), key)
    assert objects.open_range(opener, sealed.groups.__getitem__, start, stop) == data[start:stop]


def test_every_altered_byte_of_a_small_frame_is_refused() -> None:
    _, _, sealed = sealed_of(40, 1, pad=False)
    raw = frames.encode(sealed)
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises(Rejected):
            frames.decode(changed, sealed.oid)


@given(seed=st.integers(0, 2**32), place=st.data())
@settings(max_examples=60, deadline=None)
def test_any_altered_bit_of_a_large_frame_is_refused(seed: int, place: st.DataObject) -> None:
    _, _, sealed = sealed_of(300_000, seed)
    raw = bytearray(frames.encode(sealed))
    at = place.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1 << place.draw(st.integers(0, 7))
    with pytest.raises(Rejected):
        frames.decode(bytes(raw), sealed.oid)


@given(seed=st.integers(0, 2**32), place=st.data())
@settings(max_examples=60, deadline=None)
def test_without_the_id_an_altered_descriptor_still_fails_at_the_key_or_the_bytes(
    seed: int, place: st.DataObject
) -> None:
    _, key, sealed = sealed_of(3_000, seed)
    descriptor = bytearray(sealed.descriptor)
    descriptor[place.draw(st.integers(0, len(descriptor) - 1))] ^= 1 << place.draw(st.integers(0, 7))
    with pytest.raises(Rejected):
        objects.open(bytes(descriptor), sealed.leaves, sealed.groups, key)


@given(raw=st.binary(max_size=400))
@settings(max_examples=100)
def test_noise_is_refused_not_crashed_on(raw: bytes) -> None:
    with pytest.raises(Rejected):
        frames.decode(raw, bytes(32))
